"""Table (a) RNN, WaveNet and SampleRNN of two and three tiers, on festvox-ru.

    python -m experiments.launch paper_models

Goes on with the row at which it was interrupted. Expected: the figures in `results/paper_models.json`.
"""

from experiments.pipelines.paper_rows import MODELS
from experiments.pipelines.paper_table import PaperTable

EXPERIMENT = PaperTable(source="festvox-ru", rows=MODELS)
