"""The benchmark of a live agent's turn-taking: in dialogue with a simulated partner, and beside recorded calls.

Axes: D dialogues.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from babble_jax.conversation.conversation import Conversation
from babble_jax.progress import Progress
from babble_jax.timing.evaluation.floor.baselines import Independent
from babble_jax.timing.evaluation.floor.comparison import simulate_by_baseline
from babble_jax.timing.evaluation.turn_taking.agent_seat import AgentSeat
from babble_jax.timing.evaluation.turn_taking.closed_loop import LoopEvents, collect_events, measure_loop
from babble_jax.timing.evaluation.turn_taking.open_loop import measure_open_loop, open_loop_of
from babble_jax.timing.evaluation.turn_taking.pauses import fit_pauses
from babble_jax.timing.evaluation.turn_taking.simulated_rescaling import rescale_simulated
from babble_jax.timing.evaluation.turn_taking.timeout_loop import draw_timeout
from babble_jax.timing.evaluation.turn_taking.turing import cut_calls, features_of, tell_apart
from babble_jax.timing.floor.knobs import Knobs
from babble_jax.timing.floor.policy import Policy
from babble_jax.timing.floor.seat_loop import draw_seat
from babble_jax.timing.floor.simulator import FloorSimulator
from babble_jax.timing.floor.state import FRAME

VERSION = 1
"""Of the keys of the result."""
LOOP_TIMEOUTS = (0.3, 0.5, 0.7, 1.0)
"""Seconds of the time-outs that stand beside the agent in closed loop."""
LOOP_PATIENCES = (0.5, 0.7, 1.4, 2.0, 4.0, 8.0)
"""Settings of the knob, beside that of the agent, along which the frontier runs."""


@dataclasses.dataclass(frozen=True)
class BenchSize:
    """Says how much is simulated.

    Attributes:
      dialogues: D, in each set of the closed loop.
      seconds: of each dialogue.
      turing: dialogues of each side of the Turing test; 0 leaves it out.
      seed: of the first set; others follow it.
    """

    dialogues: int = 256
    seconds: float = 300.0
    turing: int = 0
    seed: int = 1


def draw_references(floor: FloorSimulator, size: BenchSize) -> tuple[LoopEvents, LoopEvents]:
    """Draws dialogues of two simulated seats, with the seeds of the agent's dialogues and with others.

    Args:
      floor: the simulator.
      size: how much is simulated.
    """
    first, second = (
        collect_events(floor.draw(seed, range(size.dialogues), size.seconds), floor.definitions)
        for seed in (size.seed, size.seed + 1)
    )
    return first, second


def bench_closed_loop(
    floor: FloorSimulator,
    policy: Policy,
    delay: float,
    knobs: Knobs,
    size: BenchSize,
    sweep: bool = True,
    references: tuple[LoopEvents, LoopEvents] | None = None,
) -> dict[str, Any]:
    """Measures an agent in dialogue with the simulator's other seat, beside two simulated seats; returns JSON values.

    Args:
      floor: the simulator.
      policy: of the agent.
      delay: seconds by which it knows the other late.
      knobs: of the agent.
      size: how much is simulated.
      sweep: move the knob `patience`, and put time-outs beside.
      references: of `draw_references`; drawn where absent.

    Returns:
      `agent` (see `closed_loop.measure_loop`), `seeds` (the same of two simulated seats with other seeds), `frontier`
      (by `patience`) and `timeouts` (by `timeout`), each with `agent_pauses_cut_there`, the least share of pauses that
      the agent cuts into at no later a median.
    """
    numbers, definitions = range(size.dialogues), floor.definitions
    steps = 2 + (len(LOOP_PATIENCES) + len(LOOP_TIMEOUTS) if sweep else 0)
    with Progress("bench: closed loop", total=steps, unit="sets") as progress:
        reference, other = references or draw_references(floor, size)
        progress.update()

        def measure(dialogues: list[Conversation]) -> dict[str, Any]:
            row = measure_loop(collect_events(dialogues, definitions), reference)
            progress.update()
            return row

        def play(settings: Knobs) -> dict[str, Any]:
            return measure(draw_seat(floor, policy, delay, size.seed, numbers, size.seconds, knobs=settings))

        result: dict[str, Any] = {
            "delay": delay,
            "agent": play(knobs),
            "seeds": measure_loop(other, reference),
            "frontier": [],
            "timeouts": [],
        }
        if sweep:
            for patience in LOOP_PATIENCES:
                moved = dataclasses.replace(knobs, patience=patience * knobs.patience)
                result["frontier"].append({"patience": moved.patience, **play(moved)})
            for timeout in LOOP_TIMEOUTS:
                waits = draw_timeout(floor, timeout, delay, size.seed, numbers, size.seconds)
                result["timeouts"].append({"timeout": timeout, **measure(waits)})
            _compare_timeouts(result, knobs.patience)
    return result


def _compare_timeouts(result: dict[str, Any], patience: float) -> None:
    """Adds to each time-out the least share of pauses that the agent cuts into at no later a median offset."""
    points = [{"patience": patience, **result["agent"]}, *result["frontier"]]
    for row in result["timeouts"]:
        sooner = [
            point["partner"]["pauses_cut"]
            for point in points
            if point["agent"]["median"] <= row["agent"]["median"] + 1e-9
        ]
        row["agent_pauses_cut_there"] = min(sooner, default=None)


def bench_turing(
    floor: FloorSimulator,
    policy: Policy,
    delay: float,
    knobs: Knobs,
    size: BenchSize,
    conversations: Sequence[Conversation] = (),
    others: Mapping[str, Sequence[Conversation]] | None = None,
) -> dict[str, Any]:
    """Lets a classifier tell dialogues apart by their events; returns JSON values.

    Args:
      floor: the simulator.
      policy: of the agent.
      delay: seconds by which it knows the other late.
      knobs: of the agent.
      size: how much is simulated.
      conversations: recorded calls, cut into pieces of the same length.
      others: conversations of other corpora, by name, as a scale.

    Returns:
      By name of the pair, what `turing.tell_apart` returns.
    """
    count, definitions = size.turing, floor.definitions
    first, second = range(count), range(count, 2 * count)
    pairs: dict[str, Any] = {}
    with Progress("bench: Turing test", total=5, unit="sets") as progress:
        two = features_of(floor.draw(size.seed, second, size.seconds), definitions)
        progress.update()
        agent = features_of(
            draw_seat(floor, policy, delay, size.seed, first, size.seconds, knobs=knobs), definitions
        )
        progress.update()
        pairs["agent_simulated"] = tell_apart(agent, two)
        waits = features_of(draw_timeout(floor, 0.7, delay, size.seed, first, size.seconds), definitions)
        pairs["timeout_simulated"] = tell_apart(waits, two)
        progress.update()
        pieces, groups = cut_calls([c for c in conversations if len(c.speakers) == 2], size.seconds)
        if len(pieces) >= 20:
            real = features_of(pieces, definitions)
            independent = simulate_by_baseline(Independent(pieces, definitions))
            alone = features_of(independent(size.seed, [size.seconds] * count), definitions)
            own = [str(number) for number in range(count)]
            pairs["independent_simulated"] = tell_apart(alone, two)
            for name, x in (("agent_real", agent), ("simulated_real", two), ("timeout_real", waits)):
                pairs[name] = tell_apart(x, real, (own, groups))
            pairs["independent_real"] = tell_apart(alone, real, (own, groups))
            for name, corpus in (others or {}).items():
                more, of = cut_calls([c for c in corpus if len(c.speakers) == 2], size.seconds)
                pairs[f"{name}_real"] = tell_apart(features_of(more, definitions), real, (of, groups))
        progress.update(2)
    return pairs


def bench_live(
    timing: Any,
    conversations: Sequence[Conversation] = (),
    *,
    delay: float = 0.16,
    knobs: Knobs = Knobs(),
    size: BenchSize = BenchSize(),
    training: Sequence[Conversation] = (),
    policy: Policy | None = None,
) -> dict[str, Any]:
    """Runs the benchmark of a live agent; returns JSON values with stable keys.

    Args:
      timing: a timing preset that holds a floor.
      conversations: recorded calls for the open loop; none leaves it out.
      delay: seconds by which the agent knows the other late: detection and output together.
      knobs: of the agent.
      size: how much is simulated.
      training: calls on which the pauses within IPUs are counted; those that are measured, where there are none.
      policy: of the agent, instead of the preset's.

    Returns:
      `version`, `timing`, `policies_of` (the preset for whose floor they were fitted), `delay`, `knobs`, `closed_loop`,
      `rescaling` (of simulated calls), `turing` (None where it is left out), `open_loop` (None without calls).
    """
    floor = timing.require_floor(2)
    curve, origin = timing.policy_curve()
    rules: Policy = curve.at(delay) if policy is None else policy
    result: dict[str, Any] = {
        "version": VERSION,
        "timing": timing.name,
        "policies_of": origin,
        "delay": delay,
        "knobs": dataclasses.asdict(knobs),
        "closed_loop": bench_closed_loop(floor, rules, delay, knobs, size),
        "rescaling": rescale_simulated(
            floor, size.seed + 2, range(size.dialogues), round(size.seconds / FRAME)
        ),
        "turing": bench_turing(floor, rules, delay, knobs, size, conversations) if size.turing else None,
        "open_loop": None,
    }
    if conversations:
        loop = open_loop_of(conversations, floor.definitions)
        pauses = fit_pauses(
            [c for c in training or loop.conversations if len(c.speakers) == 2], floor.definitions
        )
        result["open_loop"] = measure_open_loop(loop, AgentSeat(floor, rules, delay, knobs, pauses), pauses)
    return result
