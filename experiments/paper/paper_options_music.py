"""Table (d) what each option of a three-tier SampleRNN is worth, on piano music.

    pip install music21 && pip install --no-deps tinysoundfont
    python -m experiments.launch paper_options_music

Goes on with the row at which it was interrupted.
"""

from experiments.pipelines.paper_rows import OPTIONS
from experiments.pipelines.paper_table import PaperTable

EXPERIMENT = PaperTable(source="quartets", rows=OPTIONS)
