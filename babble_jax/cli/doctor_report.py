"""What `babble doctor` reports: the facts, the problems with their remedies, and the text of both.

A problem is what keeps the package from working; a note is what makes it slower, or an option of it unusable.
"""

import importlib.metadata
import platform
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import babble_jax
from babble_jax.cli.doctor_machine import (
    abbreviate_home,
    is_writable,
    read_cpu,
    read_memory,
    read_variables,
)
from babble_jax.cli.doctor_probes import run_probe
from babble_jax.presets.registry import DEFAULT_VOICE

_PACKAGE = "babble_jax"
_USER_EXTRAS = ("live", "cue", "tables", "recipes")
"""Extras that a user may want; the others are for tests, benchmarks and documentation."""
_JAX = ("jaxlib", "jax-cuda12-plugin", "jax-cuda13-plugin", "jax-rocm7-plugin", "jax-rocm60-plugin", "libtpu")
"""What JAX computes by."""
_LEAST_MEMORY, _LEAST_DISK = 2e9, 1e9  # bytes, below which there is a note
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome", "firefox")
_INSTALL = "run pip install --upgrade babble_jax, or pip install . in its folder"

Report = dict[str, Any]


def examine() -> Report:
    """Examines the installation and the machine.

    Returns:
      JSON values: the facts by topic, `problems` and `notes`, each a sentence that ends with the remedy.
    """
    report: Report = {
        "babble_jax": babble_jax.__version__,
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "system": platform.platform(),
        "requirements": list(_requirements()),
        "jax": {name: version for name in _JAX if (version := _version(name)) is not None},
        "cpu": read_cpu(),
        "memory": read_memory(),
        "variables": read_variables(),
        "folders": _folders(),
        "devices": run_probe("devices"),
        "sampler": run_probe("sampler"),
        "sound": run_probe("sound") if _is_installed("sounddevice") else None,
        "browser": next((name for name in _BROWSERS if shutil.which(name)), None),
    }
    report |= {"problems": [*_problems(report)], "notes": [*_notes(report)]}
    return _without_home(report)


def _requirements() -> Iterator[dict[str, Any]]:
    """Yields each package that is required, or that an extra for users names: its version and whether it is allowed."""
    try:
        lines = importlib.metadata.requires(_PACKAGE) or []
    except importlib.metadata.PackageNotFoundError:
        return
    for requirement in map(Requirement, lines):
        extras = [""] if requirement.marker is None else ["", *_USER_EXTRAS]
        marker = requirement.marker
        extra = next((one for one in extras if marker is None or marker.evaluate({"extra": one})), None)
        if extra is None:
            continue
        version = _version(requirement.name)
        allowed = version is not None and requirement.specifier.contains(version, prereleases=True)
        yield {
            "name": str(canonicalize_name(requirement.name)),
            "version": version,
            "range": str(requirement.specifier),
            "allowed": allowed,
            "extra": extra or None,
        }


def _folders() -> list[dict[str, Any]]:
    """Lists the folders that verbs write into: whether that is possible, and the bytes that are free there."""
    places = {"current": Path.cwd(), "home": Path.home(), "temporary": Path(tempfile.gettempdir())}
    rows = []
    for role, folder in places.items():
        try:
            free = shutil.disk_usage(folder).free
        except OSError:
            free = None
        rows.append({"role": role, "writable": is_writable(folder), "free_bytes": free})
    return rows


def _problems(report: Report) -> Iterator[str]:
    if not report["requirements"]:
        yield f"The package is not installed, only found on Python's path; {_INSTALL}."
    for one in report["requirements"]:
        if one["version"] is None and one["extra"] is None:
            yield f"{one['name']} is missing; run pip install '{one['name']}{one['range']}'."
        elif one["version"] is not None and not one["allowed"]:
            yield (
                f"{one['name']} is {one['version']}, and {one['range']} is needed; run pip install "
                f"'{one['name']}{one['range']}'."
            )
    if error := report["devices"].get("error"):
        yield (
            f"JAX does not compute: {error}; install jax and jaxlib of one version, with the plugin of your "
            "accelerator (pip install 'jax[cuda12]', say), or set JAX_PLATFORMS=cpu."
        )
    elif error := report["sampler"].get("error"):
        yield (
            f"The voice {DEFAULT_VOICE} does not speak by the native sampler: {error}; take --sampler compiled, and "
            "report it with this text."
        )
    for folder in report["folders"]:
        if folder["role"] == "temporary" and not folder["writable"]:
            yield "The folder for temporary files cannot be written; set TMPDIR to one that can."


def _notes(report: Report) -> Iterator[str]:
    for folder in report["folders"]:
        if folder["role"] == "current" and not folder["writable"]:
            yield "The current folder cannot be written; give --out a path elsewhere."
        if folder["free_bytes"] is not None and folder["free_bytes"] < _LEAST_DISK:
            yield f"In the {folder['role']} folder {_size(folder['free_bytes'])} are free; make room there."
    available = report["memory"]["available_bytes"]
    if available is not None and available < _LEAST_MEMORY:
        yield f"{_size(available)} of memory are available; end other programs before you train."
    sampler = report["sampler"]
    if "error" not in sampler and sampler["cache"] is None:
        yield "No folder for compiled code can be written, so that each start compiles; set NUMBA_CACHE_DIR to one."
    if "error" not in sampler and not {"avx2", "neon"} & {*sampler["features"]}:
        yield "The processor has no AVX2, or is not used with it: voices speak more slowly, `int8` slowest."
    if report["sound"] is not None and "error" in report["sound"]:
        yield (
            f"Sound devices are out of reach: {report['sound']['error']}; `babble live --device` needs PortAudio (apt "
            "install libportaudio2), the page does not."
        )


def report_text(report: Report) -> str:
    """Returns the report in lines that one can paste: a name and its value in each, then notes and problems."""
    cpu, memory, sampler = report["cpu"], report["memory"], report["sampler"]
    rows = [
        ("babble_jax", report["babble_jax"]),
        ("Python", report["python"]),
        ("system", report["system"]),
        ("processor", cpu["model"]),
        ("cores", f"{cpu['usable']} of {cpu['cores']} usable" + _quota(cpu["quota"])),
        ("instructions", " ".join(cpu["instructions"]) or "none of those that the native sampler uses"),
        ("memory", f"{_size(memory['available_bytes'])} of {_size(memory['total_bytes'])} available"),
        ("devices", _devices(report["devices"])),
        ("native sampler", _sampler(sampler)),
        ("compiled code", _cache(sampler)),
        *((f"{one['role']} folder", _folder(one)) for one in report["folders"]),
        *_live_rows(report),
        *(("variable", f"{name}={value}") for name, value in report["variables"].items()),
    ]
    lines = [f"{name:18}{value}" for name, value in rows]
    lines += ["", "libraries", *(f"  {name:22}{version}" for name, version in report["jax"].items())]
    lines += _libraries(report["requirements"])
    lines += ["", *(f"note: {one}" for one in report["notes"])] if report["notes"] else []
    lines += ["", *(f"broken: {one}" for one in report["problems"])]
    return "\n".join(lines) if report["problems"] else "\n".join([*lines, "Nothing is broken."])


def _quota(cores: float | None) -> str:
    return "" if cores is None else f", {cores:g} by the container's limit"


def _devices(devices: dict[str, Any]) -> str:
    if "error" in devices:
        return f"none: {devices['error']}"
    texts = []
    for one in devices["devices"]:
        memory = "" if one["memory"] is None else f", {_size(one['memory'])}"
        texts.append(f"{one['platform']} ({one['kind']}{memory})")
    return ", ".join(texts)


def _sampler(sampler: dict[str, Any]) -> str:
    if "error" in sampler:
        return f"does not work: {sampler['error']}"
    compiled = "compiled before" if sampler["compiled_before"] else "compiled now"
    speed = f"{sampler['times_real_time']:.1f} times as fast as real time"
    return f"{compiled}, first babble after {sampler['first_seconds']:.1f} s, then {speed}"


def _cache(sampler: dict[str, Any]) -> str:
    if "error" in sampler or sampler["cache"] is None:
        return "no folder"
    return f"{_size(sampler['cache_bytes'])} in {sampler['cache_files']} files, {sampler['cache']}"


def _folder(folder: dict[str, Any]) -> str:
    free = "" if folder["free_bytes"] is None else f", {_size(folder['free_bytes'])} free"
    return f"{'can' if folder['writable'] else 'CANNOT'} be written{free}"


def _live_rows(report: Report) -> Iterator[tuple[str, str]]:
    if not _complete(report["requirements"], "live"):
        return
    yield "browser", report["browser"] or "none on the path (any other browser can open the page)"
    sound = report["sound"] or {"error": "sounddevice is not installed"}
    if "error" in sound:
        yield "sound devices", f"none: {sound['error']}"
        return
    for name in ("microphones", "loudspeakers"):
        yield name, ", ".join(sound[name]) or "none"


def _libraries(requirements: list[dict[str, Any]]) -> Iterator[str]:
    """Yields a line for each required library, and one for each extra."""
    for one in requirements:
        if one["extra"] is None:
            mark = "" if one["allowed"] else f"  <- {one['range']} is needed"
            yield f"  {one['name']:22}{one['version'] or 'missing':14}{mark}".rstrip()
    for extra in _USER_EXTRAS:
        rows = [one for one in requirements if one["extra"] == extra]
        names = (f"{one['name']} {one['version'] or 'missing'}" for one in rows)
        remedy = "" if _complete(requirements, extra) else f" (pip install 'babble_jax[{extra}]')"
        if rows:
            yield f"  [{extra}]".ljust(24) + ", ".join(names) + remedy


def _complete(requirements: list[dict[str, Any]], extra: str) -> bool:
    rows = [one for one in requirements if one["extra"] == extra]
    return bool(rows) and all(one["version"] is not None for one in rows)


def _is_installed(name: str) -> bool:
    return _version(name) is not None


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _size(count: float | None) -> str:
    if count is None:
        return "unknown"
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"


def _without_home(value: Any) -> Any:
    """Abbreviates the user's home in every text of a report."""
    if isinstance(value, str):
        return abbreviate_home(value)
    if isinstance(value, dict):
        return {key: _without_home(one) for key, one in value.items()}
    return [_without_home(one) for one in value] if isinstance(value, list) else value
