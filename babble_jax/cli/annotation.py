"""Options that the verbs on annotated conversations share."""

from pathlib import Path
from typing import Annotated, Literal

from tyro.conf import Positional, arg

from babble_jax.conversation.detection import FORMAT_NAMES
from babble_jax.conversation.layout.layout import Layout

AnnotationPaths = Annotated[
    Positional[tuple[Path, ...]],
    arg(
        help="Annotation files, or folders that are searched for them; or recordings with one speaker per channel.",
        metavar="CORPUS...",
        help_behavior_hint="(required)",
    ),
]
AnnotationFormat = Annotated[
    str | None,
    arg(
        help=f"Format of the annotation: {', '.join(FORMAT_NAMES)}. By default it is detected from the content."
    ),
]
LayoutOptions = Annotated[Layout, arg(name="")]
Quiet = Annotated[bool, arg(help="Do not print how the annotation was understood.")]
FtoLevel = Annotated[
    Literal["ipu", "turn"],
    arg(help="Measure floor-transfer offsets between IPUs, or between turns (which leave out backchannels)."),
]
