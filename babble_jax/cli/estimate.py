"""Estimates what a command takes before it begins, and asks for --yes where that is more than anybody means.

The rates are those of the benchmarks in the documentation (docs/results/benchmarks.md), measured on two CPU cores.
"""

import os
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from babble_jax.cli.messages import print_line
from babble_jax.errors import BabbleError
from babble_jax.progress import format_estimate

if TYPE_CHECKING:
    from babble_jax.pretrained.pretrained import PretrainedVoice
    from babble_jax.pretrained.voices import LoadedVoice
    from babble_jax.voice.babbler import Babbler

SIMULATED_HOURS = 20.0
"""Hours of dialogue of two speakers that are drawn and written in a second; a thousand hours took 34 s."""
SPEAKING_RATE = 6e10
"""Samples in a second times parameters of the voice, of one stream by the native sampler: 81,000 a second of a voice of
1 million, 3,200 of 20 million."""
CORE_RATES = {"avx512": 5e11, "avx2": 1.5e11, "other": SPEAKING_RATE}
"""The same of several streams on one core, by the vectors that the CPU has."""
COMPILED_SHARE = 0.35
"""Of the rate of the native sampler that XLA's reaches: 30,500 a second of one stream of that small voice."""
_SPOKEN = 0.55  # of a dialogue's length, that each speaker babbles: half of the time, and what is cut off
_START, _PLANNING = (
    5.0,
    0.01,
)  # seconds until a dialogue is begun; of plan and pictures, for each second of it
READING_RATE = 1000.0
"""Seconds of sound that become recordings of a data set in a second: 1,600 of FLAC at 44.1 kHz brought to 16 kHz, 5,000
of wav at 16 kHz."""
DAY = 86_400.0  # seconds
_MANY = 1000  # streams that all cores are busy with
_SMALL_SECONDS, _SMALL_BYTES = 10.0, 1e9  # below, nothing is said
_SIZES = ((1e15, "PB"), (1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB"))  # bytes


def confirm(
    work: str, seconds: float, size: float, out: str | os.PathLike, yes: bool, memory: float = 0.0
) -> None:
    """Says on standard error what work takes, and refuses what takes too much unless the user has said --yes.

    Args:
      work: name of the verb.
      seconds: that it takes, estimated; 0 where they depend on the machine.
      size: bytes that it writes, estimated.
      out: file or folder that it writes.
      yes: whether to begin all the same.
      memory: bytes that it holds in memory, estimated.

    Raises:
      BabbleError: it takes more than a day, or more than is free on the disk, or more than the machine's memory.
    """
    free, machine = free_bytes(out), memory_bytes()
    time = f"{format_estimate(seconds)} and " if seconds else ""
    needs = f"about {time}{_format_size(size)} of disk"
    limits = []
    if seconds > DAY:
        limits.append("that is more than a day")
    if size > free:
        limits.append(f"{_format_size(free)} are free there")
    if memory > machine:
        needs += f", {_format_size(memory)} of memory"
        limits.append(f"this machine has {_format_size(machine)} of memory")
    if limits and not yes:
        raise BabbleError(
            f"{work} takes {needs}; {' and '.join(limits)}: ask for less, or add --yes to begin."
        )
    if limits or seconds > _SMALL_SECONDS or size > _SMALL_BYTES:
        print_line(f"{work}: takes {needs}", sys.stderr)


def speaking_seconds(voices: "Iterable[LoadedVoice]", samples: float, streams: int = 1) -> float:
    """Estimates the seconds in which some voices speak, all cores at work; those of a synthesizer are few.

    Args:
      voices: one after the other.
      samples: that each of them speaks, of all its streams together.
      streams: that a voice speaks at once.
    """
    import jax

    from babble_jax.pretrained.tacotron_voice import TacotronVoice

    models = [voice.vocoder if isinstance(voice, TacotronVoice) else voice for voice in voices]
    return sum(
        sum(x.size for x in jax.tree.leaves(model.params)) * samples / _speaking_rate(model, streams)
        for model in models
    )


def conversing_seconds(babblers: "Iterable[Babbler]", samples: float) -> float:
    """Estimates the seconds in which two babblers make a dialogue of so many samples, the plan and the pictures too."""
    from babble_jax.pretrained.babbler import VoiceBabbler
    from babble_jax.pretrained.tacotron_babbler import TacotronBabbler
    from babble_jax.voice.babbler import PitchShiftedBabbler
    from babble_jax.voice.resampled_babbler import ResampledBabbler

    seconds = _START
    for babbler in babblers:
        seconds += _PLANNING / 2 * samples / babbler.sample_rate
        while isinstance(babbler, PitchShiftedBabbler | ResampledBabbler):
            babbler = babbler.babbler
        if isinstance(babbler, VoiceBabbler | TacotronBabbler):
            seconds += speaking_seconds([babbler.voice], _SPOKEN * samples, streams=_MANY)
    return seconds


def _speaking_rate(voice: "PretrainedVoice", streams: int) -> float:
    """Estimates samples in a second times parameters, of so many streams on all cores."""
    from babble_jax.voice.block_sampler import resolve_sampler
    from babble_jax.voice.sampling.native import kernels
    from babble_jax.voice.sampling.native.threads import thread_count

    vectors = "avx512" if kernels.VNNI else "avx2" if kernels.AVX2 else "other"
    cores = min(streams, thread_count())
    rate = min(SPEAKING_RATE * streams, CORE_RATES[vectors] * cores)
    return rate * (1.0 if resolve_sampler(voice, "auto") == "native" else COMPILED_SHARE)


def free_bytes(out: str | os.PathLike) -> float:
    """Returns the bytes that are free where a file or folder is to be; infinitely many where that is not known."""
    for above in (Path(out), *Path(out).absolute().parents):
        try:
            disk = shutil.disk_usage(above)
        except OSError:
            continue
        if disk.total:  # the kernel's file systems have none; whether they can be written is another question
            return float(disk.free)
        break
    return float("inf")


def memory_bytes() -> float:
    """Returns the bytes of memory of this machine; infinitely many where that is not known."""
    try:
        return float(os.sysconf("SC_PHYS_PAGES")) * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return float("inf")


def _format_size(size: float) -> str:
    value, unit = next((one for one in _SIZES if size >= one[0]), _SIZES[-1])
    return f"{size / value:.3g} {unit}"
