"""The sentence in which native messages about another process are put, and all else that is passed on."""

import subprocess
import sys

from babble_jax.train import relay

HELD = "E1129 09:23:39.937492   26009 coordination_service_agent.cc:289] Polled an error from coordination service.\n"
FATAL = (
    "F1129 09:23:39.938196   26020 client.h:80] Terminating process because the JAX distributed service detected fatal "
    "errors. This most likely indicates that another task died; absl::Status: UNAVAILABLE: The following tasks are "
    "unhealthy (stopped sending heartbeats):\n"
)
STACK = "*** Check failure stack trace: ***\n    @     0x7fbabba40634  absl::lts::LogMessage::SendToLog()\n"
CRASHED = "The tasks have crashed. Check the task logs for an earlier error.\n"


def filtered(text):
    return list(relay.filter_lines(text.splitlines(keepends=True)))


def test_the_process_that_died_is_named_in_one_sentence():
    assert filtered(f"before\n{HELD}{FATAL}1\n{CRASHED}{STACK}") == [
        "before\n",
        "babble: process 1 of this run has ended or no longer answers, and so this one ends; what went wrong stands in "
        "the messages there. Start all processes again with the same command: the run goes on from its last "
        "checkpoint.\n",
    ]
    (line,) = filtered(f"{HELD}{FATAL}11,\n2\n{CRASHED}")
    assert line.startswith("babble: processes 2, 11 of this run have ended or no longer answer, and so")
    leader = FATAL.replace("The following tasks", "Either the leader task was preempted; the tasks")
    assert filtered(leader)[0].startswith("babble: process 0 of this run has ended")
    assert filtered(FATAL)[0].startswith("babble: another process of this run has ended")
    assert (
        "did not all start within 300 s"
        in filtered(f"{FATAL}\nRPC: /xla.CoordinationService/RegisterTask\n")[0]
    )


def test_other_output_is_passed_on_and_nothing_is_lost():
    assert filtered("one\n[Gloo] Rank 0 is connected to 3 peer ranks. Expected 3\ntwo") == ["one\n", "two"]
    assert filtered(f"one\n{HELD}a crash\n") == ["one\n", HELD, "a crash\n"]


def test_it_runs_by_itself():
    line = [sys.executable, "-I", relay.__file__]
    outcome = subprocess.run(line, input=b"one\n\xff\n[Gloo] Rank 1 is connected to\n", capture_output=True)
    assert (outcome.returncode, outcome.stdout, outcome.stderr) == (0, b"", b"one\n\\xff\n")
