"""Table (d) what each option of a three-tier SampleRNN is worth, on festvox-ru.

    python -m experiments.launch paper_options

Goes on with the row at which it was interrupted. Expected: the figures in `results/paper_options.json`.
"""

from experiments.pipelines.paper_rows import OPTIONS
from experiments.pipelines.paper_table import PaperTable

EXPERIMENT = PaperTable(source="festvox-ru", rows=OPTIONS)
