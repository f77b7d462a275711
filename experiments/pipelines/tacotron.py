"""The kind of experiment that trains a model from phones to spectrograms and scores it on pieces that are held out.

Axes: F frames, M mel bands, N phones, S steps.
"""

import dataclasses
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import jax
import librosa
import numpy as np
import scipy.fft
from tyro.conf import arg

from babble_jax.audio import mel_spectrogram, wave
from babble_jax.dataset import recipes
from babble_jax.pretrained.synthesizer import PretrainedSynthesizer, load_synthesizer, save_synthesizer
from babble_jax.progress import Progress
from babble_jax.tacotron.config import PROSODY, SynthesisModel
from babble_jax.tacotron.inputs import PhoneInputs
from babble_jax.tacotron.scoring import reading_errors
from babble_jax.tacotron.speech import Speech
from babble_jax.tacotron.synthesizer import Prediction
from babble_jax.train.config import LogConfig, OptimizerConfig
from babble_jax.train.tasks.tacotron.config import TacotronTrainConfig
from babble_jax.train.tasks.tacotron.pieces import Piece
from babble_jax.train.tasks.tacotron.sounds import Sounds
from babble_jax.train.tasks.tacotron.task import TacotronTask
from babble_jax.train.trainer import train

RECIPE = recipes.RECIPES["festvox-ru"]
_NEAR = 0.050  # seconds
_CEPSTRA = 13
_MOST_TIMES = 2.0  # length at which speech is cut off, relative to the recording


@dataclasses.dataclass(frozen=True)
class TacotronExperiment:
    """Trains a model on labelled recordings and scores it on the test split.

    Attributes:
      model: Shape of the model.
      optimizer: Optimizer and its learning rate schedule.
      steps: Updates.
      batch_size: Pieces of an update.
      by_prosody: Whether it is told duration, pitch and level of each phone.
      guide_weight: Weight of the labels that lead the attention.
      test_pieces: Pieces of the test split that are spoken; 0 for all.
      seed: Random seed.
      folder: Recordings, as `babble train --task tacotron` takes them; empty to fetch the Debian package festvox-ru.
        Where they lie is no value of the experiment.
    """

    model: SynthesisModel
    optimizer: OptimizerConfig
    steps: int
    batch_size: int = 16
    by_prosody: bool = True
    guide_weight: float = 0.2
    test_pieces: int = 100
    seed: int = 0
    folder: Annotated[str, arg(name="from")] = dataclasses.field(default="", compare=False)

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Trains, exports and scores; an interrupted training is resumed.

        Args:
          work: folder for the training run, and `synthesizer`, with float16 weights, that is scored.
          results: path, without suffix, of pictures and sounds.

        Returns:
          Errors of the attention against the labels, of what is spoken freely, and of the prosody that is asked for.
        """
        folder = Path(self.folder) if self.folder else work / RECIPE.package
        if not self.folder and not folder.exists():
            recipes.fetch_recipe(RECIPE.package, work)
        config = TacotronTrainConfig(
            recordings=str(folder.resolve()),
            model=self.model,
            optimizer=self.optimizer,
            batch_size=self.batch_size,
            by_prosody=self.by_prosody,
            guide_weight=self.guide_weight,
            seed=self.seed,
        )
        task, start = TacotronTask(config), time.process_time()
        log = LogConfig(every=10, evaluate_every=500, evaluate_recordings=32, save_every=250)
        report = train(task, work / "training", self.steps, log)
        minutes = (time.process_time() - start) / 60
        model = load_synthesizer(report.export)
        card = model.card | {"source": RECIPE.description, "licence": RECIPE.licence}
        save_synthesizer(dataclasses.replace(model, card=card), work / "synthesizer", half=True)
        model = load_synthesizer(work / "synthesizer")
        pieces = task.pieces("test")
        if 0 < self.test_pieces < len(pieces):
            pieces = [
                pieces[i] for i in np.linspace(0, len(pieces) - 1, self.test_pieces).round().astype(int)
            ]
        sounds = Sounds(task.folder.labelled, config.mel)
        for name in ("attention.png", "mel.png", "spoken.wav", "copy.wav"):
            last = sorted((work / "training" / "media").glob(f"*-{name}"))[-1:]
            for path in last:
                Path(f"{results}-{name}").write_bytes(path.read_bytes())
        return {
            "parameters": int(task.facts["parameters"]),
            "minutes_of_training_speech": float(task.facts["minutes_of_recordings"]),
            "updates": report.step,
            "passes": task.data_read(report.step)["passes"],
            "processor_minutes_of_this_training": minutes,
            "bytes": sum(path.stat().st_size for path in (work / "synthesizer").iterdir()),
            "validation": report.evaluation.metrics,
            "test": score_pieces(model, pieces, sounds, results),
        }


def score_pieces(
    model: PretrainedSynthesizer, pieces: Sequence[Piece], sounds: Sounds, results: Path
) -> dict[str, Any]:
    """Scores how a model speaks held-out pieces from their phones, and their prosody where it takes that.

    Args:
      model: that speaks.
      pieces: of the test split, with times.
      sounds: of their recordings.
      results: path, without suffix, of the sound of the first piece.
    """
    settings, names = model.config.mel, model.config.inputs.symbols
    rows: list[dict[str, float]] = []
    off, seconds, start = [], 0.0, time.process_time()
    longest, align = max(piece.frames for piece in pieces), jax.jit(model.model.apply)
    with Progress("test", len(pieces), "pieces") as progress:
        for number, piece in enumerate(pieces):
            true = mel_spectrogram.denormalize(sounds.frames(piece), settings)
            phones, channels = [names[i] for i in piece.phones], _channels(model, piece)
            most = _MOST_TIMES * longest * settings.hop_seconds
            speech = model.speak(phones, channels, seconds=most)
            row, ends = score_speech(speech, true), piece.ends
            if ends is not None:
                inputs = model.inputs(phones, channels)
                aligned = _aligned_ends(model, align, inputs, true, longest)
                off += np.abs(aligned - ends * settings.hop_seconds)[:-1].tolist()
            rows.append(row | {"duration_ratio": len(speech.mel) / piece.frames})
            seconds += len(speech.mel) * settings.hop_seconds
            if number == 0:
                wave.write(f"{results}-test.wav", speech.audio(), settings.sample_rate)
            progress.update()
    means = {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}
    phones = sum(len(piece.phones) for piece in pieces)
    return {
        "pieces": len(pieces),
        "phones": phones,
        "mean_by_piece": means,
        "skipped_of_100_phones": 100 * sum(row["skipped"] for row in rows) / phones,
        "repeated_of_100_phones": 100 * sum(row["repeated"] for row in rows) / phones,
        "end_of_phone_error_ms": 1000 * float(np.median(off)) if off else None,
        "end_of_phone_within_50_ms": float(np.mean(np.array(off) <= _NEAR)) if off else None,
        "processor_seconds_per_second": (time.process_time() - start) / seconds,
    }


def _channels(model: PretrainedSynthesizer, piece: Piece) -> Mapping[str, np.ndarray] | None:
    if piece.prosody is None:
        return None
    return {
        name: piece.prosody[:, i] for i, name in enumerate(model.config.inputs.prosody) if name in PROSODY
    }


def _aligned_ends(
    model: PretrainedSynthesizer,
    align: Callable[..., Prediction],
    inputs: PhoneInputs,
    true: np.ndarray,
    longest: int,
) -> np.ndarray:
    """Aligns a piece by the attention with its true frames as the last ones; the ends of its phones, [N] seconds.

    Args:
      model: that aligns.
      align: its `apply`, compiled.
      inputs: of the piece.
      true: [F, M] log mel.
      longest: frames of the longest piece.
    """
    reduction = model.model.reduction
    frames = mel_spectrogram.normalize(true, model.config.mel)
    count = -(-longest // reduction) * reduction
    frames = np.pad(frames, ((0, count - len(frames)), (0, 0)), mode="edge")
    steps = -(-len(true) // reduction)
    output = align(
        model.params,
        inputs,
        frames[None],
        np.array([steps * reduction], np.int32),
        jax.random.key(0)[None],
    )
    attention = np.asarray(output.attention[0])[:steps, : int(inputs.lengths[0])]
    return Speech(model.config, true, np.zeros((0, 0)), attention, True).phone_ends()


def score_speech(speech: Speech, true: np.ndarray) -> dict[str, float]:
    """Measures an utterance beside the recording of the same phones.

    Args:
      speech: of a model.
      true: [F, M] log mel of the recording.

    Returns:
      ended: 1 where the model has said that the end is reached; skipped, repeated: of `reading_errors`;
      cepstral_distortion_db: mel-cepstral distortion along the best alignment (dynamic time warping).
    """
    skipped, repeated = reading_errors(speech.attention)
    return {
        "ended": float(speech.ended),
        "skipped": float(skipped),
        "repeated": float(repeated),
        "cepstral_distortion_db": cepstral_distortion(speech.mel, true),
    }


def cepstral_distortion(one: np.ndarray, other: np.ndarray) -> float:
    """Computes the mel-cepstral distortion in dB of two log-mel spectrograms along the best alignment.

    10 / ln 10 sqrt(2 sum of the squared differences of cepstra 1 to 13), mean over the alignment (Kubichek 1993). The
    cepstra are of log magnitudes in mel bands, so that values compare with each other, not with those of a vocoder.

    Args:
      one: [F, M] natural logarithm of magnitudes.
      other: [G, M].
    """
    first, second = (
        np.asarray(scipy.fft.dct(x, axis=1, norm="ortho"))[:, 1 : _CEPSTRA + 1].T * np.sqrt(2 / x.shape[1])
        for x in (one, other)
    )
    cost, path = librosa.sequence.dtw(first, second, metric="euclidean")
    return float(10 / np.log(10) * np.sqrt(2) * cost[-1, -1] / len(path))
