"""A voice of a lower rate beside one of a higher one: its pitch stays, and a longer stream begins with a shorter."""

import numpy as np

from babble_jax.dialogue.utterance import LeveledVoice, speak_ipus
from babble_jax.voice.babbler import stream_keys
from babble_jax.voice.resampled_babbler import ResampledBabbler, match_rates
from tests.dialogue.fake_babbler import FakeBabbler

LOW, HIGH = FakeBabbler("low", sample_rate=8_000), FakeBabbler("high", sample_rate=16_000)


def test_the_lower_rate_becomes_the_higher_one():
    first, second = match_rates((LOW, HIGH))
    assert isinstance(first, ResampledBabbler)
    assert second is HIGH
    assert match_rates((LOW, LOW)) == (LOW, LOW)
    assert (first.name, first.sample_rate) == ("low", 16_000)
    assert first.settings == {"temperature": 1.0, "resampled_from": 8_000}
    assert not first.takes_activity
    counts = []
    keys = stream_keys(1, 2, count=2)
    short = first.babble(keys, [8_000, 4_001], counts.append)
    assert sum(counts) <= 12_001
    assert [len(one) for one in short] == [8_000, 4_001]
    (longer,) = first.babble(keys[:1], [16_000], lambda count: None)
    np.testing.assert_allclose(longer[:8_000], short[0], atol=1e-6)
    (plain,) = LOW.babble(keys[:1], [8_000], lambda count: None)
    spectrum, own = (np.abs(np.fft.rfft(one)) for one in (longer, plain))
    assert spectrum[4_200:].max() < 1e-3 * spectrum.max()
    assert np.corrcoef(longer[::2][:7_000], plain[:7_000])[0, 1] > 0.95
    assert abs(int(spectrum.argmax()) - int(own.argmax())) <= 2


def test_both_speak_in_a_dialogue():
    keys = stream_keys(1, count=1)
    low, high = (
        speak_ipus(LeveledVoice(voice, 1.0), keys, [9_000], lambda count: None)[0]
        for voice in match_rates((LOW, HIGH))
    )
    assert len(low) == len(high) == 9_000
    assert 0.5 < np.sqrt(np.mean(low**2) / np.mean(high**2)) < 2
