"""Table (a): RNN, WaveNet and SampleRNN of two and three tiers, on piano music.

    pip install music21 && pip install --no-deps tinysoundfont
    python -m experiments.launch paper_models_music

Hours on one core: for the two seeds of each row 12 minutes with two tiers, half an hour for the RNN, an hour for
WaveNet. An interrupted table is resumed at its row. Expected bits per sample: RNN 1.468, three tiers 1.517, two tiers
1.532, WaveNet 1.785 (its seeds 0.075 apart).
"""

from experiments.pipelines.paper_rows import MODELS
from experiments.pipelines.paper_table import PaperTable

EXPERIMENT = PaperTable(source="quartets", rows=MODELS)
