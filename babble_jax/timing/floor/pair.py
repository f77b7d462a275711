"""The state of a dialogue of two, one dialogue at a time in plain integers: what a live player advances.

The reference is `state.advance`, which does the same for many dialogues and any number of speakers; the tests hold both
together. Besides a frame, `skip` passes over frames in which nobody begins or ends anything in one step, so that a
player that learns late what the other did can go over the last frames again.
"""

from typing import NamedTuple

from babble_jax.timing.floor.state import (
    BACKCHANNEL,
    BETWEEN,
    BIN_OF,
    BINS,
    GAP,
    LATE,
    LONE,
    LONG,
    MIXED,
    NEVER,
    OTHERWISE,
    OVERLAP,
    OVERLAPPING,
    PAUSE,
    SILENCE,
    SOLO,
    SOON,
    TURN,
    WITHIN,
    Limits,
)

OWN, OTHER = 0, 1
"""The two seats, as the player sees them."""

_BINS = tuple(int(b) for b in BIN_OF)
_LAST = len(_BINS) - 1


class PairState(NamedTuple):
    """Holds the state of one dialogue of two at the start of a frame, see `state.FloorState`.

    Attributes:
      on: whether each is within an IPU.
      since: frames since the last toggle of each.
      kind: of the running IPU of each, or else the last one.
      floor: the last solo speaker; -1 before the first.
      through: what has been since that solo.
      came: how that solo came to be.
      own_taking: how each took the floor the last time.
      taking: how the last one who took it did.
    """

    on: tuple[bool, bool]
    since: tuple[int, int]
    kind: tuple[int, int]
    floor: int
    through: int
    came: int
    own_taking: tuple[int, int]
    taking: int


def initial_pair(limits: Limits) -> PairState:
    """Begins a dialogue in which both have been silent for so long that a first IPU is isolated."""
    full = max(limits.merge, limits.isolation)
    return PairState((False, False), (full, full), (TURN, TURN), -1, 0, NEVER, (SOON, SOON), SOON)


def advance_pair(state: PairState, toggles: tuple[int, int], limits: Limits) -> PairState:
    """Returns the state a frame later.

    Args:
      state: at the start of the frame.
      toggles: for each seat 0, 1 where it begins a turn or ends its IPU in the frame, 2 where it begins a backchannel.
      limits: of the definitions.
    """
    on, since, kind = [False, False], [0, 0], [0, 0]
    for s in (OWN, OTHER):
        toggle = toggles[s] > 0
        on[s] = state.on[s] != toggle
        kind[s] = state.kind[s]
        if toggle and on[s]:
            lone = LONE if state.since[s] >= limits.isolation else TURN
            kind[s] = BACKCHANNEL if toggles[s] == 2 else lone
        since[s] = 1 if toggle else state.since[s] + 1
        if on[s] and kind[s] == LONE and since[s] > limits.longest_backchannel:
            kind[s] = TURN
    floor, through, came = state.floor, state.through, state.came
    own_taking, taking = state.own_taking, state.taking
    if on[OWN] != on[OTHER]:
        who = OWN if on[OWN] else OTHER
        overlapped = through == OVERLAP
        if not (who == floor and through == SOLO):
            if through == MIXED or floor < 0:
                came = OTHERWISE
            elif who == floor:
                came = WITHIN if overlapped else PAUSE
            else:
                came = BETWEEN if overlapped else GAP
                silence = min(state.since) if through == SILENCE else 0
                taking = OVERLAPPING if overlapped else (SOON if silence < LONG else LATE)
                own_taking = (taking, own_taking[OTHER]) if who == OWN else (own_taking[OWN], taking)
        floor, through = who, SOLO
    else:
        run = OVERLAP if on[OWN] else SILENCE
        through = run if through in (SOLO, run) else MIXED
    return PairState(
        (on[0], on[1]), (since[0], since[1]), (kind[0], kind[1]), floor, through, came, own_taking, taking
    )


def skip(state: PairState, frames: int, limits: Limits) -> PairState:
    """Returns the state after so many frames in which nobody begins or ends an IPU.

    Args:
      state: at the start of the first of them, after a frame at least.
      frames: how many; 0 for none.
      limits: of the definitions.
    """
    if frames <= 0:
        return state
    since = (state.since[0] + frames, state.since[1] + frames)
    kinds = [
        TURN
        if state.on[s] and state.kind[s] == LONE and since[s] > limits.longest_backchannel
        else state.kind[s]
        for s in (OWN, OTHER)
    ]
    return state._replace(since=since, kind=(kinds[0], kinds[1]))


def replay(state: PairState, own_toggles: tuple[int, ...], limits: Limits) -> tuple[PairState, PairState]:
    """Goes over frames in which the other did nothing; returns the state after them and before the last own toggle.

    Args:
      state: at the start of the first frame, after a frame at least.
      own_toggles: of each frame, see `advance_pair`.
      limits: of the definitions.
    """
    begin, before = 0, state
    for i, code in enumerate(own_toggles):
        if code:
            before = skip(state, i - begin, limits)
            state, begin = advance_pair(before, (code, 0), limits), i + 1
    return skip(state, len(own_toggles) - begin, limits), before


def pair_index(state: PairState, seat: int) -> int:
    """Returns the index of the discrete state as a seat sees it, see `state.state_index`."""
    other = 1 - seat
    index = (int(state.on[seat]) * 2 + int(state.on[other])) * 3 + state.kind[seat]
    index = (index * 3 + state.kind[other]) * 2 + int(state.floor == seat)
    index = ((index * 6 + state.came) * 3 + state.own_taking[seat]) * 3 + state.taking
    own, others = state.since[seat], state.since[other]
    return (index * BINS + _BINS[min(own, _LAST)]) * BINS + _BINS[min(others, _LAST)]


def pair_at_risk(state: PairState, seat: int, limits: Limits) -> bool:
    """Tells whether a seat can begin or end an IPU in this frame, see `state.at_risk`.

    Args:
      state: at the start of the frame.
      seat: 0 or 1.
      limits: of the definitions.
    """
    if state.on[seat]:
        return state.since[seat] >= limits.min_ipu
    after = max(limits.isolation, limits.merge) if state.kind[seat] == BACKCHANNEL else limits.merge
    return state.since[seat] >= after


def pair_overdue(state: PairState, seat: int, limits: Limits) -> bool:
    """Tells whether a seat's backchannel ends in this frame because a longer one would be none.

    Args:
      state: at the start of the frame.
      seat: 0 or 1.
      limits: of the definitions.
    """
    return (
        state.on[seat] and state.kind[seat] == BACKCHANNEL and state.since[seat] >= limits.longest_backchannel
    )
