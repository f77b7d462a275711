"""Features of streams: the same in any blocks, units where a stream is active, silence where it is not."""

import jax
import numpy as np
import pytest
import safetensors.numpy

from babble_jax.audio.units import frame_index
from babble_jax.errors import BabbleError
from babble_jax.pretrained.pretrained import PretrainedVoice, load_voice, save_voice
from babble_jax.voice.conditioning.activity import FEATURES
from babble_jax.voice.conditioning.stream_features import (
    ENDLESS,
    conditioning,
    draw_activity,
    single_utterance,
)
from babble_jax.voice.conditioning.unit_models import load_unit_models
from babble_jax.voice.speak import generate_audio
from tests.voice.unit_voice import RATE, K, build_unit_voice

UNITS = slice(len(FEATURES), len(FEATURES) + K)
KEYS = jax.random.split(jax.random.key(0), 3)
SPEAKERS = np.array([0, 1, 1])
LEAD = 0.02  # seconds
ACTIVE = [np.array([(0.5, 1.1), (1.5, 1.9)]), np.array([(0.2, 0.9)]), ENDLESS]


@pytest.fixture(scope="module")
def voice():
    return build_unit_voice()


def rows_of(voice, *arguments):
    channels = conditioning(voice, *arguments)
    assert channels is not None
    return lambda first, count: voice.config.rows(channels(first, count))


def test_blocks_do_not_matter(voice):
    complete = rows_of(voice, ACTIVE, KEYS, SPEAKERS)(0, 1000)
    assert complete.shape == (3, 1000, len(FEATURES) + K + 6)
    rows, first = rows_of(voice, ACTIVE, KEYS, SPEAKERS), 0
    for count in (1, 7, 100, 392, 500):
        np.testing.assert_array_equal(rows(first, count), complete[:, first : first + count])
        first += count
    alone = rows_of(voice, ACTIVE[1:2], KEYS[1:2], SPEAKERS[1:2])(0, 1000)
    np.testing.assert_array_equal(alone[0], complete[1])


def test_phrases_fill_the_activity_and_silence_the_rest(voice):
    rows = rows_of(voice, ACTIVE, KEYS, SPEAKERS)(0, 1000)
    middles = voice.config.frame_middles(0, 1000)
    active, units = rows[:, :, 0], np.argmax(rows[:, :, UNITS], axis=-1)
    voiced, pitch, *loud = np.moveaxis(rows[:, :, -6:], -1, 0)
    assert np.all(rows[:, :, UNITS].sum(-1) == 1)
    for b, intervals in enumerate(ACTIVE):
        intervals = np.maximum(intervals - [LEAD, 0], 0)
        inside = ((middles[:, None] >= intervals[:, 0]) & (middles[:, None] < intervals[:, 1])).any(axis=1)
        np.testing.assert_array_equal(active[b], inside)
        assert set(units[b][inside]) == {0: {0, 1, 2}, 1: {0, 2, 3}}[SPEAKERS[b]]
        assert set(units[b][~inside]) <= {4}
        assert not voiced[b][~inside].any()
        spoken = [(0, 0, 1, 0), (0, 0, 0.6, 0.4)][SPEAKERS[b]]  # -30 dB, -24 dB
        for near, value, silent in zip(loud, spoken, (1, 0, 0, 0), strict=True):
            np.testing.assert_allclose(near[b], np.where(inside, value, silent), atol=1e-6)
        assert set(pitch[b][voiced[b] == 1]) == {(0.25, 0.125)[SPEAKERS[b]]}
        assert not pitch[b][voiced[b] == 0].any()


def test_onsets_are_advanced_but_not_to_before_the_last_end(voice):
    active = [np.array([(0.01, 0.4), (0.405, 0.6), (0.7, 0.8)]), np.zeros((0, 2)), ENDLESS]
    rows = rows_of(voice, active, KEYS, SPEAKERS)(0, 250)[:, :, 0]
    assert rows[0, : round(0.6 * RATE / 8)].all()
    middles = voice.config.frame_middles(0, 250)
    np.testing.assert_array_equal(
        rows[0][middles > 0.6] == 1, (middles >= 0.68)[middles > 0.6] & (middles[middles > 0.6] < 0.8)
    )
    assert not rows[1].any()
    assert rows[2].all()


def test_features_of_a_prompt_come_first(voice):
    prompt = np.random.default_rng(0).normal(0, 0.1, (3, 2403)).astype(np.float32)
    rows = rows_of(voice, ACTIVE, KEYS, SPEAKERS, prompt)(0, 1000)
    units = np.argmax(rows[:, :, UNITS], axis=-1)
    middles = voice.config.frame_middles(0, 1000)
    in_prompt = middles < 0.6
    for b in range(3):
        line = voice.unit_models.codebook.encode(prompt[b], RATE, SPEAKERS[b])
        np.testing.assert_array_equal(units[b][in_prompt], line[frame_index(middles[in_prompt])])
    later = middles >= 0.61
    assert np.all(rows[2][later, 0] == 1)  # speaks without end from the prompt on
    assert not np.any(rows[0][(middles > 0.61) & (middles < 1.11 - LEAD - 0.02), 0])
    assert np.all(rows[0][(middles > 1.11) & (middles < 1.69), 0] == 1)


def test_babble_depends_on_the_features(voice):
    local = conditioning(voice, ACTIVE, KEYS, SPEAKERS)
    audio = generate_audio(voice, KEYS, 2000, speaker=SPEAKERS, local=local)
    other = generate_audio(
        voice, KEYS, 2000, speaker=SPEAKERS, local=conditioning(voice, [ENDLESS] * 3, KEYS, SPEAKERS)
    )
    np.testing.assert_array_equal(audio[2], other[2])
    assert not np.array_equal(audio[0], other[0])


def test_drawn_activity_has_the_phrases_of_the_recordings(voice):
    patterns = draw_activity(voice, 3.0, KEYS, SPEAKERS)
    phrases = np.array([0.12, 0.26])[SPEAKERS]
    for pattern, phrase in zip(patterns, phrases, strict=True):
        np.testing.assert_allclose(np.diff(pattern, axis=1)[:-1], phrase, atol=1e-9)
    bare = PretrainedVoice(voice.config, voice.params)
    np.testing.assert_allclose(draw_activity(bare, 3.0, KEYS)[1], [[0.2, 2.8]])
    np.testing.assert_allclose(single_utterance(0.5), [[0, 0.5]])


def test_a_stream_shorter_than_its_first_pause_speaks(voice):
    for seconds in (0.02, 0.06):
        for active in draw_activity(voice, seconds, KEYS, SPEAKERS):
            np.testing.assert_array_equal(active, [[0.0, seconds]])


def test_units_come_back_from_disk_and_damage_is_reported(voice, tmp_path):
    save_voice(voice, tmp_path / "a")
    again = load_voice(tmp_path / "a")
    np.testing.assert_array_equal(
        rows_of(again, ACTIVE, KEYS, SPEAKERS)(0, 300), rows_of(voice, ACTIVE, KEYS, SPEAKERS)(0, 300)
    )
    save_voice(again, tmp_path / "b")
    name = "units.safetensors"
    assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    assert (tmp_path / "a" / name).stat().st_size < 3000
    arrays = safetensors.numpy.load_file(tmp_path / "a" / name)
    for damage in (b"", safetensors.numpy.save({k: x for k, x in arrays.items() if "ends_phrase" not in k})):
        (tmp_path / "a" / name).write_bytes(damage)
        with pytest.raises(BabbleError, match="is damaged, or belongs to another voice"):
            load_voice(tmp_path / "a")
        with pytest.raises(BabbleError, match="units cannot be read"):
            load_unit_models(tmp_path / "a" / name, K, len(voice.config.speakers))
    speakers = len(voice.config.speakers)
    assert load_unit_models(tmp_path / "b" / name, K, speakers).count == K
    for count, some in ((K + 1, speakers), (K, speakers + 1)):
        with pytest.raises(BabbleError, match=f"where the voice takes {count} of {some}"):
            load_unit_models(tmp_path / "b" / name, count, some)
