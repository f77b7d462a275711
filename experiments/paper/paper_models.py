"""Table (a): RNN, WaveNet and SampleRNN of two and three tiers, on festvox-ru.

    python -m experiments.launch paper_models

About two hours on one core; an interrupted table is resumed at its row. Expected bits per sample: RNN 3.852, three
tiers 3.935, two tiers 3.996, WaveNet 4.264.
"""

from experiments.pipelines.paper_rows import MODELS
from experiments.pipelines.paper_table import PaperTable

EXPERIMENT = PaperTable(source="festvox-ru", rows=MODELS)
