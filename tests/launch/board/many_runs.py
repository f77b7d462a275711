"""Runs of a sweep as they lie on disk, with curves and sounds that are drawn from their seeds."""

import json
from pathlib import Path

import numpy as np

from babble_jax import files
from babble_jax.launch.run_folder import Run, create_run
from babble_jax.track.jsonl import JsonLines

RATE = 16_000


def write_sweep(
    root: Path, rates=(1e-3, 2e-3), seeds=range(5), steps=2000, evaluations=4, seconds=3.0
) -> list[Run]:
    """Writes a run for each rate and seed, the last of which has failed before its first step."""
    runs = []
    for rate in rates:
        for seed in seeds:
            values = {
                "optimizer": {"learning_rate": rate, "warmup_steps": 50},
                "dim": 256,
                "steps": steps,
                "seed": seed,
            }
            run = create_run(
                root, "voice", "experiments.voice", values, ["python", "-m", "experiments.launch"]
            )
            runs.append(run)
            if (rate, seed) == (rates[-1], list(seeds)[-1]) and len(runs) > 1:
                run.write_state(
                    state="failed", message="BabbleError: the loss is not finite at step 1", starts=1
                )
                continue
            bits = _write_training(run, rate, seed, steps, evaluations, seconds)
            files.write_json(run.folder / "result.json", {"bits": bits, "machine": {"cores": 2}})
            run.write_state(state="done", seconds=300.0 + 40 * seed, starts=1, host="one")
    return runs


def write_two_quantizers(root: Path) -> None:
    """Writes folders of two trainings, of a linear and of a mu-law voice."""
    for number, kind in enumerate(("linear", "mu_law")):
        config = {"quantizer": {"kind": kind, "q_levels": 256}, "seed": 0, "steps": 20}
        files.write_json(root / f"voice-{number}" / "config.json", config)
        line = {"step": 20, "validation/bits": 3.0 + number, "train/learning_rate": 1e-3}
        files.write_text(root / f"voice-{number}" / "metrics.jsonl", json.dumps(line) + "\n")


def _write_training(run: Run, rate: float, seed: int, steps: int, evaluations: int, seconds: float) -> float:
    rng = np.random.default_rng([seed, round(rate * 1e6)])
    folder = run.work / "run"
    log = JsonLines(folder)
    lowest, speed = 4.2 + 30 * abs(rate - 1.4e-3) * 10 + 0.03 * rng.normal(), rate * 4
    curve = lambda step: lowest + 3.8 * np.exp(-step * speed)  # noqa: E731
    every, lines = max(1, steps // 200), []
    for step in range(every, steps + 1, every):
        values = {
            "train/bits": curve(step) + 0.12 * rng.normal(),
            "train/gradient_norm": 0.3 + np.exp(-step * speed) + 0.1 * rng.random(),
            "train/learning_rate": rate * min(1.0, step / 50),
        }
        lines.append(json.dumps({"step": step} | {name: float(value) for name, value in values.items()}))
    bits, speech = 0.0, _syllables(np.random.default_rng(0), seconds)
    for step in np.linspace(steps / evaluations, steps, evaluations).astype(int).tolist():
        bits = float(curve(step) + 0.1)
        lines.append(
            json.dumps({"step": step, "validation/bits": bits, "validation/accuracy": 0.35 - bits / 30})
        )
        noise = np.exp(-step * speed) * 0.4 + 0.02
        log.log_audio(
            step, "babble", 0.7 * _syllables(rng, seconds) + noise * rng.normal(size=len(speech)) * 0.3, RATE
        )
        log.log_audio(step, "speech", speech, RATE)
        for kind, width in (("babble", 6 + 20 * noise), ("speech", 6.0)):
            counts, edges = np.histogram(rng.normal(32, width, 4000), np.linspace(0, 64, 65))
            log.log_histogram(step, f"quantized/{kind}", edges, counts)
        log.log_table(
            step,
            "measures",
            ["measure", "babble", "speech"],
            [["speech_share", 0.8 - noise, 0.9], ["f0", 110.0, 121.0]],
        )
    log.log_summary({"parameters": 1_234_567, "hours_of_recordings": 1.5, "last/bits": bits})
    log.close()
    files.write_text(log.path, "\n".join(lines) + "\n")
    return bits


def _syllables(rng: np.random.Generator, seconds: float) -> np.ndarray:
    """Makes harmonics with formants that move, in syllables of a quarter of a second."""
    time = np.arange(round(seconds * RATE)) / RATE
    f0 = 120 + 25 * np.sin(2 * np.pi * 0.7 * time + rng.uniform(0, 6))
    formant = 700 + 350 * np.sin(2 * np.pi * 2.3 * time + rng.uniform(0, 6))
    phase, sound = 2 * np.pi * np.cumsum(f0) / RATE, np.zeros_like(time)
    for harmonic in range(1, 40):
        sound += np.exp(-(((harmonic * f0 - formant) / 500) ** 2)) * np.sin(harmonic * phase)
    syllables = np.clip(np.sin(2 * np.pi * 4 * time + rng.uniform(0, 6)) + 0.4, 0, 1)
    return (0.12 * sound * syllables + 0.002 * rng.normal(size=len(time))).astype(np.float32)
