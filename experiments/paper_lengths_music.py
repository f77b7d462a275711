"""Table (b) how many samples the gradient goes back through, at 8,192 samples an update, on piano music.

    pip install music21 && pip install --no-deps tinysoundfont
    python -m experiments.launch paper_lengths_music

Goes on with the row at which it was interrupted. It has not been run to its end yet.
"""

from experiments.kinds_paper import PaperTable
from experiments.kinds_paper_rows import LENGTHS

EXPERIMENT = PaperTable(source="quartets", rows=LENGTHS)
