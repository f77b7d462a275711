"""Probes of `babble doctor` that load much or may crash; each runs in a process of its own.

A processor without an instruction, a driver without its device or a broken library ends the probe, not the doctor.
"""

import contextlib
import json
import os
import subprocess
import sys
import time
from typing import Any

from babble_jax.input_files import parse_json

_TIME = 300.0  # seconds of a probe; native code is compiled within a minute on a slow machine
_MARK = "babble doctor: "
"""Begins the line of a probe's result; libraries print others."""
_SPOKEN = 1.0  # seconds of babble


def run_probe(name: str) -> dict[str, Any]:
    """Runs one of `PROBES` in a process of its own.

    Returns:
      What the probe found, or `error`: in a sentence what kept it from finding anything.
    """
    try:
        run = subprocess.run(
            _command(name),
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_TIME,
            env=os.environ
            | {"XLA_PYTHON_CLIENT_PREALLOCATE": "false"},  # another program may hold the memory
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"error": f"no answer within {_TIME:.0f} s"}
    except OSError as error:
        return {"error": str(error)}
    results = [line.removeprefix(_MARK) for line in run.stdout.splitlines() if line.startswith(_MARK)]
    if results:
        return parse_json(results[-1], name)
    lines = run.stderr.strip().splitlines()
    return {"error": lines[-1] if lines and run.returncode > 0 else f"it ended with code {run.returncode}"}


def _command(name: str) -> list[str]:
    """Returns the command line of a process that prints the result of a probe."""
    code = f"from babble_jax.cli.doctor_probes import print_result; print_result({name!r})"
    return [sys.executable, "-c", code]


def print_result(name: str) -> None:
    """Runs a probe in this process and prints its result; an error of the probe is its result."""
    try:
        result = PROBES[name]()
    except Exception as error:  # whatever is broken is what the doctor looks for
        result = {"error": f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"}
    print(f"\n{_MARK}{json.dumps(result)}", flush=True)


def probe_devices() -> dict[str, Any]:
    """Lists the devices that JAX computes on, with their memory in bytes where they tell it."""
    import jax

    rows = []
    for device in jax.local_devices():
        memory = None
        with contextlib.suppress(Exception):
            memory = (device.memory_stats() or {}).get("bytes_limit")
        rows.append({"platform": device.platform, "kind": device.device_kind, "memory": memory})
    return {"backend": jax.default_backend(), "devices": rows, "sum": float(jax.numpy.ones(8).sum())}


def probe_sampler() -> dict[str, Any]:
    """Lets the default voice speak by the native sampler; measures compilation and speed."""
    from babble_jax.compilation import cache_folder, cpu_features
    from babble_jax.presets.registry import DEFAULT_VOICE
    from babble_jax.pretrained.pretrained import load_voice
    from babble_jax.pretrained.speaking import speak

    folder = cache_folder()
    voice = load_voice(DEFAULT_VOICE)
    before = 0 if folder is None else len(list(folder.glob("*.pickle")))
    times = []
    for _ in range(2):  # the first one compiles, or loads what was compiled
        start = time.perf_counter()
        speak(voice, _SPOKEN, sampler="native")
        times.append(time.perf_counter() - start)
    files = [] if folder is None else [path for path in folder.iterdir() if path.is_file()]
    return {
        "features": sorted(cpu_features()),
        "cache": None if folder is None else str(folder),
        "cache_bytes": sum(path.stat().st_size for path in files),
        "cache_files": len(files),
        "compiled_before": folder is not None and len([p for p in files if p.suffix == ".pickle"]) == before,
        "first_seconds": times[0],
        "times_real_time": _SPOKEN / times[1],
    }


def probe_sound() -> dict[str, Any]:
    """Lists the names of the microphones and loudspeakers that PortAudio finds."""
    import sounddevice

    devices: Any = sounddevice.query_devices()
    return {
        "microphones": [one["name"] for one in devices if one["max_input_channels"]],
        "loudspeakers": [one["name"] for one in devices if one["max_output_channels"]],
    }


PROBES = {"devices": probe_devices, "sampler": probe_sampler, "sound": probe_sound}
