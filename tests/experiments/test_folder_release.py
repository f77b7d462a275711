"""The release of a folder of a run: what ships is replaced when the copy can be opened, and stays otherwise."""

import pytest

from babble_jax.errors import BabbleError
from babble_jax.presets import registry
from babble_jax.tacotron.phonotactics.phonotactics import load_phonotactics
from experiments.pipelines import folder_release
from experiments.pipelines.folder_release import FolderRelease
from tests.tacotron.phonotactics.small_language import fit_small


def test_a_damaged_folder_does_not_replace_what_ships(monkeypatch, tmp_path):
    source, ships = tmp_path / "source", tmp_path / "ships"
    ships.mkdir()
    monkeypatch.setattr(folder_release, "find_folder", lambda *_: source)
    monkeypatch.setattr(registry, "folder", lambda _: ships)
    release = FolderRelease("phonotactics", "und", "an_experiment", "phonotactics")
    fit_small().save(source)
    for _ in range(2):  # the second time it replaces
        values = release.run(tmp_path, tmp_path)
        assert values["card"]["language"] == "und"
        assert values["megabytes"] < 0.1
    (source / "words.xz").write_bytes(b"")
    with pytest.raises(BabbleError, match="changed after it was saved"):
        release.run(tmp_path, tmp_path)
    assert [path.name for path in ships.iterdir()] == ["und"]
    assert load_phonotactics(ships / "und").model == fit_small().model
