"""What a voice is told beside the samples, made of what the data set knows of its recordings.

Axes: N top frames, C features.
"""

from pathlib import Path

import numpy as np

from babble_jax.audio.units import UnitSequence, index_at
from babble_jax.dataset.source import Recordings
from babble_jax.dataset.tbptt import Local
from babble_jax.errors import BabbleError
from babble_jax.pretrained.pretrained import load_voice
from babble_jax.train.config import TrainConfig
from babble_jax.voice.conditioning import units
from babble_jax.voice.conditioning.units import Units


def units_of(config: TrainConfig, recordings: Recordings, workdir: Path) -> Units | None:
    """The units that the voice is told: those of the run, or of the voice it starts from, or learned anew and kept.

    Args:
      config: of the run.
      recordings: of the training split.
      workdir: of the run; keeps `units.safetensors`.

    Raises:
      BabbleError: the file there is not of such a voice.
    """
    if not config.voice.units:
        return None
    path = workdir / "units.safetensors"
    if path.is_file():
        return units.load_units(path, config.voice.units, len(config.voice.speakers))
    if config.init_from is not None and (known := load_voice(Path(config.init_from)).units) is not None:
        found = known
    else:
        found = units.fit_units(
            config.voice.units,
            recordings.lengths,
            recordings.speakers,
            _active(config, recordings),
            lambda i: recordings.read(i).astype(np.float32) / 32_768,
            recordings.sample_rate,
        )
    units.save_units(found, path)
    return found


def batch_conditioning(config: TrainConfig, recordings: Recordings, known: Units | None) -> Local | None:
    """The features that the voice takes, of the recordings; None for a voice that takes none.

    Raises:
      BabbleError: the data set does not say where its recordings speak.
    """
    voice = config.voice
    if not voice.local:
        return None
    active, frame = _active(config, recordings), voice.sample_model.frame

    def of(i: int) -> np.ndarray:
        middles = voice.middles(0, -(-int(recordings.lengths[i]) // frame))
        said = (
            None
            if known is None
            else conditioned_units(known, recordings, i, active[i]).at(index_at(middles))
        )
        return voice.features(active[i], middles, said)

    def silence(i: int) -> np.ndarray:
        said = None
        if known is not None:
            said = UnitSequence.of(known.unit_lms[int(recordings.speakers[i])].silent(1))
        return voice.features(np.zeros((0, 2)), np.zeros(1), said)[0]

    return Local(frame, voice.sample_model.local, of, silence)


def conditioned_units(known: Units, recordings: Recordings, i: int, active: np.ndarray) -> UnitSequence:
    """What is said in recording i, which speaks in some intervals [K, 2] of seconds, as a voice is told it."""
    audio, speaker = recordings.read(i).astype(np.float32) / 32_768, int(recordings.speakers[i])
    line = known.codebook.encode_recording(audio, recordings.sample_rate, speaker)
    return units.dedup(line, active, known.unit_lms[speaker].silence)


def _active(config: TrainConfig, recordings: Recordings) -> tuple[np.ndarray, ...]:
    if recordings.active is None:
        raise BabbleError(
            f"{config.dataset}: does not say where its recordings speak; make the data set from sound files with "
            "`babble dataset`, or train a voice that is not told when to speak."
        )
    return recordings.active
