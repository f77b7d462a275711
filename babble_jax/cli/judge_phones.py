"""The part of `babble judge` that an ear hears: the phones of sounds beside those of real speech, noise and chance."""

import dataclasses
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from babble_jax.audio.resampling import resample
from babble_jax.cli.ears import print_known, print_match
from babble_jax.cli.judge_missing import describe_missing
from babble_jax.ear.matching import find_match
from babble_jax.judge.phone_reference import judge_phones, measure_phone_reference, silences_of
from babble_jax.judge.phones import (
    PHONE_EXPLANATIONS,
    PHONE_MEASURES,
    PHONE_MISSING,
    PhoneMeasures,
    PhoneText,
)
from babble_jax.judge.reference import PhoneReference, Reference, read_speech
from babble_jax.plural import plural
from babble_jax.presets import registry
from babble_jax.pretrained.ear import load_ear
from babble_jax.pretrained.ear_recordings import is_among, load_recordings
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
    """

    ear: str
    by_name: Mapping[str, PhoneMeasures]
    reference: PhoneReference | None
    is_known: Mapping[str, bool | None] = dataclasses.field(default_factory=dict)

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
                "* outside of what the speech has (of confidence and longest_run only below, of ngram_distance only "
                "above); - not measured"
            )
        for path, one in self.by_name.items():
            lines += [f"{escape_unprintable(path)}: {text}" for text in self._verdict_lines(one)]
        return lines

    def _verdict_lines(self, measures: PhoneMeasures) -> Iterator[str]:
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
            values = {name: getattr(measures, name) for name in PHONE_MEASURES if name in own.speech}
            measured = [name for name, value in values.items() if value is not None]
            within = sum(not own.excludes(name, values[name]) for name in measured)
            yield (
                f"{within} of {len(measured)} measures of its phones lie within the range of real speech"
                f"{describe_missing(values, PHONE_MISSING)}"
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
    source: str | None,
    match: bool = True,
) -> JudgedPhones:
    """Measures the phones of sounds, and of the speech that they are compared with where it is at hand.

    Args:
      sounds: (audio, rate) by path: [T] float amplitudes; Hz.
      ear: name or folder of the ear.
      reference: that the sounds are compared with.
      source: name of the reference, or path of its sound; None where none is named.
      match: whether the spectrum of a sound is brought to that of the ear's training where it lies off it, which is
        said.

    Raises:
      BabbleError: there is no such ear, or the speech cannot be read.
    """
    opened, own = load_ear(ear), reference.phones
    strings = load_text(ear, opened.config)
    text = None if strings is None else PhoneText(strings, silences_of(opened.config))
    training_digests = load_recordings(ear)
    with Progress("hearing", len(sounds), "files", shown=len(sounds) > 1) as progress:
        by_name, is_known = {}, {}
        for name, (audio, rate) in sounds.items():
            resampled = resample(np.asarray(audio, np.float32), rate, opened.config.sample_rate)
            sound_match = find_match([resampled], opened.config, opened.card, match)
            by_name[name] = judge_phones(audio, rate, opened, text, sound_match)
            print_match(name, sound_match)
            is_known[name] = is_among(Path(name), training_digests) if Path(name).is_file() else None
            print_known(name, is_known[name])
            progress.update()
    if source is not None and source not in registry.names("references"):
        audio, rate = read_speech(source)
        pieces = reference.pieces + min(reference.pieces, 10)
        with Progress("hearing the reference", pieces, "pieces") as progress:
            own = measure_phone_reference(audio, rate, opened, ear, text, progress.update)
    return JudgedPhones(ear, by_name, own if own is not None and own.ear == ear else None, is_known)


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
        outside = reference is not None and reference.excludes(name, value)
        line += f"{'-' if value is None else f'{value:.3g}':>15}{'*' if outside else ' '}"
    return f"{line}  {_CHANCE_TEXTS.get(name) or PHONE_EXPLANATIONS[name]}"
