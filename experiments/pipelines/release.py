"""The kind of experiment that ships a voice: a release of a trained one, and its bits per sample."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from babble_jax import files
from babble_jax.audio.units import index_at
from babble_jax.dataset.source import Recordings
from babble_jax.presets import registry
from babble_jax.pretrained import pretrained
from babble_jax.pretrained.pretrained import PretrainedVoice
from babble_jax.track import jsonl
from babble_jax.train.conditioning import conditioned_units
from babble_jax.train.config import TrainConfig
from babble_jax.train.devices import parallel
from babble_jax.train.evaluate import Evaluation, ngram_baselines, subsample
from babble_jax.train.loop import recordings_for
from babble_jax.voice.contract import Cond
from babble_jax.voice.sampling.native.sampler import pack, sample
from experiments.pipelines.babbler import BabblerExperiment

SHIPPED = registry.folder("voices")
# That telling one run of a unit costs at most: one of 64 units, one of 64 lengths, 7 bits of pitch, 5 of level.
RUN_BITS = 24.0


@dataclasses.dataclass(frozen=True)
class ReleaseExperiment:
    """Ships the latest voice of a run, and scores it.

    A run that started from what ships goes on from its figures: those of the release, which is replaced.

    Attributes:
      name: of the release.
      run_of: how it was trained.
      run_name: the folder of the run; each part of it, a folder inside, starts from the one before.
      speakers: name in the release of each speaker of the data set.
      source: where the recordings are to be had, one line.
      licence: their terms, one line.
      temperature: of the release: at which it babbles where nothing else is asked for.
    """

    name: str
    run_of: BabblerExperiment
    run_name: str
    speakers: dict[str, str]
    source: str
    licence: str
    temperature: float

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Runs all of it; `work` stands beside the folder of the run."""
        of = work.parent / self.run_name
        parts = sorted(of.glob("*/metrics.jsonl"), key=lambda path: path.stat().st_mtime)
        logs = [jsonl.read(part) for part in parts]
        trained = pretrained.load_voice(
            next(part.parent for part in reversed(parts) if (part.parent / "voice").is_dir())
        )
        config = self.run_of.config(of / "dataset")
        bits = self._bits(config, trained)
        before = self._before(parts[0].parent, work, results)
        ends, curve, samples = before["steps"], before["curve"], before["samples"]
        for part, log in zip(parts, logs, strict=True):
            start, steps = ends[-1] if ends else 0, int(log[-1]["step"])
            curve += [line | {"step": line["step"] + start} for line in log if "validation/bits" in line]
            ends.append(start + steps)
            samples += steps * _samples(part.parent)
        card = {
            "steps": ends[-1],
            "training_samples": samples,
            "source": self.source,
            "licence": self.licence,
            "temperature": self.temperature,
            "test_bits": {self.speakers[name]: own["voice"] for name, own in bits.items()},
        }
        names = tuple(self.speakers[name] for name in trained.config.speakers)
        own = dataclasses.replace(trained.config, speakers=names, bandwidth=config.voice.bandwidth)
        shipped = dataclasses.replace(trained, config=own, card=card)
        pretrained.save_voice(shipped, SHIPPED / self.name, half=True)
        size = sum(path.stat().st_size for path in (SHIPPED / self.name).iterdir())
        _curve(Path(f"{results}-curve.png"), curve, bits)
        return {
            "megabytes": size / 1e6,
            "steps": ends,
            "bits": bits,
            "curve": curve,
        }

    def _before(self, first: Path, work: Path, results: Path) -> dict[str, Any]:
        """What the voice that a run started from had behind it: where its parts ended, its curve, its samples.

        Kept in `work`, since the figures of that voice are about to be replaced.
        """
        if json.loads((first / "config.json").read_text("utf-8"))["init_from"] is None:
            return {"steps": [], "curve": [], "samples": 0}
        path = work / "before.json"
        if not path.exists():
            figures = json.loads(Path(f"{results}.json").read_text("utf-8"))
            card = json.loads((SHIPPED / self.name / "voice.json").read_text("utf-8"))["card"]
            earlier = {
                "steps": figures["steps"],
                "curve": figures["curve"],
                "samples": card["training_samples"],
            }
            files.write_json(path, earlier)
        return json.loads(path.read_text("utf-8"))

    def _bits(self, config: TrainConfig, trained: PretrainedVoice) -> dict[str, Any]:
        """Bits per sample on the test split of each speaker: of simple laws, and of the voice in every precision."""
        seen, asked = recordings_for(config, "train"), recordings_for(config, "test")
        found = {}
        for number, name in enumerate(seen.speaker_names):
            train, test = (
                split.select([i for i in range(len(split)) if split.speakers[i] == number])
                for split in (seen, asked)
            )
            lanes = min(self.run_of.batch_size, len(test))
            alone = parallel("jit", lanes, jax.local_devices()[:1])
            score = Evaluation(config, alone, test, lanes, trained.units)(trained.params)
            few = Evaluation(config, alone, subsample(test, lanes), lanes, trained.units)
            half = jax.tree.map(lambda x: x.astype(np.float16).astype(np.float32), trained.params)
            found[name] = {
                **ngram_baselines(config.voice, train, test),
                "voice": score.bits,
                "float16_more": few(half).bits - few(trained.params).bits,
                "int8_more": int8_loss(trained, test, number),
                "units_at_most": self._units(trained, test),
                "samples": score.samples,
            }
        return found

    def _units(self, trained: PretrainedVoice, test: Recordings) -> float:
        """Bits per sample that telling the units, their pitch and their level costs at most."""
        assert trained.units is not None
        assert test.active is not None
        runs = samples = 0
        for i in range(len(test)):
            line = conditioned_units(trained.units, test, i, test.active[i]).units
            runs += 1 + np.count_nonzero(np.diff(line))
            samples += int(test.lengths[i])
        return RUN_BITS * runs / samples


def _samples(run: Path) -> int:
    """Of an update of a run."""
    own = json.loads((run / "config.json").read_text("utf-8"))
    return own["batch_size"] * own["subsequence"]


def int8_loss(trained: PretrainedVoice, test: Recordings, speaker: int, most: int = 12) -> float:
    """Bits per sample that int8 weights cost on some recordings: the native sampler's scores, int8 less float32."""
    config, known = trained.config, trained.units
    voice = config.sample_model
    weights = voice.weights(trained.params)
    packed = [pack(voice, weights, precision) for precision in ("float32", "int8")]
    lost = total = 0.0
    for i in range(min(most, len(test))):
        length = int(test.lengths[i]) // voice.frame * voice.frame
        codes = np.asarray(config.encode(jnp.asarray(test.read(i)[:length])))[None]
        middles = config.middles(0, length // voice.frame)
        assert known is not None
        assert test.active is not None
        said = conditioned_units(known, test, i, test.active[i]).at(index_at(middles))
        cond = Cond(np.array([speaker]), config.features(test.active[i], middles, said)[None])  # pyright: ignore[reportArgumentType]
        state = voice.initial_state(weights, 1, cond)
        nothing = np.zeros((1, length), np.float32)
        scores = [np.asarray(sample(one, state, nothing, codes, cond)[0].log_prob).sum() for one in packed]
        lost += float(scores[0] - scores[1]) / np.log(2)
        total += length
    return lost / total


def _curve(path: Path, curve: list[dict[str, Any]], bits: dict[str, Any]) -> None:
    figure = Figure(figsize=(7, 4), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    steps = [line["step"] for line in curve]
    axes.plot(steps, [line["validation/bits"] for line in curve], "o-", label="voice, validation")
    for law, style in (("markov", "--"), ("unigram", ":")):
        level = np.average(
            [own[law] for own in bits.values()], weights=[own["samples"] for own in bits.values()]
        )
        axes.axhline(level, color="#999999", linestyle=style, label=f"{law}, test")
    axes.set(xlabel="updates", ylabel="bits per sample")
    axes.legend(frameon=False, loc="center right")
    with files.atomic_write(path) as temporary:
        figure.savefig(temporary, format="png", dpi=110)
