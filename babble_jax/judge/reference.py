"""What real speech of a speaker has, and noise: the values to read a judgement beside.

Axes: T samples, P pieces, M bands.
"""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np

from babble_jax import config, files
from babble_jax.audio import wave
from babble_jax.errors import BabbleError
from babble_jax.judge.judgement import NAMES, Judgement, judge
from babble_jax.judge.spectrum import long_term_spectrum
from babble_jax.presets import registry

SECONDS = 10.0
"""Length of a piece. Shares and means vary more in shorter ones: judge recordings of about as many seconds."""
LOW, HIGH = 0.05, 0.95  # quantiles
FARTHEST = 1.5  # times the median distance of a piece of speech from its speaker's spectrum


@dataclasses.dataclass(frozen=True)
class Range:
    """Of the pieces that have a value: its 5th percentile, median and 95th percentile."""

    low: float
    median: float
    high: float


@dataclasses.dataclass(frozen=True)
class Reference:
    """Attributes:
    name: of the speaker.
    source: where the speech is from, one line.
    rate: Hz.
    pieces: how many of 10 s.
    spectrum: [M] dB, long-term spectrum of all of them (`spectrum.long_term_spectrum`); None where the rate is too low.
    speech: range of each measure that any piece has.
    noise: median of each measure that white noise has, of as many pieces, but ten at most.
    """

    name: str
    source: str
    rate: int
    pieces: int
    spectrum: tuple[float | None, ...]
    speech: dict[str, Range]
    noise: dict[str, float]

    def within(self, name: str, value: float | None) -> bool:
        """Whether a value could be one of this speaker's: between the 5th and the 95th percentile; for the distance,
        at most 1.5 times the median of speech; for the loop, at most the 95th percentile.
        """
        if value is None or name not in self.speech:
            return False
        real = self.speech[name]
        if name == "ltas_distance_db":
            return value <= FARTHEST * real.median
        if name == "loop_correlation":
            return value <= real.high
        return real.low <= value <= real.high


def pieces_of(audio: np.ndarray, rate: int) -> np.ndarray:
    """[T] as consecutive pieces of 10 s, [P, T']; the rest is left out.

    Raises:
      BabbleError: there are fewer than two.
    """
    size = round(SECONDS * rate)
    if len(audio) < 2 * size:
        raise BabbleError(
            f"{len(audio) / rate:.1f} s of speech are too few to compare with; give 20 s or more."
        )
    return audio[: len(audio) // size * size].reshape(-1, size)


def measured(
    audio: np.ndarray,
    rate: int,
    name: str,
    source: str = "",
    advance: Callable[[int], None] = lambda judged: None,
) -> Reference:
    """The reference that recordings of one speaker, [T] float one after the other, give.

    `advance` is called with 1 after each of the P + min(P, 10) judgements. A piece's distance is from the spectrum of
    all pieces, its own included.
    """
    pieces = pieces_of(np.asarray(audio, np.float32), rate)
    spectrum = long_term_spectrum(pieces.reshape(-1), rate)
    hiss = (
        np.random.default_rng(0).normal(0, 0.05, (min(len(pieces), 10), pieces.shape[1])).astype(np.float32)
    )

    def judged(lines: np.ndarray) -> list[Judgement]:
        found = []
        for line in lines:
            found.append(judge(line, rate, spectrum))
            advance(1)
        return found

    speech, noise = judged(pieces), judged(hiss)
    return Reference(
        name,
        source,
        rate,
        len(pieces),
        tuple(x if np.isfinite(x) else None for x in spectrum.tolist()),
        {n: Range(*np.quantile(x, (LOW, 0.5, HIGH)).tolist()) for n in NAMES if len(x := _known(speech, n))},
        {n: float(np.median(x)) for n in NAMES if len(x := _known(noise, n))},
    )


def _known(judgements: list[Judgement], name: str) -> np.ndarray:
    values = [getattr(one, name) for one in judgements]
    return np.array([value for value in values if value is not None])


def save_reference(reference: Reference, path: Path) -> None:
    """Writes the JSON file that `load_reference` reads."""
    files.write_json(path, config.to_json(reference))


def load_reference(name_or_path: str) -> Reference:
    """A reference that ships, by name, or that of the sound files in a folder, which takes 0.6 s for each 10 s.

    Raises:
      BabbleError: neither, or too little sound there.
    """
    if name_or_path in registry.names("references"):
        path = registry.path("references", name_or_path)
        return config.from_json(Reference, json.loads(path.read_text(encoding="utf-8")), str(path))
    folder = Path(name_or_path)
    found = (
        sorted(p for p in folder.rglob("*") if p.suffix.lower() in wave.SUFFIXES) if folder.is_dir() else []
    )
    if not found:
        raise BabbleError(
            f"There is no reference {name_or_path!r}, nor a folder of sound files; those that ship are "
            f"{', '.join(registry.names('references'))}."
        )
    rate = wave.read(found[0])[1]
    return measured(np.concatenate([wave.read(path, rate)[0] for path in found]), rate, folder.name)
