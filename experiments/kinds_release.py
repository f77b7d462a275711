"""The kind of experiment that ships a voice: a release of a trained one, and all that is claimed of it."""

import dataclasses
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from babble_jax import files
from babble_jax.audio import picture
from babble_jax.audio.speechlike import picture as judged_picture
from babble_jax.audio.speechlike import reference
from babble_jax.audio.speechlike.judge import NAMES, Judgement, judge
from babble_jax.audio.speechlike.loops import likeness
from babble_jax.audio.units import index_at
from babble_jax.dataset.source import Recordings
from babble_jax.track import jsonl
from babble_jax.train.conditioning import heard
from babble_jax.train.config import TrainConfig
from babble_jax.train.evaluate import Evaluation, simple_laws, thinned
from babble_jax.train.loop import recordings_for
from babble_jax.train.parallel import parallel
from babble_jax.voice import released
from babble_jax.voice.contract import Cond
from babble_jax.voice.generate import Sampling
from babble_jax.voice.native.sampler import pack, sample
from babble_jax.voice.released import Released
from babble_jax.voice.speak import Choice, speak, stream
from babble_jax.voice.told import as_recorded, told
from experiments.kinds_voice import BabblerExperiment

SHIPPED = Path(released.__file__).parents[1] / "presets" / "voices"
SAMPLES, SECONDS = 6, 10.0  # of each speaker that are judged
BLOCK = 0.02  # seconds
RUN_BITS = (
    19.0  # that telling one run of a unit costs at most: one of 64 units, one of 64 lengths, 7 bits of pitch
)


@dataclasses.dataclass(frozen=True)
class ReleaseExperiment:
    """Ships the latest voice of a run, and measures it.

    Attributes:
      name: of the release.
      run_of: how it was trained.
      run_name: the folder of the run; each part of it, a folder inside, starts from the one before.
      speakers: name in the release of each speaker of the data set, which is that of its reference, too.
      source: where the recordings are to be had, one line.
      licence: their terms, one line.
      temperature: of the babble that is judged.
    """

    name: str
    run_of: BabblerExperiment
    run_name: str
    speakers: dict[str, str]
    source: str
    licence: str
    temperature: float = 1.0

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Runs all of it; `work` stands beside the folder of the run."""
        of = work.parent / self.run_name
        parts = sorted(of.glob("*/figures.jsonl"), key=lambda path: path.stat().st_mtime)
        logs = [jsonl.read(part) for part in parts]
        trained = released.load(
            next(part.parent for part in reversed(parts) if (part.parent / "voice").is_dir())
        )
        config = self.run_of.config(of / "dataset")
        bits = self._bits(config, trained)
        ends = np.cumsum([log[-1]["step"] for log in logs]).tolist()
        curve = [
            line | {"step": line["step"] + start}
            for log, start in zip(logs, [0, *ends], strict=False)
            for line in log
            if "validation/bits" in line
        ]
        card = {
            "steps": ends[-1],
            "training_samples": ends[-1] * config.lanes * config.subsequence,
            "source": self.source,
            "licence": self.licence,
            "test_bits": {self.speakers[name]: own["voice"] for name, own in bits.items()},
        }
        names = tuple(self.speakers[name] for name in trained.config.speakers)
        own = dataclasses.replace(trained.config, speakers=names, bandwidth=config.voice.bandwidth)
        shipped = dataclasses.replace(trained, config=own, card=card)
        released.save(shipped, SHIPPED / self.name, half=True)
        voice = released.load(self.name)
        size = sum(path.stat().st_size for path in (SHIPPED / self.name).iterdir())
        _curve(Path(f"{results}-curve.png"), curve, bits)
        return {
            "megabytes": size / 1e6,
            "steps": ends,
            "bits": bits,
            "curve": curve,
            "judged": {new: self._judged(voice, old, new, results) for old, new in self.speakers.items()},
            "blocks": blocks(voice),
        }

    def _bits(self, config: TrainConfig, trained: Released) -> dict[str, Any]:
        """Bits per sample on the test split of each speaker: of simple laws, and of the voice in every precision."""
        seen, asked = recordings_for(config, "train"), recordings_for(config, "test")
        found = {}
        for number, name in enumerate(seen.speaker_names):
            train, test = (
                split.chosen([i for i in range(len(split)) if split.speakers[i] == number])
                for split in (seen, asked)
            )
            lanes = min(self.run_of.lanes, len(test))
            alone = parallel("jit", lanes, jax.local_devices()[:1])
            score = Evaluation(config, alone, test, lanes, trained.units)(trained.params)
            few = Evaluation(config, alone, thinned(test, lanes), lanes, trained.units)
            half = jax.tree.map(lambda x: x.astype(np.float16).astype(np.float32), trained.params)
            found[name] = {
                **simple_laws(config.voice, train, test),
                "voice": score.bits,
                "float16_more": few(half).bits - few(trained.params).bits,
                "int8_more": int8_loss(trained, test, number),
                "units_at_most": self._units(trained, test),
                "samples": score.samples,
            }
        return found

    def _units(self, trained: Released, test: Recordings) -> float:
        """Bits per sample that telling the units and their pitch costs at most."""
        assert trained.units is not None
        runs = samples = 0
        for i in range(len(test)):
            line = heard(trained.units, test, i).units
            runs += 1 + np.count_nonzero(np.diff(line))
            samples += int(test.lengths[i])
        return RUN_BITS * runs / samples

    def _judged(self, voice: Released, old: str, new: str, results: Path) -> dict[str, Any]:
        """Six samples of a speaker, judged beside its reference; says how many values of each measure are within."""
        keys = jax.random.split(jax.random.key(0), SAMPLES)
        who = np.full(SAMPLES, voice.index_of(new))
        local = told(voice, as_recorded(voice, SECONDS, keys, who), keys, who)
        rate = voice.config.sample_rate
        audio = speak(voice, keys, round(SECONDS * rate), Sampling(self.temperature), who, local=local)
        beside = reference.load(old)
        judged = {str(i): judge(x, rate, np.array(beside.spectrum)) for i, x in enumerate(audio)}
        judged_picture.draw(f"{results}-{new}-judged.png", judged, beside)
        picture.spectrogram(audio[0], rate, f"{results}-{new}.png", f"{new}, {rate} Hz")
        return {
            "samples": [dataclasses.asdict(one) for one in judged.values()],
            "median": _medians(list(judged.values())),
            "within": {
                name: sum(beside.within(name, getattr(one, name)) for one in judged.values())
                for name in NAMES
            },
            "most_alike": max(likeness(audio[0], x, rate) for x in audio[1:]),
        }


def int8_loss(trained: Released, test: Recordings, speaker: int, most: int = 12) -> float:
    """Bits per sample that int8 weights cost on some recordings: the native sampler's scores, int8 less float32."""
    config, known = trained.config, trained.units
    voice = config.voice
    weights = voice.weights(trained.params)
    packed = [pack(voice, weights, precision) for precision in ("float32", "int8")]
    lost = total = 0.0
    for i in range(min(most, len(test))):
        length = int(test.lengths[i]) // voice.frame * voice.frame
        codes = np.asarray(config.encode(jnp.asarray(test.read(i)[:length])))[None]
        middles = config.middles(0, length // voice.frame)
        assert known is not None
        assert test.active is not None
        said = heard(known, test, i).at(index_at(middles))
        cond = Cond(np.array([speaker]), config.features(test.active[i], middles, said)[None])  # pyright: ignore[reportArgumentType]
        state = voice.initial_state(weights, 1, cond)
        nothing = np.zeros((1, length), np.float32)
        scores = [np.asarray(sample(one, state, nothing, codes, cond)[0].log_prob).sum() for one in packed]
        lost += float(scores[0] - scores[1]) / np.log(2)
        total += length
    return lost / total


def blocks(voice: Released, count: int = 500) -> dict[str, Any]:
    """Milliseconds that blocks of 20 ms take on one core, by sampler: median, 99th percentile, the slowest."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    found = {}
    try:
        choices: Sequence[Choice] = ("native", "int8")
        for sampler in choices:
            keys = jax.random.split(jax.random.key(1), 1)
            who = None if not voice.config.speakers else np.zeros(1, np.int32)
            local = told(voice, as_recorded(voice, 60.0, keys, who), keys, who)
            made = stream(voice, keys, speaker=who, seconds=BLOCK, local=local, sampler=sampler)
            size = next(made).shape[1]
            for _ in range(20):
                next(made)
            times = []
            for _ in range(count):
                start = time.perf_counter()
                next(made)
                times.append(1000 * (time.perf_counter() - start))
            median, late = (float(x) for x in np.quantile(times, (0.5, 0.99)))
            found[sampler] = {
                "block_ms": 1000 * size / voice.config.sample_rate,
                "median_ms": median,
                "p99_ms": late,
                "slowest_ms": max(times),
                "times_real_time": 1000 * size / voice.config.sample_rate / median,
            }
    finally:
        os.sched_setaffinity(0, before)
    return found


def _medians(judged: list[Judgement]) -> dict[str, float]:
    found = {}
    for name in NAMES:
        values = [value for one in judged if (value := getattr(one, name)) is not None]
        if values:
            found[name] = float(np.median(values))
    return found


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
    with files.whole(path) as temporary:
        figure.savefig(temporary, format="png", dpi=110)
