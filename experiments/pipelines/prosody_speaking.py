"""Speaks the same utterances in several settings of a prosody, and measures each.

Axes: B utterances, T samples, F frames of 10 ms.
"""

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from babble_jax import files
from babble_jax.audio.pitch import HOP
from babble_jax.ear.ear import Ear
from babble_jax.pretrained.pretrained import PretrainedVoice
from babble_jax.pretrained.speaking import speak_streams
from babble_jax.pretrained.voices import LoadedVoice, speakers_of
from babble_jax.progress import Progress
from babble_jax.voice.conditioning.prosody import Prosody
from babble_jax.voice.conditioning.stream_features import conditioning, single_utterance
from babble_jax.voice.config import UNIT_CHANNELS
from babble_jax.voice.sampling.threefry import stream_keys
from babble_jax.voice.speak import generate_audio
from experiments.pipelines.prosody_measures import (
    change_rate,
    distinct_pairs,
    highest_pitch,
    measure_sound,
    phone_rate,
)

Rows = list[dict[str, float]]
"""Measures of each utterance, by name; NaN where an utterance has none."""
_REFERENCE_F0 = 100.0  # Hz, of a voice that speaks phones: its measures of pitch are compared with its own
UNNAMED = "voice"
"""Name of the speaker of a voice whose speaker has none."""


@dataclasses.dataclass(frozen=True)
class Utterances:
    """Utterances that are spoken in each setting: the same keys, so that settings are compared in pairs.

    Attributes:
      count: B, of each speaker in each setting.
      seconds: length of an utterance; of a voice with units, with 0.2 s of silence at both ends.
      seed: of the keys.
    """

    count: int
    seconds: float
    seed: int


def measure_settings(
    voice: LoadedVoice,
    plans: Mapping[str, Prosody],
    utterances: Utterances,
    work: Path,
    ears: Mapping[str, Ear] | None = None,
) -> dict[str, dict[str, Rows]]:
    """Speaks and measures; a setting that an interrupted run has measured is not spoken again.

    Args:
      voice: with units, or one that speaks phones.
      plans: settings by name.
      utterances: what is spoken.
      work: folder of the measures of each setting.
      ears: by the name of a speaker, the ear that has heard it in its training; the phones of others are not counted.

    Returns:
      Measures by speaker and setting.
    """
    names = speakers_of(voice) or (UNNAMED,)
    measured: dict[str, dict[str, Rows]] = {}
    with Progress("settings", len(plans) * len(names), "settings") as progress:
        for number, speaker in enumerate(names):
            measured[speaker] = {}
            for name, prosody in plans.items():
                path = work / f"{speaker}-{name}.json"
                if not path.is_file():
                    work.mkdir(parents=True, exist_ok=True)
                    rows = _measure(voice, number, prosody, utterances, (ears or {}).get(speaker))
                    files.write_json(path, rows_for_json(rows))
                measured[speaker][name] = rows_of_json(json.loads(path.read_text("utf-8")))
                progress.update(1)
    return measured


def _measure(
    voice: LoadedVoice, speaker: int, prosody: Prosody, utterances: Utterances, ear: Ear | None
) -> Rows:
    """Speaks all utterances of a setting together, and measures each; see `measure_settings`."""
    if isinstance(voice, PretrainedVoice):
        return _measure_units(voice, speaker, prosody, utterances, ear)
    name = voice.speakers[speaker] if voice.speakers else None
    audio = speak_streams(
        voice, utterances.seconds, utterances.count, speaker=name, seed=utterances.seed, prosody=prosody
    )
    rate = voice.config.sample_rate
    highest = highest_pitch(audio, rate)
    return [measure_sound(one, rate, _REFERENCE_F0, highest) for one in audio]


def _measure_units(
    voice: PretrainedVoice, speaker: int, prosody: Prosody, utterances: Utterances, ear: Ear | None
) -> Rows:
    """Measures the utterances of a voice with units, the units among what is measured."""
    assert voice.unit_models is not None
    keys, speakers = stream_keys(utterances.seed, utterances.count), np.full(utterances.count, speaker)
    edges = single_utterance(utterances.seconds)
    active = [edges] * utterances.count
    rate, frame = voice.config.sample_rate, voice.config.sample_model.frame
    samples = round(utterances.seconds * rate)
    local = conditioning(voice, active, keys, speakers, prosody=prosody)
    assert local is not None
    targets = local(0, -(-samples // frame))[UNIT_CHANNELS[0]].astype(int)
    audio = generate_audio(
        voice,
        keys,
        samples,
        speaker=speakers,
        local=conditioning(voice, active, keys, speakers, prosody=prosody),
        prosody=prosody,
    )
    (onset, end) = edges[0]
    codebook, rows = voice.unit_models.codebook, []
    for sound, target in zip(audio, targets, strict=True):
        units = codebook.encode(sound, rate, speaker)
        speech = sound[round(onset * rate) : round(end * rate)]
        row = measure_sound(sound, rate, float(codebook.median_f0[speaker])) | {
            "change": change_rate(speech, rate),
            "units": float(np.count_nonzero(np.diff(units))) / (end - onset),
            "pairs": distinct_pairs(units),
            "units_conditioned": float(np.count_nonzero(np.diff(target))) / (end - onset),
            "pairs_conditioned": distinct_pairs(target),
            "agreement": float(np.mean(target == units[_frames_of(len(target), frame / rate, len(units))])),
        }
        rows.append(row if ear is None else row | {"phones": phone_rate(speech, rate, ear)})
    return rows


def _frames_of(count: int, seconds: float, frames: int) -> np.ndarray:
    """Returns the frames of 10 ms, of F, in the middles of `count` top frames of so many seconds each."""
    return np.minimum(((np.arange(count) + 0.5) * seconds / HOP).astype(int), frames - 1)


def rows_for_json(rows: Rows) -> list[dict[str, float | None]]:
    """Puts None where an utterance has no value, as one without a voiced frame has no pitch."""
    return [{name: value if np.isfinite(value) else None for name, value in row.items()} for row in rows]


def rows_of_json(rows: list[dict[str, float | None]]) -> Rows:
    """Takes back what `rows_for_json` gave, with NaN for None."""
    return [{name: np.nan if value is None else value for name, value in row.items()} for row in rows]
