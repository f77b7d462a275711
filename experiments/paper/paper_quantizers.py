"""Table (c): linear quantization and mu-law, compared in bits per amplitude, on festvox-ru.

    python -m experiments.launch paper_quantizers

Half an hour on one core; an interrupted table is resumed at its row. Expected bits per sample: mu-law 3.935, linear
2.888, which compare only with the width of the bins.
"""

from experiments.pipelines.paper_rows import QUANTIZERS
from experiments.pipelines.paper_table import PaperTable

EXPERIMENT = PaperTable(source="festvox-ru", rows=QUANTIZERS)
