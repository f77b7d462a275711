"""Table (c) linear quantization against mu-law, compared in bits per amplitude, on piano music.

    pip install music21 && pip install --no-deps tinysoundfont
    python -m experiments.launch paper_quantizers_music

Goes on with the row at which it was interrupted. It has not been run to its end yet.
"""

from experiments.kinds_paper import PaperTable
from experiments.kinds_paper_rows import QUANTIZERS

EXPERIMENT = PaperTable(source="quartets", rows=QUANTIZERS)
