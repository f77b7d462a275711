"""Reports of recorded sessions, and what other settings would have done in them."""

import dataclasses
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from tyro.conf import Positional, arg

from babble_jax.cli.marks import NO_HINT
from babble_jax.cli.messages import print_json, print_line
from babble_jax.cli.tracking import TrackOptions
from babble_jax.errors import BabbleError

if TYPE_CHECKING:
    from babble_jax.agent.session.read import Session
    from babble_jax.agent.session.report import SessionReport as Report
    from babble_jax.timing.preset import TimingPreset

_SESSION = arg(metavar="SESSION", help_behavior_hint="(required)")


@dataclasses.dataclass(frozen=True)
class SessionReport:
    """Reports the timing of a session with the live agent.

    Both sides' timing stands beside people's, and it is measured whether the user follows the agent. Offsets are
    those that the user heard. A session that was cut short is reported as far as it goes.

    Attributes:
      folder: Folder of the session, which `babble live` recorded (in babble-live).
      against: Timing preset of the people, from which ten hours of dialogue are simulated or more; by default that of
        the agent.
      annotation: File with the segments of the speakers user and agent, corrected by hand say, in any format that is
        read, in place of the session's own.
      delay: Seconds by which the user heard the agent still later than the recording has it, where that was measured
        afterwards.
      fto_level: Measure floor-transfer offsets between IPUs, or between turns (which leave out backchannels).
      plot: PNG file for a picture: timeline, offsets of both sides over people's, coupling.
      out: JSON file for the report.
      json: Print one JSON object on standard output, and nothing else.
      log: Log of timeline, measures, picture and the agent's sound.
      log_participant_audio: Log the sound of the person, too, which then leaves the session's folder.
    """

    folder: Annotated[Positional[Path], _SESSION]
    against: Annotated[str | None, NO_HINT] = None
    annotation: Annotated[Path | None, NO_HINT] = None
    delay: float = 0.0
    fto_level: Literal["ipu", "turn"] = "ipu"
    plot: Path | None = None
    out: Path | None = None
    json: bool = False
    log: TrackOptions = TrackOptions()
    log_participant_audio: bool = False

    def run(self) -> None:
        """Reads the session, measures it, and prints the report."""
        from babble_jax.agent.session.latency import check_correction
        from babble_jax.agent.session.read import read_session
        from babble_jax.agent.session.report import report_session
        from babble_jax.cli.outputs import check_output
        from babble_jax.timing.evaluation.speaker.comparison import reference_size

        for path, suffix in ((self.plot, ".png"), (self.out, ".json")):
            if path is not None:
                check_output(path, suffix)
        check_correction(self.delay)
        self.log.check("live")
        session = read_session(self.folder, self.annotation)
        _print_notes(session)
        timing = _load_timing(session, self.against)
        people = timing.draw_dialogues(0, *reference_size([session.conversation]))
        report = report_session(session, people, timing.name, fto_level=self.fto_level, correction=self.delay)
        self._write(report)
        if self.log.is_on:
            from babble_jax.cli.track_session import log_session

            with self.log.open("live", session.config) as tracker:
                log_session(tracker, session, report, self.log_participant_audio)

    def _write(self, report: "Report") -> None:
        from babble_jax.agent.session.report_text import report_text
        from babble_jax.files import write_json

        if self.plot is not None:
            from babble_jax.agent.session.report_picture import plot_report

            plot_report(self.plot, report)
        if self.out is not None:
            write_json(self.out, report.to_json())
        if self.json:
            print_json(report.to_json())
            return
        print(report_text(report))
        for path in (self.plot, self.out):
            if path is not None:
                print_line(path)


@dataclasses.dataclass(frozen=True)
class SessionRescore:
    """Says what other settings would have done in a session.

    The recorded session is weighted by importance. Settings that are left out are those of the session. Settings
    that are too far from them are refused: the effective number of stretches of the session that the answer would
    rest on is too small.

    Attributes:
      folder: Folder of the session, which `babble live` recorded (in babble-live).
      patience: While the user speaks or has just stopped; above 1 the agent waits longer.
      firmness: While both speak; above 1 the agent yields less.
      backchannels: Times as many backchannels.
      against: Timing preset of the agent; by default that of the session.
      json: Print one JSON object on standard output, and nothing else.
    """

    folder: Annotated[Positional[Path], _SESSION]
    patience: Annotated[float | None, NO_HINT] = None
    firmness: Annotated[float | None, NO_HINT] = None
    backchannels: Annotated[float | None, NO_HINT] = None
    against: Annotated[str | None, NO_HINT] = None
    json: bool = False

    def run(self) -> None:
        """Reads the session, runs the agent through it under the other settings, and prints the measures."""
        from babble_jax.agent.session.read import read_session
        from babble_jax.agent.session.rescore import recorded_settings, rescore
        from babble_jax.agent.session.rescore_text import rescoring_text
        from babble_jax.printable import escape_unprintable
        from babble_jax.timing.floor.knobs import Knobs

        names = ("patience", "firmness", "backchannels")
        values = {name: value for name in names if (value := getattr(self, name)) is not None}
        Knobs(**values)  # refuses what is none
        session = read_session(self.folder)
        _print_notes(session)
        _, recorded = recorded_settings(session)
        timing, knobs = _load_timing(session, self.against), dataclasses.replace(recorded, **values)
        rescoring = rescore(session, timing, knobs, same_timing=self.against is None)
        if self.json:
            print_json(rescoring.to_json())
        else:
            print(rescoring_text(rescoring, escape_unprintable(self.folder)))


def _print_notes(session: "Session") -> None:
    for note in session.notes:
        print_line(f"note: {note}", sys.stderr)


def _load_timing(session: "Session", name: str | None) -> "TimingPreset":
    """Loads a timing preset: the one that is named, or that of the session."""
    from babble_jax.agent.session.rescore import recorded_settings
    from babble_jax.timing.preset import load_timing

    if name is not None:
        return load_timing(name)
    preset, _ = recorded_settings(session)
    try:
        return load_timing(preset)
    except BabbleError as error:
        raise BabbleError(f"{session.folder}: {str(error)[:1].lower()}{str(error)[1:]}") from error
