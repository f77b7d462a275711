"""A dialogue of two babblers."""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from tyro.conf import arg

from babble_jax.cli.messages import report_skipped
from babble_jax.errors import BabbleError
from babble_jax.pretrained.pretrained import DEFAULT
from babble_jax.timing.manipulation.manipulations import Manipulations

if TYPE_CHECKING:
    from babble_jax.dialogue.plan import Plan


@dataclasses.dataclass(frozen=True)
class Converse:
    """Writes a dialogue of two babblers: stereo audio, annotation (TextGrid, EAF, RTTM, CSV), manifest, pictures.

    Attributes:
      voice: one or two voices, names of those that ship or folders; of one with one speaker, two are made by resizing.
      out: folder for the dialogue; must not exist yet, or see --overwrite.
      timing: name of a timing preset that ships, or a file that `babble fit --out` wrote.
      replay: annotation of a real conversation of two, whose timing is replayed instead of drawing one; all its files,
        where each speaker has one.
      format: of these files, as for `babble events`; found by content if absent.
      conversation: id of the one to replay, where the files hold several.
      start: seconds of the recording at which the replay begins; where observation begins if absent.
      seconds: length of the dialogue before manipulation.
      manipulations: of its timing.
      temperature: of the babble; below 1 tamer, above 1 wilder; each voice's own if absent.
      top_k: draw among the k most likely levels; 0 for all.
      speakers: names of the speaker to use of each voice, or of two of one voice; the first ones if absent.
      seed: of plan and babble; the same seed gives the same bytes.
      overwrite: replace an earlier dialogue in `out`.
    """

    out: Path
    voice: tuple[str, ...] = (DEFAULT,)
    timing: str = "switchboard"
    replay: tuple[Path, ...] = ()
    format: str | None = None
    conversation: str | None = None
    start: float | None = None
    seconds: float = 60.0
    manipulations: Annotated[Manipulations, arg(name="")] = Manipulations()
    temperature: float | None = None
    top_k: int = 0
    speakers: tuple[str, ...] = ()
    seed: int = 0
    overwrite: bool = False

    def run(self) -> None:
        """Converses, and prints the table."""
        from babble_jax.audio import wave
        from babble_jax.cli.babblers import two_babblers
        from babble_jax.dialogue.duet import perform
        from babble_jax.dialogue.event_table import table_text
        from babble_jax.dialogue.plan import manipulated
        from babble_jax.timing.manipulation.manipulate import step_text

        babblers = two_babblers(self.voice, self.speakers, self.temperature, self.top_k)
        if self.seconds > 0:  # the plan says the rest
            wave.check_length(self.seconds, babblers[0].sample_rate, len(babblers))
        plan = manipulated(self._plan(), self.manipulations, self.seed)
        report = perform(plan, babblers, self.seed, self.out, overwrite=self.overwrite)
        for step in plan.record["manipulations"]:
            print(step_text(step))
        print(table_text(report.table))
        print(f"{report.folder / 'dialogue.wav'}")

    def _plan(self) -> "Plan":
        from babble_jax.conversation.reading import read
        from babble_jax.dialogue.plan import drawn, replayed, select_conversation
        from babble_jax.timing.preset import load_preset

        if not self.replay:
            if self.start is not None or self.conversation is not None:
                raise BabbleError("--start and --conversation choose what to replay; give --replay, too.")
            return drawn(load_preset(self.timing), self.seconds, self.seed)
        reading = read(self.replay, self.format)
        report_skipped(reading.skipped)
        conversation = select_conversation(reading.conversations, self.conversation)
        named = [path for path in self.replay if path.is_file()]
        return replayed(conversation, self.start, self.seconds, sources=named)
