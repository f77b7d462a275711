"""Reports a session: both sides' timing beside people's, whether the user follows the agent, and the latencies."""

import dataclasses
from collections.abc import Sequence
from typing import Any, get_args

import numpy as np

from babble_jax.agent.session.coupling import Coupling, find_pairs, measure_coupling, people_slope
from babble_jax.agent.session.ipu_tracker import AGENT, SPEAKERS
from babble_jax.agent.session.latency import Latency, delay_agent, measure_latency
from babble_jax.agent.session.read import Session
from babble_jax.conversation.conversation import Conversation
from babble_jax.errors import BabbleError
from babble_jax.timing.evaluation.speaker.comparison import SpeakerComparison, compare_speaker
from babble_jax.timing.events import Definitions, FtoLevel
from babble_jax.timing.floor.state import FRAME


@dataclasses.dataclass(frozen=True, eq=False)
class SessionReport:
    """A session in numbers.

    Attributes:
      session: the session.
      people: name of the preset or corpus that people are of.
      conversation: both speakers as the user heard them.
      latency: delays of the session.
      comparison: the agent's timing, and the user's towards the agent, beside people's.
      coupling: how the user's floor-transfer offsets depend on the agent's.
    """

    session: Session
    people: str
    conversation: Conversation
    latency: Latency
    comparison: SpeakerComparison
    coupling: tuple[Coupling, ...]

    def to_json(self) -> dict[str, Any]:
        """Returns plain JSON values, as `babble session report --json` prints them."""
        session = self.session
        return {
            "folder": str(session.folder),
            "began": session.began,
            "seconds": session.seconds,
            "complete": session.complete,
            "config": session.config,
            "passport": session.passport,
            "statistics": session.statistics,
            "notes": list(session.notes),
            "latency": dataclasses.asdict(self.latency),
            "against": self.people,
            "comparison": self.comparison.to_json(),
            "coupling": [dataclasses.asdict(one) for one in self.coupling],
        }


def report_session(
    session: Session,
    people: Sequence[Conversation],
    name: str,
    *,
    definitions: Definitions | None = None,
    fto_level: FtoLevel = "ipu",
    correction: float = 0.0,
) -> SessionReport:
    """Measures a session.

    Args:
      session: to be reported.
      people: dialogues of people, see `timing.evaluation.speaker.comparison.reference_size`.
      name: of the preset or corpus that people are of.
      definitions: of the events; the standard ones by default.
      fto_level: level of the floor-transfer offsets: "ipu", or "turn" (without backchannels).
      correction: seconds by which the user heard the agent still later than the recording has it.

    Raises:
      BabbleError: one of the sides never speaks, or the session is longer than the dialogues of people.
    """
    if fto_level not in get_args(FtoLevel):
        raise BabbleError(f"fto_level is {fto_level!r}; choose from {', '.join(get_args(FtoLevel))}.")
    definitions = definitions or Definitions()
    latency = measure_latency(session, correction)
    conversation = delay_agent(session.conversation, correction)
    for who, speaker in enumerate(SPEAKERS):
        if not (conversation.speaker == who).any():
            raise BabbleError(
                f"{session.folder}: the {speaker} never speaks in it, so that there is no timing to report."
            )
    comparison = compare_speaker([conversation], SPEAKERS[AGENT], people, definitions, fto_level)
    pairs = find_pairs(conversation, SPEAKERS[AGENT], definitions, fto_level)
    coupling = [
        measure_coupling("fto", pairs.first, pairs.second, people_slope(people, definitions, fto_level))
    ]
    shifts = shifts_of(session, pairs.time - correction)
    if len(np.unique(shifts)) > 1:
        coupling.append(measure_coupling("shift", shifts, pairs.second))
    return SessionReport(session, name, conversation, latency, comparison, tuple(coupling))


def shifts_of(session: Session, onset: np.ndarray) -> np.ndarray:
    """Looks up the shifts that the knobs gave the agent's turns.

    Args:
      session: the session.
      onset: [P] seconds, of the turns in the recording.

    Returns:
      [P] seconds; 0 where no decision is recorded.
    """
    columns = session.decisions
    begins = (columns["event"] > 0) & (columns["on"] > 0)
    if "shift" not in columns or not begins.any():
        return np.zeros(len(onset))
    time, shift = columns["time"][begins], columns["shift"][begins]
    distance = np.abs(time - onset[:, None])
    nearest = np.argmin(distance, axis=1)
    return np.where(distance[np.arange(len(onset)), nearest] < 2 * FRAME, shift[nearest], 0.0)
