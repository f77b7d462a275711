import pytest

from babble_jax.audio.quantize import Quantizer
from babble_jax.cli.bench import BenchSpeak, _exceeds, _speed_line
from babble_jax.errors import BabbleError
from babble_jax.pretrained import pretrained
from babble_jax.voice import speed
from babble_jax.voice.config import VoiceConfig
from babble_jax.voice.models.rnn import RNNConfig
from babble_jax.voice.sampling.native.limits import multiplication_rate, read_rate
from babble_jax.voice.speed import measure_speaking, random_voice
from babble_jax.voice.voice import Voice

ROW = {
    "voice": "SampleRNN of dim 8", "sampler": "native", "streams": 1, "threads": 1, "samples_per_second": 32_000.0,
    "real_time_factor": 2.0, "limit": 64_000.0, "limited_by": "memory", "limit_share": 0.5,
    "block_milliseconds": {"median": 10.0, "p99": 12.5, "max": 20.0},
}  # fmt: skip


def test_the_line_of_a_speed():
    assert _speed_line(ROW) == (
        "SampleRNN of dim 8, 1 stream, native: 32,000 samples/s, each 2.0 times real time, 50% of the limit by memory, "
        "a block of 20 ms in 10.00 ms, 99 % within 12.50 ms"
    )
    compiled = ROW | {
        "streams": 4,
        "sampler": "compiled",
        "limit": None,
        "limited_by": None,
        "limit_share": None,
    }
    assert _speed_line(compiled) == (
        "SampleRNN of dim 8, 4 streams, compiled: 32,000 samples/s, each 2.0 times real time, a block of 20 ms in "
        "10.00 ms, 99 % within 12.50 ms"
    )


def test_int8_is_left_out_where_it_was_not_asked_for(monkeypatch, capsys):
    voice = Voice(VoiceConfig(RNNConfig(), Quantizer(), 16_000), {}, "mine")
    measured = []
    monkeypatch.setattr(pretrained, "load_voice", lambda name: voice)
    monkeypatch.setattr(
        speed, "measure_speaking", lambda *words: measured.append(words[1:3]) or ROW | {"limit_share": 1.2}
    )
    BenchSpeak(voice="mine", streams=(1,)).run()
    assert measured == [(1, "compiled")]
    text = capsys.readouterr()
    assert text.err == (
        "mine: is measured without int8, which does not support it: it is no SampleRNN and no WaveNet\n"
    )
    assert text.out.splitlines()[-1].startswith("A share above 100 % is noise or other load")
    with pytest.raises(BabbleError, match="does not support the voice mine"):
        BenchSpeak(voice="mine", sampler=("int8",)).run()


def test_a_share_is_above_the_limit_where_it_is_printed_so():
    assert [_exceeds([{"a": a, "b": None}], "a", "b") for a in (1.004, 1.006)] == [False, True]


@pytest.mark.slow
@pytest.mark.parametrize(("streams", "sampler"), [(1, "native"), (3, "int8"), (2, "compiled")])
def test_a_voice_is_measured(streams, sampler):
    row = measure_speaking(random_voice(8), streams, sampler, 0.01)
    assert row.keys() == ROW.keys()
    assert (row["streams"], row["sampler"]) == (streams, sampler)
    assert row["samples_per_second"] == pytest.approx(row["real_time_factor"] * streams * 16_000)
    block = row["block_milliseconds"]
    assert 0 < block["median"] <= block["p99"] <= block["max"]
    if sampler == "compiled":
        assert row["limit"] is None
    else:
        assert row["limit_share"] == pytest.approx(row["samples_per_second"] / row["limit"])


@pytest.mark.slow
def test_limits_are_rates():
    assert read_rate(0.5) > 1e6
    assert multiplication_rate("float32", 1) > 1e6 < multiplication_rate("int8", 1)
