"""Table (d): options of a three-tier SampleRNN, each changed alone, on festvox-ru.

    python -m experiments.launch paper_options

About two hours on one core; an interrupted table is resumed at its row. Expected: `results/paper_options.json`, with
the three tiers at 3.935 bits per sample.
"""

from experiments.pipelines.paper_rows import OPTIONS
from experiments.pipelines.paper_table import PaperTable

EXPERIMENT = PaperTable(source="festvox-ru", rows=OPTIONS)
