"""Measures a live session of the default voice, or of any other: how it stops, and how long a step takes.

    python -m experiments.bench.session
    python -m experiments.bench.session --voice FOLDER --results FILE

The former takes three minutes on one core. At random moments of endless speech a session branches: one branch goes on,
the other is told to stop. Measured from the stop, in milliseconds: the first sample in which the branches differ; from
when on the stopped one is softer than the other, in windows of 5 ms, for good; the last sample above -60 dB of
full scale, and the last one above -50 dB of the speaker's level. Clicks: the largest step between two samples and
the largest power above 5.5 kHz in 2.5 ms, in dB of full scale, from the stop on, beside the same of the branch
that goes on, and of a session that is told to start and to stop at random times 4 ms to 0.3 s apart. `ungated` is
what the voice does by itself, without the gate. `step_milliseconds` is the processor time of steps of 20 ms,
`first_milliseconds` that of the first one in which a silent session is told to speak.
"""

import copy
import dataclasses
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jax
import numpy as np
import scipy.signal
import tyro

from babble_jax.audio import spectrogram
from babble_jax.pretrained.session import open_session
from babble_jax.pretrained.tacotron_session import TacotronSession
from babble_jax.pretrained.tacotron_voice import TacotronVoice
from babble_jax.pretrained.voices import load_any_voice, speakers_of
from babble_jax.voice.block_sampler import SamplerName
from babble_jax.voice.session import LiveSession, VoiceSession
from experiments.pipelines.results import write_results

STEP = 0.02  # seconds
STREAMS = 20  # that stop together
AFTER = 0.3  # seconds measured after a stop
PERCENTILES = {"min": 0, "p5": 5, "median": 50, "p95": 95, "p99": 99, "max": 100}


@dataclasses.dataclass(frozen=True)
class Bench:
    """Measures stops and steps.

    Attributes:
      voice: Name or folder of the voice.
      moments: Stops of each speaker and sampler.
      samplers: Samplers to measure.
      results: JSON file to write.
      pictures: Folder for spectrograms of a dozen stops; none by default.
    """

    voice: str = "babblers"
    moments: int = 200
    samplers: tuple[SamplerName, ...] = ("native", "int8")
    results: Path = Path("experiments/results/bench_session.json")
    pictures: Path | None = None

    def run(self) -> None:
        """Measures, prints and writes."""
        rows = []
        for sampler in self.samplers:
            for speaker in speakers_of(load_any_voice(self.voice)) or (None,):
                session = _open_streams(self.voice, speaker, sampler)
                row = {"speaker": speaker, "sampler": sampler, "moments": self.moments}
                row |= measure_stops(session, self.moments, self.pictures, f"{speaker}-{sampler}")
                session = open_session(self.voice, speaker=speaker, seed=2, sampler=sampler)
                row["told_at_random"] = measure_clicks(tell_at_random(session, 20.0))
                row["first_milliseconds"] = measure_first_steps(session)
                rows.append(row | {"step_milliseconds": measure_steps(session)})
                print(rows[-1], flush=True)
        write_results(self.results, {"rows": rows})


def measure_stops(
    session: LiveSession, moments: int, pictures: Path | None = None, name: str = ""
) -> dict[str, Any]:
    """Stops a session at random moments.

    Args:
      session: of B streams, which all stop at once; B divides `moments`.
      moments: number of stops of all streams together.
      pictures: folder for spectrograms of the first dozen.
      name: of the pictures' files.

    Returns:
      Percentiles of each measure.
    """
    rate, draws = session.sample_rate, np.random.default_rng(0)
    after, streams = round(AFTER * rate), len(session.step({"active": 1}, session.sample_rate // 2))
    going, stopped, ungated = [], [], []
    for number in range(0, moments, streams):
        past = session.step({"active": 1}, int(draws.integers(rate // 10, 4 * rate // 10)))
        on, off, open_gate = session.branch(), session.branch(), _without_gate(session.branch())
        going += list(on.step({"active": 1}, after))
        # the branch is told at the start of one of its steps of 20 ms
        blocks = [off.step({"active": 0}, part) for part in _parts(after, rate)]
        stopped += list(np.concatenate(blocks, axis=1))
        ungated += list(open_gate.step({"active": 0}, after))
        for b in range(max(0, min(streams, 12 - number)) if pictures is not None else 0):
            line = np.concatenate([past[b, -round(0.1 * rate) :], stopped[number + b]])
            path = Path(str(pictures)) / f"{name}-{number + b}.png"
            spectrogram.plot_spectrogram(line, rate, path, "stop at 0.1 s")
    on, off, alone = np.stack(going), np.stack(stopped), np.stack(ungated)
    level = float(10 * np.log10(np.mean(np.square(on))))
    return {
        "level_db": level,
        "departs_ms": percentiles(1000 / rate * np.argmax(on != off, axis=1)),
        "softer_for_good_ms": percentiles(_softer_for_good(on, off, rate)),
        "last_above_60_dbfs_ms": percentiles(_last_above(off, -60.0, rate)),
        "last_above_50_below_level_ms": percentiles(_last_above(off, level - 50, rate)),
        "ungated_last_above_30_below_level_ms": percentiles(_last_above(alone, level - 30, rate)),
        "stopped": measure_clicks(off),
        "going_on": measure_clicks(on),
    }


def measure_clicks(audio: np.ndarray) -> dict[str, dict[str, float]]:
    """Measures rows of sound [N, T] at 16 kHz: percentiles of the largest step and of the largest treble, dB."""
    sections = scipy.signal.butter(6, 5500, "highpass", output="sos", fs=16_000)
    treble = _windowed_db(np.asarray(scipy.signal.sosfilt(sections, audio, axis=1)), 40).max(axis=1)
    step = 20 * np.log10(np.abs(np.diff(audio, axis=1)).max(axis=1) + 1e-9)
    return {"largest_step_dbfs": percentiles(step), "largest_treble_dbfs": percentiles(treble)}


def tell_at_random(session: LiveSession, seconds: float) -> np.ndarray:
    """Tells a session to start and to stop at random times, 4 ms to 0.3 s apart: rows of 0.3 s, [N, T]."""
    rate, draws = session.sample_rate, np.random.default_rng(1)
    length, blocks, active = round(AFTER * rate), [], True
    while sum(map(len, blocks)) < seconds * rate:
        blocks.append(session.step({"active": active}, round(rate * 0.004 * 75 ** draws.random()))[0])
        active = not active
    line = np.concatenate(blocks)
    return line[: len(line) // length * length].reshape(-1, length)


def measure_steps(session: LiveSession, count: int = 500) -> dict[str, float]:
    """Measures the milliseconds of steps of 20 ms, after ten that warm up: percentiles of the processor's time."""
    samples, times = round(STEP * session.sample_rate), []
    for number in range(count + 10):
        start = time.process_time()
        session.step({"active": number % 100 < 80}, samples)
        times.append(1000 * (time.process_time() - start))
    return percentiles(np.array(times[10:]))


def measure_first_steps(session: LiveSession, count: int = 20) -> dict[str, float]:
    """Measures the milliseconds of a step of 20 ms before which a session was silent: percentiles, processor's time."""
    samples, times = round(STEP * session.sample_rate), []
    for _ in range(count + 1):
        session.step({"active": 0}, 20 * samples)
        start = time.process_time()
        session.step({"active": 1}, samples)
        times.append(1000 * (time.process_time() - start))
        session.step({"active": 1}, 20 * samples)
    return percentiles(np.array(times[1:]))


def percentiles(values: np.ndarray) -> dict[str, float]:
    """Computes `PERCENTILES` of values, rounded to 0.01."""
    return {name: round(float(np.percentile(values, q)), 2) for name, q in PERCENTILES.items()}


def _parts(total: int, rate: int) -> Sequence[int]:
    step = round(STEP * rate)
    return [min(step, total - first) for first in range(0, total, step)]


def _open_streams(voice: str, speaker: str | None, sampler: SamplerName) -> LiveSession:
    """Opens a session of 20 streams of one speaker."""
    one = load_any_voice(voice)
    keys = jax.random.split(jax.random.key(1), STREAMS)
    if isinstance(one, TacotronVoice):
        return TacotronSession(one, keys, speaker=speaker, sampler=sampler)
    if one.index_of(speaker) is None:
        return VoiceSession(one, keys, sampler=sampler)
    return VoiceSession(one, keys, speaker=np.full(STREAMS, one.index_of(speaker)), sampler=sampler)


def _without_gate(session: LiveSession) -> LiveSession:
    """Keeps the gate of a session open."""
    gated = session._vocoder if isinstance(session, TacotronSession) else session
    assert isinstance(gated, VoiceSession)
    gated._controls = [copy.copy(control) for control in gated._controls]
    for control in gated._controls:
        control._gain = lambda onset, stop, length: np.ones(length, np.float32)
    return session


def _windowed_db(audio: np.ndarray, window: int) -> np.ndarray:
    """Computes the power of windows [N, W] in dB of full scale."""
    rows = audio[:, : audio.shape[1] // window * window].reshape(len(audio), -1, window)
    return 10 * np.log10(np.mean(np.square(rows, dtype=np.float64), axis=-1) + 1e-12)


def _softer_for_good(on: np.ndarray, off: np.ndarray, rate: int) -> np.ndarray:
    """Computes from when on each row of `off` is softer than that of `on` in all windows of 5 ms, in milliseconds."""
    window = round(0.005 * rate)
    louder = _windowed_db(off, window) >= np.maximum(_windowed_db(on, window), -60)
    return 5.0 * np.array([np.flatnonzero(row)[-1] + 1 if row.any() else 0 for row in louder])


def _last_above(audio: np.ndarray, db: float, rate: int) -> np.ndarray:
    """Computes how long each row lasts until its last sample above a level in dB of full scale, in milliseconds."""
    loud = np.abs(audio) > 10 ** (db / 20)
    return 1000 / rate * np.array([np.flatnonzero(row)[-1] + 1 if row.any() else 0 for row in loud])


if __name__ == "__main__":
    jax.config.update("jax_platforms", "cpu")
    tyro.cli(Bench).run()
