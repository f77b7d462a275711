import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from babble_jax.audio.quantize import Quantizer
from babble_jax.dialogue.loudness import measure_level
from babble_jax.errors import BabbleError
from babble_jax.pretrained.babbler import NATIVE_WIDTH, WIDTH, VoiceBabbler
from babble_jax.pretrained.pair import without_final
from babble_jax.pretrained.pretrained import PretrainedVoice
from babble_jax.voice.babbler import PitchShiftedBabbler, make_speaker_pair, stream_keys
from babble_jax.voice.block_sampler import resolve_sampler
from babble_jax.voice.conditioning.prosody import NEUTRAL, Prosody
from babble_jax.voice.config import VoiceConfig
from babble_jax.voice.distributions.contract import Sampling
from babble_jax.voice.models.samplernn import SampleRNNConfig
from babble_jax.voice.speak import generate_audio
from tests.voice.unit_voice import build_unit_voice

TINY_MODEL = SampleRNNConfig(frame_sizes=(4, 2), dim=8, embedding=4, hidden=1, expand_top=True)


def tiny_voice(speakers: tuple[str, ...] = (), model: SampleRNNConfig = TINY_MODEL) -> PretrainedVoice:
    config = VoiceConfig(model, Quantizer(q_levels=16), sample_rate=8000, gain=2.0, speakers=speakers)
    return PretrainedVoice(config, config.sample_model.init(jax.random.key(0)), "tiny", card={"steps": 0})


TINY = VoiceBabbler(tiny_voice(), Sampling(temperature=0.9))
KEYS = stream_keys(1, count=WIDTH + 2)


def test_streams_are_those_of_the_voice_in_the_order_asked_for():
    progress: list[int] = []
    lengths = [500, 100, 4001, 7, 300, 2500]
    streams = TINY.babble(KEYS, lengths, progress.append)
    assert [len(stream) for stream in streams] == lengths
    assert sum(progress) == sum(lengths)
    expected = generate_audio(TINY.voice, jax.random.wrap_key_data(jnp.asarray(KEYS)), 4001, TINY.sampling)
    for stream, own in zip(streams, expected, strict=True):
        # another batch width: draws may flip where a uniform lies at the edge of the cdf, so only the start
        assert np.array_equal(stream[:100], own[: len(stream)][:100])
    assert len({stream[:7].tobytes() for stream in streams}) > 1


def test_a_stream_depends_on_its_key_alone_and_a_longer_one_begins_with_it():
    company = TINY.babble(KEYS, [3000] * len(KEYS), lambda n: None)
    for i in (0, WIDTH + 1):
        alone = TINY.babble(KEYS[i : i + 1], [5000], lambda n: None)
        assert np.array_equal(alone[0][:3000], company[i])


def test_the_native_sampler_draws_the_same_streams_in_any_company():
    voice = tiny_voice(model=dataclasses.replace(TINY_MODEL, reset="after"))
    assert resolve_sampler(voice, "auto") == "native"
    babbler, keys = VoiceBabbler(voice), stream_keys(2, count=NATIVE_WIDTH + 3)
    lengths = [300 + 211 * (i % 5) for i in range(len(keys))]
    progress: list[int] = []
    streams = babbler.babble(keys, lengths, progress.append)
    assert sum(progress) == sum(lengths)
    expected = generate_audio(voice, jax.random.wrap_key_data(jnp.asarray(keys)), max(lengths))
    for stream, own, length in zip(streams, expected, lengths, strict=True):
        np.testing.assert_array_equal(stream, own[:length])


def test_what_the_manifest_says():
    assert (TINY.name, TINY.sample_rate) == ("tiny", 8000)
    assert TINY.settings == {"temperature": 0.9, "top_k": 0, "card": {"steps": 0}}
    assert VoiceBabbler(tiny_voice()).settings["temperature"] == 1.0
    assert TINY.babble(KEYS[:0], [], lambda n: None) == []


def test_a_voice_of_several_speakers():
    both = tiny_voice(("ann", "ben"))
    ann, ben = (VoiceBabbler(both, speaker=name) for name in ("ann", "ben"))
    assert ben.name == "tiny/ben"
    one, other = (babbler.babble(KEYS[:1], [2000], lambda n: None)[0] for babbler in (ann, ben))
    assert not np.array_equal(one, other)
    first = VoiceBabbler(both).babble(KEYS[:1], [2000], lambda n: None)[0]
    np.testing.assert_array_equal(one, first)
    with pytest.raises(BabbleError, match="has the speakers: ann, ben; not carl"):
        VoiceBabbler(both, speaker="carl")
    with pytest.raises(
        BabbleError, match="not sax: give one of them; the voice other-sounds has a speaker of that"
    ):
        VoiceBabbler(both, speaker="sax")
    with pytest.raises(BabbleError, match="has the speakers: none; not ann"):
        VoiceBabbler(TINY.voice, speaker="ann")


def test_without_an_activity_a_final_contour_is_refused_and_the_level_is_that_without_it():
    voice = build_unit_voice()
    rising, own = (
        VoiceBabbler(voice, speaker="ann", prosody=one) for one in (Prosody(final="rise"), NEUTRAL)
    )
    with pytest.raises(BabbleError, match="no utterance ends with a rise; give active, or leave final out"):
        rising.babble(KEYS[:1], [100], lambda n: None)
    assert rising.babble(KEYS[:1], [1000], lambda n: None, [(0.05, 0.2)])[0].any()
    assert measure_level(rising, lambda n: None) == measure_level(own, lambda n: None)
    low = without_final(make_speaker_pair(rising)[0])
    assert isinstance(low, PitchShiftedBabbler)
    assert isinstance(low.babbler, VoiceBabbler)
    assert low.babbler.prosody == NEUTRAL
    assert without_final(TINY) is TINY
