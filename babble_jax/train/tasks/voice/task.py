"""The task of training a voice on raw samples, conditioned on speaker, activity and units or not."""

import functools
import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from babble_jax import config as configs
from babble_jax.dataset.bandwidths import estimate_bandwidths
from babble_jax.dataset.source import Recordings, open_dataset
from babble_jax.dataset.tbptt import prefetch_batches
from babble_jax.errors import BabbleError
from babble_jax.notes import print_note
from babble_jax.plural import plural
from babble_jax.pretrained.pretrained import PretrainedVoice, count_parameters, load_voice, save_voice
from babble_jax.track.tracker import Tracker
from babble_jax.train.config import LogConfig
from babble_jax.train.devices import DeviceMesh, device_mesh
from babble_jax.train.task import Batch, BatchIterator, Evaluation, Loss, Task
from babble_jax.train.tasks.voice.conditioning import UNITS, batch_conditioning, load_or_fit_units
from babble_jax.train.tasks.voice.config import DatasetProperties, VoiceTrainConfig
from babble_jax.train.tasks.voice.evaluation import VoiceMetrics, subsample, voice_evaluator
from babble_jax.train.tasks.voice.loss import bits_per_sample, voice_loss
from babble_jax.train.tasks.voice.noise import inject_noise
from babble_jax.train.tasks.voice.predicted_mel import hash_prediction
from babble_jax.train.tasks.voice.presets import find_preset
from babble_jax.train.tasks.voice.showing import Showing, heldout_speech
from babble_jax.voice.conditioning.mel import SampledMel, mel_conditioning
from babble_jax.voice.conditioning.stream_features import conditioning, draw_activity
from babble_jax.voice.conditioning.unit_models import UnitModels
from babble_jax.voice.config import VoiceConfig
from babble_jax.voice.contract import ModelState, Params
from babble_jax.voice.speak import generate_audio
from babble_jax.voice.voice import Voice

_FEW_SECONDS = 1800.0  # of recordings, of which minutes are told rather than hours


def describe_dataset(config: VoiceTrainConfig) -> DatasetProperties:
    """Reads from the data set what a voice takes over from it; estimates the bandwidth of its recordings.

    Raises:
      BabbleError: there is no such data set, or the voice cannot be made for it.
    """
    if not config.dataset:
        raise BabbleError("no data set is named; give its folder, or the name of a TFDS data set.")
    recordings = open_dataset(config.dataset, "train")
    bandwidth = estimate_bandwidths(recordings, config.by_speaker)
    speakers = recordings.speaker_names if config.by_speaker else ()
    properties = DatasetProperties(recordings.sample_rate, recordings.gain, speakers, bandwidth)
    try:
        config.voice(properties)
    except ValueError as error:
        raise BabbleError(f"{error}.") from error
    return properties


class VoiceTask(Task):
    """Trains a voice.

    Args:
      config: config of the run.
      properties: properties of the data set; read from it where None.
    """

    export_folder = "voice"
    content_digests = MappingProxyType(
        {"dataset": "dataset_sha256", "synthesizer": "prediction_sha256", "labelled": "prediction_sha256"}
    )

    def __init__(self, config: VoiceTrainConfig, properties: DatasetProperties | None = None):
        self.config = config
        self.properties = describe_dataset(config) if properties is None else properties
        self.unit_models: UnitModels | None = None
        self._resumed = False
        self._card: dict[str, Any] = {}

    @functools.cached_property
    def voice(self) -> VoiceConfig:
        """Config of the voice."""
        return self.config.voice(self.properties)

    @property
    def description(self) -> str:
        """Parameters, hours and rate of the recordings, updates and passes, the preset."""
        count, recordings = count_parameters(self.voice), self._recordings
        speakers, seconds = len(recordings.speaker_names), recordings.seconds
        preset = find_preset(self.config)
        length = f"{seconds / 60:.1f} min" if seconds < _FEW_SECONDS else f"{seconds / 3600:.2f} h"
        text = (
            f"{count / 1e6:.2f} million parameters, {length} of recordings "
            f"({len(recordings)} at {recordings.sample_rate} Hz, {plural(speakers, 'speaker')})"
        )
        return text if preset is None else f"{text}, preset {preset}"

    @property
    def facts(self) -> dict[str, str | float]:
        """Parameters, and hours, recordings, speakers and rate of the training split."""
        recordings = self._recordings
        facts: dict[str, str | float] = {
            "parameters": count_parameters(self.voice),
            "hours_of_recordings": self._hours,
            "recordings": len(recordings),
            "speakers": len(recordings.speaker_names),
            "sample_rate": recordings.sample_rate,
            "samples_per_update": self.samples_per_update,
        }
        preset = find_preset(self.config)
        return facts if preset is None else facts | {"preset": preset}

    def data_read(self, steps: int) -> dict[str, float]:
        """Counts the seconds of audio that `steps` updates have read."""
        return {"seconds_of_audio": steps * self.samples_per_update / self.voice.sample_rate}

    @property
    def samples_per_update(self) -> int:
        """Samples of all streams that an update reads."""
        return self.config.batch_size * self.config.subsequence

    @property
    def derived(self) -> dict[str, Any]:
        """Properties of the data set, and the digests of its recordings and of a model that predicts their mel."""
        prints = [recordings.fingerprint for recordings in (self._recordings, self._validation)]
        digest = hashlib.sha256(json.dumps(prints).encode()).hexdigest() if all(prints) else ""
        derived = configs.to_json(self.properties) | {"dataset_sha256": digest}
        synthesizer, labelled = self.config.synthesizer, self.config.labelled
        if synthesizer is not None and labelled is not None:
            derived["prediction_sha256"] = hash_prediction(synthesizer, labelled)
        return derived

    def open(self, resumed: bool) -> None:
        """Opens the recordings, and checks that they and the voice to start from fit this voice.

        Args:
          resumed: whether the run goes on from a checkpoint.

        Raises:
          BabbleError: they do not.
        """
        self._recordings, self._validation = self.recordings("train"), self.recordings("validation")
        self._hours = self._recordings.seconds / 3600
        self._resumed = resumed
        if not resumed:
            self._initial_params()
            self._compare_emphasis()

    def _compare_emphasis(self) -> None:
        """Says where the voice that the run starts from has another pre-emphasis, which no shape tells."""
        source = self.config.init_from
        if source is None or (before := load_voice(Path(source)).config.emphasis) == self.voice.emphasis:
            return
        print_note(
            f"{source}: its samples have a pre-emphasis of {before:g}, and those of this run one of "
            f"{self.voice.emphasis:g}, which it has to learn; --emphasis {before:g} keeps that of the voice"
        )

    def recordings(self, split: str) -> Recordings:
        """Opens a split of the data set, at the voice's rate.

        Raises:
          BabbleError: the data set has another list of speakers than the voice.
        """
        recordings = open_dataset(self.config.dataset, split, self.voice.sample_rate)
        if self.voice.speakers and self.voice.speakers != recordings.speaker_names:
            raise BabbleError(
                f"{self.config.dataset}: its speakers are not the voice's; train another voice on it."
            )
        return recordings

    def discard(self, workdir: Path) -> None:
        """Removes the unit models."""
        (workdir / UNITS).unlink(missing_ok=True)

    def prepare(self, workdir: Path, log: LogConfig) -> None:
        """Loads or fits the unit models.

        Args:
          workdir: folder of the run.
          log: settings of the log.
        """
        self._log, self._workdir = log, workdir
        self.unit_models = load_or_fit_units(
            self.config, self.voice, self._recordings, workdir, self._validation
        )
        self._validation = subsample(self._validation, log.evaluate_recordings)
        if self.config.balance:
            self._recordings = self._recordings.balance_speakers()

    def init(self, key: jax.Array) -> Params:
        """Makes the initial parameters: those of the voice that the run starts from, or new ones."""
        params = self._initial_params()
        return jax.jit(self.voice.sample_model.init)(key) if params is None else params

    def _initial_params(self) -> Params | None:
        """Loads the parameters of the voice that the run starts from; None to draw new ones.

        A run that goes on needs the voice no more, since a checkpoint takes the place of its parameters.

        Raises:
          BabbleError: there is no such voice, or its parameters are not of the shapes of the model to be trained.
        """
        source = self.config.init_from
        if source is None or self._resumed:
            return None
        params = load_voice(Path(source)).params
        expected = jax.eval_shape(self.voice.sample_model.init, jax.random.key(0))
        shapes = [
            {jax.tree_util.keystr(path, simple=True, separator="/"): x.shape for path, x in leaves}
            for leaves in map(jax.tree_util.tree_leaves_with_path, (params, expected))
        ]
        if differ := sorted(set(shapes[0].items()) ^ set(shapes[1].items())):
            name = differ[0][0]
            raise BabbleError(
                f"{source}: its parameters do not fit the model that is to be trained ({name} is "
                f"{shapes[0].get(name, 'absent')} there and {shapes[1].get(name, 'absent')} here); give the model, "
                "the levels, the speakers and the features of that voice, or train from the start."
            )
        return params

    def initial_carry(self, params: Params, batch_size: int) -> ModelState:
        """Makes the state of streams; each begins with the start of a recording, which resets it before it is read."""
        return self.voice.sample_model.initial_state(params, batch_size)

    def loss(self, params: Params, carry: ModelState, batch: Batch, keys: jax.Array | None = None) -> Loss:
        """Computes the nats of a batch.

        Args:
          params: parameters of the voice.
          carry: state of the streams after their last subsequence.
          batch: arrays as `tasks.voice.loss` describes them.
          keys: [B] PRNG keys of the noise on past samples; None for none.
        """
        if keys is None or not self.config.noise:
            return voice_loss(self.voice, params, carry, batch)
        q_levels, noise = self.voice.quantizer.q_levels, self.config.noise
        return voice_loss(
            self.voice, params, carry, batch, lambda samples: inject_noise(samples, q_levels, noise, keys)
        )

    def metrics(self, total: float, weight: float, sums: Mapping[str, float]) -> dict[str, float]:
        """Computes bits per sample and accuracy.

        Args:
          total: nats.
          weight: number of samples.
          sums: number of `correct` samples.
        """
        return {"bits": bits_per_sample(total, weight), "accuracy": sums["correct"] / max(weight, 1.0)}

    def batches(self) -> BatchIterator:
        """Begins the batches of the training split."""
        dataset = prefetch_batches(
            self._recordings,
            self.config.batch_size,
            self.config.subsequence,
            self.config.seed,
            local=batch_conditioning(
                self.config, self.voice, self._recordings, self.unit_models, self._workdir
            ),
            segment_shuffle=self.config.segment_shuffle,
            process_index=jax.process_index(),
            process_count=jax.process_count(),
        )
        return iter(dataset)  # pyright: ignore[reportReturnType]

    def evaluator(
        self,
        mesh: DeviceMesh,
        recordings: Recordings,
        batch_size: int,
        unit_models: UnitModels | None = None,
    ) -> Callable[[Params], VoiceMetrics]:
        """Makes the function that evaluates parameters of the voice on recordings; it compiles once.

        Args:
          mesh: devices for `batch_size` streams.
          recordings: recordings of a split.
          batch_size: streams read side by side, over all devices and processes.
          unit_models: units of the voice, for a voice with units.
        """
        evaluate = voice_evaluator(self, self.voice, mesh, recordings, batch_size, unit_models)
        return lambda params: VoiceMetrics.of(evaluate(params))

    @functools.cached_property
    def _evaluate(self) -> Callable[[Params], Evaluation]:
        devices = jax.device_count()
        batch_size = -(-min(self.config.batch_size, len(self._validation)) // devices) * devices
        mesh = device_mesh(self.config.parallel, batch_size)
        return voice_evaluator(
            self, self.voice, mesh, self._validation, batch_size, self.unit_models, self._workdir
        )

    def evaluate(self, params: Params) -> Evaluation:
        """Evaluates bits per sample and accuracy on the validation split."""
        return self._evaluate(params)

    def show(self, params: Params, step: int, key: jax.Array, tracker: Tracker) -> None:
        """Logs babble of each speaker beside the same held-out speech; a vocoder says that speech again.

        Args:
          params: parameters of the voice.
          step: updates made.
          key: PRNG key, consumed.
          tracker: where sounds and pictures go.
        """
        config, seconds = self.voice, self._log.audio_seconds
        samples = round(seconds * config.sample_rate)
        if not samples:
            return
        streams = max(1, len(config.speakers))
        speaker = np.arange(streams, dtype=np.int32) if config.speakers else None
        voice, keys = Voice(config, params, unit_models=self.unit_models), jnp.tile(key, streams)
        speech = [
            heldout_speech(self._validation, number if config.speakers else None, seconds)
            for number in range(streams)
        ]
        if config.mel is None:
            active = draw_activity(voice, seconds, keys, speaker)
            local = conditioning(voice, active, keys, speaker)
        else:
            samples = max(map(len, speech))
            padded = [np.pad(one, (0, samples - len(one))) for one in speech]
            local = mel_conditioning(config, [SampledMel(one, config.mel) for one in padded])
        if not samples:
            return
        babble = generate_audio(voice, keys, samples, speaker=speaker, local=local)
        showing = Showing(config, tracker, step)
        for audio, name, own in zip(babble, config.speakers or ("",), speech, strict=True):
            showing.log(name, np.asarray(audio), own)

    def export(self, params: Params, folder: Path, step: int, evaluation: Evaluation | None) -> None:
        """Writes the voice with its card.

        Args:
          params: parameters of the voice.
          folder: folder of the voice.
          step: updates made.
          evaluation: of this step; None without one.
        """
        card: dict[str, Any] = {"dataset": Path(self.config.dataset).name, "steps": step}
        if self.config.init_from is not None:
            card["init_from"] = Path(self.config.init_from).name
        if self.config.synthesizer is not None:
            card["synthesizer"] = Path(self.config.synthesizer).name
        if evaluation is not None:
            card["validation_bits"] = evaluation.metrics["bits"]
        self._card = card
        save_voice(PretrainedVoice(self.voice, params, unit_models=self.unit_models, card=card), folder)

    @property
    def card(self) -> dict[str, Any]:
        """Card of the voice that was exported last: data set, steps, bits of the validation split."""
        return self._card
