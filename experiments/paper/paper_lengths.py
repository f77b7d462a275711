"""Table (b): length of truncated back-propagation at 8,192 samples an update, on festvox-ru.

    python -m experiments.launch paper_lengths

About two and a half hours on one core; an interrupted table is resumed at its row. Expected bits per sample with 512,
256, 128, 64 and 32 samples 3.935, 3.930, 3.943, 3.961 and 3.990.
"""

from experiments.pipelines.paper_rows import LENGTHS
from experiments.pipelines.paper_table import PaperTable

EXPERIMENT = PaperTable(source="festvox-ru", rows=LENGTHS)
