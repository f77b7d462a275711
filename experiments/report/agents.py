"""Sections on a live agent: two of them that hear each other as sound, and an hour of one."""

from typing import Any

from experiments.report.results import Result
from experiments.report.tables import columns, milliseconds, number, percent, picture, source, span, table

_SETS = {
    "simulator_same_people": "simulator, same people",
    "decided": "agents, as decided",
    "measured": "agents, as measured in the sound",
}
_COUNTS = ("ipu", "pause", "gap", "overlap_between", "overlap_within", "backchannel")
_OFFSETS = {
    "median": "median",
    "below_zero": "below 0",
    "below_200ms": "below 200 ms",
    "above_1s": "above 1 s",
}
_TIMES = ("median", "p95", "p99", "p99.9", "max")


def section_on_two_agents(result: Result) -> list[str]:
    """Tabulates the timing of two agents beside that of the simulator."""
    values = result.values
    sets = {"simulator": "simulator, many people", **_SETS}
    counts = [
        [name.replace("_", " "), *(number(values[key][f"{name}_per_minute"], 2) for key in sets)]
        for name in _COUNTS
    ]
    offsets = [[label, *(_offset(values[key], name) for key in sets)] for name, label in _OFFSETS.items()]
    distances = [
        [name.replace("_", " "), *(number(values[key]["w1_ms"].get(name)) for key in _SETS)]
        for name in ("offset", *_COUNTS)
    ]
    hearing = values["hearing"]
    return [
        "## Two agents",
        f"Two agents with the speakers of `babblers` talked for {number(values['minutes'])} minutes; each heard the "
        f"other as sound alone, and reckoned with a delay of {milliseconds(values['delay'])}. Beside them: the "
        "simulator's dialogues of the same people, by the same random numbers, and many of its dialogues. "
        "Events per minute:",
        table(["event", *sets.values()], counts),
        source(result),
        f"FTOs, with intervals of 95 % over dialogues ({', '.join(number(values[key]['ftos']) for key in sets)} of "
        "them):",
        table(["", *sets.values()], offsets),
        source(result),
        "W1 to the many dialogues of the simulator, in milliseconds; what the simulator's own column holds is chance:",
        table(["duration", *_SETS.values()], distances),
        source(result),
        f"An agent knew that the other had begun {_late(hearing['onset'])}, and that they had ended "
        f"{_late(hearing['end'])}; it missed {percent(hearing['onset']['missed'], 1)} of the onsets and "
        f"{percent(hearing['end']['missed'], 1)} of the ends. A second of sound took "
        f"{number(values['cpu_seconds_per_second'], 2)} s of one core for both.",
        picture("two_agents-woman", "Spectrogram of one of the two agents"),
        picture("two_agents-man", "Spectrogram of the other one"),
    ]


def _offset(one: dict[str, Any], name: str) -> str:
    value = milliseconds(one[name]) if name == "median" else percent(one[name], 1)
    if "intervals" not in one:
        return value
    scale, digits = (1000, 0) if name == "median" else (100, 1)
    return f"{value} ({span([scale * end for end in one['intervals'][name]], digits)})"


def _late(one: dict[str, Any]) -> str:
    _, low, median, high, _ = one["quantiles"]
    return f"{milliseconds(median)} after it (quartiles {milliseconds(low)} and {milliseconds(high)})"


def section_on_live(result: Result, voice: str) -> list[str]:
    """Tabulates the time of an agent's hops, and the memory that it takes.

    Args:
      result: of `experiments.bench.live`.
      voice: name of the voice.
    """
    engine, session = result.values["engine"], result.values["socket"]
    trips = session["trip_milliseconds"]
    rows = [
        ["hop through the engine, processor", *_row(engine["hop_processor_milliseconds"])],
        ["hop through the engine, by the clock", *_row(engine["hop_milliseconds"])],
        ["trip through the socket, first tenth", *_row(trips["first_tenth"])],
        ["trip through the socket, last tenth", *_row(trips["last_tenth"])],
    ]
    memory = [
        [
            name,
            number(one["minutes"]),
            number(one["memory_megabytes"][1]),
            number(one["memory_megabytes"][-1]),
        ]
        for name, one in (("engine", engine), ("server", session))
    ]
    samples = session["samples"]
    return [
        f"## A live agent with the voice {voice}",
        f"An agent with the voice {voice}, int8 weights, on one core: "
        f"{number(engine['minutes'])} minutes through the engine as fast as it goes, and "
        f"{number(session['minutes'])} minutes through `babble live` and its socket in real time. Milliseconds of "
        "hops of 20 ms; it ran at real-time priority (`chrt -r 1`), with other programs beside it.",
        columns({"trip": "from the sending of a hop to the coming of the sound that follows it."}),
        table(["", *(_NAMES[name] for name in _TIMES)], rows),
        source(result),
        "Memory in megabytes after a minute and at the end:",
        table(["", "minutes", "after a minute", "at the end"], memory),
        source(result),
        f"Samples that the client sent: {number(samples['sent'])}; recorded: {number(samples['recorded'][0])}; that it "
        f"missed: {number(session['summary']['missing_samples'])}; without an answer: "
        f"{number(session['ended'].get('skipped_seconds', 0.0), 2)} s. The sound of an IPU begins "
        f"{_edge(engine['sound_decision_milliseconds']['began'])} ms after the decision, and ends "
        f"{_edge(engine['sound_decision_milliseconds']['ended'])} ms after it.",
    ]


_NAMES = {"median": "median", "p95": "95 %", "p99": "99 %", "p99.9": "99.9 %", "max": "largest"}


def _row(one: dict[str, float]) -> list[str]:
    return [number(one[name], 1) for name in _TIMES]


def _edge(one: dict[str, float]) -> str:
    return f"{number(one['median'], 1)} ({number(one['p5'], 1)} to {number(one['p95'], 1)})"
