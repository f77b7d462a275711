"""Measures of speech-likeness of recordings."""

import dataclasses
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from tyro.conf import Positional, arg

from babble_jax.cli.ears import MatchName
from babble_jax.cli.messages import print_json, print_line
from babble_jax.errors import BabbleError
from babble_jax.plural import plural
from babble_jax.presets import registry

if TYPE_CHECKING:
    import numpy as np

    from babble_jax.cli.judge_phones import JudgedPhones
    from babble_jax.judge.judging import Verdict
    from babble_jax.judge.reference import Reference


_LEAST_RATIO = 0.8
_FEW_PIECES = 20
"""Times the length of a piece, below which a sound compares badly with the ranges."""
_REFERENCE = arg(
    help="Real speech to compare with: one that ships "
    f"({', '.join(registry.names('references'))}), or a sound file of one speaker or a folder of them, 20 s or more. "
    "By default the speech that the voice was trained on, where `babble speak` has written into the files which voice "
    "made them and that speech is at hand; else festvox-ru."
)


@dataclasses.dataclass(frozen=True)
class Judge:
    """Judges whether recordings are babble, beside real speech.

    It measures how much they are like speech (detected speech, syllables, pitch, spectrum, pauses, repetition), shows
    each measure beside the range of real speech and the value of noise, and ends with a verdict for each file. With an
    ear it also measures the phones: how fast and how varied they are, how far from the sequences of the ear's language,
    and whether there are words of its training text among them. Of several files it says how alike the first and the
    one most like it are. The ranges are those of pieces of 10 s: a longer sound is judged in such pieces, a much
    shorter one compares badly.

    Attributes:
      files: Sound files, of `babble speak` or any others, best of 10 s or more each. Channels are averaged.
      reference: Real speech to compare with.
      ear: Name of an ear that ships, or folder of one, that listens. By default the ear of the reference, if it has one
        that ships, listens to what is not known to be another sound than speech.
      match: auto brings a sound through another microphone than that of the ear's training to the spectrum of that for
        the ear, and says so; off hears it as it is.
      plot: PNG file for a picture of the measures beside their ranges. An earlier one is replaced.
      json: Print one JSON object on standard output, and nothing else.
    """

    files: Annotated[Positional[tuple[Path, ...]], arg(metavar="SOUND...", help_behavior_hint="(required)")]
    reference: Annotated[str | None, _REFERENCE] = None
    ear: str | None = None
    match: MatchName = "auto"
    plot: Path | None = None
    json: bool = False

    def run(self) -> None:
        """Judges each file and prints the measures, or plots them, too."""
        from babble_jax.audio import wave
        from babble_jax.cli.judge_advice import advise
        from babble_jax.cli.judge_pieces import describe_comparison
        from babble_jax.cli.outputs import check_output
        from babble_jax.cli.own_reference import choose_reference, find_short_trainings
        from babble_jax.config import to_json
        from babble_jax.judge.judging import judge_audio
        from babble_jax.judge.loops import max_cross_correlation
        from babble_jax.judge.reference import load_reference, measure_reference, read_speech
        from babble_jax.progress import Progress

        if self.plot is not None:
            check_output(self.plot, ".png")
        if not self.files:
            raise BabbleError("There is no file to judge; name one or more sound files.")
        if len({str(path) for path in self.files}) < len(self.files):
            raise BabbleError("A file is named twice; name each once.")
        reference = speech = None
        own = True
        if self.reference in registry.names("references"):
            reference = load_reference(self.reference)
        elif self.reference is not None:
            speech = read_speech(self.reference)
            reference = measure_reference(*speech, Path(self.reference).stem)
        sounds = {str(path): wave.read(path) for path in self.files}
        if reference is None:
            reference, own = choose_reference(self.files)
        self._warn(sounds, reference)
        phones = self._judge_phones(sounds, reference, speech)
        judged: dict[str, Verdict] = {}
        with Progress("judging", len(sounds), "files") as progress:
            for name, (audio, rate) in sounds.items():
                judged[name] = judge_audio(audio, rate, reference)
                progress.update()
        (first, rate), *others = sounds.values()
        most_alike = max(
            (max_cross_correlation(first, x, rate) for x, r in others if r == rate), default=None
        )
        if self.plot is not None:
            from babble_jax.judge.judgement_picture import plot_judgements

            plot_judgements(self.plot, {name: one.measures for name, one in judged.items()}, reference)
        if self.json:
            rows = [
                {
                    "file": name,
                    "pieces": len(one.pieces),
                    **dataclasses.asdict(one.measures),
                    **describe_comparison(one.comparison, _seconds(sounds[name])),
                }
                for name, one in judged.items()
            ]
            values = {"files": rows, "likeness": most_alike, "reference": to_json(reference)}
            print_json(values if phones is None else values | {"ear": phones.values()})
        else:
            print(_table(judged, reference))
            if phones is not None:
                print("\n".join(phones.lines()))
            if most_alike is not None:
                print(f"the first and the file most like it: {most_alike:.2f} (1 is the same sound)")
            for name, one in judged.items():
                print_line(_verdict(name, one, _seconds(sounds[name]), own))
            # Another speaker's speech says nothing of what a voice lacks.
            seconds = {name: _seconds(sound) for name, sound in sounds.items()}
            for line in find_short_trainings(self.files) or (advise(judged, seconds) if own else ()):
                print_line(line)
            if self.plot is not None:
                print_line(self.plot)

    def _warn(self, sounds: Mapping[str, tuple["np.ndarray", int]], reference: "Reference") -> None:
        """Says on standard error which sounds compare badly with the ranges or by pieces, and that no ear listens."""
        from babble_jax.cli.ears import describe_language
        from babble_jax.judge.reference import PIECE_SECONDS, lay_pieces

        for name, (audio, rate) in sounds.items():
            seconds = len(audio) / rate
            ranges = f"{name}: lasts {seconds:.1f} s, but the ranges are of pieces of {PIECE_SECONDS:g} s; "
            if seconds < _LEAST_RATIO * PIECE_SECONDS:
                print_line(f"{ranges}a shorter sound compares badly with them", sys.stderr)
            elif (pieces := len(lay_pieces(seconds))) > 1:
                print_line(
                    f"{ranges}it is judged in {pieces} such pieces: each value is the median of theirs, but for "
                    "loop_correlation, which is the largest of any of them and of the whole",
                    sys.stderr,
                )
        if reference.pieces < _FEW_PIECES:
            print_line(
                f"the ranges are of {plural(reference.pieces, 'piece')} of {PIECE_SECONDS:g} s, which are few: about "
                f"{reference.share_outside:.0%} of other pieces of the same speech lie outside of each; of many, 10%",
                sys.stderr,
            )
        ears = registry.names("ears")
        if self.ear is None and reference.phones is None and ears and self._select_speech(sounds):
            files = shlex.join(map(str, self.files))
            print_line(
                f"no ear listens to the phones; one does by: babble judge {files} --ear {ears[0]}; "
                f"{describe_language(ears[0])}",
                sys.stderr,
            )

    def _judge_phones(
        self,
        sounds: Mapping[str, tuple["np.ndarray", int]],
        reference: "Reference",
        speech: "tuple[np.ndarray, int] | None",
    ) -> "JudgedPhones | None":
        """Measures the phones of the sounds where an ear is named, or the reference has one that ships."""
        candidates = self._select_speech(sounds)
        if not candidates or (self.ear is None and reference.phones is None):
            return None
        from babble_jax.cli.judge_phones import find_ear, judge_all_phones

        ear = find_ear(self.ear, reference)
        if ear is None:
            return None
        return judge_all_phones(candidates, ear, reference, speech, self.match == "auto")

    def _select_speech(
        self, sounds: Mapping[str, tuple["np.ndarray", int]]
    ) -> Mapping[str, tuple["np.ndarray", int]]:
        """Returns the sounds that an ear listens to: all where one is named, else those not known to be no speech."""
        from babble_jax.cli.own_reference import is_other_sound

        if self.ear is not None:
            return sounds
        return {name: sound for name, sound in sounds.items() if not is_other_sound(Path(name))}


def _seconds(sound: tuple["np.ndarray", int]) -> float:
    """Returns the length of a sound (audio, rate) in seconds."""
    audio, rate = sound
    return len(audio) / rate


def _table(judged: Mapping[str, "Verdict"], reference: "Reference") -> str:
    """Formats a row per measure, and what it says; the values outside of speech's range have a star."""
    from babble_jax.judge.judgement import EXPLANATIONS, MEASURES, WORSE_TAILS
    from babble_jax.judge.ranges import describe_tails
    from babble_jax.judge.reference import MAX_DISTANCE_RATIO
    from babble_jax.printable import escape_unprintable

    names = [escape_unprintable(Path(name).name)[-14:] for name in judged]
    lines = [f"{'':18}{'noise':>8}{'speech: 5 %':>13}{'95 %':>8}" + "".join(f"{n:>16}" for n in names)]
    for name in MEASURES:
        real, noise = reference.speech.get(name), reference.noise.get(name)
        line = f"{name:18}{'-' if noise is None else f'{noise:.3g}':>8}"
        line += f"{'-':>13}{'-':>8}" if real is None else f"{real.low:>13.3g}{real.high:>8.3g}"
        for one in judged.values():
            value = getattr(one.measures, name)
            star = "*" if name in one.outside else " "
            line += f"{'-' if value is None else f'{value:.3g}':>15}{star}"
        lines.append(f"{line}  {EXPLANATIONS[name]}")
    distance = ""
    if "ltas_distance_db" in reference.speech:
        limit = reference.bounds("ltas_distance_db")[1]
        distance = f"; the limit of ltas_distance_db is {MAX_DISTANCE_RATIO:g} times the median, {limit:.3g}"
    lines.append(
        f"* outside of the range, 5 to 95 % of {reference.pieces} pieces of {reference.name} "
        f"({describe_tails(WORSE_TAILS)}{distance}); - not measured"
    )
    return "\n".join(lines)


def _verdict(name: str, verdict: "Verdict", seconds: float, own: bool = True) -> str:
    """Says in a sentence how much a file is like the speech of its reference.

    Args:
      name: of the file.
      verdict: on it.
      seconds: its length.
      own: whether the reference is of the speaker; else it is a guess, and is named as whose speech it is.
    """
    from babble_jax.cli.judge_missing import describe_missing
    from babble_jax.cli.judge_pieces import describe_pieces
    from babble_jax.judge.judgement import MISSING

    comparison = verdict.comparison
    speaker = "this speaker" if own else f"the speaker of {verdict.reference.name}"
    text = f"verdict on {name}: {comparison.likeness} speech of {speaker}"
    values = {one: getattr(verdict.measures, one) for one in comparison.names}
    missing = describe_missing(values, MISSING)
    if len(verdict.parts) > 1:
        return f"{text}: {describe_pieces(comparison, seconds, verdict.reference.name)}{missing}"
    off = f"; outside: {', '.join(verdict.outside)}" if verdict.outside else ""
    return (
        f"{text}: {comparison.within[0]} of {len(comparison.names)} measures lie within the "
        f"range of {verdict.reference.name}{off}{missing}"
    )
