"""The kind of experiment that asks a no-reference predictor for the listening quality of speech, copies and babble.

The predictor is DNSMOS, as the package speechmos ships it with its weights (MIT). No model was tuned on it.

Axes: T samples, N pieces.
"""

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from tyro.conf import arg

from babble_jax.audio import wave
from babble_jax.audio.mel_spectrogram import griffin_lim, log_mel, mel_config, mel_magnitude
from babble_jax.audio.quantize import Quantizer
from babble_jax.audio.resampling import resample
from babble_jax.errors import BabbleError
from babble_jax.judge.reference import PIECE_SECONDS, cut_pieces
from babble_jax.pretrained.copying import copy_synthesis
from babble_jax.pretrained.pretrained import load_voice
from babble_jax.pretrained.speaking import speak
from babble_jax.pretrained.voices import load_any_voice, speakers_of
from babble_jax.progress import Progress
from experiments.pipelines.ear import find_voice, read_splits

RATE = 16_000
"""Hz that the predictor takes."""
HELD_OUT = ("test", "validation")
SCALES = {"p808_mos": "quality", "sig_mos": "signal", "bak_mos": "background", "ovrl_mos": "overall"}
"""Names of the predictor, and those of the results: the overall quality of ITU-T P.808, which does not depend on the
level, and the three scales of P.835."""
_GAIN_PEAK = 0.9


@dataclasses.dataclass(frozen=True)
class ListeningExperiment:
    """Predicts the listening quality of held-out recordings, their copies, voices and noise, in pieces of 10 s.

    Attributes:
      pieces: Pieces of each.
      iterations: Iterations of Griffin-Lim.
      q_levels: Levels of the mu-law copies.
      voices: Names or folders of voices that babble, each speaker for itself.
      temperature: Of the vocoders; None for their own.
      vocoders: Folders of voices with mel, by which the recordings are copied from their true mel. Which voices are
        heard is no value of the experiment.
      folder: Recordings with labels, of which those held out are taken; empty to fetch the Debian package festvox-ru.
        Where they lie is no value of the experiment.
      seed: Of the voices and the noise.
    """

    pieces: int = 6
    iterations: int = 60
    q_levels: int = 256
    voices: tuple[str, ...] = dataclasses.field(default=("babblers",), compare=False)
    temperature: float | None = None
    vocoders: tuple[str, ...] = dataclasses.field(default=(), compare=False)
    folder: Annotated[str, arg(name="from")] = dataclasses.field(default="", compare=False)
    seed: int = 0

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Makes all sounds and asks the predictor.

        Args:
          work: folder for the package, and for `sounds`, all that was heard.
          results: unused.

        Returns:
          By what was heard, means of the scales over pieces with standard errors.

        Raises:
          BabbleError: the predictor is not installed, or a voice is none.
        """
        del results
        predict = load_predictor()
        recordings = self._recordings(work)
        systems = self._systems(recordings)
        rows: dict[str, dict[str, Any]] = {}
        (work / "sounds").mkdir(exist_ok=True)
        with Progress("predicting quality", len(systems) * len(recordings), "pieces") as progress:
            for name, make in systems.items():
                values = []
                for number in range(len(recordings)):
                    audio = fit(make(number), RATE)
                    wave.write(work / "sounds" / f"{name}-{number}.wav", audio, RATE)
                    values.append(predict(audio))
                    progress.update()
                rows[name] = summarize(values)
        return {
            "predictor": "DNSMOS of speechmos",
            "pieces": len(recordings),
            "seconds": PIECE_SECONDS,
            "quality": rows,
        }

    def _recordings(self, work: Path) -> list[np.ndarray]:
        """Cuts the held-out recordings into pieces, and takes some that are spread over all of them."""
        splits = read_splits(find_voice(self.folder, work), "auto")
        audio = np.concatenate(
            [wave.read(one.path, RATE)[0] for name in HELD_OUT for one in splits.get(name, ())]
        )
        every = cut_pieces(audio, RATE)
        at = np.unique(np.linspace(0, len(every) - 1, self.pieces).round().astype(int))
        return [every[i] for i in at]

    def _systems(self, recordings: Sequence[np.ndarray]) -> dict[str, Callable[[int], np.ndarray]]:
        """Lists what is heard: from the number of a piece to its sound at `RATE`, by name."""
        mel, quantizer = mel_config(RATE), Quantizer("mu_law", self.q_levels)
        gain = _GAIN_PEAK / max(float(np.abs(one).max()) for one in recordings)
        noise = np.random.default_rng(self.seed)
        level = float(np.sqrt(np.mean(np.square(np.concatenate(recordings)))))

        def invert(number: int) -> np.ndarray:
            magnitude = mel_magnitude(log_mel(recordings[number], mel), mel)
            return griffin_lim(magnitude, mel, self.iterations)

        systems: dict[str, Callable[[int], np.ndarray]] = {
            "recording": lambda number: recordings[number],
            "mu_law_copy": lambda number: (
                np.asarray(quantizer.decode(quantizer.encode(recordings[number] * gain))) / gain
            ),
            "griffin_lim": invert,
        }
        for folder in self.vocoders:
            voice = load_voice(folder)
            mels = "predicted" if "synthesizer" in voice.card else "true"
            name = f"copy synthesis, {voice.config.model.kind} trained on {mels} mel"
            systems[unused(name, systems)] = lambda number, voice=voice: copy_synthesis(
                recordings[number], RATE, voice, seed=self.seed + number, temperature=self.temperature
            )
        for name in self.voices:
            one = load_any_voice(name)
            for speaker in speakers_of(one) or (None,):
                label = f"voice {Path(name).name}" + ("" if speaker is None else f" {speaker}")
                systems[unused(label, systems)] = lambda number, one=one, speaker=speaker: resample(
                    speak(one, PIECE_SECONDS, speaker=speaker, seed=self.seed + number),
                    one.config.sample_rate,
                    RATE,
                )
        systems["noise"] = lambda number: noise.normal(0, level, round(PIECE_SECONDS * RATE))
        return systems


def unused(name: str, taken: dict[str, Any]) -> str:
    """Returns a name, with a number behind it where it is taken."""
    count = sum(other == name or other.startswith(f"{name} (") for other in taken)
    return f"{name} ({count + 1})" if count else name


def fit(audio: np.ndarray, rate: int) -> np.ndarray:
    """Clips a sound to full scale and to 10 s, [T] float32.

    Args:
      audio: [T] amplitudes.
      rate: samples per second.
    """
    return np.clip(audio[: round(PIECE_SECONDS * rate)], -1, 1).astype(np.float32)


def load_predictor() -> Callable[[np.ndarray], dict[str, float]]:
    """Loads the predictor: from [T] amplitudes at `RATE` to the scales of `SCALES`.

    Raises:
      BabbleError: it is not installed.
    """
    try:
        from speechmos import dnsmos  # pyright: ignore[reportMissingImports]
    except ImportError as error:
        raise BabbleError(
            f"the predictor of listening quality is not installed ({error}); pip install -e '.[bench]'."
        ) from error

    def predict(audio: np.ndarray) -> dict[str, float]:
        values = dnsmos.run(audio, RATE)
        return {name: float(values[key]) for key, name in SCALES.items()}

    return predict


def summarize(values: Sequence[dict[str, float]]) -> dict[str, dict[str, float]]:
    """Computes the mean of each scale over pieces, with its standard error, and the lowest and highest."""
    rows = {name: np.array([one[name] for one in values]) for name in values[0]}
    return {
        name: {
            "mean": float(column.mean()),
            "standard_error": float(column.std(ddof=min(1, len(column) - 1)) / np.sqrt(len(column))),
            "low": float(column.min()),
            "high": float(column.max()),
        }
        for name, column in rows.items()
    }
