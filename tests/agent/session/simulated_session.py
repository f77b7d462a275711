"""A session of the floor's own player beside the simulator's other seat, recorded without sound."""

import dataclasses
import functools
from pathlib import Path
from typing import NamedTuple

import numpy as np

from babble_jax.agent.session.record import SessionRecorder
from babble_jax.timing.floor.knobs import Knobs
from babble_jax.timing.floor.player import FloorPlayer, PlayerFrame
from babble_jax.timing.preset import load_timing
from tests.agent.session.stand_in import Hop, User

RATE = 1000
DELAY = 0.08
LAG = 0.06
PRESET = "switchboard"


class Dialogue(NamedTuple):
    """Frames of the agent, and whether the user was on after each."""

    frames: list[PlayerFrame]
    user: np.ndarray


@functools.cache
def simulate(seconds: float, seed: int, knobs: Knobs = Knobs()) -> Dialogue:
    """Plays a dialogue of the agent, who knows the user late, and a user who does not."""
    timing = load_timing(PRESET)
    agent = FloorPlayer(timing, delay=DELAY, seed=seed, knobs=knobs)
    other = FloorPlayer(timing, delay=0.0, seed=seed, seat=1)
    late = round(DELAY / 0.01)
    frames, user = [], [False] * late  # before each frame, a delay ago
    own_on = False
    count = round(seconds / 0.01)
    for number in range(count):
        frame = agent.step(float(user[number]))
        act = other.step(float(own_on))
        own_on = frame.on
        frames.append(frame)
        user.append(act.on)
    return Dialogue(frames, np.array(user[late:]))


def record(folder: Path, dialogue: Dialogue, seed: int, knobs: Knobs = Knobs()) -> None:
    """Records a dialogue as an engine would log it."""
    config = {"timing": PRESET, "delay": DELAY, "seed": seed, "knobs": dataclasses.asdict(knobs)}
    recorder = SessionRecorder(folder, sample_rate=RATE, config=config, lag=LAG)
    recorder.log({"event": "hello", "output_delay": DELAY - LAG, "mode": "headphones"})
    hop_samples, last = round(0.02 * RATE), False
    sound = np.zeros(hop_samples, np.float32)
    was_on = False
    for hop in range(len(dialogue.frames) // 2):
        events = []
        # What the user does in a frame is known a lag and a hop later.
        latest = max(2 * hop - 2 - round(LAG / 0.01), -1)
        now = bool(dialogue.user[latest]) if latest >= 0 else False
        if now != last:
            events.append({"event": "user began" if now else "user ended", "sample": hop * hop_samples})
            last = now
        pair = dialogue.frames[2 * hop], dialogue.frames[2 * hop + 1]
        for frame in pair:
            if frame.on != was_on:
                name = "end" if was_on else "backchannel" if frame.kind == 2 else "turn"
                events.append({"event": name, "sample": frame.frame * RATE // 100, "frame": frame.frame})
                was_on = frame.on
        perceived = User(float(now), -30.0, -60.0, 0.0, False)
        recorder.write(sound, sound, [Hop(hop, hop * hop_samples, perceived, pair, tuple(events), 1.5)])
    recorder.close()
    assert recorder.problem is None, recorder.problem
