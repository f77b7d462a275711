"""Table (c): linear quantization and mu-law, compared in bits per amplitude, on piano music.

    pip install music21 && pip install --no-deps tinysoundfont
    python -m experiments.launch paper_quantizers_music

Half an hour on one core; an interrupted table is resumed at its row. Expected, in bits per sample plus the mean
logarithm of a bin's width: mu-law -8.51, linear -7.03.
"""

from experiments.pipelines.paper_rows import QUANTIZERS
from experiments.pipelines.paper_table import PaperTable

EXPERIMENT = PaperTable(source="quartets", rows=QUANTIZERS)
