"""Table (d) what each option of a three-tier SampleRNN is worth, on piano music.

    pip install music21 && pip install --no-deps tinysoundfont
    python -m experiments.launch paper_options_music

Goes on with the row at which it was interrupted.
"""

from experiments.kinds_paper import PaperTable
from experiments.kinds_paper_rows import OPTIONS

EXPERIMENT = PaperTable(source="quartets", rows=OPTIONS)
