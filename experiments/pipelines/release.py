"""The kind of experiment that writes a voice into the package, and measures its bits per sample."""

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from babble_jax import files, plotting
from babble_jax.audio.units import frame_index
from babble_jax.dataset.features import count_frames
from babble_jax.dataset.source import Recordings
from babble_jax.dialogue.card_levels import store_levels
from babble_jax.errors import BabbleError
from babble_jax.input_files import read_json
from babble_jax.launch.run_folder import find_runs, shared_folder
from babble_jax.presets import registry
from babble_jax.pretrained import pretrained
from babble_jax.pretrained.pretrained import PretrainedVoice
from babble_jax.track import jsonl
from babble_jax.train.devices import device_mesh
from babble_jax.train.tasks.voice.adaptation.speaker import select_speakers
from babble_jax.train.tasks.voice.evaluation import ngram_baselines, subsample
from babble_jax.train.tasks.voice.stored_units import open_units
from babble_jax.train.tasks.voice.task import VoiceTask
from babble_jax.voice.conditioning.unit_models import UnitModels
from babble_jax.voice.contract import Cond
from babble_jax.voice.sampling.native.dispatch import pack_voice, sample_native
from experiments.pipelines.babbler import BabblerExperiment
from experiments.pipelines.leveled_speakers import LeveledSpeakersExperiment
from experiments.pipelines.new_speakers import NewSpeakersExperiment
from experiments.pipelines.notice import write_section

SHIPPED = registry.folder("voices")
RUN_BITS = 24.0
"""Upper bound of the bits of one run of a unit: 6 for the unit, 6 for its length, 7 for pitch, 5 for level."""


@dataclasses.dataclass(frozen=True)
class ReleaseExperiment:
    """Writes the latest voice of a run into the package, and scores it.

    If the run started from the voice that ships, which it replaces, its curve continues the curve of that voice.

    Attributes:
      name: of the voice that ships.
      run_of: the experiment that trained it.
      run_name: experiment of the training; each part of it, a folder in its work, starts from the one before.
      speakers: name in the voice that ships of each speaker of the data set.
      kinds: of the sounds of each speaker, by its name in the voice that ships.
      languages: of the recordings of each speaker that has one, as a BCP 47 tag, by the same name.
      source: where the recordings can be obtained, in one line.
      licence: their licence, in one line.
      temperature: default sampling temperature of the voice.
      left_out: speakers of the data set that do not ship, since they do not speak well enough.
      notice: paragraphs of its section of the NOTICE beside it; none where that is written by hand.
    """

    name: str
    run_of: LeveledSpeakersExperiment | NewSpeakersExperiment | BabblerExperiment
    run_name: str
    speakers: dict[str, str]
    kinds: dict[str, str]
    languages: dict[str, str]
    source: str
    licence: str
    temperature: float
    left_out: tuple[str, ...] = ()
    notice: tuple[str, ...] = ()

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Scores the voice and writes it into the package.

        Args:
          work: folder of this run; that of the training is the latest of its experiment.
          results: path, without suffix, of the picture and of the earlier metrics.

        Raises:
          BabbleError: there is no such run, or what it started from is neither a run nor the voice that ships.
        """
        runs = find_runs(shared_folder(work), self.run_name)
        parts = find_parts(runs[-1].work) if runs else []
        if not parts:
            raise BabbleError(
                f"there is no run of {self.run_name} that has begun to train; start one with `python -m "
                f"experiments.launch {self.run_name}`."
            )
        run, logs = runs[-1].work, [jsonl.read_metrics(part / "metrics.jsonl") for part in parts]
        voice = pretrained.load_voice(next(part for part in reversed(parts) if (part / "voice").is_dir()))
        task = self.run_of.task(run / "dataset")
        bits, absent = self._bits(task, voice), self._absent
        before = self._before(parts[0], work, results)
        ends, curve, samples = before["steps"], before["curve"], before["samples"]
        for part, log in zip(parts, logs, strict=True):
            start, steps = ends[-1] if ends else 0, int(log[-1]["step"])
            curve += [line | {"step": line["step"] + start} for line in log if "validation/bits" in line]
            ends.append(start + steps)
            samples += steps * _samples(part)
        card = {
            "steps": ends[-1],
            "training_samples": samples,
            "test_bits": {name: own["voice"] for name, own in bits.items() if name not in absent},
            **self._adapted_from(parts[0]),
            **self.statements,
        }
        own = dataclasses.replace(voice.config, bandwidth=task.voice.bandwidth)
        fewer = keep_speakers(dataclasses.replace(voice, config=own), self.left_out)
        names = tuple(self.speakers[name] for name in fewer.config.speakers)
        shipped = dataclasses.replace(
            fewer, config=dataclasses.replace(fewer.config, speakers=names), card=card
        )
        pretrained.save_voice(shipped, SHIPPED / self.name, half=True)
        store_levels(SHIPPED / self.name)
        if self.notice:
            write_section(SHIPPED / "NOTICE", self.name, self.notice)
        size = sum(path.stat().st_size for path in (SHIPPED / self.name).iterdir())
        _plot_curve(Path(f"{results}-curve.png"), curve, bits)
        return {
            "megabytes": size / 1e6,
            "steps": ends,
            "bits": bits,
            "curve": curve,
        }

    @property
    def statements(self) -> dict[str, Any]:
        """What stands on the card without being measured."""
        return {
            "source": self.source,
            "licence": self.licence,
            "temperature": self.temperature,
            "kind": {name: kind for name, kind in self.kinds.items() if name not in self._absent},
            **({"language": self.languages} if self.languages else {}),
        }

    @property
    def _absent(self) -> set[str]:
        """Names of the speakers that do not ship."""
        return {self.speakers[name] for name in self.left_out}

    def _before(self, first: Path, work: Path, results: Path) -> dict[str, Any]:
        """Reads the training of the voice that a run started from: where its parts ended, its curve, its samples.

        They are copied to `work`, since the metrics of that voice are about to be replaced.
        """
        source = _source(first)
        if source is None or self._adapted_from(first):
            return {"steps": [], "curve": [], "samples": 0}
        path = work / "before.json"
        if not path.exists():
            if not (SHIPPED / self.name / "voice.json").is_file():
                raise BabbleError(
                    f"{first}: started from {source}, beside which there is no metrics.jsonl, so that it is not known "
                    "how long that was trained; put the metrics.jsonl and the config.json of its run there."
                )
            metrics = json.loads(Path(f"{results}.json").read_text("utf-8"))
            card = json.loads((SHIPPED / self.name / "voice.json").read_text("utf-8"))["card"]
            earlier = {
                "steps": metrics["steps"],
                "curve": metrics["curve"],
                "samples": card["training_samples"],
            }
            files.write_json(path, earlier)
        return json.loads(path.read_text("utf-8"))

    def _adapted_from(self, first: Path) -> dict[str, Any]:
        """Reads, for the card, what voice of other speakers the new ones of a training began from; empty for none.

        Args:
          first: folder of its first part.
        """
        source = _source(first)
        if source is None or not (source / "voice.json").is_file():
            return {}
        base = pretrained.load_voice(source).card.get("adapted_from")
        if base is None:
            return {}
        rows = {self.speakers[name]: row for name, row in base["speakers"].items()}
        return {"adapted_from": {**base, "speakers": rows}}

    def _bits(self, task: VoiceTask, voice: PretrainedVoice) -> dict[str, Any]:
        """Measures bits per sample on the test split of each speaker: n-gram baselines, the voice in each precision."""
        train_split, test_split = task.recordings("train"), task.recordings("test")
        bits = {}
        for number, name in enumerate(train_split.speaker_names):
            train, test = (
                split.select([i for i in range(len(split)) if split.speakers[i] == number])
                for split in (train_split, test_split)
            )
            batch_size = min(self.run_of.batch_size, len(test))
            mesh = device_mesh("jit", batch_size, jax.local_devices()[:1])
            score = task.evaluator(mesh, test, batch_size, voice.unit_models)(voice.params)
            few = task.evaluator(mesh, subsample(test, batch_size), batch_size, voice.unit_models)
            half = jax.tree.map(lambda x: x.astype(np.float16).astype(np.float32), voice.params)
            bits[self.speakers[name]] = {
                **ngram_baselines(task.voice, train, test),
                "voice": score.bits,
                "float16_more": few(half).bits - few(voice.params).bits,
                "int8_more": int8_loss(voice, test, number),
                "units_at_most": self._units(voice, test),
                "samples": score.samples,
            }
        return bits

    def _units(self, voice: PretrainedVoice, test: Recordings) -> float:
        """Bounds the bits per sample that describe the units, their pitch and their level."""
        assert voice.unit_models is not None
        units, counts = open_units(voice.unit_models, test), count_frames(test)
        runs = samples = 0
        for i in range(len(test)):
            line = units.take(i, np.arange(counts[i])).units
            runs += 1 + np.count_nonzero(np.diff(line))
            samples += int(test.lengths[i])
        return RUN_BITS * runs / samples


def keep_speakers(voice: PretrainedVoice, left_out: Sequence[str]) -> PretrainedVoice:
    """Leaves speakers out of a voice with units; what the others say stays the same."""
    config, units = voice.config, voice.unit_models
    numbers = [i for i, name in enumerate(config.speakers) if name not in left_out]
    assert units is not None
    codebook = dataclasses.replace(
        units.codebook,
        **{name: getattr(units.codebook, name)[numbers] for name in ("mean", "deviation", "median_f0")},
    )
    fewer = dataclasses.replace(
        config,
        speakers=tuple(config.speakers[i] for i in numbers),
        bandwidth=tuple(config.bandwidth[i] for i in numbers),
    )
    return dataclasses.replace(
        voice,
        config=fewer,
        params=select_speakers(voice.params, config, numbers),
        unit_models=UnitModels(codebook, tuple(units.unit_lms[i] for i in numbers)),
    )


def find_parts(run: Path) -> list[Path]:
    """Finds the parts of a training: the folders in a run that have metrics, and those that its first started from.

    Args:
      run: folder of the run.

    Returns:
      The folders in the order in which they were trained; a part before the first may lie in another run.
    """
    logs = sorted(run.glob("*/metrics.jsonl"), key=lambda path: path.stat().st_mtime)
    parts = [path.parent for path in logs]
    while parts and (source := _source(parts[0])) is not None:
        before = next((one for one in (source, source.parent) if (one / "metrics.jsonl").is_file()), None)
        if before is None:
            break
        parts.insert(0, before)
    return parts


def _source(part: Path) -> Path | None:
    """Reads the folder of the voice that a part started from; None for new parameters."""
    source = _read_config(part)["init_from"]
    return None if source is None else Path(source)


def _read_config(part: Path) -> dict[str, Any]:
    return read_json(part / "config.json", remedy="copy it from the run of the training")


def _samples(part: Path) -> int:
    """Reads the number of samples of an update of a part."""
    own = _read_config(part)
    return own["batch_size"] * own["subsequence"]


def int8_loss(voice: PretrainedVoice, test: Recordings, speaker: int, most: int = 12) -> float:
    """Measures the bits per sample that int8 weights cost, by the native sampler's scores in both precisions.

    Args:
      voice: a pretrained voice with units.
      test: recordings of one speaker.
      speaker: number of that speaker.
      most: recordings to read at most.
    """
    config, model = voice.config, voice.config.sample_model
    weights = model.weights(voice.params)
    packed = [pack_voice(model, weights, precision) for precision in ("float32", "int8")]
    assert voice.unit_models is not None
    assert test.active is not None
    stored = open_units(voice.unit_models, test)
    lost = total = 0.0
    for i in range(min(most, len(test))):
        length = int(test.lengths[i]) // model.frame * model.frame
        codes = np.asarray(config.encode(jnp.asarray(test.read(i)[:length])))[None]
        middles = config.frame_middles(0, length // model.frame)
        units = stored.take(i, frame_index(middles))
        cond = Cond(np.array([speaker]), config.features(test.active[i], middles, units)[None])  # pyright: ignore[reportArgumentType]
        state = model.initial_state(weights, 1, cond)
        nothing = np.zeros((1, length), np.float32)
        scores = [
            np.asarray(sample_native(one, state, nothing, codes, cond)[0].log_prob).sum() for one in packed
        ]
        lost += float(scores[0] - scores[1]) / np.log(2)
        total += length
    return lost / total


def _plot_curve(path: Path, curve: list[dict[str, Any]], bits: dict[str, Any]) -> None:
    figure = plotting.create_figure(7, 4)
    axes = figure.subplots()
    steps = [line["step"] for line in curve]
    axes.plot(steps, [line["validation/bits"] for line in curve], "o-", label="voice, validation")
    for baseline, style in (("markov", "--"), ("unigram", ":")):
        value = np.average(
            [own[baseline] for own in bits.values()], weights=[own["samples"] for own in bits.values()]
        )
        axes.axhline(value, color="#999999", linestyle=style, label=f"{baseline}, test")
    axes.set(xlabel="updates", ylabel="bits per sample")
    axes.legend(frameon=False, loc="center right")
    plotting.save_png(figure, path)
