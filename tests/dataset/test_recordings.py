"""Folders into datasets: recordings come out as they went in, splits never move, bad files are listed."""

import hashlib
import json
import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
import soundfile
from tensorflow_datasets.core import shuffle
from tensorflow_datasets.proto import tf_example_pb2, tf_feature_pb2

from babble_jax.audio import pcm, wave
from babble_jax.dataset import recordings, splits
from babble_jax.dataset.source import open_dataset
from babble_jax.dataset.stored_split import INDEX
from babble_jax.errors import BabbleError

RATE = 8_000


def build(root, out, **options):
    return recordings.build_from_folders(root, out, sample_rate=RATE, **{"trim": False, **options})


@pytest.mark.parametrize(
    ("name", "start", "split"),
    [
        ("ru_0001.wav", "4245ef0e", "train"),
        ("ru_0001.flac", "4245ef0e", "train"),
        ("ru_0006.wav", "ebe0c508", "test"),
        ("ru_0007.wav", "cf375b9d", "validation"),
        ("ann/07.wav", "3cd4f668", "train"),
        ("Ján/é.b.ogg", "08ee729e", "train"),
    ],
)
def test_the_split_of_a_name_never_moves(name, start, split):
    # start: what `printf %s STEM | sha256sum` begins with; cc... is 0.8 of the range, e6... is 0.9.
    assert hashlib.sha256(name.rpartition(".")[0].encode()).hexdigest().startswith(start)
    assert splits.split_from_name(name) == split


def test_splits_hold_about_80_10_10_percent():
    names = [splits.split_from_name(f"{i}.wav") for i in range(5000)]
    assert abs(names.count("train") / 5000 - 0.8) < 0.02
    assert abs(names.count("validation") / 5000 - 0.1) < 0.015


def test_composed_and_decomposed_names_fall_into_the_same_split():
    for i in range(50):
        assert splits.split_from_name(f"é{i}.wav") == splits.split_from_name(f"e\u0301{i}.wav")


def test_every_recording_comes_out_as_it_went_in(folder, tmp_path):
    root, samples = folder
    report = build(root, tmp_path / "data")
    assert (report.bad, report.notes) == ((), ())
    assert sum(report.counts.values()) == 40
    assert report.speakers == ("ann", "bob", "sounds")
    seen = []
    for split in report.counts:
        opened = open_dataset(tmp_path / "data", split)
        names = sorted(name for name in samples if splits.split_from_name(name) == split)
        assert len(opened) == report.counts[split] == len(names)
        assert opened.seconds == pytest.approx(report.seconds[split])
        for i, name in enumerate(names):
            np.testing.assert_array_equal(opened.read(i), samples[name])
            assert opened.lengths[i] == len(samples[name])
            assert opened.speaker_names[opened.speakers[i]] == (
                name.split("/")[0] if "/" in name else "sounds"
            )
            seen.append(name)
    assert sorted(seen) == sorted(samples)


def test_a_data_set_of_any_size_is_made_without_tensorflow(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(
        shuffle, "MAX_MEM_BUFFER_SIZE", 10
    )  # beyond it TFDS sorts records on disk, by TensorFlow
    assert sum(build(folder[0], tmp_path / "data").counts.values()) == 40


def test_the_gain_brings_the_training_peak_to_nine_tenths(folder, tmp_path):
    root, samples = folder
    report = build(root, tmp_path / "data")
    train = [pcm for name, pcm in samples.items() if splits.split_from_name(name) == "train"]
    peak = max(np.abs(pcm.astype(np.float64)).max() for pcm in train) / 32_768
    assert report.gain == pytest.approx(0.9 / peak)
    opened = open_dataset(tmp_path / "data", "validation")
    assert opened.gain == report.gain
    assert (opened.sample_rate, opened.lengths.dtype, opened.speakers.dtype) == (RATE, np.int64, np.int32)


def test_rescaling_brings_every_recording_to_nine_tenths(folder, tmp_path):
    report = build(folder[0], tmp_path / "data", rescale=True)
    assert report.gain == pytest.approx(1, abs=1e-3)
    for split in report.counts:
        opened = open_dataset(tmp_path / "data", split)
        for i in range(len(opened)):
            assert np.max(np.abs(opened.read(i))) == pytest.approx(0.9 * 32_768, abs=1)


def test_the_same_folder_gives_the_same_bytes(folder, tmp_path):
    root, _ = folder
    build(root, tmp_path / "a")
    build(root, tmp_path / "b")
    for path in sorted((tmp_path / "a").iterdir()):
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes(), path.name


def test_a_record_has_the_same_bytes_in_whatever_order_its_fields_came():
    features: Any = tf_feature_pb2  # its classes are made as it is imported
    examples: Any = tf_example_pb2
    fields = {
        "audio": features.Feature(bytes_list=features.BytesList(value=[b"sound"])),
        "speaker": features.Feature(int64_list=features.Int64List(value=[3])),
    }
    records, example = set(), None
    for order in (("audio", "speaker"), ("speaker", "audio")):
        ordered = {name: fields[name] for name in order}
        example = examples.Example(features=features.Features(feature=ordered))
        records.add(recordings.serialize_ordered(example.SerializeToString()))
    assert len(records) == 1
    assert examples.Example.FromString(records.pop()) == example


@pytest.mark.slow
def test_other_processes_give_the_same_bytes(folder, tmp_path):
    code = "import sys; from babble_jax.dataset.recordings import *; build_from_folders(*sys.argv[1:], 8000)"
    for seed in "123":
        command = [sys.executable, "-c", code, folder[0], tmp_path / seed]
        subprocess.run(command, env=os.environ | {"PYTHONHASHSEED": seed}, check=True)
    names = sorted(path.name for path in (tmp_path / "1").iterdir())
    assert len(names) == 7
    for seed in "23":
        assert sorted(path.name for path in (tmp_path / seed).iterdir()) == names
        for name in names:
            assert (tmp_path / seed / name).read_bytes() == (tmp_path / "1" / name).read_bytes(), name


def test_resampling_and_trimming(tmp_path):
    rate = 16_000
    for i in range(3):  # three sounds: copies would go to one split
        tone = 0.5 * np.sin(2 * np.pi * (440 + i) * np.arange(rate) / rate)
        wave.write(tmp_path / f"in/{i}.wav", np.concatenate([np.zeros(rate), tone, np.zeros(rate)]), rate)
    report = recordings.build_from_folders(tmp_path / "in", tmp_path / "data", sample_rate=RATE)
    assert report.seconds["train"] == pytest.approx(1.1, abs=0.06)  # 50 ms are left on both sides


def test_bad_files_are_listed_and_good_ones_used(folder, tmp_path):
    root, _ = folder
    (root / "empty.wav").touch()
    (root / "ann/text.mp3").write_text("no audio")
    wave.write(root / "silent.wav", np.zeros(RATE), RATE)
    wave.write(root / "short.flac.wav", np.ones(20) / 2, RATE)
    (root / "cut.wav").write_bytes((root / "s02.wav").read_bytes()[:300])
    (root / "phone.m4a").write_bytes(b"\0\0\0\x20ftypM4A ".ljust(1000, b"\0"))
    (root / "notes.txt").write_text("not looked at")
    (root / "._s02.wav").write_text("neither is this")
    report = build(root, tmp_path / "data")
    assert sum(report.counts.values()) == 40
    reasons = {os.path.relpath(path, root): reason for path, reason in report.bad}
    assert set(reasons) == {
        *("empty.wav", "ann/text.mp3", "silent.wav", "short.flac.wav", "cut.wav", "phone.m4a"),
    }
    assert "cannot be read as audio" in reasons["phone.m4a"]
    assert "is empty" in reasons["empty.wav"]
    assert "cannot be read as audio" in reasons["ann/text.mp3"]
    assert "nothing but silence" in reasons["silent.wav"]
    assert "less than 10 ms" in reasons["short.flac.wav"]
    assert "truncated" in reasons["cut.wav"]


@pytest.mark.parametrize(
    ("count", "present"),
    [(1, {"train"}), (2, {"train", "validation"}), (3, set(splits.SPLITS)), (5, set(splits.SPLITS))],
)
@pytest.mark.parametrize("seed", [0, 1])
def test_tiny_folders_fill_the_splits_they_can(tmp_path, write_sound, count, present, seed):
    for i in range(count):
        write_sound(tmp_path / f"in/{seed}-{i}.wav", 400, seed=i)
    report = build(tmp_path / "in", tmp_path / "data")
    assert set(report.counts) == present
    assert sum(report.counts.values()) == count
    assert report.counts["train"] >= 1
    missing = set(splits.SPLITS) - present
    assert sum("There is no split" in note for note in report.notes) == len(missing)
    for split in missing:
        with pytest.raises(BabbleError, match=f"has no split '{split}'"):
            open_dataset(tmp_path / "data", split)


def test_one_long_recording_is_a_data_set_with_three_splits(tmp_path):
    rng = np.random.default_rng(0)
    audio = rng.uniform(-0.5, 0.5, 21 * RATE) * (
        np.arange(21 * RATE) % 8000 > 1600
    )  # a pause of 0.2 s each second
    wave.write(tmp_path / "in/all.wav", audio, RATE)
    report = build(tmp_path / "in/all.wav", tmp_path / "data", pad=0.1)  # as its folder
    assert report.speakers == ("in",)
    assert set(report.counts) == set(splits.SPLITS)
    assert report.notes[0].startswith("1 of 1 recordings were cut at pauses, into ")
    assert "all.wav: divided in time" in report.notes[1]
    sounds = []
    for split in splits.SPLITS:
        opened = open_dataset(tmp_path / "data", split)
        assert opened.seconds == pytest.approx(report.seconds[split])
        for i in range(len(opened)):
            sound = opened.read(i)
            assert not sound[:800].any()
            assert not sound[-800:].any()
            sounds.append(sound[800:-800])
            assert opened.active is not None
            assert len(opened.active[i]) > 0
            assert 0.1 <= opened.active[i].min() < opened.active[i].max() <= len(sound) / RATE - 0.1
    np.testing.assert_array_equal(np.concatenate(sounds), pcm.to_int16(audio))
    assert max(map(len, sounds)) <= 2.1 * RATE
    assert report.seconds["train"] > 5 * report.seconds["test"]
    report = build(tmp_path / "in", tmp_path / "uncut", piece=0)
    assert report.counts == {"train": 1}
    with pytest.raises(BabbleError, match=r"piece is 0\.5 s; choose from 1 to 86400, or 0"):
        build(tmp_path / "in", tmp_path / "other", piece=0.5)


def test_few_recordings_of_three_pieces_are_divided_in_eight_one_and_one_tenths(tmp_path, write_sound):
    for i in range(3):
        write_sound(tmp_path / f"in/{i}.wav", 20 * RATE, seed=i)
    report = build(tmp_path / "in", tmp_path / "data", piece=10)
    assert report.notes[0].startswith("3 of 3 recordings were cut at pauses, ")
    shares = [report.seconds[split] / 60 for split in splits.SPLITS]
    np.testing.assert_allclose(shares, [0.8, 0.1, 0.1], atol=0.05)
    assert (
        "the first {:.1%} are train, the next {:.1%} validation, the last {:.1%} test".format(*shares)
        in report.notes[1]
    )


def test_pieces_are_named_by_their_seconds_and_stay_in_one_split(folder, tmp_path):
    root, _ = folder
    noise = np.random.default_rng(9).uniform(-0.3, 0.3, 7 * RATE)
    wave.write(root / "bob/long.wav", noise, RATE)
    report = build(root, tmp_path / "data", piece=2)
    index = json.loads((tmp_path / "data" / INDEX).read_text())
    split = splits.split_from_name("bob/long.wav")
    names = [name for name in index["names"][split] if name.startswith("bob/long.wav ")]
    assert len(names) == sum(report.counts.values()) - 40
    assert names[0].startswith("bob/long.wav 0.000-")
    assert names[-1].endswith("-7.000 s")
    assert len(report.notes) == 1


def test_copies_links_and_other_types_and_scales(tmp_path):
    """Each is a recording as any other, and what is out of the ordinary is in the notes."""
    root = tmp_path / "in"
    sounds = [np.random.default_rng(i).uniform(-0.3, 0.3, 4000).astype(np.float32) for i in range(4)]
    (root / "ann").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    (root / "link").symlink_to(tmp_path / "elsewhere")
    soundfile.write(root / "ann/a.aiff", sounds[0], RATE)
    soundfile.write(root / "ann/a-copy.sph", sounds[0], RATE, format="NIST")
    soundfile.write(root / "ann/loud.wav", 32_768 * sounds[1], RATE, subtype="FLOAT")
    soundfile.write(root / "ann/stereo.caf", np.stack([sounds[2], -sounds[2]], axis=1), RATE)
    soundfile.write(tmp_path / "elsewhere/b.flac", sounds[3], RATE)
    (root / "ann/notes.txt").write_text("no sound")
    report = build(root, tmp_path / "data")
    assert report.bad == ()
    assert sum(report.counts.values()) == 5
    assert report.speakers == ("ann", "link")
    kinds = ["integers of 16 bits", "cancel each other", "1 of 5 recordings are copies"]
    for kind, note in zip(kinds, report.notes, strict=False):
        assert kind in note
    read = []
    for split in report.counts:
        opened = open_dataset(tmp_path / "data", split)
        read += [opened.read(i) for i in range(len(opened))]
    for i, copies in enumerate((2, 1, 1, 1)):
        distances = [np.abs(sound / 32_768 - sounds[i]).max() for sound in read]
        assert sum(distance < 1e-4 for distance in distances) == copies


def test_many_notes_are_counted(tmp_path):
    for i in range(15):
        audio = 1.2 * np.random.default_rng(i).uniform(-1, 1, 400)
        (tmp_path / "in").mkdir(exist_ok=True)
        soundfile.write(tmp_path / f"in/{i}.wav", audio, RATE, subtype="FLOAT")
    notes = build(tmp_path / "in", tmp_path / "data").notes
    assert sum("beyond full scale" in note for note in notes) == 10
    assert "5 more notes of that kind on other files." in notes


def test_what_cannot_be_built_is_one_sentence(folder, tmp_path, write_sound):
    root, _ = folder
    with pytest.raises(BabbleError, match="no such folder"):
        build(tmp_path / "nowhere", tmp_path / "data")
    (tmp_path / "bare").mkdir()
    with pytest.raises(BabbleError, match="holds no sound file"):
        build(tmp_path / "bare", tmp_path / "data")
    (tmp_path / "bare/bad.wav").touch()
    with pytest.raises(
        BabbleError,
        match=r"none of its 1 sound files can be used; the first is .*bad\.wav: the file is empty",
    ):
        build(tmp_path / "bare", tmp_path / "data")
    with pytest.raises(BabbleError, match="sample rate"):
        recordings.build_from_folders(root, tmp_path / "data", sample_rate=10)
    assert not (tmp_path / "data").exists()
    write_sound(tmp_path / "taken/a.wav", 400)
    with pytest.raises(BabbleError, match="holds other files than a data set"):
        build(root, tmp_path / "taken")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bare", "sounds", "taken"]
    (tmp_path / "data").mkdir()
    build(root, tmp_path / "data")  # an empty folder is no obstacle
    assert len(open_dataset(tmp_path / "data", "train")) > 10


def test_tensorflow_is_not_imported(folder, tmp_path):
    root, _ = folder
    code = (
        "import sys; from babble_jax.dataset import recordings, source, tbptt\n"
        f"recordings.build_from_folders({str(root)!r}, {str(tmp_path / 'data')!r}, sample_rate=8000)\n"
        f"r = source.open_dataset({str(tmp_path / 'data')!r}, 'train')\n"
        "next(iter(tbptt.prefetch_batches(r, 2, 100, 0)))\n"
        "assert 'tensorflow' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
