"""Table (b): length of truncated back-propagation at 8,192 samples an update, on piano music.

    pip install music21 && pip install --no-deps tinysoundfont
    python -m experiments.launch paper_lengths_music

An hour and a half on one core; an interrupted table is resumed at its row. Expected bits per sample with 512, 256,
128, 64 and 32 samples: 1.517, 1.506, 1.510, 1.516 and 1.562.
"""

from experiments.pipelines.paper_rows import LENGTHS
from experiments.pipelines.paper_table import PaperTable

EXPERIMENT = PaperTable(source="quartets", rows=LENGTHS)
