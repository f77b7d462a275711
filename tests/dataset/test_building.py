"""The embedded speech: small enough, complete with its notice, and speech."""

import pytest

from babble_jax.audio import measures
from babble_jax.audio.pcm import from_int16
from babble_jax.dataset import splits
from babble_jax.dataset.building import build_dataset, measure_sources
from babble_jax.dataset.recipes import EXCERPT
from babble_jax.dataset.source import open_dataset
from babble_jax.errors import BabbleError
from babble_jax.presets import registry

SPEECH = registry.folder("speech")


def test_it_is_small_and_has_its_notice():
    assert sum(path.stat().st_size for path in SPEECH.rglob("*") if path.is_file()) <= 2_000_000
    notice = registry.path("speech", "NOTICE").read_text("utf-8")
    for part in (
        "MODIFIED",
        "Nickolay V. Shmyrev  Copyright (c) 2005",
        "Permission is hereby granted, free of charge, to use and distribute",
        "2. Any modifications must be clearly marked as such.",
        "DISCLAIM ALL WARRANTIES",
        f"{len(list(SPEECH.glob('festvox-ru/*.ogg')))} of its 620 utterances",
    ):
        assert part in notice


def test_it_builds_into_a_dataset_of_speech(tmp_path):
    report = build_dataset(EXCERPT, tmp_path / "data", sample_rate=8_000)
    assert report.bad == ()
    assert report.speakers == ("festvox-ru",)
    assert set(report.counts) == set(splits.SPLITS)
    assert sum(report.seconds.values()) > 420
    opened = open_dataset(tmp_path / "data", "validation")
    for i in range(len(opened)):
        m = measures.measure(from_int16(opened.read(i)) * opened.gain, opened.sample_rate)
        assert -12 < m.peak_dbfs < 1
        assert -25 < m.rms_dbfs < -10
        assert m.silent_share < 0.4
        assert m.flatness < 0.1


def test_sources_are_measured_by_their_headers(folder, tmp_path):
    root, samples = folder
    seconds = sum(map(len, samples.values())) / 8_000
    assert measure_sources(root) == (40, pytest.approx(seconds))
    assert measure_sources([str(root), EXCERPT, "festvox-ru", str(tmp_path / "absent"), ""]) == (
        95,
        pytest.approx(seconds + 476.2, abs=0.1),
    )
    assert measure_sources("chip", minutes=0.4) == (2, pytest.approx(24.0))
    (tmp_path / "empty").mkdir()
    with pytest.raises(BabbleError, match=r"minutes are asked for, but .*empty is not synthesized; leave"):
        build_dataset(tmp_path / "empty", tmp_path / "new", minutes=1.0)
    for options, words in (({"seed": 0}, "the seed 0 is"), ({"speaker": "man"}, "the speaker man is")):
        with pytest.raises(BabbleError, match=rf"{words} asked for, but .*empty is not synthesized; leave"):
            build_dataset(tmp_path / "empty", tmp_path / "new", **options)
    with pytest.raises(
        BabbleError, match=r"44100 Hz: chip is synthesized at 16000 Hz .* choose 16000 or less"
    ):
        build_dataset(["empty", "chip"], tmp_path / "new", sample_rate=44_100)
    with pytest.raises(BabbleError, match="child: there is no such speaker; choose from woman, man"):
        build_dataset("chip", tmp_path / "new", speaker="child")
    (root / "ann" / "s00.wav").write_bytes((root / "ann" / "s00.wav").read_bytes()[:-2])
    (root / "s02.wav").write_bytes(b"no sound")
    left = seconds - (len(samples["ann/s00.wav"]) + len(samples["s02.wav"])) / 8_000
    assert measure_sources(root) == (40, pytest.approx(left))
