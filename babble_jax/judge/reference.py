"""Measures real speech of a speaker, and noise: the values that a judgement is compared with.

Axes: T samples, P pieces of 10 s, M bands.
"""

import dataclasses
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np

from babble_jax import config, files
from babble_jax.audio import sound_types, wave
from babble_jax.errors import BabbleError
from babble_jax.folders import walk_files
from babble_jax.input_files import is_file, is_folder, read_json
from babble_jax.judge.judgement import MEASURES, WORSE_TAILS, Judgement, judge
from babble_jax.judge.phones import PHONE_MEASURES, PHONE_WORSE_TAILS
from babble_jax.judge.ranges import Range
from babble_jax.judge.spectrum import BANDS, long_term_spectrum
from babble_jax.presets import registry

PIECE_SECONDS = 10.0
"""Length of a piece. Shares and means vary more in shorter ones, and entropies grow with the length: a longer sound is
judged in pieces of this length (`lay_pieces`)."""
LOW, HIGH = 0.05, 0.95  # quantiles
LONGEST_RATIO = 1.2
"""Times `PIECE_SECONDS` up to which a sound is one piece."""
MAX_DISTANCE_RATIO = 1.5
"""Times the median distance of a piece of speech from its speaker's spectrum."""


@dataclasses.dataclass(frozen=True)
class PhoneReference:
    """The measures of the phones that an ear hears in one speaker's speech, and in noise.

    Attributes:
      ear: name of the ear.
      speech: range of each of `phones.PHONE_MEASURES` that any piece has.
      noise: median of each measure that white noise has.
    """

    ear: str
    speech: dict[str, Range]
    noise: dict[str, float]

    @property
    def measured(self) -> tuple[str, ...]:
        """Names of the measures that a sound can lie outside of."""
        return tuple(
            one for one in PHONE_MEASURES if one in self.speech and PHONE_WORSE_TAILS.get(one) != "neither"
        )

    def excludes(self, name: str, value: float | None) -> bool:
        """Tests whether a measure of phones has a value that this speaker's speech hardly has; see `Reference`."""
        real = self.speech.get(name)
        return real is not None and real.excludes(value, PHONE_WORSE_TAILS.get(name, "both"))


@dataclasses.dataclass(frozen=True)
class Reference:
    """The measures of one speaker's speech, and of noise.

    Attributes:
      name: of the speaker.
      source: of the speech, one line.
      rate: Hz.
      pieces: number of pieces of 10 s.
      spectrum: [M] dB, long-term spectrum of all of them (`spectrum.long_term_spectrum`); None where the rate is too
        low.
      speech: range of each measure that any piece has.
      noise: median of each measure that white noise has, of as many pieces, but ten at most.
      phones: the same of the phones that an ear hears; None where none has listened.
    """

    name: str
    source: str
    rate: int
    pieces: int
    spectrum: tuple[float | None, ...]
    speech: dict[str, Range]
    noise: dict[str, float]
    phones: PhoneReference | None = None

    def __post_init__(self):
        if not 1000 <= self.rate <= 1_000_000 or self.pieces < 1:
            raise ValueError("rate must be from 1000 to 1000000 Hz, and pieces positive")
        if len(self.spectrum) != BANDS or not {*self.speech, *self.noise} <= set(MEASURES):
            raise ValueError(f"spectrum has {BANDS} bands, and the measures are {', '.join(MEASURES)}")
        for name, one in self.speech.items():
            if not one.low <= one.median <= one.high:
                raise ValueError(f"speech.{name} must hold low, median and high in this order")

    @property
    def measured(self) -> tuple[str, ...]:
        """Names of the measures that a sound can lie outside of."""
        return tuple(name for name in MEASURES if name in self.speech)

    @property
    def share_outside(self) -> float:
        """Share of other pieces of the same speech that lie outside of a range with two ends, in the mean.

        Those of P pieces are uncertain, and the fewer, the narrower: it is 1 - 0.9 (P - 1) / (P + 1) where a measure is
        distributed uniformly, and much the same where it is not.
        """
        return 1 - (HIGH - LOW) * (self.pieces - 1) / (self.pieces + 1)

    def bounds(self, name: str) -> tuple[float, float]:
        """Returns the least and the largest value of a measure that this speaker's speech could have.

        These are the 5th and the 95th percentile; of the distance of spectra 1.5 times the median of speech is the
        largest, and of it and the loop correlation none is too small.
        """
        real, tail = self.speech[name], WORSE_TAILS.get(name, "both")
        high = MAX_DISTANCE_RATIO * real.median if name == "ltas_distance_db" else real.high
        return (
            real.low if tail in ("below", "both") else -math.inf,
            high if tail in ("above", "both") else math.inf,
        )

    def within(self, name: str, value: float | None) -> bool:
        """Tests whether a measure has a value that this speaker's speech could have, which lies in its `bounds`."""
        return value is not None and name in self.speech and not self.excludes(name, value)

    def excludes(self, name: str, value: float | None) -> bool:
        """Tests whether a measure has a value that this speaker's speech hardly has.

        A value that could not be measured (None), and a measure without a range, are neither within nor excluded.
        """
        if value is None or name not in self.speech:
            return False
        low, high = self.bounds(name)
        return value < low or value > high


def lay_pieces(seconds: float, overlap: float = 0.0) -> np.ndarray:
    """Lays pieces of the length of those of a reference over a sound, so that all of it is covered.

    Args:
      seconds: length of the sound.
      overlap: least share of a piece that the next one covers, too, [0, 1).

    Returns:
      [P, 2] seconds, start and end of each: 10 s, evenly apart, which overlap by more unless they divide the sound; the
      whole of a sound of up to 12 s.
    """
    if seconds <= LONGEST_RATIO * PIECE_SECONDS:
        return np.array([[0.0, seconds]])
    steps = math.ceil((seconds / PIECE_SECONDS - 1) / (1 - overlap) - 1e-9)
    starts = np.linspace(0, seconds - PIECE_SECONDS, 1 + steps)
    return np.stack([starts, starts + PIECE_SECONDS], axis=1)


def cut_pieces(audio: np.ndarray, rate: int) -> np.ndarray:
    """Cuts [T] amplitudes at `rate` Hz to consecutive pieces of 10 s, [P, T']; the rest is left out.

    Raises:
      BabbleError: there are fewer than two.
    """
    size = round(PIECE_SECONDS * rate)
    if len(audio) < 2 * size:
        raise BabbleError(
            f"{len(audio) / rate:.1f} s of speech are too few to compare with; give 20 s or more."
        )
    return audio[: len(audio) // size * size].reshape(-1, size)


def measure_reference(
    audio: np.ndarray,
    rate: int,
    name: str,
    source: str = "",
    advance: Callable[[int], None] = lambda pieces: None,
) -> Reference:
    """Measures the reference that recordings of one speaker give.

    A piece's distance of spectra is from the spectrum of all pieces, its own included.

    Args:
      audio: [T] float amplitudes, one recording after the other.
      rate: Hz.
      name: of the speaker.
      source: of the speech, one line.
      advance: called with 1 after each of the P + min(P, 10) judgements.

    Raises:
      BabbleError: there are fewer than two pieces of 10 s.
    """
    pieces = cut_pieces(np.asarray(audio, np.float32), rate)
    spectrum = long_term_spectrum(pieces.reshape(-1), rate)
    white_noise = make_noise(pieces)

    def judge_all(pieces: np.ndarray) -> list[Judgement]:
        judgements = []
        for piece in pieces:
            judgements.append(judge(piece, rate, spectrum))
            advance(1)
        return judgements

    speech, noise = judge_all(pieces), judge_all(white_noise)
    return Reference(
        name,
        source,
        rate,
        len(pieces),
        tuple(x if np.isfinite(x) else None for x in spectrum.tolist()),
        {
            n: Range(*np.quantile(x, (LOW, 0.5, HIGH)).tolist())
            for n in MEASURES
            if len(x := _values(speech, n))
        },
        {n: float(np.median(x)) for n in MEASURES if len(x := _values(noise, n))},
    )


def make_noise(pieces: np.ndarray) -> np.ndarray:
    """Makes white noise of the shape of pieces of speech [P, T], but ten pieces at most, float32."""
    shape = (min(len(pieces), 10), pieces.shape[1])
    return np.random.default_rng(0).normal(0, 0.05, shape).astype(np.float32)


def _values(judgements: list[Judgement], name: str) -> np.ndarray:
    """Collects the values of a measure from the judgements that have one."""
    values = [getattr(judgement, name) for judgement in judgements]
    return np.array([value for value in values if value is not None])


def save_reference(reference: Reference, path: Path) -> None:
    """Writes the JSON file that `load_reference` reads."""
    files.write_json(path, config.to_json(reference))


def read_reference(path: Path) -> Reference:
    """Reads the JSON file that `save_reference` wrote.

    Raises:
      BabbleError: it cannot be read, or holds no reference.
    """
    return config.from_json(Reference, read_json(path), str(path))


def load_reference(name_or_path: str) -> Reference:
    """Loads a reference that ships, by name, or measures a sound file or those in a folder (0.6 s for each 10 s).

    Raises:
      BabbleError: neither, or too little sound there.
    """
    if name_or_path in registry.names("references"):
        path = registry.path("references", name_or_path)
        return read_reference(path)
    return measure_reference(*read_speech(name_or_path), Path(name_or_path).stem)


def read_speech(path: str) -> tuple[np.ndarray, int]:
    """Reads the sound of a reference that does not ship.

    Args:
      path: of a sound file, or of a folder of them.

    Returns:
      (audio, rate): [T] float32, one recording after the other; rate in Hz, that of the first.

    Raises:
      BabbleError: there is no sound.
    """
    if not path:
        raise BabbleError(
            "The name of the reference is empty; name one, or a sound file or a folder of them."
        )
    folder = Path(path)
    paths = (
        sorted(
            Path(above, name)
            for above, names in walk_files(folder)
            for name in names
            if sound_types.is_recording(Path(above, name))
        )
        if is_folder(folder)
        else [folder]
        if is_file(folder)
        else []
    )
    if not paths:
        raise BabbleError(
            f"There is no reference {path!r}, nor a sound file or a folder of them of that name"
            f"{registry.suggest('references', path)}; those that ship are "
            f"{', '.join(registry.names('references'))}."
        )
    rate = wave.read(paths[0])[1]
    return np.concatenate([wave.read(path, rate)[0] for path in paths]), rate
