"""The server: who gets in, what goes through, and what each fault leads to."""

import json

import numpy as np

from babble_jax.agent import protocol
from tests.agent.serving import pack, serve


def test_answers_each_frame_with_the_sound_that_follows():
    with serve() as served, served.enter() as (client, welcome):
        assert (welcome["sample_rate"], welcome["next_sample"], welcome["resumed"]) == (16_000, 0, False)
        answers = []
        for number in range(5):
            client.send(pack(number))
            answers.append(protocol.unpack_frame(client.recv(5)))
        assert [len(one.audio) for one in answers] == [640, 320, 320, 320, 320]
        assert [one.sample for one in answers] == [0, 640, 960, 1280, 1600]
        sound = np.concatenate([one.audio for one in answers])
        np.testing.assert_allclose(sound, np.repeat([0, 0.25], [320, 1600]), atol=1e-4)
        client.send(json.dumps({"type": "stop"}))
        ended = json.loads(client.recv(5))
        assert (ended["type"], ended["seconds"]) == ("ended", 0.1)
        recorder = served.factory.recorders[0]
        assert (len(recorder.user), recorder.closed) == (1600, 1)
