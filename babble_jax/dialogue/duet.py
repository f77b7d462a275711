"""A dialogue of babblers on disk: planned by the timing, spoken by the voices, annotated, pictured, counted.

Axes: C speakers, T samples.
"""

import dataclasses
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from babble_jax import files
from babble_jax.audio import wave
from babble_jax.audio.spectrogram import spectrogram
from babble_jax.conversation import writing
from babble_jax.conversation.conversation import Conversation
from babble_jax.dialogue import timeline
from babble_jax.dialogue.event_table import table
from babble_jax.dialogue.manifest import KIND, manifest
from babble_jax.dialogue.plan import AUDIO, Plan, drawn
from babble_jax.dialogue.render import Rendering, render
from babble_jax.dialogue.utterance import Speaker
from babble_jax.errors import BabbleError
from babble_jax.files import MANIFEST, atomic_folder
from babble_jax.timing.events import ipus, offsets, summary, transitions
from babble_jax.timing.preset import Preset
from babble_jax.voice.babbler import Babbler


@dataclasses.dataclass(frozen=True, eq=False)
class DuetReport:
    """What `converse` made.

    Attributes:
      folder: where it lies.
      dialogue: the IPUs at the times that came out.
      table: of the dialogue beside human conversation; `table.table_text` shows it.
    """

    folder: Path
    dialogue: Conversation
    table: dict[str, Any]


def converse(
    preset: Preset,
    babblers: Sequence[Babbler],
    seconds: float,
    seed: int,
    out: str | os.PathLike,
    *,
    item: int = 0,
    overwrite: bool = False,
) -> DuetReport:
    """Draws a dialogue from a preset's floor and performs it, see `perform`.

    Args:
      preset: the timing; it must hold a floor.
      babblers: two voices of one sample rate (`babbler.two_of_one` makes them of one).
      seconds: length of the dialogue.
      seed: of plan and babble.
      out: the folder, see `perform`.
      item: number of the dialogue within a series with one seed.
      overwrite: replace an earlier duet.

    Raises:
      BabbleError: what is asked for is impossible, a voice is silent, or `out` may not be written.
    """
    if seconds > 0:  # `drawn` says the rest
        wave.check_length(seconds, babblers[0].sample_rate, len(babblers))
    return perform(drawn(preset, seconds, seed, item), babblers, seed, out, item=item, overwrite=overwrite)


def perform(
    plan: Plan,
    babblers: Sequence[Babbler],
    seed: int,
    out: str | os.PathLike,
    *,
    item: int = 0,
    overwrite: bool = False,
) -> DuetReport:
    """Makes a planned dialogue of two babblers and writes it into a folder, all of it or nothing.

    The folder holds `dialogue.wav` (one channel per speaker), its annotation (`.TextGrid`, `.eaf`, `.rttm`,
    `.csv`), `manifest.json`, `timeline.png`, `offsets.png`, `spectrogram.png` and `table.json`. The same
    arguments give the same bytes. Progress goes to standard error.

    Args:
      plan: the timing, see `plan.drawn`, `plan.replayed` and `plan.manipulated`.
      babblers: two voices of one sample rate.
      seed: of the babble.
      out: the folder, new or empty, or that of an earlier duet if `overwrite` says so.
      item: number of the dialogue within a series with one seed.
      overwrite: replace an earlier duet; other content is never replaced.

    Raises:
      BabbleError: the plan is empty, a voice is silent, or `out` may not be written.
    """
    if not len(plan.dialogue.onset):
        raise BabbleError(
            f"No IPU of the plan ends within {plan.dialogue.seconds:g} s; ask for more seconds, or another start."
        )
    with atomic_folder(out, KIND, overwrite) as folder:
        speakers = [Speaker.of(babbler) for babbler in babblers]
        rendering = render(plan.dialogue, speakers, seed, item, plan.number)
        values = _write(folder, rendering, plan)
        files.write_json(folder / MANIFEST, manifest(rendering, seed, item, plan.record, folder))
    return DuetReport(Path(out), rendering.dialogue, values)


def _write(folder: Path, rendering: Rendering, plan: Plan) -> dict[str, Any]:
    """Writes everything but the manifest; returns the table."""
    dialogue, audio, rate = rendering.dialogue, rendering.audio, rendering.placement.rate
    wave.write(folder / AUDIO, audio.T, rate)
    writing.write_all(folder / AUDIO, dialogue, rendering.placement.number)

    found = transitions(ipus(dialogue, plan.definitions))
    timeline.timeline(folder / "timeline.png", dialogue, audio, rate, found)
    value = offsets([dialogue], "ipu", plan.definitions).value
    timeline.offsets(
        folder / "offsets.png", value, plan.density, f"Floor-transfer offsets, timing {plan.name}"
    )
    spectrogram(np.mean(audio, axis=0), rate, folder / "spectrogram.png", f"{dialogue.id}, all speakers")

    values = table(summary([dialogue], plan.definitions), plan.reference, plan.name)
    files.write_json(folder / "table.json", values)
    return values
