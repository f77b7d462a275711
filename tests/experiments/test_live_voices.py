"""The live agent with each voice: its partner, what is measured of dialogues, and a tiny run with its section."""

import dataclasses

import numpy as np
import pytest

from babble_jax.agent.engine import Engine
from babble_jax.agent.voices.agent_voice import ClickVoice
from babble_jax.conversation.conversation import Mark
from babble_jax.timing.events import Definitions
from babble_jax.timing.floor.state import TURN
from experiments.agent.live_voices import EXPERIMENT
from experiments.pipelines import live_voices
from experiments.pipelines.agent_dialogue import let_talk
from experiments.pipelines.live_partner import LEVEL_RMS, SoundPerception, SpeechVoice, read_speech
from experiments.pipelines.voice_digest import digest_voice
from experiments.report.catalogue import PLANNED
from experiments.report.live_voices import section_on_voices
from experiments.report.results import Result
from tests.agent.players import ScriptedPlayer

RATE, HOP = 16_000, 320


def scripted(*intervals):
    """An engine that clicks in some intervals of frames of 10 ms."""
    return Engine(ScriptedPlayer([(*pair, TURN) for pair in intervals]), ClickVoice(), SoundPerception())


def test_speech_goes_on_where_it_was_left_and_begins_again():
    speech = np.arange(1, 11, dtype=np.float32)
    voice = SpeechVoice(speech)
    assert voice.step(True, TURN, 4).tolist() == [1, 2, 3, 4]
    assert not voice.step(False, TURN, 3).any()
    assert voice.step(True, TURN, 8).tolist() == [5, 6, 7, 8, 9, 10, 1, 2]


def test_the_excerpt_of_speech_has_its_level_and_a_minute():
    speech = read_speech()
    assert len(speech) > 60 * RATE
    assert np.sqrt(np.mean(np.square(speech))) == pytest.approx(LEVEL_RMS, rel=0.01)


def test_any_5_ms_above_50_db_are_sound():
    perception, silence = SoundPerception(), np.zeros(HOP, np.float32)
    for db, expected in ((-49, 1.0), (-51, 0.0)):
        hop = silence.copy()
        hop[80:160] = 10 ** (db / 20)
        frame = perception.step(hop, silence)
        assert frame.speech == expected
        assert frame.level_db == pytest.approx(db, abs=0.01)
    assert perception.step(silence, silence + 0.5).speech == 0


def test_each_hop_has_its_processor_time():
    dialogue = let_talk((scripted((10, 50)), scripted()), 1.0)
    assert dialogue.processor_seconds.shape == (50, 2)
    assert (dialogue.processor_seconds >= 0).all()
    assert dialogue.processor_seconds.sum() > 0


def test_clicks_sound_in_every_sample_and_a_hole_is_measured():
    dialogue = let_talk((scripted((10, 110), (150, 160), (200, 230)), scripted()), 3.0)
    sound = live_voices.measure_sound(dialogue)
    assert sound["decided_ipus"] == 3
    assert sound["silent_ipus"] == sound["breaks"] == sound["silent_seconds"] == 0
    assert sound["first_sound"] == [0, 0, 0]
    assert sound["decided_seconds"] == pytest.approx(1.4)
    assert sound["peak_db"] == pytest.approx(20 * np.log10(0.25))
    assert sound["level_db"] == pytest.approx(20 * np.log10(0.25), abs=0.1)

    audio = dialogue.audio.copy()
    audio[round(0.1 * RATE) : round(0.15 * RATE)] = 0  # the first IPU begins 50 ms late
    audio[round(0.5 * RATE) : round(0.7 * RATE)] = 0  # and has a silence of 0.2 s
    audio[round(1.4 * RATE) : round(1.7 * RATE)] = 0  # the second is silent
    sound = live_voices.measure_sound(dataclasses.replace(dialogue, audio=audio))
    assert sound["first_sound"] == pytest.approx([0.05, 0])
    assert (sound["silent_ipus"], sound["breaks"]) == (1, 1)
    assert sound["silent_seconds"] == pytest.approx(0.05 + 0.2 + 0.1)


def test_answers_and_what_is_spoken_over_by_hand():
    #              agent       partner     agent: over  partner     agent: backchannel  partner
    rows = [(0, 1.0, 3.0), (1, 3.2, 6.0), (0, 5.5, 8.0), (1, 8.5, 14.0), (0, 10.0, 10.4), (1, 15.0, 16.0)]
    conversation = let_talk((scripted(), scripted()), 20.0).measured()
    speaker, onset, end = (np.array(column) for column in zip(*rows, strict=True))
    conversation = dataclasses.replace(
        conversation,
        speaker=speaker.astype(np.int32),
        onset=onset,
        end=end,
        mark=np.full(len(rows), Mark.SPEECH, np.uint8),
    )
    measured = live_voices.measure_turns(conversation, Definitions())
    assert (measured["turns"], measured["ipus"], measured["backchannels"]) == (2, 3, 1)
    assert measured["spoke_over"] == 1
    assert measured["both_seconds"] == pytest.approx(0.5 + 0.4)
    assert measured["fto"]["agent"] == pytest.approx([-0.5])
    assert measured["fto"]["partner"] == pytest.approx([0.2, 0.5])


@pytest.mark.parametrize(
    ("milliseconds", "late"),
    [([30, 5, 5], [1, 0, 0]), ([50, 19, 1], [1, 1, 1]), ([20, 20, 20], [0, 0, 0]), ([1, 45, 5], [0, 1, 1])],
)
def test_a_late_hop_makes_the_next_ones_wait(milliseconds, late):
    assert live_voices.late_hops(np.array(milliseconds, float)).tolist() == [bool(one) for one in late]


def test_a_computation_is_of_the_hop_that_follows():
    dialogue = let_talk((scripted((10, 15)), scripted()), 0.2)  # frames 10 to 14: hops 5 to 7
    assert np.flatnonzero(live_voices.speaking_hops(dialogue)).tolist() == [4, 5, 6]


def test_a_run_goes_on_where_it_was_and_fills_its_section(tmp_path):
    experiment = dataclasses.replace(EXPERIMENT, dialogues=1, seconds=8.0, voices=("clicks",))
    values = experiment.run(tmp_path / "work", tmp_path / "live_voices")
    (part,) = (tmp_path / "work").rglob("*.npz")
    before = part.stat().st_mtime_ns
    assert experiment.run(tmp_path / "work", tmp_path / "live_voices") == values
    assert part.stat().st_mtime_ns == before
    assert (tmp_path / "live_voices-clicks.png").stat().st_size > 1000
    (row,) = values["rows"]
    assert (row["voice"], row["speaker"], row["silent_share"], row["silent_ipus"]) == ("clicks", None, 0, 0)
    assert row["first_sound_milliseconds"]["max"] == 0
    section = section_on_voices(Result("live_voices", values, PLANNED["live_voices"]))
    assert "| clicks | - |" in "\n".join(section)
    assert section[-1].endswith("live_voices-clicks.png)")
    assert section_on_voices(None) == []


def test_the_files_of_a_voice_are_its_digest(tmp_path):
    (tmp_path / "voice.json").write_text("{}", "utf-8")
    before = digest_voice(str(tmp_path))
    (tmp_path / "voice.json").write_text("{ }", "utf-8")
    assert digest_voice(str(tmp_path)) != before
    assert digest_voice("babblers") == digest_voice("babblers")
