"""The embedded speech: small enough, complete with its notice, and speech."""

from babble_jax.audio import measures
from babble_jax.audio.pcm import from_int16
from babble_jax.dataset import recordings
from babble_jax.dataset.building import EXCERPT, build_dataset
from babble_jax.dataset.source import open_dataset
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
    assert set(report.counts) == set(recordings.SPLITS)
    assert sum(report.seconds.values()) > 420
    opened = open_dataset(tmp_path / "data", "validation")
    for i in range(len(opened)):
        m = measures.measure(from_int16(opened.read(i)) * opened.gain, opened.sample_rate)
        assert -12 < m.peak_dbfs < 1
        assert -25 < m.rms_dbfs < -10
        assert m.silent_share < 0.4
        assert m.flatness < 0.1
