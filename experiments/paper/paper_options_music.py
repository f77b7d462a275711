"""Table (d): options of a three-tier SampleRNN, each changed alone, on piano music.

    pip install music21 && pip install --no-deps tinysoundfont
    python -m experiments.launch paper_options_music

Hours on one core; an interrupted table is resumed at its row. Expected: `results/paper_options_music.json`.
"""

from experiments.pipelines.paper_rows import OPTIONS
from experiments.pipelines.paper_table import PaperTable

EXPERIMENT = PaperTable(source="quartets", rows=OPTIONS)
