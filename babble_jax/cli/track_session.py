"""Logs sessions with the live agent: timeline, table of both sides' timing, picture, and sound where it may be."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from babble_jax.cli.messages import print_line
from babble_jax.cli.track_dialogue import log_timeline
from babble_jax.cli.tracking import TrackOptions
from babble_jax.errors import BabbleError

if TYPE_CHECKING:
    from babble_jax.agent.session.read import Session
    from babble_jax.agent.session.report import SessionReport
    from babble_jax.track.tracker import Tracker

_COLUMNS = (
    "name",
    "by",
    "unit",
    "n",
    "value",
    "low",
    "high",
    "people",
    "people_low",
    "people_high",
    "verdict",
)


def log_session(
    tracker: "Tracker", session: "Session", report: "SessionReport | None", participant_audio: bool
) -> None:
    """Logs a recorded session.

    Args:
      tracker: where it goes.
      session: as it was recorded.
      report: of its timing; None where one of the sides never speaks.
      participant_audio: whether the sound of the person goes there, too; else that of the agent alone.
    """
    log_timeline(tracker, session.conversation if report is None else report.conversation)
    tracker.log_summary({"began": session.began, "seconds": session.seconds, "complete": session.complete})
    tracker.log_metrics(
        1, {"session/seconds": session.seconds, "session/segments": float(len(session.conversation.onset))}
    )
    if report is not None:
        _log_report(tracker, report)
    _log_sound(tracker, session, participant_audio)


def _log_report(tracker: "Tracker", report: "SessionReport") -> None:
    from babble_jax import files
    from babble_jax.agent.session.report_picture import plot_report

    rows: list[dict[str, Any]] = report.comparison.to_json()["rows"]
    tracker.log_table(1, "measures", _COLUMNS, [[row[name] for name in _COLUMNS] for row in rows])
    values = {f"agent/{row['name']} ({row['by']})": row["value"] for row in rows if row["value"] is not None}
    tracker.log_metrics(1, values)
    with files.scratch_folder() as folder:
        path = folder / "session.png"
        plot_report(path, report)
        tracker.log_picture(1, "session", path)


def _log_sound(tracker: "Tracker", session: "Session", participant_audio: bool) -> None:
    import soundfile

    from babble_jax.agent.session.ipu_tracker import AGENT, SPEAKERS
    from babble_jax.agent.session.record import SOUND

    path = session.folder / SOUND
    if not path.exists():
        return
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    for channel, name in enumerate(SPEAKERS):
        if channel == AGENT or participant_audio:
            tracker.log_audio(1, name, samples[:, channel], rate)


def log_sessions(options: TrackOptions, folders: Sequence[Path], participant_audio: bool) -> None:
    """Logs sessions that a server has recorded, each into a folder of its own below the log's.

    Args:
      options: where they go.
      folders: of the sessions.
      participant_audio: see `log_session`.
    """
    from babble_jax.agent.session.read import read_session
    from babble_jax.agent.session.report import report_session
    from babble_jax.agent.session.rescore import recorded_settings
    from babble_jax.timing.evaluation.speaker.comparison import reference_size
    from babble_jax.timing.preset import load_timing

    for folder in folders:
        session = read_session(folder)
        try:
            timing = load_timing(recorded_settings(session)[0])
            people = timing.draw_dialogues(0, *reference_size([session.conversation]))
            report = report_session(session, people, timing.name)
        except BabbleError as error:
            print_line(f"{folder}: logged without a report: {error}")
            report = None
        place = options.log_folder("live") / folder.name
        with options.open("live", session.config, place) as tracker:
            log_session(tracker, session, report, participant_audio)
        print_line(f"{place}: log of {folder.name}")
