"""The task of training Tacotron or Tacotron 2 on labelled recordings."""

import functools
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from babble_jax.audio import mel_spectrogram
from babble_jax.errors import BabbleError
from babble_jax.pretrained.synthesizer import (
    PretrainedSynthesizer,
    load_synthesizer,
    parameter_shapes,
    save_synthesizer,
)
from babble_jax.tacotron.config import SynthesisConfig
from babble_jax.tacotron.inputs import PhoneInputs
from babble_jax.tacotron.scoring import reading_errors
from babble_jax.tacotron.speech import collect_speech
from babble_jax.tacotron.synthesizer import Synthesizer
from babble_jax.track.tracker import Tracker
from babble_jax.train.config import LogConfig
from babble_jax.train.devices import device_mesh
from babble_jax.train.evaluate import Evaluator
from babble_jax.train.task import Batch, BatchIterator, Evaluation, Loss, NumberedBatches
from babble_jax.train.tasks.labelled.pieces import spread_over
from babble_jax.train.tasks.labelled.task import LabelledTask
from babble_jax.train.tasks.tacotron.batches import PieceBatches
from babble_jax.train.tasks.tacotron.config import TacotronTrainConfig
from babble_jax.train.tasks.tacotron.loss import tacotron_loss
from babble_jax.train.tasks.tacotron.pieces import Piece, cut_recording, name_folders
from babble_jax.train.tasks.tacotron.showing import log_speech
from babble_jax.train.tasks.tacotron.sounds import Sounds, load_or_measure_contours, measure_recordings
from babble_jax.voice.contract import Params

_DECIBELS = 20 / math.log(10)  # of a unit of the natural logarithm of magnitudes
_MOST_TIMES = 2.0
"""Length at which a model is cut off that speaks freely, relative to the recording."""


class TacotronTask(LabelledTask):
    """Trains Tacotron or Tacotron 2.

    Args:
      config: config of the run.
    """

    export_folder = "synthesizer"

    def _check_labels(self) -> None:
        config = self.config
        wishes = {
            "--no-by-prosody": config.by_prosody,
            "--guide diagonal": config.guide == "labels",
            "--forced-steps 0": config.forced_steps > 0,
        }
        options = [option for option, wanted in wishes.items() if wanted]
        if options and not self.timed:
            raise BabbleError(
                f"{config.recordings}: its labels have no times, which this asks for; choose {' '.join(options)}."
            )

    def _configure(self) -> None:
        config = self.config
        names = [
            name_folders(one.name, config.by_language, config.by_speaker) for one in self.folder.labelled
        ]
        languages, speakers = ({*column} for column in zip(*names, strict=True))
        for wanted, values, kind in (
            (config.by_language, languages, "language"),
            (config.by_speaker, speakers, "speaker"),
        ):
            if wanted and "" in values:
                raise BabbleError(
                    f"{config.recordings}: a recording lies in no folder of a {kind}; give each {kind} a folder, or "
                    f"leave out --by-{kind}."
                )
        self.synthesis: SynthesisConfig = config.synthesis(
            self.folder.symbols,
            tuple(sorted(speakers)) if config.by_speaker else (),
            tuple(sorted(languages)) if config.by_language else (),
        )
        inputs = self.synthesis.inputs
        self._voices = [
            (
                inputs.languages.index(language) if config.by_language else 0,
                inputs.speakers.index(speaker) if config.by_speaker else 0,
            )
            for language, speaker in names
        ]

    @functools.cached_property
    def model(self) -> Synthesizer:
        """The model."""
        return Synthesizer(self.synthesis)

    @property
    def derived(self) -> dict[str, Any]:
        """Symbols, speakers and languages, and the digest of the recordings and their labels."""
        inputs = self.synthesis.inputs
        return {
            "symbols": list(inputs.symbols),
            "speakers": list(inputs.speakers),
            "languages": list(inputs.languages),
            "recordings_sha256": self.recordings_sha256,
        }

    def prepare(self, workdir: Path, log: LogConfig) -> None:
        """Cuts the recordings; measures pitch and level, and stores them, for a model that is told prosody.

        Args:
          workdir: folder of the run.
          log: settings of the log.

        Raises:
          BabbleError: no piece is short enough.
        """
        config, recordings = self.config, self.folder.labelled
        self.describe_recordings()
        self._sounds = Sounds(recordings, config.mel)
        self._prosody: list[Mapping[str, np.ndarray] | None] = [None] * len(recordings)
        if config.by_prosody:
            contours = load_or_measure_contours(recordings, self.digests, config.mel.sample_rate, workdir)
            self._prosody = measure_recordings(recordings, contours, [speaker for _, speaker in self._voices])
        self._train = self.pieces("train")
        if not self._train:
            raise BabbleError(
                f"{config.recordings}: no recording is shorter than {config.piece:g} s, or has silences to cut it in; "
                "give a longer --piece."
            )
        held_out = self.pieces("validation") if "validation" in self.splits else []
        self._validation = spread_over(held_out or self._train, log.evaluate_recordings)
        self._batches = PieceBatches(
            self._train,
            self._sounds,
            self.synthesis,
            config.batch_size,
            config.seed,
            guide_schedule(config),
            forced_schedule(config),
        )

    def pieces(self, split: str) -> list[Piece]:
        """Cuts the recordings of a split, which `prepare` has made ready."""
        return [
            piece
            for i in self.splits[split]
            for piece in cut_recording(
                i,
                self.folder.labelled[i],
                self.synthesis,
                self.config.piece,
                self._prosody[i],
                self._voices[i],
            )
        ]

    @property
    def facts(self) -> dict[str, Any]:
        """Parameters and symbols of the model; recordings and minutes of the training split."""
        shapes = parameter_shapes(self.synthesis)
        seconds = sum(piece.frames for piece in self._train) * self.config.mel.hop_seconds
        return {
            "parameters": sum(math.prod(shape) for shape in shapes.values()),
            "symbols": len(self.synthesis.inputs.symbols),
            "recordings": len({piece.recording for piece in self._train}),
            "minutes_of_recordings": seconds / 60,
            "updates_per_pass": self._batches.per_pass,
        }

    @property
    def samples_per_update(self) -> int:
        """Samples of audio that an update reads, in the mean."""
        frames = sum(piece.frames for piece in self._train) / len(self._train)
        return round(frames * self.config.mel.hop * self.config.batch_size)

    def init(self, key: jax.Array) -> Params:
        """Makes the initial parameters: those of the model that the run starts from, or new ones."""
        params = self._initial_params()
        return jax.jit(self.model.init)(key) if params is None else params

    def _load_params(self, source: str) -> Params:
        earlier = load_synthesizer(source)
        if earlier.config != self.synthesis:
            raise BabbleError(
                f"{source}: has other symbols, speakers or another shape than the model to be trained; give its shape "
                "with --model options, or train from the start."
            )
        return jax.tree.map(jnp.asarray, earlier.params)

    def loss(self, params: Params, carry: Any, batch: Batch, keys: jax.Array | None = None) -> Loss:
        """Computes the loss of a batch.

        Args:
          params: parameters of the model.
          carry: nothing.
          batch: arrays as `PieceBatches` makes them.
          keys: [B] PRNG keys of dropout and zoneout; None in an evaluation.
        """
        return tacotron_loss(self.config, self.model, params, batch, keys)

    def metrics(self, total: float, weight: float, sums: Mapping[str, float]) -> dict[str, float]:
        """Computes the mean error of what the post-net gives in dB, and the parts of the loss per frame.

        Args:
          total: sum that is minimized.
          weight: number of frames.
          sums: parts of the loss, and sums about the attention.
        """
        frames = max(weight, 1.0)
        values = {
            "loss": total / frames,
            "error_db": sums["absolute"] / frames * self.config.mel.spread * _DECIBELS,
            "stop": sums["stop"] / frames,
            "attention_focus": sums["focus"] / frames,
        }
        if sums["timed"] > 0:
            values["attention_on_phones"] = sums["on_phones"] / sums["timed"]
        return values

    def batches(self) -> BatchIterator:
        """Begins the batches of the training split, those of this process."""
        return NumberedBatches(self._batches.make)

    @functools.cached_property
    def _evaluate(self) -> Callable[[Params], Evaluation]:
        devices = jax.device_count()
        size = -(-min(self.config.batch_size, len(self._validation)) // devices) * devices
        batches = PieceBatches(self._validation, self._sounds, self.synthesis, size).evaluation()
        return Evaluator(self, device_mesh(self.config.parallel, size), batches, size, len(batches))

    def evaluate(self, params: Params) -> Evaluation:
        """Evaluates the loss and its parts, with the true frames as the last ones, on the validation split."""
        return self._evaluate(params)

    def show(self, params: Params, step: int, key: jax.Array, tracker: Tracker) -> None:
        """Lets the model speak a held-out piece freely; logs its attention, mel and sound, and phones that it misreads.

        Args:
          params: parameters of the model.
          step: updates made.
          key: PRNG key, consumed.
          tracker: where sounds and pictures go.
        """
        piece = self._validation[len(self._validation) // 2]
        generation = jax.device_get(self._speak(params, self._inputs(piece), key[None]))
        (speech,) = collect_speech(self.synthesis, generation, np.array([len(piece.phones)]))
        true = mel_spectrogram.denormalize(self._sounds.frames(piece), self.config.mel)
        log_speech(tracker, step, self.synthesis, piece, true, speech)
        errors = reading_errors(speech.attention)
        values = errors._asdict() | {"duration": len(speech.mel) / piece.frames}
        tracker.log_metrics(step, {f"spoken/{name}": float(value) for name, value in values.items()})

    def _inputs(self, piece: Piece) -> PhoneInputs:
        inputs = self.synthesis.inputs
        return PhoneInputs(
            piece.phones[None],
            np.array([len(piece.phones)], np.int32),
            None if piece.prosody is None else piece.prosody[None],
            np.array([piece.speaker], np.int32) if inputs.speakers else None,
            np.array([piece.language], np.int32) if inputs.languages else None,
        )

    @functools.cached_property
    def _speak(self) -> Callable[..., Any]:
        longest = max(piece.frames for piece in self._validation)
        most = math.ceil(_MOST_TIMES * longest / self.model.reduction)
        return jax.jit(functools.partial(self.model.generate, most_steps=most))

    def export(self, params: Params, folder: Path, step: int, evaluation: Evaluation | None) -> None:
        """Writes the model with its card.

        Args:
          params: parameters of the model.
          folder: of the model.
          step: updates made.
          evaluation: of this step; None without one.
        """
        metrics = {} if evaluation is None else evaluation.metrics
        names = [name for name in ("error_db", "attention_on_phones") if name in metrics]
        card = self.write_card(step, {f"validation_{name}": metrics[name] for name in names})
        save_synthesizer(PretrainedSynthesizer(self.synthesis, params, card), folder)


def guide_schedule(config: TacotronTrainConfig) -> Callable[[int], float]:
    """Makes the weight of what leads the attention, by the number of the batch."""
    weight, steps = (0.0 if config.guide == "none" else config.guide_weight), config.guide_steps
    if not steps:
        return lambda number: weight
    return lambda number: weight * min(1.0, max(0.0, 2 * (1 - number / steps)))


def forced_schedule(config: TacotronTrainConfig) -> Callable[[int], float] | None:
    """Makes the share of utterances whose attention is the labels' alignment, by the number of the batch."""
    steps, least = config.forced_steps, config.forced
    if not steps:
        return (lambda _: least) if least else None
    return lambda number: max(least, 1 - number / steps)
