"""A dialogue of two babblers."""

import dataclasses
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from tyro.conf import arg

from babble_jax.cli.annotation import AnnotationFormat, LayoutOptions, Quiet
from babble_jax.cli.marks import NO_HINT
from babble_jax.cli.messages import print_line, report_reading
from babble_jax.cli.prosody import ProsodyOptions
from babble_jax.cli.tracking import TrackOptions
from babble_jax.conversation.layout.layout import Layout
from babble_jax.errors import BabbleError
from babble_jax.notes import print_note
from babble_jax.presets.registry import DEFAULT_VOICE
from babble_jax.timing.manipulation.manipulations import Manipulations

if TYPE_CHECKING:
    from babble_jax.dialogue.plan import Plan


@dataclasses.dataclass(frozen=True)
class Converse:
    """Makes a dialogue of two babblers, with its annotation.

    It writes stereo audio, annotation (TextGrid, EAF, RTTM, CSV), a manifest and pictures.

    Attributes:
      out: Folder for the dialogue. It must be new or empty; see --overwrite.
      voice: One or two voices: names of voices that ship (`babble voices` lists them), or folders of your own. One
        voice gives its first two speakers; a voice with one speaker is used twice, with two different pitches.
      timing: Timing preset that the dialogue is simulated from: a name (`babble timings` lists them), or a file that
        `babble fit --out` wrote.
      replay: Annotation files of a real conversation of two people, or its recording with a speaker on each channel:
        its timing is used in place of a simulated one.
      format: Format of the annotation to replay.
      layout: How the files to replay are laid out, where it is guessed otherwise.
      conversation_id: Id of the conversation to replay, if the files hold several.
      start: Time in the recording at which the replay begins, in seconds. By default where observation begins.
      seconds: Length of the dialogue before its timing is manipulated, in seconds.
      manipulations: Manipulations of the timing.
      temperature: Sampling temperature: below 1 the babble is more regular, above 1 more varied. By default each voice
        uses its own.
      top_k: Sample only from the k most likely quantization levels; 0 samples from all.
      typical: Number of dialogues that are drawn, of which the most typical one is made; 1 makes the first one as it
        comes. A minute of conversation may be far from the average by chance alone.
      pooled_hours: Draw so many hours of dialogue, too, without sound, and show their pooled figures in the table.
      browse: Write index.html, too: one page with the sound, the timeline, the table and the pictures, for a browser.
      speakers: Names of the speakers, one for each voice, or two for one voice. By default the first ones.
      language: Name of the language of voices that speak phones. By default each voice's first.
      prosody: How both speak.
      seed: Random seed of the plan and of the babble. The same seed gives the same bytes.
      quiet: Do not print how the annotation was understood.
      overwrite: Replace an earlier dialogue in the output folder.
      yes: Begin work even if it takes more than a day, or more than the disk or the memory holds.
      log: Log of timeline, table, sound and pictures.
    """

    out: Path
    voice: tuple[str, ...] = (DEFAULT_VOICE,)
    timing: str = "switchboard"
    replay: Annotated[tuple[Path, ...], NO_HINT] = ()
    format: AnnotationFormat = None
    layout: LayoutOptions = Layout()
    conversation_id: str | None = None
    start: float | None = None
    seconds: float = 60.0
    manipulations: Annotated[Manipulations, arg(name="")] = Manipulations()
    temperature: float | None = None
    top_k: int = 0
    speakers: Annotated[tuple[str, ...], NO_HINT] = ()
    language: str | None = None
    prosody: Annotated[ProsodyOptions, arg(name="")] = ProsodyOptions()
    typical: int = 200
    pooled_hours: float = 0.0
    browse: bool = False
    seed: int = 0
    quiet: Quiet = False
    overwrite: bool = False
    yes: bool = False
    log: TrackOptions = TrackOptions()

    def run(self) -> None:
        """Makes the dialogue and prints the table of its events."""
        from babble_jax import files
        from babble_jax.audio import wave
        from babble_jax.cli.estimate import confirm, conversing_seconds
        from babble_jax.dialogue.browse import PAGE, check_length
        from babble_jax.dialogue.names import speaker_names
        from babble_jax.dialogue.pieces import check_pooled_hours
        from babble_jax.dialogue.plan import AUDIO, manipulate_plan, name_speakers
        from babble_jax.dialogue.read_folder import KIND
        from babble_jax.pretrained.pair import make_babbler_pair
        from babble_jax.timing.manipulation.manipulate import step_text
        from babble_jax.voice.conditioning.prosody import NEUTRAL
        from babble_jax.voice.resampled_babbler import ResampledBabbler

        files.check_folder(self.out, KIND, self.overwrite)
        check_pooled_hours(self.pooled_hours)
        self.log.check("converse")
        if self.prosody.level is not None:
            raise BabbleError(
                "--level does nothing here: a dialogue brings both voices to one level; leave it out."
            )
        prosody = dataclasses.replace(self.prosody.read(), level=0.0)
        if prosody != NEUTRAL:
            print_line(f"prosody of both: {self.prosody.describe(prosody)}", sys.stderr)
        babblers = make_babbler_pair(
            self.voice, self.speakers, self.temperature, self.top_k, self.language, prosody
        )
        for one in babblers:
            if isinstance(one, ResampledBabbler):
                print_note(
                    f"the voice {one.name} has {one.babbler.sample_rate} Hz; it is resampled to the "
                    f"{one.sample_rate} Hz of the other, and has no sound above {one.babbler.sample_rate / 2000:g} kHz"
                )
        if self.seconds > 0:  # the plan says the rest
            wave.check_length(self.seconds, babblers[0].sample_rate, len(babblers))
            samples = self.seconds * babblers[0].sample_rate
            confirm(
                "converse",
                conversing_seconds(babblers, samples),
                5 * samples,
                self.out,
                self.yes,
                memory=24 * samples,
            )
        if self.browse:
            check_length(self.seconds)
        with ThreadPoolExecutor(1) as beside:
            planning = beside.submit(self._plan)
            # Loaded while the plan is drawn, in which Python has little part.
            from babble_jax.dialogue.audible import try_utterances
            from babble_jax.dialogue.duet import perform

            plan = manipulate_plan(planning.result(), self.manipulations, self.seed)
        report = perform(
            name_speakers(plan, speaker_names(babblers)),
            babblers,
            self.seed,
            self.out,
            pooled_hours=self.pooled_hours,
            browse=self.browse,
            overwrite=self.overwrite,
        )
        for step in plan.record["manipulations"]:
            print_line(step_text(step))
        print(report.text)
        for share in try_utterances(report.folder / AUDIO, report.dialogue, babblers):
            if share.is_poor:
                print_line(f"warning: {share}; listen to it, and see `babble judge`.", sys.stderr)
        if self.log.is_on:
            from babble_jax.cli.track_dialogue import log_dialogue

            with self.log.open("converse", plan.record) as tracker:
                log_dialogue(tracker, report)
        if self.browse:
            print_line(report.folder / PAGE)
        print_line(report.folder / "dialogue.wav")

    def _plan(self) -> "Plan":
        from babble_jax.conversation.reading import read
        from babble_jax.dialogue.plan import draw_plan, replay_plan, select_conversation
        from babble_jax.timing.preset import load_timing

        if not self.replay:
            if self.start is not None or self.conversation_id is not None:
                raise BabbleError("--start and --conversation-id choose what to replay; give --replay, too.")
            return draw_plan(load_timing(self.timing), self.seconds, self.seed, typical=self.typical)
        reading = read(self.replay, self.format, self.layout)
        report_reading(reading, self.quiet)
        conversation = select_conversation(reading.conversations, self.conversation_id)
        named = [path for path in self.replay if path.is_file()]
        plan = replay_plan(conversation, self.start, self.seconds, sources=named)
        first = float(plan.record["replay"]["start"])
        if self.start is None and first > 0 and not self.quiet:
            print_note(
                f"the replay begins at {first:.3f} s of {conversation.id}, since the annotation does not say that "
                "anything was observed before; times in the dialogue count from there. A TextGrid, or a UEM file "
                "beside the annotation, says what was observed."
            )
        return plan
