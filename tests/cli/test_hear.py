"""`babble hear` and `babble align` with a tiny ear: what they print, write and refuse."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from praatio import textgrid

from babble_jax import files
from babble_jax.cli.ears import describe_ear
from babble_jax.cli.phone_files import ChannelPhones, doubt_speech
from babble_jax.dataset.labelled.reading import read_labelled
from babble_jax.ear.segments import PhoneSegments
from babble_jax.pretrained.ear import save_ear
from babble_jax.pretrained.ear_recordings import save_digests
from tests.command import done, refused, strict
from tests.small_ear import SYMBOLS, make_ear, write_ear

RATE = 8000


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """An ear, a recording, one of two different channels, and texts."""
    folder = tmp_path_factory.mktemp("ear")
    write_ear(folder / "ear")
    draw = np.random.default_rng(0)
    soundfile.write(folder / "one.wav", 0.1 * draw.standard_normal(RATE), RATE)
    soundfile.write(folder / "two.wav", 0.1 * draw.standard_normal((RATE, 2)), RATE)
    (folder / "pairs").mkdir()
    for name in ("x", "y", "z"):
        soundfile.write(folder / "pairs" / f"{name}.wav", 0.1 * draw.standard_normal(RATE), RATE)
    (folder / "pairs" / "x.lab").write_text("#\n0.1 125 pau\n0.4 125 a\n0.8 125 b\n1.0 125 pau\n")
    (folder / "pairs" / "y.lab").write_text("#\n0.5 125 m\n1.0 125 a\n")
    (folder / "one.txt").write_text("a b\nm\n")
    return folder


@pytest.fixture(autouse=True)
def there(place, monkeypatch):
    monkeypatch.chdir(place)


def grid_rows(path):
    grid = textgrid.openTextgrid(str(path), includeEmptyIntervals=False)
    return {name: [tuple(row) for row in grid.getTier(name).entries] for name in grid.tierNames}


def test_phones_are_printed_with_their_times(capsys):
    out = done(capsys, "hear one.wav --ear ear").out.splitlines()
    rows = [line.split() for line in out[2:]]
    assert {row[2] for row in rows} <= {*SYMBOLS}
    onsets, ends = ([float(row[i]) for row in rows] for i in (0, 1))
    assert onsets[0] == 0
    assert ends[-1] == 1
    assert onsets[1:] == ends[:-1]
    phones = sum(row[2] != "pau" for row in rows)
    assert out[0].startswith(f"one.wav: 1.0 s, {phones} phone")


def test_channels_are_heard_apart_or_together(capsys):
    out, err = done(capsys, "hear two.wav --ear ear --json")[1:]
    files = strict(out)["files"]
    assert [one["channel"] for one in files] == [1, 2]
    assert "guessed: its 2 channels are heard apart; --channel mean" in err
    second = strict(done(capsys, "hear two.wav --ear ear --channel 2 --json").out)["files"]
    assert second == files[1:]
    (mean,) = strict(done(capsys, "hear two.wav --ear ear --channel mean --json").out)["files"]
    assert mean["channel"] is None
    assert mean["phones"] != files[0]["phones"]
    assert {*mean["phones"][0]} == {"symbol", "onset", "end", "confidence"}
    greedy = strict(done(capsys, "hear two.wav --ear ear --channel 1 --beam 0 --json").out)
    assert (greedy["ear"], greedy["card"]) == ("ear", {"trained_on": "nothing"})


def test_a_folder_holds_a_textgrid_for_each_recording_and_a_table(capsys, tmp_path):
    out = tmp_path / "phones"
    printed = done(capsys, f"hear one.wav two.wav --ear ear --out {out}").out
    assert printed.splitlines()[-1] == str(out)
    assert {path.name for path in out.iterdir()} == {
        "phones.csv", "one.TextGrid", "two.TextGrid", "README", "manifest.json"}  # fmt: skip
    with (out / "phones.csv").open() as file:
        rows = [*csv.DictReader(file)]
    values = strict(done(capsys, "hear one.wav two.wav --ear ear --json").out)["files"]
    assert len(rows) == sum(len(one["phones"]) for one in values)
    assert [row["symbol"] for row in rows] == [one["symbol"] for file in values for one in file["phones"]]
    tiers = grid_rows(out / "two.TextGrid")
    assert [*tiers] == ["phones of channel 1", "phones of channel 2"]
    expected = values[2]["phones"]
    assert [row[2] for row in tiers["phones of channel 2"]] == [one["symbol"] for one in expected]
    times = [(one["onset"], one["end"]) for one in expected]
    np.testing.assert_allclose([row[:2] for row in tiers["phones of channel 2"]], times, atol=1e-9)
    assert "holds earlier babble_jax phone tables" in refused(capsys, f"hear one.wav --ear ear --out {out}")
    done(capsys, f"hear one.wav --ear ear --out {out} --overwrite")
    assert not (out / "two.TextGrid").exists()


def test_a_training_takes_what_an_ear_hears_for_labels(capsys, tmp_path):
    draw, folder = np.random.default_rng(1), tmp_path / "recordings"
    folder.mkdir()
    for name in ("x", "y"):
        soundfile.write(folder / f"{name}.wav", 0.1 * draw.standard_normal(RATE), RATE)
    values = strict(done(capsys, f"hear {folder} --ear ear --json").out)["files"]
    done(capsys, f"hear {folder} --ear ear --out {folder / 'TextGrid'}")
    labelled = read_labelled(folder)
    assert (labelled.source, len(labelled.labelled)) == ("labels in NAME.TextGrid", 2)
    for one, row in zip(labelled.labelled, values, strict=True):
        assert one.labels is not None
        assert [*one.labels.symbols] == [phone["symbol"] for phone in row["phones"]]
        np.testing.assert_allclose(one.labels.end, [phone["end"] for phone in row["phones"]], atol=1e-6)


def test_of_several_files_a_damaged_one_is_left_out(capsys, tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "bad.wav").write_bytes(b"no sound")
    soundfile.write(tmp_path / "folder" / "good.wav", np.zeros(RATE), RATE)
    out, err = done(capsys, f"hear {tmp_path / 'folder'} one.wav --ear ear --json")[1:]
    values = strict(out)
    assert [one["file"] for one in values["files"]] == [f"{tmp_path / 'folder' / 'good.wav'}", "one.wav"]
    assert "bad.wav" in values["left_out"][0]
    assert "left out: " in err
    (tmp_path / "folder" / "good.wav").unlink()
    assert "bad.wav: cannot be read" in refused(capsys, f"hear {tmp_path / 'folder'} --ear ear")


def test_phones_that_are_known_are_aligned(capsys):
    out = done(capsys, "align one.wav 'a b m' --ear ear").out.splitlines()
    symbols = [line.split()[2] for line in out[2:]]
    assert [one for one in symbols if one != "pau"] == ["a", "b", "m"]
    assert out[0].startswith("one.wav: 1.0 s, 3 phones, ")
    of_file = done(capsys, "align one.wav one.txt --ear ear").out.splitlines()
    beside = done(capsys, "align one.wav --ear ear").out.splitlines()
    assert of_file[1:] == beside[1:] == out[1:]
    assert of_file[0].endswith("; by one.txt")


def test_silence_is_said_to_hold_no_phone(capsys, monkeypatch):
    monkeypatch.setattr("babble_jax.pretrained.hearing.hear_blocks", lambda *rest: silence_of(1))
    assert done(capsys, "hear one.wav --ear ear").out.splitlines()[0] == (
        "one.wav: 1.0 s, no phone: silence, or nothing that the ear takes for speech"
    )


def test_another_microphone_is_guessed_and_said(capsys, tmp_path):
    draw = np.random.default_rng(3)
    soundfile.write(tmp_path / "long.wav", 0.1 * draw.standard_normal(4 * RATE), RATE)
    ear = make_ear()
    ear.card["active_spectrum_db"] = np.linspace(-60, 0, ear.config.bands).tolist()
    save_ear(ear, tmp_path / "ear")
    hears = f"hear {tmp_path / 'long.wav'} --ear {tmp_path / 'ear'} --json"
    outcome = done(capsys, hears)
    assert "guessed: its spectrum lies " in outcome.err
    assert "--match off takes it as it is" in outcome.err
    (matched,) = strict(outcome.out)["files"]
    assert matched["spectrum_matched"] is True
    outcome = done(capsys, f"{hears} --match off")
    assert "guessed" not in outcome.err
    assert "dB off that of the ear's training, and was left so: much of it may be misheard" in outcome.err
    (plain,) = strict(outcome.out)["files"]
    assert plain["spectrum_matched"] is False
    assert plain["spectrum_distance_db"] == matched["spectrum_distance_db"] > 2
    assert plain["phones"] != matched["phones"]
    aligns = f"align {tmp_path / 'long.wav'} 'a b' --ear {tmp_path / 'ear'}"
    assert "guessed: its spectrum lies " in done(capsys, aligns).err
    assert "guessed" not in done(capsys, f"{aligns} --match off").err
    save_digests([files.sha256(tmp_path / "long.wav")], tmp_path / "ear")
    outcome = done(capsys, hears)
    assert "guessed" not in outcome.err
    assert "in the mean, and was left so, since it is one of that training" in outcome.err
    (unmatched,) = strict(outcome.out)["files"]
    assert (unmatched["spectrum_matched"], unmatched["phones"]) == (False, plain["phones"])
    assert "guessed" not in done(capsys, aligns).err


def test_phones_that_are_not_said_there_are_doubted(capsys, monkeypatch):
    def align(samples, symbols, ear, match):
        confidence = np.array([0.1, 0.9, 0.4])
        return PhoneSegments(("a", "pau", "b"), np.arange(3.0), np.arange(1.0, 4.0), confidence)

    monkeypatch.setattr("babble_jax.pretrained.hearing.align_matched", align)
    err = done(capsys, "align one.wav 'a b' --ear ear").err
    assert "one.wav: the phones hardly match the sound (mean confidence 0.25); check that" in err
    monkeypatch.setattr("babble_jax.cli.align._DOUBTFUL", 0.25)
    assert "hardly" not in done(capsys, "align one.wav 'a b' --ear ear").err
    monkeypatch.setattr("babble_jax.cli.align._DOUBTFUL", 0.3)
    monkeypatch.setattr("babble_jax.pretrained.hearing.hear_blocks", lambda *rest, match: silence_of(1))
    assert refused(capsys, "align one.wav 'a b' --ear ear").startswith(
        "one.wav: is silent: the ear hears no phone"
    )


def silence_of(seconds):
    return PhoneSegments(("pau",), np.zeros(1), np.full(1, float(seconds)), np.ones(1))


@pytest.mark.parametrize(("seconds", "phones", "doubted"), [(10, 5, True), (10, 30, False), (0.5, 1, False)])
def test_noise_is_said_to_be_hardly_speech(seconds, phones, doubted):
    times = np.linspace(0, seconds, phones + 1)
    segments = PhoneSegments(("a",) * phones, times[:-1], times[1:], np.ones(phones))
    sentence = doubt_speech(ChannelPhones(Path("x.wav"), None, seconds, segments), "pau")
    assert sentence.startswith("x.wav: hardly speech: 5 phones in 10.0 s of sound, ") == doubted
    assert doubt_speech(ChannelPhones(Path("x.wav"), None, 9, silence_of(9)), "pau") == ""


def test_a_recording_of_the_training_is_named(capsys, tmp_path):
    write_ear(tmp_path / "ear")
    save_digests([files.sha256("one.wav")], tmp_path / "ear")
    for line, in_training in (
        ("hear one.wav", True),
        ("align one.wav 'a b'", True),
        ("hear pairs/x.wav", False),
    ):
        outcome = done(capsys, f"{line} --ear {tmp_path / 'ear'} --json")
        assert ("the ear was trained on this recording" in outcome.err) == in_training
        assert [one["in_training"] for one in strict(outcome.out)["files"]] == [in_training]


def test_labels_of_a_festival_voice_are_found_from_one_recording(capsys, tmp_path):
    for folder in ("wav", "lab"):
        (tmp_path / folder).mkdir()
    soundfile.write(tmp_path / "wav" / "x.wav", 0.1 * np.ones(RATE), RATE)
    (tmp_path / "lab" / "x.lab").write_text("#\n0.5 125 m\n1.0 125 a\n")
    out = done(capsys, f"align {tmp_path / 'wav' / 'x.wav'} --ear ear").out
    assert out.splitlines()[0].endswith(f"; by {tmp_path / 'lab' / 'x.lab'}")


def test_a_folder_of_pairs_is_aligned_and_compared_with_its_labels(capsys, tmp_path):
    outcome = done(capsys, f"align pairs --ear ear --out {tmp_path / 'a'} --json")
    values = strict(outcome.out)
    assert [one["file"] for one in values["files"]] == ["pairs/x.wav", "pairs/y.wav"]
    assert values["onset_error"]["phones"] == 4
    assert "1 recording without labels left out: z.wav" in outcome.err
    assert [row[2] for row in grid_rows(tmp_path / "a" / "y.TextGrid")["phones"] if row[2] != "pau"] == [
        "m",
        "a",
    ]
    last = done(capsys, "align pairs pairs --ear ear").out.splitlines()[-1]
    assert last.startswith("onsets of 4 phones beside those of the labels: half of them within ")


def test_a_textgrid_says_what_is_said(capsys, tmp_path):
    done(capsys, f"align one.wav 'm a' --ear ear --out {tmp_path / 'b'}")
    grid = tmp_path / "b" / "one.TextGrid"
    values = json.loads(done(capsys, f"align one.wav {grid} --ear ear --json").out)
    assert values["onset_error"]["median_seconds"] == pytest.approx(0, abs=1e-9)
    assert "has no interval tier 'words'" in refused(capsys, f"align one.wav {grid} --ear ear --tier words")


def test_what_makes_no_sense_is_one_sentence(capsys):
    assert "nowhere: there is no ear here" in refused(capsys, "hear one.wav --ear nowhere")
    symbols = "its 4 symbols are pau a b m."
    assert refused(capsys, "align one.wav 'a q zh' --ear ear") == (
        f"TEXT: the ear does not have 'q', 'zh'; {symbols}"
    )
    assert refused(capsys, "align one.wav 'a mother' --ear ear").endswith(
        f"{symbols} It takes phones with blanks between them, and does not read words."
    )
    assert refused(capsys, "align one.wav a b m --ear ear") == (
        "align: TEXT takes quotes: babble align one.wav 'a b m' --ear ear; see `babble align --help`."
    )
    assert "there is no option -b" in refused(capsys, "align one.wav a -b --ear ear")
    assert "two.wav: is a recording, too; give one" in refused(capsys, "align one.wav two.wav --ear ear")
    Path("txt.done.data").write_text('( one "words" )')
    message = refused(capsys, "align one.wav txt.done.data --ear ear")
    assert "txt.done.data: holds the words of many recordings" in message
    assert "one.wav: 300 symbols" in refused(capsys, f"align one.wav '{'a b ' * 150}' --ear ear")
    assert "has 1 channel, and not a channel 2" in refused(capsys, "hear one.wav --ear ear --channel 2")
    assert "--channel is 'left'" in refused(capsys, "hear one.wav --ear ear --channel left")
    assert "--channel is '0'" in refused(capsys, "hear one.wav --ear ear --channel 0")
    assert "beam is -1" in refused(capsys, "hear one.wav --ear ear --beam -1")
    assert "named twice" in refused(capsys, "hear one.wav one.wav --ear ear")
    assert "no such file" in refused(capsys, "hear no.wav --ear ear")
    assert "no such file" in refused(capsys, "align one.wav no.lab --ear ear")
    assert "no such file" in refused(capsys, "align no.wav a --ear ear")
    assert "has 2 different channels" in refused(capsys, "align two.wav a --ear ear")
    assert "what is said in it must be given" in refused(capsys, "align two.wav --ear ear")
    assert "is a folder; give a folder of texts" in refused(capsys, "align pairs 'a b' --ear ear")
    assert "--overwrite is of the output folder" in refused(capsys, "hear one.wav --ear ear --overwrite")


def test_the_card_is_a_line():
    ear = make_ear()
    ear.card = {"recordings": "festvox", "minutes": 79.6, "validation_phone_error_rate": 0.1234}
    assert describe_ear(ear, "russian") == (
        "the ear russian: 4 symbols, trained on 80 min of festvox; 12.3 % of the phones wrong in recordings of the "
        "same kind that it had not seen"
    )
    ear.card |= {"source": "one man"}
    assert "trained on 80 min of one man; " in describe_ear(ear, "russian")
    ear.card = {"minutes": "many"}
    assert describe_ear(ear, "other") == "the ear other: 4 symbols"
