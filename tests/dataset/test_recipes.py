"""Recipes, on a package tree made here and a subprocess that unpacks it."""

import subprocess
from pathlib import Path

import numpy as np
import pytest

from babble_jax.audio import pcm, wave
from babble_jax.dataset import recipes
from babble_jax.errors import BabbleError

ITALIAN = "asterisk-core-sounds-it-g722"


def sound(seconds: float = 0.2) -> np.ndarray:
    return (0.5 * np.sin(0.1 * np.arange(round(16_000 * seconds)))).astype(np.float32)


def write_tree(tree: Path, name: str) -> None:
    """What `dpkg -x` of the recipe's package would leave."""
    audio = tree / recipes.RECIPES[name].audio
    audio.mkdir(parents=True)
    notice = tree / "usr/share/doc" / name / "copyright"
    notice.parent.mkdir(parents=True)
    notice.write_text("the notice")
    if name == "festvox-ru":
        wave.write(audio / "ru_0001.wav", sound(), 16_000)
        return
    codec = pytest.importorskip("G722")
    for inside in ("hello.g722", "digits/1.g722", "silence/1.g722"):
        path = audio / inside
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(codec.G722(16_000, 64_000).encode(pcm.to_int16(sound())))
    (audio / "is.g722").touch()


@pytest.fixture
def apt(monkeypatch):
    """A Debian that has every program and gives the tree above; remembers the commands."""
    commands = []

    def run(command, cwd, check, capture_output, text):
        assert check
        assert capture_output
        assert text
        commands.append(command)
        if command[:2] == ["apt-get", "download"]:
            (cwd / f"{command[2]}_1.0_all.deb").touch()
        else:
            assert command[:2] == ["dpkg", "-x"]
            write_tree(cwd / command[3], command[2].split("_")[0])

    monkeypatch.setattr(recipes.shutil, "which", lambda program: f"/usr/bin/{program}")
    monkeypatch.setattr(recipes.subprocess, "run", run)
    return commands


def test_every_recipe_names_its_licence_and_place():
    assert set(recipes.RECIPES) == {
        "festvox-ru",
        *(f"asterisk-core-sounds-{language}-g722" for language in ("en", "es", "fr", "it", "ru")),
    }
    assert (recipes.EXCERPT, *recipes.RECIPES, *recipes.SYNTHESIZED) == recipes.NAMES
    assert len(set(recipes.NAMES)) == len(recipes.NAMES)
    for recipe in recipes.RECIPES.values():
        assert recipe.licence
        assert recipe.description
        assert recipe.audio.startswith("usr/share/")


def test_wav_files_are_copied(apt, tmp_path):
    folder = recipes.fetch_recipe("festvox-ru", tmp_path)
    assert folder == tmp_path / "festvox-ru"
    assert sorted(path.name for path in folder.iterdir()) == ["COPYRIGHT.txt", "ru_0001.wav"]
    assert (folder / "COPYRIGHT.txt").read_text() == "the notice"
    assert apt[0] == ["apt-get", "download", "festvox-ru"]
    assert [path.name for path in tmp_path.iterdir()] == ["festvox-ru"]  # nothing temporary stays


def test_g722_is_decoded_into_one_flat_folder(apt, tmp_path):
    folder = recipes.fetch_recipe(ITALIAN, tmp_path / "new")
    assert sorted(path.name for path in folder.iterdir()) == ["COPYRIGHT.txt", "digits-1.wav", "hello.wav"]
    audio, rate = wave.read(folder / "digits-1.wav")
    assert (len(audio), rate) == (len(sound()), 16_000)
    assert np.abs(audio).max() == pytest.approx(0.5, abs=0.05)


def test_what_fails_is_one_sentence(apt, tmp_path, monkeypatch):
    with pytest.raises(BabbleError, match=r"no such recipe; choose from festvox-ru, "):
        recipes.fetch_recipe("ljspeech", tmp_path)

    monkeypatch.setitem(recipes.RECIPES, "moved", recipes.Recipe("festvox-ru", "x", "y", "usr/elsewhere"))
    with pytest.raises(BabbleError, match="holds no sound in usr/elsewhere"):
        recipes.fetch_recipe("moved", tmp_path)

    def fail(command, **options):
        raise subprocess.CalledProcessError(100, command, stderr="W: old\nE: Unable to locate package\n")

    monkeypatch.setattr(recipes.subprocess, "run", fail)
    with pytest.raises(
        BabbleError, match=r"apt-get download festvox-ru` failed \(E: Unable to locate package\)"
    ):
        recipes.fetch_recipe("festvox-ru", tmp_path)

    monkeypatch.setattr(recipes.shutil, "which", lambda program: None)
    with pytest.raises(BabbleError, match="needs the program apt-get, which Debian and Ubuntu have"):
        recipes.fetch_recipe("festvox-ru", tmp_path)
    assert list(tmp_path.iterdir()) == []

    (tmp_path / "festvox-ru").mkdir()
    with pytest.raises(BabbleError, match="already there"):
        recipes.fetch_recipe("festvox-ru", tmp_path)
