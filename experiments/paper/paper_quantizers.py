"""Table (c) linear quantization against mu-law, compared in bits per amplitude, on festvox-ru.

    python -m experiments.launch paper_quantizers

Goes on with the row at which it was interrupted. Expected: the figures in `results/paper_quantizers.json`.
"""

from experiments.pipelines.paper_rows import QUANTIZERS
from experiments.pipelines.paper_table import PaperTable

EXPERIMENT = PaperTable(source="festvox-ru", rows=QUANTIZERS)
