"""The part of `babble judge` that an ear hears: the phones of sounds beside those of real speech, noise and chance."""

import dataclasses
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from babble_jax.audio.resampling import resample
from babble_jax.cli.ears import print_known, print_match
from babble_jax.cli.judge_missing import describe_missing
from babble_jax.cli.judge_pieces import describe_pieces
from babble_jax.ear.matching import find_match
from babble_jax.judge.comparison import compare
from babble_jax.judge.phone_reference import judge_phones, measure_phone_reference, silences_of
from babble_jax.judge.phones import (
    PHONE_EXPLANATIONS,
    PHONE_MEASURES,
    PHONE_MISSING,
    PHONE_WORSE_TAILS,
    PhoneMeasures,
    PhoneText,
)
from babble_jax.judge.ranges import describe_tails
from babble_jax.judge.reference import PhoneReference, Reference
from babble_jax.plural import plural
from babble_jax.presets import registry
from babble_jax.pretrained.ear import load_ear
from babble_jax.pretrained.ear_recordings import is_among, load_digests
from babble_jax.pretrained.ear_text import load_text
from babble_jax.printable import escape_unprintable
from babble_jax.progress import Progress

_CHANCES = {
    "phone_entropy": "phone_entropy_chance",
    "bigram_entropy": "bigram_entropy_chance",
    "longest_run": "longest_run_high",
}
"""Measures of the strings that the n-gram draws, beside the measure."""
_CHANCE_TEXTS = {
    "phone_entropy_chance": "the same of strings that the n-gram draws, mean",
    "bigram_entropy_chance": "the same of strings that the n-gram draws, mean",
    "longest_run_high": "the same of strings that the n-gram draws, 95th percentile",
}


@dataclasses.dataclass(frozen=True)
class JudgedPhones:
    """The phones of sounds by one ear.

    Attributes:
      ear: name of the ear.
      by_name: measures of each sound by its name.
      reference: of real speech and noise by the same ear; None where it has listened to none.
      is_known: whether the ear was trained on a sound, by its name, where that is known.
      seconds: length of each sound by its name; that of a sound of one piece is not needed.
      differs: whether the spectra of the sounds were left as they are, and that of the reference was matched.
    """

    ear: str
    by_name: Mapping[str, PhoneMeasures]
    reference: PhoneReference | None
    is_known: Mapping[str, bool | None] = dataclasses.field(default_factory=dict)
    seconds: Mapping[str, float] = dataclasses.field(default_factory=dict)
    differs: bool = False

    def values(self) -> dict[str, Any]:
        """Returns the block of the JSON output."""
        from babble_jax.config import to_json

        return {
            "name": self.ear,
            "files": [
                {"file": name, **dataclasses.asdict(one), "in_training": self.is_known.get(name)}
                for name, one in self.by_name.items()
            ],
            "reference": None if self.reference is None else to_json(self.reference),
        }

    def lines(self) -> list[str]:
        """Returns a table: a row per measure, its chance below it; a star marks what lies outside of real speech."""
        names = [escape_unprintable(Path(name).name)[-14:] for name in self.by_name]
        lines = [
            f"by the ear {self.ear}:",
            f"{'':18}{'noise':>8}{'speech: 5 %':>13}{'95 %':>8}" + "".join(f"{name:>16}" for name in names),
        ]
        for name in PHONE_MEASURES:
            lines.append(_row(name, self))
            if name in _CHANCES:
                lines.append(_row(_CHANCES[name], self))
        if self.reference is not None:
            lines.append(
                f"* outside of the range, 5 to 95 % of the pieces of speech ({describe_tails(PHONE_WORSE_TAILS)}); "
                "- not measured"
            )
            if self.differs:
                lines.append(
                    "the ranges are of speech whose spectrum was matched where it lay off, that of these sounds was "
                    "not (--match off)"
                )
        for path, one in self.by_name.items():
            lines += [
                f"{escape_unprintable(path)}: {text}"
                for text in self._verdict_lines(one, self.seconds.get(path, 0.0))
            ]
        return lines

    def _verdict_lines(self, measures: PhoneMeasures, seconds: float) -> Iterator[str]:
        """Says how many measures of a sound lie within the ranges, and whether it may hold words."""
        own = self.reference
        if not measures.phones:
            yield "the ear hears no phone, so that there is nothing to measure"
        elif own is None:
            missing = describe_missing(
                {name: getattr(measures, name) for name in PHONE_MEASURES}, PHONE_MISSING
            )
            if missing:
                yield missing.removeprefix("; ")
        else:
            comparison = compare(own, measures.parts)
            values = {name: getattr(measures, name) for name in PHONE_MEASURES if name in own.speech}
            missing = describe_missing(values, PHONE_MISSING)
            if len(measures.parts) > 1:
                yield f"by its phones, {describe_pieces(comparison, seconds, 'real speech')}{missing}"
            else:
                yield (
                    f"{comparison.within[0]} of {len(comparison.names)} measures of its phones lie within the range of "
                    f"real speech{missing}"
                )
        if measures.whole_run and measures.whole_run_high is not None:
            longer = measures.whole_run > measures.whole_run_high
            yield (
                f"stands in the training text: {measures.longest_run_phones} ({plural(measures.whole_run, 'phone')}; "
                f"95 % of drawn strings have {measures.whole_run_high:.3g} at most: "
                f"{'a word perhaps, or a piece of a training sentence' if longer else 'no more than chance'})"
            )


def find_ear(name: str | None, reference: Reference) -> str | None:
    """Names the ear that listens: the one that is asked for, or that of the reference if it ships; None for none.

    Args:
      name: as the user gives it; None where none is named.
      reference: that the sounds are compared with.
    """
    if name is not None or reference.phones is None:
        return name
    return reference.phones.ear if reference.phones.ear in registry.names("ears") else None


def judge_all_phones(
    sounds: Mapping[str, tuple[np.ndarray, int]],
    ear: str,
    reference: Reference,
    speech: tuple[np.ndarray, int] | None,
    match: bool = True,
) -> JudgedPhones:
    """Measures the phones of sounds, and of the speech that they are compared with where it is at hand.

    Args:
      sounds: (audio, rate) by path: [T] float amplitudes; Hz.
      ear: name or folder of the ear.
      reference: that the sounds are compared with.
      speech: (audio, rate) of that reference: [T] float amplitudes, Hz; None of one that was measured before.
      match: whether the spectrum of a sound is brought to that of the ear's training where it lies off it, which is
        said, and the ear was not trained on it; that of the speech, too.

    Raises:
      BabbleError: there is no such ear.
    """
    opened, own = load_ear(ear), reference.phones
    strings = load_text(ear, opened.config)
    text = None if strings is None else PhoneText(strings, silences_of(opened.config))
    training_digests = load_digests(ear)
    with Progress("hearing", len(sounds), "files", shown=len(sounds) > 1) as progress:
        by_name, is_known = {}, {}
        for name, (audio, rate) in sounds.items():
            resampled = resample(np.asarray(audio, np.float32), rate, opened.config.sample_rate)
            is_known[name] = is_among(Path(name), training_digests) if Path(name).is_file() else None
            sound_match = find_match([resampled], opened.config, opened.card, match and not is_known[name])
            by_name[name] = judge_phones(resampled, opened.config.sample_rate, opened, text, sound_match)
            print_known(name, is_known[name])
            print_match(name, sound_match, is_known[name])
            progress.update()
    if speech is not None:
        pieces = reference.pieces + min(reference.pieces, 10)
        with Progress("hearing the reference", pieces, "pieces") as progress:
            own = measure_phone_reference(*speech, opened, ear, text, progress.update, match)
    own = own if own is not None and own.ear == ear else None
    seconds = {name: len(audio) / rate for name, (audio, rate) in sounds.items()}
    differs = own is not None and speech is None and not match
    return JudgedPhones(ear, by_name, own, is_known, seconds, differs)


def _row(name: str, judged: JudgedPhones) -> str:
    """Formats a measure, or the chance of one, of all sounds."""
    reference = judged.reference
    real = None if reference is None else reference.speech.get(name)
    noise = None if reference is None else reference.noise.get(name)
    title = "  by chance" if name in _CHANCE_TEXTS else name
    line = f"{title:18}{'-' if noise is None else f'{noise:.3g}':>8}"
    line += f"{'-':>13}{'-':>8}" if real is None else f"{real.low:>13.3g}{real.high:>8.3g}"
    for one in judged.by_name.values():
        value = getattr(one, name)
        outside = reference is not None and name in compare(reference, one.parts).starred
        line += f"{'-' if value is None else f'{value:.3g}':>15}{'*' if outside else ' '}"
    return f"{line}  {_CHANCE_TEXTS.get(name) or PHONE_EXPLANATIONS[name]}"
