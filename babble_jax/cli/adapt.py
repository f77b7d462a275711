"""Adapting a voice to a new speaker."""

import dataclasses
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from tyro.conf import Positional, arg

from babble_jax.cli.messages import print_line
from babble_jax.errors import BabbleError
from babble_jax.presets.registry import DEFAULT_VOICE

if TYPE_CHECKING:
    from babble_jax.train.tasks.voice.adaptation.adapting import AdaptReport
    from babble_jax.train.tasks.voice.adaptation.recordings import SpeakerRecordings


_OTHER_MINUTES = 3
"""Minutes beside those of updates, on two cores of 2 GHz; no more of many recordings, of which few are evaluated."""
_MUCH_SPEECH = 600.0
"""Seconds of speech from which on babble is judged beside held-out recordings alone, which are a fifth of them."""


@dataclasses.dataclass(frozen=True)
class Adapt:
    """Adapts a voice to a new speaker, from minutes of recordings.

    A voice of the new speaker alone is written, with a card; it is then judged beside the recordings. Parameters go on
    from those of the nearest speaker of the voice, at a low rate, while held-out recordings gain; the best ones are
    released. An adaptation that is interrupted goes on by the same command, until OUT holds the voice. The speaker
    has to agree: say on the card who agreed to what, with --consent.

    Attributes:
      recordings: One or more folders or files of sound of one new speaker, 20 s of speech at least; minutes are better.
      voice: Name of a voice that ships, or folder of one, to begin with.
      out: Folder for the adapted voice, which is written in the end; it must be new or empty until then.
      minutes: Minutes of updates, 15 by default; measuring and evaluations come on top.
      steps: Number of updates in place of minutes; the result then depends on the seed alone.
      speaker: Name of the new speaker. By default the name of the folder.
      consent: Who agreed to what, in one line, for the card.
      source: Where the recordings can be obtained, in one line, for the card.
      licence: Licence of the recordings and of the weights, in one line, for the card.
      kind: Kind of the sounds, such as speech, for the card; by default that of the nearest speaker of the voice.
      language: Language of the recordings as a BCP 47 tag such as fr, for the card.
      workdir: Folder for the data set and the training; OUT-work by default. It may be removed in the end.
      learning_rate: Learning rate of the updates, 0.0003 by default.
      seed: Random seed.
    """

    recordings: Annotated[
        Positional[tuple[str, ...]], arg(metavar="RECORDINGS...", help_behavior_hint="(required)")
    ]
    out: Path
    voice: Annotated[str, arg(name="from")] = DEFAULT_VOICE
    minutes: float | None = None
    steps: int | None = None
    speaker: str | None = None
    consent: str | None = None
    source: str | None = None
    licence: str | None = None
    kind: str | None = None
    language: str | None = None
    workdir: Path | None = None
    learning_rate: float | None = None
    seed: int = 0

    def run(self) -> None:
        """Adapts the voice, writes it, lets it speak, and judges what it says."""
        from babble_jax.pretrained.tacotron_voice import TacotronVoice
        from babble_jax.pretrained.voices import load_any_voice
        from babble_jax.train.tasks.voice.adaptation.adapting import (
            LEARNING_RATE,
            LEAST_MINUTES,
            MINUTES,
            MOST_MINUTES,
            adapt_and_release,
            check_unfinished,
        )

        if isinstance(load_any_voice(self.voice), TacotronVoice):
            raise BabbleError(
                f"--from {self.voice}: this voice speaks phones, which cannot be adapted; name one that makes samples "
                f"by itself, such as {DEFAULT_VOICE}."
            )
        check_unfinished(self.out)
        minutes = MINUTES if self.minutes is None else self.minutes
        if self.steps is None and LEAST_MINUTES <= minutes <= MOST_MINUTES:  # else it is refused
            print_line(
                f"about {minutes + _OTHER_MINUTES:.0f} min: at most {minutes:g} of updates, and {_OTHER_MINUTES} for "
                "preparing, ten evaluations and judging",
                sys.stderr,
            )
        report = adapt_and_release(
            self.recordings,
            self.out,
            voice=self.voice,
            minutes=self.minutes,
            steps=self.steps,
            speaker=self.speaker,
            workdir=self.workdir,
            words={
                name: getattr(self, name) for name in ("consent", "source", "licence", "kind", "language")
            },
            learning_rate=LEARNING_RATE if self.learning_rate is None else self.learning_rate,
            seed=self.seed,
            finish=_finish,
        )
        self._report(report)

    def _report(self, report: "AdaptReport") -> None:
        """Lets the voice speak, judges that beside the recordings, and prints what was made."""
        from babble_jax.cli.judge import Judge
        from babble_jax.cli.speak import Speak
        from babble_jax.train.tasks.voice.adaptation.adapting import describe_release

        for path, reason in report.recordings.bad:
            print_line(f"left out: {path}: {reason}", sys.stderr)
        babble = report.recordings.dataset.parent / "babble.wav"
        Speak(voice=str(self.out), out=babble, seed=self.seed).run()
        Judge((babble,)).run()
        before = next(iter(report.nearest_bits.values()))
        gain = f"gained {before - report.bits:.4f} bits" if report.step else "nothing gained"
        print(
            f"held-out recordings: {before:.3f} bits per sample before any update, {report.bits:.3f} now: {gain}; "
            f"released: {describe_release(report.step)}"
        )
        if source := report.card["adapted_from"].get("source"):
            print_line(f"these bits mean nothing for recordings that {self.voice} was trained on: {source}")
        print_line(f"consent of {report.speaker}: {report.card['consent']}")
        size = sum(path.stat().st_size for path in self.out.iterdir())
        print_line(f"{self.out}: {size / 1e6:.2f} MB; work, which may be removed: {babble.parent}")
        print_line(
            f"speak with it: babble speak --voice {shlex.quote(str(self.out))} --out babble-of-mine.wav"
        )


def _finish(folder: Path, recordings: "SpeakerRecordings") -> None:
    """Adds to the folder of a voice its levels, and the measures of its recordings that `babble judge` compares with.

    Args:
      folder: of the voice.
      recordings: of its speaker.
    """
    from babble_jax.cli.own_reference import measure_held_out, reference_file
    from babble_jax.dialogue.card_levels import store_levels
    from babble_jax.judge.reference import save_reference
    from babble_jax.pretrained.pretrained import load_voice

    store_levels(folder)
    name, splits = f"recordings of {recordings.speaker}", ("validation", "test")
    if recordings.seconds >= _MUCH_SPEECH:
        name = f"held-out {name}"
    else:  # the ranges of few pieces are narrow
        splits = ("train", *splits)
    reference = measure_held_out(recordings.dataset, None, name, splits)
    speaker = next(iter(load_voice(folder).config.speakers), None)
    save_reference(reference, folder / reference_file(speaker))
