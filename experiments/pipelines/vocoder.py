"""The kind of experiment that trains a vocoder, part by part, and scores its copies of held-out recordings."""

import dataclasses
from pathlib import Path
from typing import Annotated, Any

import jax
from tyro.conf import arg

from babble_jax.audio.pcm import from_int16
from babble_jax.audio.quantize import Quantizer
from babble_jax.dataset import recipes, recordings
from babble_jax.dataset.labelled.reading import read_labelled
from babble_jax.dataset.source import Recordings
from babble_jax.errors import BabbleError
from babble_jax.pretrained.ear import load_ear
from babble_jax.pretrained.pretrained import PretrainedVoice, load_voice, save_voice
from babble_jax.train.config import LogConfig
from babble_jax.train.devices import device_mesh
from babble_jax.train.tasks.voice.config import VoiceTrainConfig
from babble_jax.train.tasks.voice.evaluation import subsample
from babble_jax.train.tasks.voice.predicted_mel import open_predicted_mel
from babble_jax.train.tasks.voice.task import VoiceTask
from babble_jax.voice.models.kinds import ModelConfig
from babble_jax.voice.speed import measure_speaking
from experiments.pipelines import copies
from experiments.pipelines.ear import find_voice
from experiments.pipelines.parts import PartsExperiment

RECIPE = recipes.RECIPES["festvox-ru"]


@dataclasses.dataclass(frozen=True)
class VocoderExperiment(PartsExperiment):
    """Trains a voice with mel and scores copy synthesis of the test split beside Griffin-Lim and quantized copies.

    Attributes:
      model: Shape of the model.
      quantizer: Quantizer of its samples.
      batch_size: Recordings that are read side by side.
      parts: Parts of the training by name, in order; each takes two hours of one core at most. With `start`, `first`
        and `until` see `PartsExperiment`.
      emphasis: Coefficient of the pre-emphasis of the samples; 0 for none.
      temperature: Temperature of the voice, at which it makes copies.
      mixture: Components of a mixture of logistics; 0 for classes.
      pad: Seconds of silence around each recording.
      test_recordings: Recordings of the test split that are said again.
      iterations: Iterations of Griffin-Lim.
      ear: Name or folder of an ear that hears the copies; empty for none. The recordings then need labels.
      predicted: Whether the parts train on mels that a model from phones to spectrograms predicts of the recordings, in
        place of the true ones; copies are then made from those, too. The recordings need labels.
      synthesizer: Folder of that model. Which it is, is no value of the experiment.
      folder: Sound files of one speaker, right in it or in its folder wav; empty to fetch the Debian package
        festvox-ru. Where they lie is no value of the experiment.
    """

    model: ModelConfig
    quantizer: Quantizer
    batch_size: int
    emphasis: float = 0.0
    temperature: float = 1.0
    mixture: int = 0
    pad: float = 0.2
    test_recordings: int = 24
    iterations: int = 60
    ear: str = "ru"
    predicted: bool = False
    synthesizer: str = dataclasses.field(default="", compare=False)
    folder: Annotated[str, arg(name="from")] = dataclasses.field(default="", compare=False)

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Trains part by part and scores; an interrupted training is resumed, a part that is complete is not repeated.

        Args:
          work: folder for the data set, a run for each part, and `voice`, with float16 weights, that is scored.
          results: path, without suffix, of pictures and sounds of the first recording.

        Returns:
          Bits per sample of the test split with true mels, samples per second, and by method the distances from the
          recordings and the errors in the phones that an ear hears.

        Raises:
          BabbleError: it needs a model from phones to spectrograms, and none is named.
        """
        self.select_parts()  # says what is wrong before the data set is made
        if self.predicted != bool(self.synthesizer):
            remedy = "name its folder by --synthesizer" if self.predicted else "leave out --synthesizer"
            raise BabbleError(
                "A vocoder of predicted mels takes a model from phones to spectrograms, one of true mels none; "
                f"{remedy}."
            )
        labelled, dataset = find_voice(self.folder, work).resolve(), work / "dataset"
        if not dataset.exists():
            sounds = labelled / "wav" if (labelled / "wav").is_dir() else labelled
            recordings.build_from_folders(sounds, dataset, 16_000, pad=self.pad)
        base = VoiceTrainConfig(
            dataset=str(dataset),
            model=self.model,
            quantizer=self.quantizer,
            batch_size=self.batch_size,
            mel=True,
            mixture=self.mixture,
            emphasis=self.emphasis,
        )
        plain = VoiceTask(base)
        if self.synthesizer:
            base = dataclasses.replace(
                base, synthesizer=str(Path(self.synthesizer).resolve()), labelled=str(labelled)
            )
        log = LogConfig(every=20, evaluate_every=3000, evaluate_recordings=16, save_every=250)
        report = self.train_parts(base, plain.properties, work, log)
        voice, steps = load_voice(report.voice), sum(report.steps.values())
        card = voice.card | {"source": RECIPE.description, "licence": RECIPE.licence, "steps": steps}
        card |= {"temperature": self.temperature}
        save_voice(dataclasses.replace(voice, card=card), work / "voice", half=True)
        voice, test = load_voice(work / "voice"), subsample(plain.recordings("test"), self.test_recordings)
        mesh = device_mesh("jit", len(test), jax.local_devices()[:1])
        bits = plain.evaluator(mesh, test, len(test))(voice.params).bits
        return {
            "parts": report.steps,
            "processor_minutes_of_this_training": report.processor_minutes,
            "test_bits": bits,
            "test_recordings": len(test),
            "test_minutes": test.seconds / 60,
            "bytes": sum(path.stat().st_size for path in (work / "voice").iterdir()),
            "samples_per_second": self._speeds(voice),
        } | self._scores(voice, test, labelled, results)

    def _scores(
        self, voice: PretrainedVoice, test: Recordings, labelled: Path, results: Path
    ) -> dict[str, Any]:
        """Makes copies of recordings, and measures their distances and the phones that are heard in them.

        Args:
          voice: the vocoder.
          test: the recordings.
          labelled: folder of the recordings, and of their labels.
          results: path, without suffix, of pictures and sounds.
        """
        rate, mel = voice.config.sample_rate, voice.config.mel
        assert mel is not None
        sounds = [from_int16(test.read(i)) for i in range(len(test))]
        methods = copies.true_mel_methods(voice, sounds, self.iterations)
        if self.synthesizer:
            predicted = open_predicted_mel(self.synthesizer, str(labelled), test, mel, None)
            lengths = [len(one) for one in sounds]
            methods |= copies.predicted_mel_methods(voice, lengths, predicted, self.iterations)
        copied, seconds = copies.make_copies(methods, sounds, rate, results)
        values: dict[str, Any] = {
            "distances": copies.score_distances(copied, sounds, mel),
            "processor_seconds_per_second": seconds,
        }
        if self.ear:
            strings = copies.labelled_strings(test, read_labelled(labelled, "phones").labelled)
            sounds_by_name = {"recording": sounds} | copied
            values["phone_errors"] = copies.score_phones(sounds_by_name, strings, rate, load_ear(self.ear))
        return values

    def _speeds(self, voice: PretrainedVoice) -> dict[str, float]:
        """Measures samples per second of one stream on this machine, by sampler."""
        return {name: measure_speaking(voice, 1, name)["samples_per_second"] for name in ("native", "int8")}
