"""A dialogue of babblers on disk: planned by the timing, spoken by the voices, annotated, pictured, counted.

Axes: C speakers, T samples.
"""

import dataclasses
import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jax
import numpy as np

from babble_jax import files
from babble_jax.agent import annotate, picture
from babble_jax.agent.babbler import Babbler, stream_keys
from babble_jax.agent.folder import MANIFEST, whole_folder
from babble_jax.agent.manifest import KIND, manifest
from babble_jax.agent.render import LEAST_SILENCE, SHORTEST_IPU, Rendering, render
from babble_jax.agent.table import table
from babble_jax.agent.utterance import Speaker
from babble_jax.audio import wave
from babble_jax.audio.picture import spectrogram
from babble_jax.conversation.conversation import Conversation
from babble_jax.errors import BabbleError
from babble_jax.timing.events import ipus, offsets, summary, transitions
from babble_jax.timing.preset import Preset

AUDIO = "dialogue.wav"

_PLAN = 2**32 - 1  # the timing's place in the path of keys, where a speaker's number would stand


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
    """Makes a dialogue of two babblers and writes it into a folder, all of it or nothing.

    The folder holds `dialogue.wav` (one channel per speaker), its annotation (`.TextGrid`, `.eaf`, `.rttm`,
    `.csv`), `manifest.json`, `timeline.png`, `offsets.png`, `spectrogram.png` and `table.json`. The same
    arguments give the same bytes. Progress goes to standard error.

    Args:
      preset: the timing; it must hold a floor.
      babblers: two voices of one sample rate (`babbler.two_of_one` makes them of one).
      seconds: length of the dialogue.
      seed: of plan and babble.
      out: the folder, new or empty, or that of an earlier duet if `overwrite` says so.
      item: number of the dialogue within a series with one seed.
      overwrite: replace an earlier duet; other content is never replaced.

    Raises:
      BabbleError: what is asked for is impossible, a voice is silent, or `out` may not be written.
    """
    if seconds > 0:  # `plan` says the rest
        wave.check_length(seconds, babblers[0].sample_rate, len(babblers))
    with whole_folder(out, KIND, overwrite) as folder:
        dialogue = plan(preset, seconds, seed, item)
        speakers = [Speaker.of(babbler) for babbler in babblers]
        rendering = render(dialogue, speakers, seed, item)
        values = _write(folder, rendering, preset)
        source = {"preset": preset.name, "plan_seed": _plan_seed(seed, item)}
        files.write_json(folder / MANIFEST, manifest(rendering, seed, item, source, folder))
    return DuetReport(Path(out), rendering.dialogue, values)


def plan(preset: Preset, seconds: float, seed: int, item: int = 0) -> Conversation:
    """A dialogue of IPUs drawn from the preset's floor.

    Raises:
      BabbleError: the preset has no floor, or one of IPUs that cannot be rendered; or no IPU ends within
        `seconds`.
    """
    if preset.floor is None:
        raise BabbleError(
            f"The timing preset {preset.name} knows no floor for two; fit one on conversations of two."
        )
    definitions = preset.floor.definitions
    if definitions.merge < LEAST_SILENCE or definitions.min_ipu < SHORTEST_IPU:
        raise BabbleError(
            f"The timing preset {preset.name} parts IPUs at {definitions.merge:g} s of silence and keeps "
            f"those of {definitions.min_ipu:g} s; "
            f"fit one with {LEAST_SILENCE:g} s and {SHORTEST_IPU:g} s at least."
        )
    if not (math.isfinite(seconds) and seconds > 0):
        raise BabbleError(f"A dialogue lasts more than 0 s, not {seconds:g}; ask for 60, say.")
    name = Path(
        AUDIO
    ).stem  # as the files are called, so that readers of any of them find the same conversation
    dialogue = preset.floor.sample(_plan_seed(seed, item), seconds)
    if not len(dialogue.onset):
        raise BabbleError(f"No IPU of the plan ends within {seconds:g} s; ask for more seconds.")
    return dataclasses.replace(dialogue, id=name, group=name)


def _plan_seed(seed: int, item: int) -> int:
    high, low = stream_keys(seed, item, _PLAN, count=1)[0].tolist()
    return high << 32 | low


def _write(folder: Path, rendering: Rendering, preset: Preset) -> dict[str, Any]:
    """Writes everything but the manifest; returns the table."""
    dialogue, audio, rate = rendering.dialogue, rendering.audio, rendering.placement.rate
    model = preset.models["ipu"]
    wave.write(folder / AUDIO, audio.T, rate)
    annotate.write_textgrid(folder / "dialogue.TextGrid", dialogue)
    annotate.write_eaf(folder / "dialogue.eaf", dialogue, AUDIO)
    annotate.write_rttm(folder / "dialogue.rttm", dialogue)
    annotate.write_csv(folder / "dialogue.csv", dialogue)

    found = transitions(ipus(dialogue, model.definitions))
    picture.timeline(folder / "timeline.png", dialogue, audio, rate, found)
    value = offsets([dialogue], "ipu", model.definitions).value
    with jax.enable_x64(True):
        picture.offsets(
            folder / "offsets.png",
            value,
            lambda seconds: np.exp(np.asarray(model.log_prob(seconds))),
            f"Floor-transfer offsets, timing {preset.name}",
        )
    spectrogram(np.mean(audio, axis=0), rate, folder / "spectrogram.png", f"{dialogue.id}, all speakers")

    values = table(summary([dialogue], model.definitions), preset.reference, preset.name)
    files.write_json(folder / "table.json", values)
    return values
