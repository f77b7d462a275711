"""The client without a browser, against the server."""

import numpy as np

from experiments.pipelines.live_client import talk
from tests.agent.serving import serve


def test_talks_to_the_server():
    user = [np.full(320, value, np.float32) for value in np.linspace(0, 0.9, 25)]
    with serve() as served:
        report = talk(f"ws://127.0.0.1:{served.port}/ws", user, keep_audio=True)
    assert (report.sent, report.received, report.missing) == (25 * 320, 26 * 320, 0)
    assert report.ended["type"] == "ended"
    assert len(report.trips) == 24
    sound = np.concatenate(report.audio)
    np.testing.assert_allclose(sound, np.concatenate([np.zeros(320), *user]) / 2, atol=1e-4)
    assert report.summary()["missing_samples"] == 0
