"""Checks measures of the rate of speech on real speech that is played faster and slower, at its own pitch."""

from typing import Any

import numpy as np

from babble_jax.audio import wave
from babble_jax.audio.pitch import HIGHEST_F0, LOWEST_F0
from babble_jax.presets import registry
from babble_jax.pretrained.ear import load_ear
from babble_jax.pretrained.ear_recordings import is_among, load_digests
from experiments.pipelines.prosody_measures import change_rate, phone_rate

TEMPOS = (0.7, 1.0, 1.4)
_RATE = 16_000
_EXCERPT = "festvox-ru"


def check_tempo(name: str) -> dict[str, Any]:
    """Measures the excerpt of speech that ships at several tempos: those recordings that an ear has not learned from.

    Args:
      name: of the ear, which counts phones.

    Returns:
      `recordings`, their number; `tempos`; for each measure its mean at each tempo, divided by that at 1, and the slope
      of its logarithm on that of the tempo: `change` (`change_rate`) and `phones` (`phone_rate`).
    """
    ear, digests = load_ear(name), load_digests(name)
    paths = [
        path
        for path in sorted(registry.path("speech", _EXCERPT).glob("*.ogg"))
        if not is_among(path, digests)
    ]
    recordings = [wave.read(path, _RATE)[0] for path in paths]
    stretched = [[change_tempo(audio, _RATE, tempo) for audio in recordings] for tempo in TEMPOS]
    values: dict[str, Any] = {"recordings": len(recordings), "tempos": TEMPOS}
    for measure, function in (
        ("change", lambda audio: change_rate(audio, _RATE)),
        ("phones", lambda audio: phone_rate(audio, _RATE, ear)),
    ):
        means = np.array([np.mean([function(audio) for audio in some]) for some in stretched])
        means /= means[TEMPOS.index(1.0)]
        slope = float(np.polyfit(np.log(TEMPOS), np.log(means), 1)[0])
        values[measure] = {"measured": means.tolist(), "slope": slope}
    return values


def change_tempo(audio: np.ndarray, rate: int, tempo: float) -> np.ndarray:
    """Plays speech faster or slower at its own pitch, by the overlap-add of Praat; a phase vocoder blurs its spectra.

    Args:
      audio: [T] float.
      rate: Hz.
      tempo: factor.

    Returns:
      [T / tempo] float32.
    """
    if tempo == 1:
        return audio
    import parselmouth  # of the extra `test`
    from parselmouth.praat import call

    sound = parselmouth.Sound(np.asarray(audio, float), rate)
    longer: Any = call(sound, "Lengthen (overlap-add)", LOWEST_F0, HIGHEST_F0, 1 / tempo)
    return longer.values[0].astype(np.float32)
