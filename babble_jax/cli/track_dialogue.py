"""Logs a dialogue of two babblers: timeline, table of events, sound and pictures."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from babble_jax.conversation.conversation import Conversation
    from babble_jax.dialogue.duet import DuetReport
    from babble_jax.track.tracker import Tracker


def log_timeline(tracker: "Tracker", conversation: "Conversation") -> None:
    """Logs the segments of a conversation as a table, in order.

    Args:
      tracker: where it goes.
      conversation: with the names of its speakers.
    """
    order = np.argsort(conversation.onset, kind="stable")
    rows = [
        [conversation.speakers[int(conversation.speaker[i])]]
        + [round(float(seconds[i]), 4) for seconds in (conversation.onset, conversation.end)]
        for i in order
    ]
    tracker.log_table(1, "timeline", ["speaker", "onset s", "end s"], rows)


def log_dialogue(tracker: "Tracker", report: "DuetReport") -> None:
    """Logs a dialogue on disk.

    Args:
      tracker: where it goes.
      report: of the dialogue.
    """
    import soundfile

    from babble_jax.dialogue.event_table import column_headings, table_rows
    from babble_jax.dialogue.plan import AUDIO

    log_timeline(tracker, report.dialogue)
    headings = column_headings(report.table)
    rows = [
        [f"{label}, {heading}", *(texts.get(column, "") for column in headings)]
        for heading, label, texts in table_rows(report.table)
    ]
    tracker.log_table(1, "events", ["measure", *headings.values()], rows)
    events = report.table["events"]
    values = {f"per_minute/{name}": one["per_minute"]["dialogue"] for name, one in events.items()}
    tracker.log_metrics(1, {name: float(value) for name, value in values.items() if value is not None})
    tracker.log_summary(
        {
            "reference": report.table["reference"],
            "seconds": report.dialogue.seconds,
            "segments": len(report.dialogue.onset),
        }
    )
    samples, rate = soundfile.read(report.folder / AUDIO, dtype="float32", always_2d=True)
    tracker.log_audio(1, "dialogue", samples.mean(axis=1), rate)
    for name in ("timeline", "ftos"):
        path = Path(report.folder) / f"{name}.png"
        if path.exists():
            tracker.log_picture(1, name, path)
