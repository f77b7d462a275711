"""The kind of experiment that trains a vocoder, part by part, and scores it on true mels of held-out recordings.

Axes: T samples, F frames, K bins, M mel bands, N recordings.
"""

import dataclasses
import itertools
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import jax
import numpy as np
from tyro.conf import arg

from babble_jax.audio import spectrogram, wave
from babble_jax.audio.mel_spectrogram import MelConfig, griffin_lim, log_magnitude, log_mel, mel_magnitude
from babble_jax.audio.pcm import from_int16
from babble_jax.audio.quantize import Quantizer
from babble_jax.dataset import recipes, recordings
from babble_jax.pretrained.copying import copy_synthesis
from babble_jax.pretrained.pretrained import PretrainedVoice, load_voice, save_voice
from babble_jax.progress import Progress
from babble_jax.train.config import LogConfig
from babble_jax.train.devices import device_mesh
from babble_jax.train.tasks.voice.config import VoiceTrainConfig
from babble_jax.train.tasks.voice.evaluation import subsample
from babble_jax.train.tasks.voice.task import VoiceTask
from babble_jax.train.trainer import train
from babble_jax.voice.models.kinds import ModelConfig
from babble_jax.voice.speed import measure_speaking
from experiments.pipelines.babbler import Part

RECIPE = recipes.RECIPES["festvox-ru"]
_DB = 20 / np.log(10)  # of a natural logarithm of a magnitude
_ACTIVE = 40.0  # dB below the loudest frame, above which a frame counts
_EDGES = (0, 1000, 3000, 5000)  # Hz, lower edges of the bands whose bias is measured


@dataclasses.dataclass(frozen=True)
class VocoderExperiment:
    """Trains a voice with mel and scores copy synthesis of the test split beside Griffin-Lim and mu-law copies.

    Attributes:
      model: Shape of the model.
      quantizer: Quantizer of its samples.
      batch_size: Recordings that are read side by side.
      parts: Parts of the training by name, in order; each takes two hours of one core at most, and starts from the
        voice of the part before.
      mixture: Components of a mixture of logistics; 0 for classes.
      pad: Seconds of silence around each recording.
      test_recordings: Recordings of the test split that are said again.
      iterations: Iterations of Griffin-Lim.
      folder: Sound files of one speaker, right in it or in its folder wav; empty to fetch the Debian package
        festvox-ru. Where they lie is no value of the experiment.
      start: Folder of a voice that the first part starts from; empty for new parameters.
      until: Name of the part after which the voice is scored; empty for the last.
    """

    model: ModelConfig
    quantizer: Quantizer
    batch_size: int
    parts: dict[str, Part]
    mixture: int = 0
    pad: float = 0.2
    test_recordings: int = 24
    iterations: int = 60
    folder: Annotated[str, arg(name="from")] = dataclasses.field(default="", compare=False)
    start: str = ""
    until: str = dataclasses.field(default="", compare=False)

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Trains part by part and scores; an interrupted training is resumed, a part that is complete is not repeated.

        Args:
          work: folder for the data set, a run for each part, and `voice`, with float16 weights, that is scored.
          results: path, without suffix, of pictures and sounds of the first recording.

        Returns:
          Bits per sample of the test split, samples per second, and by method the distances from the recordings.
        """
        dataset = work / "dataset"
        if not dataset.exists():
            folder = Path(self.folder) if self.folder else work / RECIPE.package
            if not self.folder and not folder.exists():
                recipes.fetch_recipe(RECIPE.package, work)
            folder = folder / "wav" if (folder / "wav").is_dir() else folder
            recordings.build_from_folders(folder, dataset, 16_000, pad=self.pad)
        names = list(self.parts)
        if self.until:
            names = names[: names.index(self.until) + 1]
        base = VoiceTrainConfig(
            dataset=str(dataset),
            model=self.model,
            quantizer=self.quantizer,
            batch_size=self.batch_size,
            mel=True,
            mixture=self.mixture,
        )
        properties = VoiceTask(base).properties
        before, task, folder, minutes = self.start or None, None, None, {}
        for name in names:
            part = self.parts[name]
            config = dataclasses.replace(
                base,
                optimizer=part.optimizer,
                subsequence=part.subsequence,
                noise=part.noise,
                segment_shuffle=part.segment_shuffle,
                init_from=before,
            )
            task, start = VoiceTask(config, properties), time.process_time()
            log = LogConfig(every=20, evaluate_every=1000, evaluate_recordings=16, save_every=250)
            folder = train(task, work / name, part.steps, log).export
            minutes[name] = (time.process_time() - start) / 60
            before = str(work / name)
        assert task is not None
        assert folder is not None
        voice, steps = load_voice(folder), sum(self.parts[name].steps for name in names)
        card = voice.card | {"source": RECIPE.description, "licence": RECIPE.licence, "steps": steps}
        save_voice(dataclasses.replace(voice, card=card), work / "voice", half=True)
        voice, test = load_voice(work / "voice"), subsample(task.recordings("test"), self.test_recordings)
        mesh = device_mesh("jit", len(test), jax.local_devices()[:1])
        bits = task.evaluator(mesh, test, len(test))(voice.params).bits
        sounds = [from_int16(test.read(i)) for i in range(len(test))]
        return {
            "parts": {name: self.parts[name].steps for name in names},
            "processor_minutes_of_this_training": minutes,
            "test_bits": bits,
            "test_recordings": len(sounds),
            "test_minutes": sum(map(len, sounds)) / voice.config.sample_rate / 60,
            "bytes": sum(path.stat().st_size for path in (work / "voice").iterdir()),
            "distances": score_methods(self._methods(voice), sounds, voice, results),
            "samples_per_second": self._speeds(voice),
        }

    def _methods(self, voice: PretrainedVoice) -> dict[str, Callable[[np.ndarray], np.ndarray]]:
        """Lists ways to make a recording again, by name."""
        config, mel = voice.config, voice.config.mel
        assert mel is not None

        def invert_mel(audio: np.ndarray) -> np.ndarray:
            magnitude = mel_magnitude(log_mel(audio, mel), mel)
            return griffin_lim(magnitude, mel, self.iterations)

        return {
            "voice": lambda audio: copy_synthesis(audio, config.sample_rate, voice),
            "griffin_lim": invert_mel,
            "quantized": lambda audio: config.decode(config.quantizer.encode(audio * config.gain)),
        }

    def _speeds(self, voice: PretrainedVoice) -> dict[str, float]:
        """Measures samples per second of one stream on this machine, by sampler."""
        return {name: measure_speaking(voice, 1, name)["samples_per_second"] for name in ("native", "int8")}


def score_methods(
    methods: dict[str, Callable[[np.ndarray], np.ndarray]],
    sounds: list[np.ndarray],
    voice: PretrainedVoice,
    results: Path,
) -> dict[str, dict[str, Any]]:
    """Measures how far each method's copies lie from the recordings, means over recordings with a standard error.

    Args:
      methods: by name, from a recording [T] to its copy.
      sounds: N recordings, [T] float32.
      voice: whose mel spectrogram is compared.
      results: path, without suffix, of a picture and a sound of the first recording by each method.
    """
    config, mel = voice.config, voice.config.mel
    assert mel is not None
    spectrogram.plot_spectrogram(sounds[0], config.sample_rate, f"{results}-recording.png", "recording")
    values = {}
    for name, method in methods.items():
        rows, seconds = [], time.process_time()
        with Progress(name, len(sounds), "recordings") as progress:
            for number, audio in enumerate(sounds):
                copy = method(audio)
                rows.append(spectral_distances(audio, copy, mel))
                if number == 0:
                    title = name.replace("_", " ")
                    spectrogram.plot_spectrogram(copy, config.sample_rate, f"{results}-{name}.png", title)
                    wave.write(f"{results}-{name}.wav", copy, config.sample_rate)
                progress.update()
        seconds = time.process_time() - seconds
        values[name] = {
            key: {
                "mean": float(np.mean(column)),
                "standard_error": float(np.std(column, ddof=min(1, len(column) - 1)) / np.sqrt(len(column))),
            }
            for key in rows[0]
            for column in [[row[key] for row in rows]]
        } | {"processor_seconds_per_second": seconds / sum(map(len, sounds)) * config.sample_rate}
    return values


def spectral_distances(audio: np.ndarray, copy: np.ndarray, mel: MelConfig) -> dict[str, float]:
    """Measures how far the spectra of a copy lie from those of a recording, over frames in which that sounds.

    Args:
      audio: [T] float amplitudes.
      copy: [T] float amplitudes; a little shorter or longer at the end.
      mel: settings of the spectrograms.

    Returns:
      In dB: `log_spectral_distance`, the root mean square over the K bins, and `mel_distance` over the M bands, means
      over frames; `bias_N`, the mean difference, copy minus recording, of the bins from N Hz to the next edge.
    """
    length = min(len(audio), len(copy))
    original, imitation = (log_magnitude(one[:length], mel) * _DB for one in (audio, copy))
    level = 10 * np.log10(np.mean(10 ** (original / 10), axis=1))
    active = level > level.max() - _ACTIVE
    difference = (imitation - original)[active]
    bands = (log_mel(copy[:length], mel) - log_mel(audio[:length], mel))[active] * _DB
    frequency = np.arange(mel.bins) * mel.sample_rate / mel.fourier
    edges = [*(edge for edge in _EDGES if edge < mel.sample_rate / 2), mel.sample_rate / 2 + 1]
    return {
        "log_spectral_distance": float(np.mean(np.sqrt(np.mean(difference**2, axis=1)))),
        "mel_distance": float(np.mean(np.sqrt(np.mean(bands**2, axis=1)))),
    } | {
        f"bias_{low}": float(np.mean(difference[:, (frequency >= low) & (frequency < high)]))
        for low, high in itertools.pairwise(edges)
    }
