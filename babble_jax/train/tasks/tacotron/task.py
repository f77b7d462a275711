"""The task of training Tacotron or Tacotron 2 on labelled recordings."""

import functools
import hashlib
import json
import math
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from babble_jax import files
from babble_jax.audio import mel_spectrogram
from babble_jax.dataset.labelled.reading import LabelledFolder, read_labelled
from babble_jax.dataset.labelled.reading_text import describe_folder
from babble_jax.dataset.labelled.splitting import split_recordings
from babble_jax.errors import BabbleError
from babble_jax.plural import plural
from babble_jax.pretrained.synthesizer import (
    PretrainedSynthesizer,
    load_synthesizer,
    parameter_shapes,
    save_synthesizer,
)
from babble_jax.printable import escape_unprintable
from babble_jax.tacotron.config import SynthesisConfig
from babble_jax.tacotron.inputs import PhoneInputs
from babble_jax.tacotron.scoring import reading_errors
from babble_jax.tacotron.speech import collect_speech
from babble_jax.tacotron.synthesizer import Synthesizer
from babble_jax.track.tracker import Tracker
from babble_jax.train.config import LogConfig
from babble_jax.train.devices import device_mesh
from babble_jax.train.evaluate import Evaluator
from babble_jax.train.task import Batch, BatchIterator, Evaluation, Loss, NumberedBatches, Task
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


class TacotronTask(Task):
    """Trains Tacotron or Tacotron 2.

    Args:
      config: config of the run.
    """

    export_folder = "synthesizer"
    content_digests = MappingProxyType({"recordings": "recordings_sha256"})

    def __init__(self, config: TacotronTrainConfig):
        self.config = config
        self._resumed = False
        self._card: dict[str, Any] = {}

    def open(self, resumed: bool) -> None:
        """Reads the labels, assigns the recordings to splits, and checks the model that the run starts from.

        Args:
          resumed: whether the run goes on from a checkpoint.

        Raises:
          BabbleError: the folder holds nothing to train on, or the model to start from does not fit.
        """
        config = self.config
        if not config.recordings:
            raise BabbleError("no recordings are named; give a folder with recordings and their labels.")
        self.folder: LabelledFolder = read_labelled(
            Path(config.recordings), config.symbols, config.labels, config.tier
        )
        recordings = self.folder.labelled
        timed = any(one.labels is not None and one.labels.onset is not None for one in recordings)
        if not timed and (config.by_prosody or config.guide == "labels"):
            option = "--no-by-prosody" if config.by_prosody else "--guide diagonal"
            raise BabbleError(
                f"{config.recordings}: its labels have no times, which this asks for; choose {option}."
            )
        self._digests = {one.name: files.sha256(one.path) for one in recordings}
        self.splits, self._notes = split_recordings(recordings, self._digests)
        names = [name_folders(one.name, config.by_language, config.by_speaker) for one in recordings]
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
        self._resumed = resumed
        if not resumed:
            self._initial_params()

    @functools.cached_property
    def model(self) -> Synthesizer:
        """The model."""
        return Synthesizer(self.synthesis)

    @property
    def derived(self) -> dict[str, Any]:
        """Symbols, speakers and languages, and the digest of the recordings and their labels."""
        labels = {
            one.name: [
                self._digests[one.name],
                list(one.labels.symbols),
                None if one.labels.end is None else one.labels.end.tolist(),
            ]
            for one in self.folder.labelled
            if one.labels is not None
        }
        inputs = self.synthesis.inputs
        return {
            "symbols": list(inputs.symbols),
            "speakers": list(inputs.speakers),
            "languages": list(inputs.languages),
            "recordings_sha256": hashlib.sha256(json.dumps(labels, sort_keys=True).encode()).hexdigest(),
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
        self._describe()
        self._sounds = Sounds(recordings, config.mel)
        self._prosody: list[Mapping[str, np.ndarray] | None] = [None] * len(recordings)
        if config.by_prosody:
            digests = [self._digests[one.name] for one in recordings]
            contours = load_or_measure_contours(recordings, digests, config.mel.sample_rate, workdir)
            self._prosody = measure_recordings(recordings, contours, [speaker for _, speaker in self._voices])
        self._train = self.pieces("train")
        if not self._train:
            raise BabbleError(
                f"{config.recordings}: no recording is shorter than {config.piece:g} s, or has silences to cut it in; "
                "give a longer --piece."
            )
        held_out = self.pieces("validation") if "validation" in self.splits else []
        held_out = held_out or self._train
        count = log.evaluate_recordings
        if 0 < count < len(held_out):
            at = np.linspace(0, len(held_out) - 1, count).round().astype(int)
            held_out = [held_out[i] for i in at]
        self._validation = held_out
        self._batches = PieceBatches(
            self._train, self._sounds, self.synthesis, config.batch_size, config.seed, guide_schedule(config)
        )

    def _describe(self) -> None:
        """Says in the first process what was understood of the recordings, and what is held out."""
        if jax.process_index():
            return
        parts = ", ".join(f"{len(numbers)} {split}" for split, numbers in self.splits.items())
        lines = [
            *describe_folder(self.folder),
            f"splits as `babble dataset` makes them: {parts}",
            *self._notes,
        ]
        print("\n".join(map(escape_unprintable, lines)), file=sys.stderr, flush=True)

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
    def description(self) -> str:
        """Parameters, symbols, recordings and minutes of training speech, batches of a pass."""
        facts = self.facts
        return (
            f"{facts['parameters'] / 1e6:.2f} million parameters, {facts['symbols']} {self.folder.symbol_kind}, "
            f"{facts['minutes_of_recordings']:.1f} min of {plural(int(facts['recordings']), 'recording')} in "
            f"{plural(len(self._train), 'piece')}, {self._batches.per_pass} updates a pass"
        )

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

    def data_read(self, steps: int) -> dict[str, float]:
        """Counts the passes over the recordings that `steps` updates have result."""
        return {"passes": steps / self._batches.per_pass}

    def init(self, key: jax.Array) -> Params:
        """Makes the initial parameters: those of the model that the run starts from, or new ones."""
        params = self._initial_params()
        return jax.jit(self.model.init)(key) if params is None else params

    def _initial_params(self) -> Params | None:
        """Loads the parameters of the model that the run starts from; None to draw new ones.

        Raises:
          BabbleError: there is no such model, or it has another config.
        """
        source = self.config.init_from
        if source is None or self._resumed:
            return None
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
          step: updates result.
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
          step: updates result.
          evaluation: of this step; None without one.
        """
        card: dict[str, Any] = {
            "recordings": self.folder.folder.name,
            "symbols": self.folder.symbol_kind,
            "minutes": round(float(self.facts["minutes_of_recordings"]), 2),
            "steps": step,
        }
        if self.config.init_from is not None:
            card["init_from"] = Path(self.config.init_from).name
        if evaluation is not None:
            card |= {
                f"validation_{name}": evaluation.metrics[name]
                for name in ("error_db", "attention_on_phones")
                if name in evaluation.metrics
            }
        self._card = card
        save_synthesizer(PretrainedSynthesizer(self.synthesis, params, card), folder)

    @property
    def card(self) -> dict[str, Any]:
        """Card of the model that was exported last: recordings, symbols, steps, error of the validation split."""
        return self._card


def guide_schedule(config: TacotronTrainConfig) -> Callable[[int], float]:
    """Makes the weight of what leads the attention, by the number of the batch."""
    weight, steps = (0.0 if config.guide == "none" else config.guide_weight), config.guide_steps
    if not steps:
        return lambda number: weight
    return lambda number: weight * min(1.0, max(0.0, 2 * (1 - number / steps)))
