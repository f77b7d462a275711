"""The kind of experiment that trains a model from phones to spectrograms and scores it on pieces that are held out."""

import dataclasses
import time
from pathlib import Path
from typing import Annotated, Any

from tyro.conf import arg

from babble_jax.dataset import recipes
from babble_jax.pretrained.ear import load_ear
from babble_jax.pretrained.synthesizer import load_synthesizer, save_synthesizer
from babble_jax.tacotron.config import SynthesisModel
from babble_jax.train.config import LogConfig, OptimizerConfig
from babble_jax.train.tasks.labelled.pieces import spread_over
from babble_jax.train.tasks.tacotron.config import TacotronTrainConfig
from babble_jax.train.tasks.tacotron.sounds import Sounds
from babble_jax.train.tasks.tacotron.task import TacotronTask
from babble_jax.train.trainer import train
from experiments.pipelines.ear import find_voice
from experiments.pipelines.synthesis_reading import score_reading
from experiments.pipelines.synthesis_scores import score_pieces

RECIPE = recipes.RECIPES["festvox-ru"]


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
      frame_dropout: Share of the true last frames that the decoder does not see.
      blind: Share of the utterances of which it sees none.
      forced_steps: Updates over which the labels' alignment takes the place of the attention, in ever fewer utterances.
      forced: Share of the utterances in which it does so to the end.
      start: Folder of a model that the training starts from; empty for new parameters. Where it lies is no value of the
        experiment.
      test_pieces: Pieces of the test split that are spoken; 0 for all.
      ear: Name or folder of an ear that hears what is spoken; empty for none.
      times: Multiples of the training's longest piece up to which sentences are read.
      most_sentences: Sentences for each multiple.
      seed: Random seed.
      folder: Recordings, as `babble train --task tacotron` takes them; empty to fetch the Debian package festvox-ru.
        Where they lie is no value of the experiment.
    """

    model: SynthesisModel
    optimizer: OptimizerConfig
    steps: int
    batch_size: int = 16
    by_prosody: bool = True
    guide_weight: float = 1.0
    frame_dropout: float = 0.2
    blind: float = 0.0
    forced_steps: int = 0
    forced: float = 0.0
    start: str = dataclasses.field(default="", compare=False)
    test_pieces: int = 100
    ear: str = "ru"
    times: tuple[int, ...] = (1, 2, 4)
    most_sentences: int = 100
    seed: int = 0
    folder: Annotated[str, arg(name="from")] = dataclasses.field(default="", compare=False)

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Trains, exports and scores; an interrupted training is resumed.

        Args:
          work: folder for the training run, and `synthesizer`, with float16 weights, that is scored.
          results: path, without suffix, of pictures and sounds.

        Returns:
          Sizes and times of the training, and of the test split: spectra, ends of phones, pitch, phones that an ear
          hears and prosody, beside copies of the recordings; phones skipped and repeated in long sentences.
        """
        folder, ear = find_voice(self.folder, work), load_ear(self.ear) if self.ear else None
        config = TacotronTrainConfig(
            recordings=str(folder.resolve()),
            model=self.model,
            optimizer=self.optimizer,
            batch_size=self.batch_size,
            by_prosody=self.by_prosody,
            guide_weight=self.guide_weight,
            frame_dropout=self.frame_dropout,
            blind=self.blind,
            forced_steps=self.forced_steps,
            forced=self.forced,
            init_from=self.start or None,
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
        test = task.pieces("test")
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
            "test": score_pieces(model, spread_over(test, self.test_pieces), sounds, ear, results),
            "reading": score_reading(model, test, config.piece, self.times, self.most_sentences),
        }
