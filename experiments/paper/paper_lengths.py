"""Table (b) how many samples the gradient goes back through, at 8,192 samples an update, on festvox-ru.

    python -m experiments.launch paper_lengths

Goes on with the row at which it was interrupted. Expected: the figures in `results/paper_lengths.json`.
"""

from experiments.pipelines.paper_rows import LENGTHS
from experiments.pipelines.paper_table import PaperTable

EXPERIMENT = PaperTable(source="festvox-ru", rows=LENGTHS)
