"""Makes dialogues of babblers on disk: sound, annotation, figures, and the table of events.

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
from babble_jax.audio.spectrogram import plot_spectrogram
from babble_jax.conversation import writing
from babble_jax.conversation.conversation import Conversation
from babble_jax.dialogue import timeline
from babble_jax.dialogue.event_table import compare_events
from babble_jax.dialogue.manifest import KIND, describe_dialogue
from babble_jax.dialogue.plan import AUDIO, Plan, draw_plan
from babble_jax.dialogue.render import Rendering, render
from babble_jax.dialogue.utterance import LeveledVoice
from babble_jax.errors import BabbleError
from babble_jax.files import MANIFEST, atomic_folder
from babble_jax.timing.events import events, ipus, pool_ftos, transitions
from babble_jax.timing.preset import TimingPreset
from babble_jax.voice.babbler import Babbler


@dataclasses.dataclass(frozen=True, eq=False)
class DuetReport:
    """A dialogue on disk.

    Attributes:
      folder: of its files.
      dialogue: the IPUs at the times in the sound.
      table: of its events beside human conversation; `event_table.format_event_table` shows it.
    """

    folder: Path
    dialogue: Conversation
    table: dict[str, Any]


def converse(
    preset: TimingPreset,
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
      babblers: two voices of one sample rate (`babbler.make_speaker_pair` makes them of one).
      seconds: length of the dialogue.
      seed: of plan and babble.
      out: the folder, see `perform`.
      item: number of the dialogue within a series with one seed.
      overwrite: replace an earlier duet.

    Raises:
      BabbleError: the preset holds no floor for two, the length or the seed is out of range, a voice is silent, or
        `out` may not be written.
    """
    if seconds > 0:  # `draw_plan` refuses the rest
        wave.check_length(seconds, babblers[0].sample_rate, len(babblers))
    return perform(
        draw_plan(preset, seconds, seed, item), babblers, seed, out, item=item, overwrite=overwrite
    )


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
    `.csv`), `manifest.json`, `timeline.png`, `ftos.png`, `spectrogram.png` and `table.json`. The same
    arguments give the same bytes. Progress goes to standard error.

    Args:
      plan: the timing, see `plan.draw_plan`, `plan.replay_plan` and `plan.manipulate_plan`.
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
        voices = [LeveledVoice.measure(babbler) for babbler in babblers]
        rendering = render(plan.dialogue, voices, seed, item, plan.number)
        table = _write_files(folder, rendering, plan)
        files.write_json(folder / MANIFEST, describe_dialogue(rendering, seed, item, plan.record, folder))
    return DuetReport(Path(out), rendering.dialogue, table)


def _write_files(folder: Path, rendering: Rendering, plan: Plan) -> dict[str, Any]:
    """Writes everything but the manifest; returns the table."""
    dialogue, audio, rate = rendering.dialogue, rendering.audio, rendering.placement.rate
    wave.write(folder / AUDIO, audio.T, rate)
    writing.write_all(folder / AUDIO, dialogue, rendering.placement.number)

    runs = transitions(ipus(dialogue, plan.definitions))
    timeline.plot_timeline(folder / "timeline.png", dialogue, audio, rate, runs)
    fto = pool_ftos([dialogue], "ipu", plan.definitions).fto
    timeline.plot_ftos(folder / "ftos.png", fto, plan.density, f"Floor-transfer offsets, timing {plan.name}")
    plot_spectrogram(np.mean(audio, axis=0), rate, folder / "spectrogram.png", f"{dialogue.id}, all speakers")

    table = compare_events(events([dialogue], plan.definitions), plan.reference, plan.name)
    files.write_json(folder / "table.json", table)
    return table
