import pytest

from babble_jax.cli.bench import _speed_line
from babble_jax.voice.sampling.native.limits import multiplication_rate, read_rate
from babble_jax.voice.speed import measure_speaking, random_voice

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
