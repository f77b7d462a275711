"""Measures of speech-likeness of recordings."""

import dataclasses
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from tyro.conf import Positional, arg

from babble_jax.cli.ears import MatchName
from babble_jax.cli.messages import print_json, print_line
from babble_jax.errors import BabbleError
from babble_jax.presets import registry

if TYPE_CHECKING:
    import numpy as np

    from babble_jax.cli.judge_phones import JudgedPhones
    from babble_jax.judge.judgement import Judgement
    from babble_jax.judge.reference import Reference


_LEAST_RATIO = 0.8
"""Times the length of a piece, below which a sound compares badly with the ranges."""
_REFERENCE = arg(
    help="Real speech to compare with: one that ships "
    f"({', '.join(registry.names('references'))}), or a sound file of one speaker or a folder of them, 20 s or more. "
    "By default the speech that the voice was trained on, where `babble speak` has written into the files which voice "
    "made them; else festvox-ru."
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
        that ships.
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
        from babble_jax.cli.outputs import check_output
        from babble_jax.cli.own_reference import choose_reference, find_short_trainings
        from babble_jax.config import to_json
        from babble_jax.judge.judging import judge_audio
        from babble_jax.judge.loops import max_cross_correlation
        from babble_jax.judge.reference import lay_pieces, load_reference
        from babble_jax.progress import Progress

        if self.plot is not None:
            check_output(self.plot, ".png")
        if not self.files:
            raise BabbleError("There is no file to judge; name one or more sound files.")
        if len({str(path) for path in self.files}) < len(self.files):
            raise BabbleError("A file is named twice; name each once.")
        reference = None if self.reference is None else load_reference(self.reference)
        sounds = {str(path): wave.read(path) for path in self.files}
        if reference is None:
            reference = choose_reference(self.files)
        self._warn(sounds, reference)
        phones = self._judge_phones(sounds, reference)
        judged = {}
        with Progress("judging", len(sounds), "files") as progress:
            for name, (audio, rate) in sounds.items():
                judged[name] = judge_audio(audio, rate, reference).measures
                progress.update()
        (first, rate), *others = sounds.values()
        most_alike = max(
            (max_cross_correlation(first, x, rate) for x, r in others if r == rate), default=None
        )
        if self.plot is not None:
            from babble_jax.judge.judgement_picture import plot_judgements

            plot_judgements(self.plot, judged, reference)
        if self.json:
            pieces = {name: len(lay_pieces(len(audio) / rate)) for name, (audio, rate) in sounds.items()}
            rows = [
                {"file": name, "pieces": pieces[name], **dataclasses.asdict(one)}
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
                print_line(_verdict(name, one, reference))
            for line in find_short_trainings(self.files) or _next_steps(judged, reference, self.files):
                print_line(line)
            if self.plot is not None:
                print_line(self.plot)

    def _warn(self, sounds: Mapping[str, tuple["np.ndarray", int]], reference: "Reference") -> None:
        """Says on standard error which sounds compare badly with the ranges or by pieces, and that no ear listens."""
        from babble_jax.judge.reference import PIECE_SECONDS, lay_pieces

        for name, (audio, rate) in sounds.items():
            seconds = len(audio) / rate
            ranges = f"{name}: lasts {seconds:.1f} s, but the ranges are of pieces of {PIECE_SECONDS:g} s; "
            if seconds < _LEAST_RATIO * PIECE_SECONDS:
                print_line(f"{ranges}a shorter sound compares badly with them", sys.stderr)
            elif (pieces := len(lay_pieces(seconds))) > 1:
                print_line(
                    f"{ranges}it is judged in {pieces} such pieces: each value is the median of theirs, but for "
                    "loop_correlation, which is of the whole",
                    sys.stderr,
                )
        ears = registry.names("ears")
        if self.ear is None and reference.phones is None and ears:
            print_line(f"no ear listens to the phones; --ear {ears[0]} lets one", sys.stderr)

    def _judge_phones(
        self, sounds: Mapping[str, tuple["np.ndarray", int]], reference: "Reference"
    ) -> "JudgedPhones | None":
        """Measures the phones of the sounds where an ear is named, or the reference has one that ships."""
        if self.ear is None and reference.phones is None:
            return None
        from babble_jax.cli.judge_phones import find_ear, judge_all_phones

        ear = find_ear(self.ear, reference)
        return (
            None
            if ear is None
            else judge_all_phones(sounds, ear, reference, self.reference, self.match == "auto")
        )


def _next_steps(
    judged: Mapping[str, "Judgement"], reference: "Reference", paths: Sequence[Path]
) -> list[str]:
    """Says in a line what to do next, by the worst of the files that a voice has made; nothing without one.

    Args:
      judged: judgement of each file by its name.
      reference: the real speech, and the noise.
      paths: of the files.
    """
    from babble_jax.cli.origin import read_origin

    voices = {origin.voice for path in paths if (origin := read_origin(path)) is not None}
    own = {name: one for name, one in judged.items() if read_origin(Path(name)) is not None}
    if not own:  # recordings perhaps, which nobody can train
        return []
    name, worst = max(own.items(), key=lambda item: len(_outside(item[1], reference)))
    if len(_outside(worst, reference)) <= len(reference.speech) // 5:
        steps = [f"babble converse --voice {shlex.quote(voice)} --out duet" for voice in sorted(voices)]
        return [f"next: hear it in a dialogue: {steps[0]}"]
    low = reference.speech.get("speech_share")
    if low is not None and worst.speech_share < low.low:
        what = "the recordings with --longest-pause 0.3 if it is silent, or longer if it is noise"
    else:
        what = "more recordings, or longer"
    return [f"next: {name}: train the voice on {what}, or speak with a --temperature between 0.8 and 1"]


def _table(judged: Mapping[str, "Judgement"], reference: "Reference") -> str:
    """Formats a row per measure, and what it says; the values outside of speech's range have a star."""
    from babble_jax.judge.judgement import EXPLANATIONS, MEASURES
    from babble_jax.printable import escape_unprintable

    names = [escape_unprintable(Path(name).name)[-14:] for name in judged]
    lines = [f"{'':18}{'noise':>8}{'speech: 5 %':>13}{'95 %':>8}" + "".join(f"{n:>16}" for n in names)]
    for name in MEASURES:
        real, noise = reference.speech.get(name), reference.noise.get(name)
        line = f"{name:18}{'-' if noise is None else f'{noise:.3g}':>8}"
        line += f"{'-':>13}{'-':>8}" if real is None else f"{real.low:>13.3g}{real.high:>8.3g}"
        for one in judged.values():
            value = getattr(one, name)
            star = "*" if reference.excludes(name, value) else " "
            line += f"{'-' if value is None else f'{value:.3g}':>15}{star}"
        lines.append(f"{line}  {EXPLANATIONS[name]}")
    lines.append(f"* outside of what {reference.pieces} pieces of {reference.name} have; - not measured")
    return "\n".join(lines)


def _outside(judgement: "Judgement", reference: "Reference") -> list[str]:
    """Lists the measures that lie outside of the range of a reference."""
    from babble_jax.judge.judgement import MEASURES

    return [one for one in MEASURES if reference.excludes(one, getattr(judgement, one))]


def _verdict(name: str, judgement: "Judgement", reference: "Reference") -> str:
    """Says in a sentence how much a file is like the speech of a reference, by the measures that have a value.

    A piece of that speech itself lies outside in one of ten measures, by the definition of the ranges.

    Args:
      name: of the file.
      judgement: of it.
      reference: the real speech, and the noise.
    """
    from babble_jax.cli.judge_missing import describe_missing
    from babble_jax.judge.judgement import MEASURES, MISSING

    values = {measure: getattr(judgement, measure) for measure in MEASURES if measure in reference.speech}
    measured = [measure for measure, value in values.items() if value is not None]
    outside = _outside(judgement, reference)
    within = len(measured) - len(outside)
    if len(outside) <= len(measured) // 5:
        verdict = "like speech of this speaker"
    elif within >= len(measured) / 2:
        verdict = "in part like speech of this speaker"
    else:
        verdict = "not like speech of this speaker"
    off = f"; outside: {', '.join(outside)}" if outside else ""
    return (
        f"verdict on {name}: {verdict}: {within} of {len(measured)} measures lie within the range of "
        f"{reference.name}{off}{describe_missing(values, MISSING)}"
    )
