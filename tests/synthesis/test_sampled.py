"""Instruments of sound files: notes by their names or their sound, played at other pitches, timed as speech is."""

import numpy as np
import pytest

from babble_jax.audio import wave
from babble_jax.audio.activity import read_phone_labels
from babble_jax.audio.pitch import f0_contour
from babble_jax.dataset.building import build_dataset, check_synthesis, measure_sources
from babble_jax.errors import BabbleError
from babble_jax.synthesis import kinds, notes, sampled_babble
from babble_jax.synthesis.recordings import load_unit_lm, write_recordings
from babble_jax.synthesis.sampled import Instrument, SampledNote, named_note, play_note, read_instrument

RATE = 16_000


def tone(hz, seconds=1.0, before=0.0):
    """A tone of two harmonics with silence before it."""
    time = np.arange(round(seconds * RATE)) / RATE
    sound = 0.3 * np.sin(2 * np.pi * hz * time) + 0.1 * np.sin(4 * np.pi * hz * time)
    return np.concatenate([np.zeros(round(before * RATE)), sound]).astype(np.float32)


@pytest.fixture
def folder(tmp_path):
    """Notes whose names say them, one that its sound says, and one without pitch."""
    target = tmp_path / "files"
    (target / "high").mkdir(parents=True)
    wave.write(target / "A2v1.wav", tone(110.0, before=0.5), RATE)
    wave.write(target / "high" / "sax_ds3.wav", tone(155.56) / 20, RATE)
    wave.write(target / "long_1.wav", tone(220.0), RATE)
    hiss = np.random.default_rng(0).normal(0, 0.1, RATE).astype(np.float32)
    wave.write(target / "laser_2.wav", hiss, RATE)
    return target


def test_names_of_notes():
    for name, number in (("A4.wav", 69), ("sax_bb3_f.wav", 58), ("C#5v12.ogg", 73), ("e2-rr1.flac", 40)):
        assert named_note(name) == number, name
    for name in ("laser_2.wav", "bag1.mp3", "alien_12.wav", "a10.wav", "h4.wav"):
        assert np.isnan(named_note(name)), name


def test_notes_are_read_at_one_level_from_their_onsets(folder):
    instrument = read_instrument(folder, RATE)
    assert [note.number for note in instrument.pitched] == pytest.approx([45, 51, 57], abs=0.2)
    assert len(instrument.noisy) == 1
    for note in (*instrument.pitched, *instrument.noisy):
        loud = note.audio[: round(0.3 * RATE)]
        assert np.sqrt(np.mean(np.square(loud))) == pytest.approx(0.12, rel=0.02)
    assert len(instrument.pitched[0].audio) <= 1.05 * RATE
    for path, message in (
        (folder / "A2v1.wav", "no such folder"),
        (folder.parent / "none", "no such folder"),
    ):
        with pytest.raises(BabbleError, match=message):
            read_instrument(path, RATE)
    (folder.parent / "empty").mkdir()
    with pytest.raises(BabbleError, match="holds no sound file"):
        read_instrument(folder.parent / "empty", RATE)


def test_octaves_that_names_count_from_another_c_are_found_in_the_sound(tmp_path, capsys):
    for name, hz in (("a2.wav", 220.0), ("c3.wav", 261.63), ("e3.wav", 329.63), ("g3.wav", 392.0)):
        wave.write(tmp_path / name, tone(hz), RATE)
    numbers = [note.number for note in read_instrument(tmp_path, RATE).pitched]
    assert numbers == [57, 60, 64, 67]
    assert "lies 1 octave above the notes in the names of its files" in capsys.readouterr().err
    wave.write(tmp_path / "c3.wav", tone(130.81), RATE)  # as its name says
    wave.write(tmp_path / "e3.wav", tone(164.81), RATE)
    assert [note.number for note in read_instrument(tmp_path, RATE).pitched] == [45, 48, 52, 55]
    assert capsys.readouterr().err.count("octave") == 0


def test_a_note_is_played_at_another_pitch_and_ends():
    note = SampledNote(tone(200.0), float("nan"))
    sound = play_note(note, 7.0, RATE // 2, RATE)
    assert len(sound) == RATE // 2
    assert np.nanmedian(f0_contour(sound, RATE)) == pytest.approx(200 * 2 ** (7 / 12), rel=0.01)
    assert np.abs(sound[-3:]).max() < 0.01
    np.testing.assert_array_equal(play_note(note, 0.0, 1000, RATE)[:500], note.audio[:500])
    assert not play_note(note, 12.0, RATE, RATE)[RATE // 2 + 10 :].any()  # it is over


def test_near_notes_are_chosen_by_the_unit():
    pitched = tuple(SampledNote(tone(100.0), float(number)) for number in (48, 50, 60))
    instrument = Instrument(pitched, (), RATE)
    melody = notes.Melody(65.4, 392.1, widening=1.0)
    middle = notes.Note(0, 10, 3, 0.0, -20.0)
    number = round(notes.note_number(melody.frequency(0.0)))
    assert number == 52
    for choice, own in ((0, 50), (1, 50)):
        note, semitones = sampled_babble.choose_note(instrument, middle, choice, melody) or (None, 0)
        assert note is not None
        assert (note.number, round(semitones)) == (own, 2)
    low = notes.Note(0, 10, 3, -3 / 12, -20.0)
    played = [sampled_babble.choose_note(instrument, low, choice, melody) for choice in (0, 1)]
    assert [one and one[0].number for one in played] == [48, 50]
    unvoiced = notes.Note(0, 10, 3, float("nan"), -20.0)
    assert sampled_babble.choose_note(instrument, unvoiced, 0, melody) is None
    noise = Instrument((), pitched[:1], RATE)
    assert sampled_babble.choose_note(noise, unvoiced, 0, melody) == (pitched[0], 0.0)
    assert sampled_babble.choose_note(noise, low, 0, melody) == (
        pitched[0],
        pytest.approx(49 - 51.5, abs=0.01),
    )


def test_the_range_is_shared_with_8_bit_sounds_or_an_octave():
    def ends(*numbers):
        pitched = tuple(SampledNote(np.zeros(1), float(number)) for number in numbers)
        melody = sampled_babble.range_of(Instrument(pitched, (), RATE))
        return [round(notes.note_number(hz)) for hz in (melody.lowest, melody.highest)]

    assert ends(21, 108) == [36, 67]
    assert ends(45, 60) == [42, 63]
    assert ends(50) == [44, 56]
    assert ends(84, 100) == [81, 103]


def test_babble_has_the_timing_of_the_speaker_and_follows_from_the_seed(folder):
    unit_lm, units, _ = load_unit_lm()
    instrument = read_instrument(folder, RATE)
    audio, labels = sampled_babble.babble(instrument, unit_lm, units, 5.0, RATE, seed=2)
    assert audio.shape == (5 * RATE,)
    assert 0.05 < np.abs(audio).max() < 1
    ends = [end for end, _ in labels]
    assert ends == sorted(ends)
    assert ends[-1] == 5.0
    for (first, _), (stop, name) in zip([(0.0, ""), *labels], labels, strict=False):
        part = audio[round(first * RATE) : round(stop * RATE)]
        assert bool(np.any(part)) == (name != notes.PAUSE), (first, name)
    again, _ = sampled_babble.babble(instrument, unit_lm, units, 5.0, RATE, seed=2)
    np.testing.assert_array_equal(audio, again)


def test_a_data_set_is_made_of_an_instrument(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(kinds, "RECORDING_SECONDS", 3.0)
    report = build_dataset("piano", tmp_path / "data", notes=folder, minutes=0.5, seed=1)
    assert report.speakers == ("piano",)
    assert measure_sources("piano", 0.5, folder) == (10, 30.0)
    own = write_recordings("piano", tmp_path, minutes=0.05, notes=folder)
    assert "the folder files, whose licence" in " ".join((own / "COPYRIGHT.txt").read_text().split())
    assert len(read_phone_labels(own / "piano_00001.lab"))


def test_notes_need_an_instrument_and_a_folder(folder, tmp_path):
    for sources, where, message in (
        (["chip"], folder, "its notes have no instrument; give, in place of chip, a name"),
        ([folder], folder, "its notes have no instrument"),
        (["a/b"], folder, "is no name for an instrument"),
        (["piano"], tmp_path / "none", "there is no such folder"),
        (["piano"], "", "there is no such folder"),
    ):
        with pytest.raises(BabbleError, match=message):
            check_synthesis(sources, RATE, notes=where)
    with pytest.raises(BabbleError, match="44100 Hz: piano is synthesized at 16000 Hz"):
        check_synthesis(["piano"], 44_100, notes=folder)
