"""Spectrograms of recordings as a model from phones to spectrograms predicts them, for the training of its vocoder.

Shen et al. 2018 (arXiv 1712.05884, section 2.3) train WaveNet on what the first network predicts with the true frames
as the last ones: those frames lie in time as the recording does, and have the faults of the network, which the vocoder
so learns to speak. The network reads the phones of the labels. Where it predicts nothing (a stretch that cannot be cut
to a length that it was trained on), the true frames stand; outside of the labelled recording silence.

The frames are those of the labelled recording, in its own time. The data set holds stretches of it, trimmed, padded or
cut: each is found in its recording by its samples, and its top frames are interpolated between the frames around them.

Axes: R recordings of the data set, T samples, F frames, M mel bands, N phones.
"""

import dataclasses
import functools
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import jax
import numpy as np

from babble_jax import config as configs
from babble_jax import files
from babble_jax.audio import mel_spectrogram, pcm, wave
from babble_jax.audio.mel_spectrogram import LOWEST, MelConfig
from babble_jax.dataset.array_file import ArrayFile, ArrayWriter, Column
from babble_jax.dataset.features import open_cached
from babble_jax.dataset.labelled.reading import read_labelled
from babble_jax.dataset.labelled.recording import LabelledRecording
from babble_jax.dataset.source import Recordings
from babble_jax.errors import BabbleError
from babble_jax.pretrained.synthesizer import PretrainedSynthesizer, load_synthesizer
from babble_jax.progress import Progress
from babble_jax.tacotron.config import TacotronConfig
from babble_jax.tacotron.inputs import PhoneInputs
from babble_jax.train.interruption import check_interruption
from babble_jax.train.tasks.tacotron.pieces import Piece, cut_recording, name_folders
from babble_jax.train.tasks.tacotron.sounds import Sounds, load_or_measure_contours, measure_recordings

PREDICTION_VERSION = 1
"""It is raised when the same model and recordings give other frames."""
PIECE_SECONDS = 6.0
"""Longest stretch that is predicted at once, as in the training of the model."""
_FRAMES, _PHONES = 128, 32  # by which lengths are rounded up, so that few are compiled


class PredictedMel:
    """Predicted spectrograms of the recordings of a data set, read slice by slice.

    Args:
      file: of the rows of all recordings of the split.
      recordings: all of the split or a selection.
      config: settings of the spectrograms.
    """

    def __init__(self, file: ArrayFile, recordings: Recordings, config: MelConfig):
        self._file, self._numbers, self._config = file, recordings.numbers, config
        self._counts = count_rows((recordings.complete or recordings).lengths, config)

    def frames(self, i: int) -> "StoredMel":
        """Returns the frames of recording i."""
        number = i if self._numbers is None else int(self._numbers[i])
        return StoredMel(self._file, number, int(self._counts[number]), self._config)


@dataclasses.dataclass(frozen=True, eq=False)
class StoredMel:
    """Stored frames of one recording; see `conditioning.mel.MelFrames`.

    Attributes:
      file: that holds them.
      number: of the recording in the file.
      count: number of frames F.
      config: settings.
    """

    file: ArrayFile
    number: int
    count: int
    config: MelConfig

    @functools.cached_property
    def onset(self) -> float:
        """Seconds of the first frame, in the time of the recording: from a frame before its start to 0."""
        return float(self.file.read("seconds", self.number, 0, 1)[0])

    def read(self, index: np.ndarray) -> np.ndarray:
        """Reads the frames of some indices [N]: [N, M] float32."""
        first = int(index.min())
        return self.file.read("mel", self.number, first, int(index.max()) + 1)[index - first]


def count_rows(lengths: np.ndarray, config: MelConfig) -> np.ndarray:
    """Counts the frames that are stored for recordings of T samples, [R] int64: they reach over both ends."""
    return np.asarray(lengths, np.int64) // config.hop + 3


def open_predicted_mel(
    synthesizer: str, labelled: str, recordings: Recordings, config: MelConfig, workdir: Path | None
) -> PredictedMel:
    """Opens the predicted spectrograms of recordings, and predicts those of the complete split where none are stored.

    Args:
      synthesizer: folder of the model.
      labelled: folder of the recordings with their labels.
      recordings: all recordings of a split, or a selection.
      config: settings of the spectrograms that the voice takes.
      workdir: where they are stored if the folder of the data set may not be written.

    Raises:
      BabbleError: there is no such model or folder, it has other settings or lacks a phone, a recording is not found
        among those with labels, or a file cannot be read or written.
    """
    complete = recordings.complete or recordings
    model, sources = load_synthesizer(synthesizer), read_labelled(Path(labelled)).labelled
    if model.config.mel != config:
        raise BabbleError(
            f"{synthesizer}: its spectrograms have other settings than those of a vocoder at {config.sample_rate} Hz; "
            "name a model that was trained with the default --mel options at the rate of the data set."
        )
    digest = _hash_prediction(model, sources)
    name = f"babble-predicted-mel-{complete.split}-{complete.sample_rate}-{digest[:12]}.safetensors"
    basis = f"{complete.fingerprint} {complete.lengths.tolist()} {digest}"
    fingerprint = hashlib.sha256(basis.encode()).hexdigest() if complete.fingerprint else ""
    columns = {"mel": Column("F32", config.bands), "seconds": Column("F64")}

    def make(writer: ArrayWriter) -> None:
        with files.scratch_folder() as scratch:
            places = [place for place in (workdir, scratch) if place is not None]
            predictor = Predictor(model, sources, places[0])
            _predict_all(predictor, complete, labelled, writer)

    file = open_cached(
        complete, name, fingerprint, columns, make, workdir, count_rows(complete.lengths, config)
    )
    return PredictedMel(file, recordings, config)


def hash_prediction(synthesizer: str, labelled: str) -> str:
    """Hashes a model and the labels of recordings, on which its predictions depend beside their sound.

    Args:
      synthesizer: folder of the model.
      labelled: folder of the recordings with their labels.

    Raises:
      BabbleError: one of them cannot be read.
    """
    return _hash_prediction(load_synthesizer(synthesizer), read_labelled(Path(labelled)).labelled)


def _hash_prediction(model: PretrainedSynthesizer, sources: Sequence[LabelledRecording]) -> str:
    labels = [
        [one.name, list(one.labels.symbols), None if one.labels.end is None else one.labels.end.tolist()]
        for one in sources
        if one.labels is not None
    ]
    values = [PREDICTION_VERSION, PIECE_SECONDS, configs.to_json(model.config), labels]
    digest = hashlib.sha256(json.dumps(values, sort_keys=True).encode())
    for leaf in jax.tree.leaves(model.params):
        digest.update(np.ascontiguousarray(leaf).tobytes())
    return digest.hexdigest()


class LabelledSounds:
    """Samples of labelled recordings.

    Args:
      sources: the recordings.
      rate: Hz at which they are read.
    """

    def __init__(self, sources: Sequence[LabelledRecording], rate: int):
        self.sources, self.rate = sources, rate
        self.audio = functools.lru_cache(maxsize=2)(self._read)

    def _read(self, number: int) -> np.ndarray:
        return wave.read_sound(self.sources[number].path, self.rate).audio

    def samples(self, number: int) -> np.ndarray:
        """Reads a recording, [T] int16."""
        return pcm.to_int16(self.audio(number))


class Predictor:
    """Predicts the spectrograms of labelled recordings.

    Args:
      model: from phones to spectrograms.
      sources: recordings with labels, all of a folder: the pitch of a phone is relative to its speaker's median.
      folder: where pitch and level of the recordings are stored, for a model that is told them.

    Raises:
      BabbleError: the model does not know a speaker or a language, or a recording cannot be read.
    """

    def __init__(self, model: PretrainedSynthesizer, sources: Sequence[LabelledRecording], folder: Path):
        self.model = model
        inputs, self._mel = model.config.inputs, model.config.mel
        self.sounds = LabelledSounds(sources, self._mel.sample_rate)
        self._frames = Sounds(sources, self._mel)
        self._voices = [
            (_index("language", inputs.languages, language), _index("speaker", inputs.speakers, speaker))
            for language, speaker in (
                name_folders(one.name, bool(inputs.languages), bool(inputs.speakers)) for one in sources
            )
        ]
        self._prosody: list[Mapping[str, np.ndarray] | None] = [None] * len(sources)
        if inputs.prosody:
            digests = [files.sha256(one.path) for one in sources]
            contours = load_or_measure_contours(sources, digests, self._mel.sample_rate, folder)
            self._prosody = measure_recordings(sources, contours, [speaker for _, speaker in self._voices])

    @functools.cached_property
    def _apply(self) -> Callable[..., Any]:
        return jax.jit(self.model.model.apply)

    def predict(self, number: int) -> np.ndarray:
        """Predicts the log mel of a recording, [F, M] float32; true frames where nothing can be predicted."""
        frames = mel_spectrogram.log_mel(self.sounds.audio(number), self._mel)
        for piece in self.pieces(number):
            predicted = mel_spectrogram.denormalize(self.predict_piece(piece), self._mel)
            count = min(piece.frames, len(frames) - piece.first)  # a header may promise more than there is
            frames[piece.first : piece.first + count] = predicted[:count]
        return frames

    def pieces(self, number: int) -> list[Piece]:
        """Cuts a recording as training does."""
        return cut_recording(
            number,
            self.sounds.sources[number],
            self.model.config,
            PIECE_SECONDS,
            self._prosody[number],
            self._voices[number],
        )

    def predict_piece(self, piece: Piece) -> np.ndarray:
        """Predicts the normalized frames of a piece from its phones and its true frames, [F, M] float32."""
        shape, reduction = self.model.config.inputs, self.model.model.reduction
        true = self._frames.frames(piece)
        length = -(-len(true) // reduction) * reduction
        room = -(-length // (_FRAMES * reduction)) * _FRAMES * reduction
        lowest = mel_spectrogram.normalize(np.full((room - len(true), self._mel.bands), LOWEST), self._mel)
        true = np.concatenate([true, lowest.astype(np.float32)])
        count = len(piece.phones)
        extra = -count % _PHONES
        inputs = PhoneInputs(
            np.pad(piece.phones, (0, extra))[None],
            np.array([count], np.int32),
            np.pad(piece.prosody, ((0, extra), (0, 0)))[None] if piece.prosody is not None else None,
            np.array([piece.speaker], np.int32) if shape.speakers else None,
            np.array([piece.language], np.int32) if shape.languages else None,
        )
        key = jax.random.fold_in(jax.random.fold_in(jax.random.key(0), piece.recording), piece.first)
        result = self._apply(self.model.params, inputs, true[None], np.array([length], np.int32), key[None])
        mel = result.frames if isinstance(self.model.config.model, TacotronConfig) else result.refined
        return np.asarray(mel[0, : piece.frames])


def _index(kind: str, names: tuple[str, ...], name: str) -> int:
    """Returns the number of a speaker or language, 0 for a model of one.

    Args:
      kind: "speaker" or "language".
      names: that the model has.
      name: of the recording.
    """
    if names and name not in names:
        raise BabbleError(f"the model has no {kind} {name!r}; it has {', '.join(names)}.")
    return names.index(name) if names else 0


def _predict_all(predictor: Predictor, recordings: Recordings, labelled: str, writer: ArrayWriter) -> None:
    """Predicts and writes the rows of all recordings of a split.

    Args:
      predictor: of their sources.
      recordings: all of the split.
      labelled: folder of the sources, for messages.
      writer: of the rows.
    """
    config = predictor.model.config.mel
    counts = count_rows(recordings.lengths, config)
    predict, source = functools.lru_cache(maxsize=2)(predictor.predict), 0
    with Progress("predicting spectrograms", len(recordings), "recordings") as progress:
        for i in range(len(recordings)):
            check_interruption()
            source, offset = find_source(recordings.read(i), predictor.sounds, source)
            if source < 0:
                raise BabbleError(
                    f"{labelled}: the sound of recording {i} of the split {recordings.split} is in none of its "
                    "recordings; name the folder that the data set was made from, without --rescale and without "
                    "shortened pauses."
                )
            first = offset // config.hop  # the last frame of the source up to the start of the recording
            rows = np.full((counts[i], config.bands), LOWEST, np.float32)
            mel = predict(source)
            low, high = max(first, 0), min(first + len(rows), len(mel))
            if low < high:
                rows[low - first : high - first] = mel[low:high]
            seconds = ((first + np.arange(len(rows))) * config.hop - offset) / config.sample_rate
            writer.write("mel", i, 0, rows)
            writer.write("seconds", i, 0, seconds)
            progress.update()


def find_source(samples: np.ndarray, sounds: LabelledSounds, start: int) -> tuple[int, int]:
    """Finds the labelled recording that holds the samples of a recording of the data set, but for zeros at its ends.

    Args:
      samples: [T] int16.
      sounds: of the labelled recordings.
      start: number of the one that is tried first; the others follow in their order.

    Returns:
      Its number, -1 for none; and its sample at which the recording begins, negative where zeros come before.
    """
    sounding = np.flatnonzero(samples)
    if not len(sounding):
        return -1, 0
    first = int(sounding[0])
    core = samples[first : int(sounding[-1]) + 1].tobytes()
    count = len(sounds.sources)
    for number in ((start + step) % count for step in range(count)):
        content, position = sounds.samples(number).tobytes(), -1
        while (position := content.find(core, position + 1)) >= 0:
            if position % 2 == 0:
                return number, position // 2 - first
    return -1, 0
