"""The task of training an ear on labelled recordings."""

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from babble_jax.dataset.labelled.splitting import select_minutes
from babble_jax.ear import model
from babble_jax.ear.config import EarConfig
from babble_jax.ear.decoding.beam import BeamConfig
from babble_jax.ear.decoding.tuning import tune_beam
from babble_jax.ear.ear import Ear
from babble_jax.ear.inference import run
from babble_jax.ear.leveling import LEVEL_KEY, measure_level
from babble_jax.ear.matching import SPECTRUM_KEY, measure_spectrum
from babble_jax.errors import BabbleError
from babble_jax.ngram import NGram, fit_ngram
from babble_jax.pretrained.ear import load_ear, save_ear
from babble_jax.pretrained.ear_recordings import save_digests
from babble_jax.pretrained.ear_text import save_text
from babble_jax.track.tracker import Tracker
from babble_jax.train.config import LogConfig
from babble_jax.train.processes import first_process_first
from babble_jax.train.task import Batch, BatchIterator, Evaluation, Loss, NumberedBatches
from babble_jax.train.tasks.ear.batches import EarBatches
from babble_jax.train.tasks.ear.config import EarTrainConfig
from babble_jax.train.tasks.ear.evaluation import UNCOUNTED, EarEvaluator
from babble_jax.train.tasks.ear.loss import ear_loss
from babble_jax.train.tasks.ear.pieces import EarPiece, cut_recording
from babble_jax.train.tasks.ear.showing import log_posteriors
from babble_jax.train.tasks.ear.stored_features import load_or_compute_features
from babble_jax.train.tasks.labelled.pieces import spread_over
from babble_jax.train.tasks.labelled.task import LabelledTask

NGRAM_ORDER = 3
_EVALUATED = 16  # recordings side by side in an evaluation
_NORMALIZED = 500  # recordings at most whose mean and scale are those of the features
_TUNED = 24  # recordings at most by which the beam search is tuned


class EarTask(LabelledTask):
    """Trains an ear.

    Args:
      config: config of the run.

    Attributes:
      ear: config of the ear; there once the task is open.
      symbol_rate: symbols in a step of the training split, in the mean; there once it is prepared.
    """

    export_folder = "ear"

    def __init__(self, config: EarTrainConfig):
        super().__init__(config)
        self._beam: BeamConfig | None = None

    def _check_labels(self) -> None:
        config = self.config
        if config.model.frame_head and not self.timed and self.folder.symbol_kind == "phones":
            raise BabbleError(
                f"{config.recordings}: its labels have no times, by which steps are classified; add "
                "--model.no-frame-head."
            )

    def _configure(self) -> None:
        config = self.config
        if config.most_minutes:
            self.splits["train"] = select_minutes(
                self.folder.labelled, self.splits["train"], config.most_minutes, config.seed
            )
        self.ear: EarConfig = config.model.ear(self.folder.symbols, config.model.frame_head and self.timed)

    @property
    def derived(self) -> dict[str, Any]:
        """Symbols of the ear, and the digest of its recordings and labels."""
        return {"symbols": list(self.ear.symbols), "recordings_sha256": self.recordings_sha256}

    def prepare(self, workdir: Path, log: LogConfig) -> None:
        """Computes and stores the features, cuts the recordings, and counts the n-gram of the symbols.

        Args:
          workdir: folder of the run.
          log: settings of the log.
        """
        self.describe_recordings()
        recordings = self.folder.labelled
        with first_process_first(f"features {workdir}"):
            self._stored = load_or_compute_features(recordings, self.digests, self.ear, workdir)
        self._train = self._cut("train", self.config.piece)
        if not self._train:
            raise BabbleError(
                f"{self.config.recordings}: no recording is as long as its labels need; check them."
            )
        held_out = self._cut("validation" if "validation" in self.splits else "train", 0.0)
        self._validation = spread_over(held_out, log.evaluate_recordings)
        steps = sum(self.ear.count_steps(piece.frames) for piece in self._train)
        self.symbol_rate = sum(len(piece.ids) for piece in self._train) / steps
        self._batches = EarBatches(
            self._train,
            self._stored,
            self.ear,
            self.config.batch_size,
            self.config.seed,
            self.config.tempo,
            self.config.warp,
            self.config.equalize,
            self.config.noise,
        )
        self._strings = [
            labels.symbols for i in self.splits["train"] if (labels := recordings[i].labels) is not None
        ]
        self._ngram: NGram = fit_ngram(self._strings, NGRAM_ORDER, self.ear.symbols)

    def _cut(self, split: str, longest: float) -> list[EarPiece]:
        """Cuts the recordings of a split; what has more symbols than steps is left out."""
        pieces = []
        for i in self.splits[split]:
            labels = self.folder.labelled[i].labels
            assert labels is not None
            pieces += cut_recording(i, labels, int(self._stored.frames[i]), self.ear, longest)
        return [
            piece for piece in pieces if len(piece.ids) and piece.fits(self.ear.count_steps(piece.frames))
        ]

    @property
    def facts(self) -> dict[str, Any]:
        """Parameters and symbols of the ear; recordings and minutes of the training split."""
        own = [self.folder.labelled[i] for i in self.splits["train"]]
        shapes = jax.eval_shape(lambda key: model.init(self.ear, key), jax.random.key(0))
        return {
            "parameters": sum(int(np.prod(x.shape)) for x in jax.tree.leaves(shapes)),
            "symbols": len(self.ear.symbols),
            "recordings": len(own),
            "minutes_of_recordings": sum(one.seconds for one in own) / 60,
            "updates_per_pass": self._batches.per_pass,
        }

    @property
    def samples_per_update(self) -> int:
        """Samples of audio that an update reads, in the mean."""
        frames = sum(piece.frames for piece in self._train) / len(self._train)
        return round(frames * self.ear.hop * self.ear.sample_rate * self.config.batch_size)

    def init(self, key: jax.Array) -> model.Params:
        """Makes the initial parameters: those of the ear that the run starts from, or new ones."""
        params = self._initial_params()
        if params is not None:
            return params
        params = jax.jit(lambda key: model.init(self.ear, key))(key)
        numbers = self.splits["train"]
        numbers = numbers[:: -(-len(numbers) // _NORMALIZED)]
        rows = [self._stored.read(i).astype(np.float32) for i in numbers]
        return params | {"normalization": jax.tree.map(jnp.asarray, model.normalization(rows))}

    def _load_params(self, source: str) -> model.Params:
        ear = load_ear(source)
        if ear.config != self.ear:
            raise BabbleError(
                f"{source}: has other symbols or another shape than the ear to be trained; give its shape with --model "
                "options, or train from the start."
            )
        return jax.tree.map(jnp.asarray, dict(ear.params))

    def loss(self, params: model.Params, carry: Any, batch: Batch, keys: jax.Array | None = None) -> Loss:
        """Computes the nats of a batch.

        Args:
          params: parameters of the ear.
          carry: nothing.
          batch: arrays as `EarBatches` makes them.
          keys: [B] PRNG keys of masks and dropout; None for none.
        """
        return ear_loss(self.config, self.ear, params, batch, self.symbol_rate, keys)

    def metrics(self, total: float, weight: float, sums: Mapping[str, float]) -> dict[str, float]:
        """Computes nats per symbol, and the share of steps that are classified right.

        Args:
          total: sum that is minimized.
          weight: number of symbols.
          sums: nats of strings and of steps, and numbers of steps.
        """
        values = {"loss": total / max(weight, 1.0), "ctc": sums["ctc"] / max(weight, 1.0)}
        if "frames_labelled" in sums:
            values["step_accuracy"] = sums["frames_correct"] / max(sums["frames_labelled"], 1.0)
        return values

    def batches(self) -> BatchIterator:
        """Begins the batches of the training split, those of this process."""
        index, count = jax.process_index(), jax.process_count()

        def make(number: int) -> Batch:
            batch = self._batches.make(number)
            return {name: np.split(x, count)[index] for name, x in batch.items()} if count > 1 else batch

        return NumberedBatches(make)

    @functools.cached_property
    def held_out(self) -> tuple[list[EarPiece], EarBatches]:
        """Pieces of the validation split that are evaluated, and their batches."""
        size = min(_EVALUATED, len(self._validation))
        return self._validation, EarBatches(self._validation, self._stored, self.ear, size)

    @functools.cached_property
    def _evaluate(self) -> EarEvaluator:
        return EarEvaluator(
            self.ear,
            *self.held_out,
            lambda params, batch: self.loss(params, (), batch),
            self.metrics,
        )

    def evaluate(self, params: model.Params) -> Evaluation:
        """Evaluates the phone error rate, the nats per symbol and the share of right steps on the validation split."""
        return self._evaluate(params)

    def show(self, params: model.Params, step: int, key: jax.Array, tracker: Tracker) -> None:
        """Logs a picture of the posteriors of a held-out recording.

        Args:
          params: parameters of the ear.
          step: updates made.
          key: not used.
          tracker: where the picture goes.
        """
        piece = self._validation[0]
        features = self._stored.read(piece.recording, piece.first, piece.first + piece.frames)
        logits = self._hear(params, features.astype(np.float32)[None], np.array([len(features)], np.int32))
        ctc = np.asarray(jax.nn.softmax(logits.ctc[0]))
        frames = None if logits.frames is None else np.asarray(jax.nn.softmax(logits.frames[0]))
        log_posteriors(tracker, step, self.ear, features, (ctc, frames), piece)

    @functools.cached_property
    def _hear(self):
        return jax.jit(functools.partial(model.apply, self.ear))

    def export(self, params: model.Params, folder: Path, step: int, evaluation: Evaluation | None) -> None:
        """Writes the ear with its card, its training text and the digests of its recordings.

        Args:
          params: parameters of the ear.
          folder: of the ear.
          step: updates made.
          evaluation: of this step; None without one.
        """
        values: dict[str, Any] = {LEVEL_KEY: self._level, SPECTRUM_KEY: self._spectrum}
        if evaluation is not None:
            values["validation_phone_error_rate"] = evaluation.metrics["phone_error_rate"]
        card = self.write_card(step, values)
        plain = jax.tree.map(np.asarray, params)
        ear = Ear(self.ear, plain, self._ngram, card)
        if evaluation is not None:  # it takes as long as an evaluation
            self._beam = self._tune(ear)
        save_ear(Ear(self.ear, plain, self._ngram, card, self._beam), folder, "float32")
        save_text(self._strings, folder, self.ear)
        save_digests([self.digests[i] for i in self.splits["train"]], folder)

    @functools.cached_property
    def _level(self) -> float | None:
        """Median active level of the training recordings in dB, to which an ear brings what it hears."""
        return measure_level([self.folder.labelled[i].path for i in self.splits["train"]])

    @functools.cached_property
    def _spectrum(self) -> list[float] | None:
        """Mean spectrum of the training recordings in dB, to which an ear brings what lies off it."""
        return measure_spectrum([self.folder.labelled[i].path for i in self.splits["train"]], self.ear)

    def _tune(self, ear: Ear) -> BeamConfig:
        """Chooses the settings of the beam search by some recordings of the validation split."""
        recordings = []
        for piece in self._validation[:: -(-len(self._validation) // _TUNED)]:
            features = self._stored.read(piece.recording, piece.first, piece.first + piece.frames)
            ctc = run(self.ear, ear.params, features.astype(np.float32)).ctc
            recordings.append((ctc, [self.ear.symbols[i] for i in piece.ids]))
        return tune_beam(recordings, ear.automaton, self.ear.symbols, UNCOUNTED)
