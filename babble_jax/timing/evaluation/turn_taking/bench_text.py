"""Formats the benchmark of a live agent as tables for people."""

from typing import Any

_LOOP = (
    ("offsets", "offsets", "d"),
    ("median", "FTO, median, s", ".3f"),
    ("below_0", "FTO below 0", ".3f"),
    ("below_200ms", "FTO below 200 ms", ".3f"),
    ("above_1s", "FTO above 1 s", ".3f"),
    ("w1", "W1 to the simulated seat, s", ".4f"),
    ("ipus_per_minute", "IPUs per minute", ".2f"),
    ("backchannels_per_minute", "backchannels per minute", ".2f"),
    ("pauses_cut", "own pauses that the other cuts into", ".3f"),
)


def bench_text(values: dict[str, Any]) -> str:
    """Formats what `bench.bench_live` returns."""
    lines = [
        f"timing {values['timing']}, delay {values['delay'] * 1000:.0f} ms, "
        + ", ".join(f"{name} {value}" for name, value in values["knobs"].items() if value is not None),
        "",
        *_loop_lines(values["closed_loop"]),
    ]
    lines += ["", *_rescaling_lines(values["rescaling"], "simulated calls")]
    if values["turing"]:
        lines += ["", "timing Turing test, area under the ROC curve (0.5 cannot be told apart)"]
        for name, row in values["turing"].items():
            lines.append(f"  {name.replace('_', ' beside '):36}{_interval(row['auc'], row['auc_interval'])}")
    if values["open_loop"]:
        lines += ["", *_open_lines(values["open_loop"])]
    return "\n".join(lines)


def _loop_lines(loop: dict[str, Any]) -> list[str]:
    agent, seeds = loop["agent"], loop["seeds"]
    lines = [
        f"in dialogue with a simulated partner, {agent['dialogues']} dialogues",
        f"{'':38}{'agent':>25}{'seat':>9}{'other seed':>12}{'partner':>25}{'seat':>9}",
    ]
    for key, title, form in _LOOP:
        cells = [f"  {title:36}"]
        for role in ("agent", "partner"):
            low_high = agent[role].get(f"{key}_interval")
            cells.append(f"{_interval(agent[role][key], low_high, form):>25}")
            seat = agent[role]["reference"].get(key)
            cells.append(f"{'-' if seat is None else format(seat, form):>9}")
            if role == "agent":
                cells.append(f"{format(seeds[role][key], form):>12}")
        lines.append("".join(cells))
    lines += [
        "  seat: a simulated person in that place, with the same seeds; other seed: with others, which shows chance;",
        "  in brackets: 95 % intervals over dialogues; FTO: from the end of one to the begin of the other;",
        "  W1: mean difference of the two sets of offsets, each in order of size",
    ]
    if loop["timeouts"]:
        lines += [
            "",
            "  time-outs: median FTO, share of the partner's pauses cut into, the agent's least at no later a median",
        ]
        for row in loop["timeouts"]:
            there = row["agent_pauses_cut_there"]
            lines.append(
                f"    {row['timeout']:.1f} s{row['agent']['median']:>10.3f}{row['partner']['pauses_cut']:>10.3f}"
                f"{'-' if there is None else format(there, '.3f'):>10}"
            )
    return lines


def _open_lines(values: dict[str, Any]) -> list[str]:
    lines = [
        f"beside {values['conversations']} recorded conversations ({values['hours']:.1f} h), trial by trial",
        "",
    ]
    lines.append(f"  {'events of VAP':36}{'AUC':>24}{'balanced accuracy':>24}")
    for name, row in values["vap"]["floor_at_delay"].items():
        lines.append(
            f"  {name.replace('_', ' '):36}{_interval(row['auc'], row['auc_interval']):>24}"
            f"{_interval(row['balanced_accuracy'], row['balanced_accuracy_interval']):>24}"
        )
    published = values["vap"]["published"]["vap_switchboard"]["shift_hold_balanced_accuracy"]
    lines += [f"  {'VAP on Switchboard, which hears (published)':60}{published:>24.3f}", ""]
    lines.append(
        f"  {'backchannels: F1 by margin':36}{'0 to 1 s':>12}{'-.1 to .5':>12}{'±.2':>12}{'a minute':>12}"
    )
    for name, row in values["backchannels"].items():
        if name != "published":
            f1 = "".join(f"{margin['f1']:>12.3f}" for margin in row["margins"])
            lines.append(f"  {name.replace('_', ' '):36}{f1}{row['predicted_per_minute']:>12.2f}")
    head = f"{'pauses cut':>12}{'turns cut':>12}{'median, s':>12}{'below 0':>12}"
    lines += ["", f"  {'cut-offs and latency':36}{head}"]
    cut = values["cut_offs"]
    rows = [("people", cut["people"])]
    rows += [(f"agent, patience {row['patience']:g}", row) for row in cut["agent"]]
    rows += [(f"time-out {row['timeout']:g} s", row) for row in cut["timeouts"]]
    rows += [(name.replace("_", " "), cut[name]) for name in ("moving_average", "vad_policy", "independent")]
    for name, row in rows:
        median = row["latency_median"]
        shown = "above 3" if median is None else f"{median:.2f}"
        lines.append(
            f"  {name:36}{row['pauses_cut']:>12.3f}{row['turns_cut']:>12.3f}{shown:>12}{row['below_0']:>12.3f}"
        )
    lines += ["", *_rescaling_lines(values["calibration"]["now"]["kinds"], "recorded calls")]
    return lines


def _rescaling_lines(kinds: dict[str, Any], of: str) -> list[str]:
    lines = [f"  {'time rescaling, ' + of:36}{'events':>12}{'KS distance':>24}"]
    for name, row in kinds.items():
        distance = "-" if row["ks"] is None else _interval(row["ks"], row["ks_interval"])
        lines.append(f"  {name.replace('_', ' '):36}{row['events']:>12}{distance:>24}")
    return lines


def _interval(value: float | None, interval: list[float] | None, form: str = ".3f") -> str:
    if value is None:
        return "-"
    if interval is None:
        return format(value, form)
    return f"{value:{form}} ({interval[0]:{form}}..{interval[1]:{form}})"
