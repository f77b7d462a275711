import pytest

from babble_jax.agent.cues.cue import Calibration
from babble_jax.agent.cues.network import save_network
from babble_jax.agent.cues.opening import open_cue
from babble_jax.errors import BabbleError
from tests.agent.cues.test_network import make_network
from tests.small_ear import write_ear


def test_opens_a_cue_for_each_conversation(tmp_path):
    assert open_cue("none", None) is None
    save_network(make_network(), tmp_path / "cue.safetensors")
    make = open_cue("network", tmp_path / "cue.safetensors")
    assert make is not None
    one, other = make(), make()
    one.push([0.1] * 640)
    assert one.state.newest != other.state.newest


def test_an_ear_needs_a_calibration(tmp_path):
    folder = write_ear(tmp_path / "ear", direction="forward")
    make = open_cue("ear", folder, calibration=Calibration(1.0))
    assert make is not None
    assert make().log_odds(0.3) is None
    for name, calibration in (("ear", None), ("network", Calibration(1.0))):
        with pytest.raises(BabbleError, match="needs a calibration"):
            open_cue(name, folder, calibration=calibration)


def test_refuses_a_cue_without_its_network_and_another_file(tmp_path):
    for name, model in (("none", tmp_path), ("network", None), ("smart-turn", None)):
        with pytest.raises(BabbleError, match="belong together"):
            open_cue(name, model)
    save_network(make_network(), tmp_path / "cue.safetensors")
    with pytest.raises(BabbleError, match=r"is not smart-turn-v3\.2-cpu\.onnx"):
        open_cue("smart-turn", tmp_path / "cue.safetensors")
