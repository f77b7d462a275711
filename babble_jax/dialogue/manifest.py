"""The manifest of a dialogue: everything that is needed to make it again, and its sounds and times.

Axes: C channels, N IPUs.
"""

import hashlib
import importlib.metadata
from pathlib import Path
from typing import Any

import numpy as np

from babble_jax import files
from babble_jax.audio import level
from babble_jax.dialogue import detection, loudness, utterance
from babble_jax.dialogue.read_folder import KIND
from babble_jax.dialogue.render import Rendering

MAX_DEVIATION = 0.010
"""Seconds by which an onset or end measured from the sound may differ from the annotation."""


def describe_dialogue(
    rendering: Rendering, seed: int, item: int, timing: dict[str, Any], folder: Path
) -> dict[str, Any]:
    """Describes a rendering, whose other files are in `folder` already, as JSON values.

    Args:
      rendering: the dialogue in sound.
      seed: of plan and babble.
      item: number of the dialogue within a series.
      timing: the record of its plan (`Plan.record`).
      folder: every file below it is listed with its SHA-256.
    """
    return {
        "kind": KIND,
        "conversation": rendering.dialogue.id,
        "seed": seed,
        "item": item,
        "timing": timing,
        **describe_rendering(rendering),
        **describe_provenance(folder),
    }


def describe_rendering(rendering: Rendering, detectable: bool = True) -> dict[str, Any]:
    """Describes the sound in all, its channels and its IPUs, as JSON values.

    Args:
      rendering: the dialogue in sound.
      detectable: whether each IPU is babble at the common level, whose onset and end the detector finds; otherwise no
        deviation is measured.
    """
    placement = rendering.placement
    return {
        "sample_rate": placement.rate,
        "samples": placement.total,
        "seconds": placement.total / placement.rate,
        "channels": [_channel(rendering, index) for index in range(len(rendering.voices))],
        "largest_deviation_ms": round(1000 * measure_deviation(rendering), 3) if detectable else None,
        "ipus": [_ipu(rendering, row) for row in range(len(placement.first))],
    }


def describe_provenance(folder: Path) -> dict[str, Any]:
    """Describes the rules of all renderings, the versions, and the SHA-256 of every file below `folder`."""
    return {
        "rules": {
            "active_level_dbfs": loudness.ACTIVE_LEVEL_DB,
            "silence_below_active_level_db": level.ACTIVE_MARGIN_DB,
            "peak_at_most_dbfs": -1,
            "edge_samples_at_least_dbfs": -60,
            "ramp_seconds": utterance.RAMP_SECONDS,
            "longest_silence_within_ipu_seconds": utterance.MAX_SILENCE_SECONDS,
        },
        "versions": {name: importlib.metadata.version(name) for name in ("babble_jax", "jax", "numpy")},
        "sha256": {
            path.relative_to(folder).as_posix(): files.sha256(path)
            for path in sorted(folder.rglob("*"))
            if not path.is_dir()
        },
    }


def measure_deviation(rendering: Rendering) -> float:
    """Measures the largest difference, in seconds, between the annotation and the times in the sound.

    Raises:
      RuntimeError: it exceeds 10 ms, or the numbers of IPUs differ: the rendering broke its promise.
    """
    worst = 0.0
    dialogue = rendering.dialogue
    for index, name in enumerate(dialogue.speakers):
        own = dialogue.speaker == index
        measured = detection.measure_ipus(rendering.audio[index], rendering.placement.rate)
        for detected, annotated in zip(measured, (dialogue.onset[own], dialogue.end[own]), strict=True):
            if len(detected) != len(annotated):
                raise RuntimeError(
                    f"speaker {name}: {len(annotated)} IPUs annotated, {len(detected)} in the sound"
                )
            worst = max([worst, *np.abs(detected - annotated).tolist()])
    if worst > MAX_DEVIATION:
        raise RuntimeError(f"annotation and sound differ by {1000 * worst:.1f} ms")
    return worst


def _channel(rendering: Rendering, index: int) -> dict[str, Any]:
    voice, rate = rendering.voices[index], rendering.placement.rate
    active_level_db = level.active_level_db(rendering.audio[index], rate)
    peak = float(np.max(np.abs(rendering.audio[index]), initial=0))
    return {
        "channel": index + 1,
        "speaker": rendering.dialogue.speakers[index],
        "voice": voice.babbler.name if voice else None,
        "settings": dict(voice.babbler.settings) if voice else {},
        "gain_db": round(20 * np.log10(voice.gain), 3) if voice else None,
        "active_level_dbfs": round(active_level_db, 3) if peak else None,
        "peak_dbfs": round(20 * np.log10(peak), 3) if peak else None,
    }


def _ipu(rendering: Rendering, row: int) -> dict[str, Any]:
    placement, dialogue = rendering.placement, rendering.dialogue
    source = placement.source[row]
    name, number = dialogue.speakers[placement.speaker[row]], int(placement.number[row])
    return {
        "label": f"{name}{number + 1}",
        "speaker": name,
        "key": rendering.keys[row].tolist(),
        "waveform_sha256": hashlib.sha256(rendering.waveform(row).tobytes()).hexdigest(),
        "requested": {
            "onset": float(rendering.request.onset[source]),
            "end": float(rendering.request.end[source]),
        },
        "realised": {
            "onset": float(dialogue.onset[row]),
            "end": float(dialogue.end[row]),
            "first_sample": int(placement.first[row]),
            "samples": int(placement.samples[row]),
        },
    }
