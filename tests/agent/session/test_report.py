"""The report of a session: latencies, coupling, both sides beside people."""

import json

import numpy as np
import pytest

from babble_jax.agent.session.coupling import find_pairs, measure_coupling, people_slope
from babble_jax.agent.session.ipu_tracker import Ipu
from babble_jax.agent.session.latency import delay_agent, measure_latency
from babble_jax.agent.session.read import read_session
from babble_jax.agent.session.report import report_session, shifts_of
from babble_jax.agent.session.report_picture import plot_report
from babble_jax.agent.session.report_text import report_text
from babble_jax.agent.session.session_conversation import make_conversation
from babble_jax.errors import BabbleError
from babble_jax.timing.events import Definitions
from tests.agent.session.simulated_session import DELAY, LAG
from tests.agent.session.test_read import cut_short


def test_a_report_says_all_of_both_sides(recorded, people, tmp_path):
    report = report_session(read_session(recorded), people, "switchboard")
    text = report_text(report)
    assert all(len(line) <= 110 for line in text.splitlines())
    for words in (
        "where the user heard it: 20 ms",
        "agent's timing",
        "the others' timing",
        "does the user follow?",
    ):
        assert words in text
    values = json.loads(json.dumps(report.to_json(), allow_nan=False))
    assert values["latency"]["output_delay"] == pytest.approx(DELAY - LAG)
    assert {"fto", "cut_in_share"} <= {row["name"] for row in values["comparison"]["rows"]}
    plot_report(tmp_path / "report.png", report)
    assert (tmp_path / "report.png").stat().st_size > 20_000


def test_offsets_are_those_that_the_user_heard(recorded, people):
    session = read_session(recorded)
    early, late = (
        report_session(session, people, "switchboard", correction=delay).comparison.fto
        for delay in (0.0, 0.1)
    )
    assert np.median(late["speaker"]) > np.median(early["speaker"])
    assert np.median(late["others"]) < np.median(early["others"])


def test_the_agent_is_moved_to_where_it_is_heard():
    conversation = make_conversation({0: [Ipu(0, 1000)], 1: [Ipu(1500, 2500)]}, 3000, 1000, "a")
    moved = delay_agent(conversation, 0.2)
    np.testing.assert_allclose(moved.onset, [0, 1.7])
    np.testing.assert_allclose(moved.end, [1, 2.7])
    assert moved.seconds == pytest.approx(3.2)


def test_latency_says_where_it_comes_from(own):
    session = read_session(own)
    assert measure_latency(session).source == "client"
    assert measure_latency(session, 0.3).correction == 0.3
    with pytest.raises(BabbleError, match=r"from -0\.5 to 10"):
        measure_latency(session, -0.6)
    session.passport["loop_delay"] = 0.05
    assert measure_latency(session).source == "chirp"
    session.passport.clear()
    assert measure_latency(session).output_delay == 0


def test_the_jitter_of_the_output_makes_offsets_less_exact(own):
    with (own / "events.jsonl").open("a") as log:
        for latency in (0.02, 0.06):
            log.write(
                json.dumps({"event": "notice", "sample": 1, "base_latency": 0, "output_latency": latency})
                + "\n"
            )
    latency = measure_latency(read_session(own))
    assert latency.output_sd == pytest.approx(0.02)
    assert latency.fto_sd > 0.02


def test_a_user_who_follows_has_a_slope():
    random = np.random.default_rng(0)
    x = random.normal(0.2, 0.3, 400)
    y = 0.5 * x + random.normal(0.1, 0.2, 400)
    one = measure_coupling("fto", x, y)
    assert one.low < 0.5 < one.high
    assert one.high - one.low < 0.2
    assert measure_coupling("fto", x, random.permutation(y)).low < 0
    assert measure_coupling("fto", x[:10], y[:10]).slope is None


def test_intervals_of_slopes_hold_what_they_promise():
    random, count = np.random.default_rng(1), 0
    for _ in range(200):
        x = random.normal(0, 0.3, 60)
        one = measure_coupling("fto", x, 0.3 * x + random.normal(0, 0.3, 60))
        count += one.low <= 0.3 <= one.high
    assert count >= 176  # 88 % of 200; 95 % less four standard errors


def test_pairs_are_a_transfer_to_the_agent_and_the_next_to_the_user():
    ipus = {
        0: [Ipu(0, 1000), Ipu(2500, 3000), Ipu(5900, 7000)],
        1: [Ipu(1300, 2000), Ipu(3100, 4000), Ipu(4500, 6000)],
    }
    conversation = make_conversation(ipus, 8000, 1000, "a")
    pairs = find_pairs(conversation, "agent", Definitions())
    np.testing.assert_allclose(pairs.first, [0.3, 0.1])
    np.testing.assert_allclose(pairs.second, [0.5, -0.1])


def test_people_hardly_follow_one_another_in_the_simulator(people):
    assert abs(people_slope(people, Definitions(), "ipu")) < 0.3


def test_shifts_are_looked_up_by_the_begin_of_the_turn(own):
    session = read_session(own)
    session.decisions["shift"] = np.arange(6000.0)
    begins = np.flatnonzero((session.decisions["event"] > 0) & (session.decisions["on"] > 0))[:3]
    assert shifts_of(session, begins / 100).tolist() == begins.tolist()
    assert shifts_of(session, begins[:1] / 100 + 0.1).tolist() == [0]
    del session.decisions["shift"]
    assert shifts_of(session, np.array([0.05])).tolist() == [0]


def test_a_session_that_was_cut_short_is_reported(own, people):
    cut_short(own)
    report = report_session(read_session(own), people, "switchboard")
    assert "cut short" in report_text(report)


def test_who_never_speaks_has_no_timing(own, people):
    rows = [row for row in (own / "session.csv").read_text().splitlines() if ",user," not in row]
    (own / "session.csv").write_text("\n".join(rows) + "\n")
    with pytest.raises(BabbleError, match="the user never speaks"):
        report_session(read_session(own), people, "switchboard")
