import pytest

from babble_jax.agent.cues.network import save_network
from babble_jax.agent.cues.opening import open_cue
from babble_jax.errors import BabbleError
from tests.agent.cues.test_network import make_network


def test_opens_a_cue_for_each_conversation(tmp_path):
    assert open_cue("none", None) is None
    save_network(make_network(), tmp_path / "cue.safetensors")
    make = open_cue("network", tmp_path / "cue.safetensors")
    assert make is not None
    one, other = make(), make()
    one.push([0.1] * 640)
    assert one.state.newest != other.state.newest


def test_refuses_a_cue_without_its_network_and_another_file(tmp_path):
    for name, model in (("none", tmp_path), ("network", None), ("smart-turn", None)):
        with pytest.raises(BabbleError, match="belong together"):
            open_cue(name, model)
    save_network(make_network(), tmp_path / "cue.safetensors")
    with pytest.raises(BabbleError, match=r"is not smart-turn-v3\.2-cpu\.onnx"):
        open_cue("smart-turn", tmp_path / "cue.safetensors")
