"""The `babble` command: JSON, files, and its messages about files that it cannot use."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from babble_jax.conversation import detection
from tests.command import TINY, babble, done, refused, strict, untrained
from tests.conversation import annotations
from tests.dialogue.few_pieces import few_pieces  # noqa: F401

EVENTS = {"ipu", "pause", "gap", "overlap_between", "overlap_within", "backchannel"}
FTO = {"level", "n", "median", "mean", "sd", "below_zero", "below_200ms", "above_1s"}


def test_simulate_says_to_what_it_rounds(capsys, tmp_path, monkeypatch):
    values = {"dialogues": 2, "hours": 1 / 3, "speakers": 2}
    monkeypatch.setattr("babble_jax.dialogue.corpus.simulate", lambda *_, **options: values)
    sentence = "0.2 h is no whole number of dialogues of 10 min: 2 of them are simulated, 0.333333 h.\n"
    assert done(capsys, f"simulate --hours 0.2 --out {tmp_path / 'out'}").err == sentence
    assert done(capsys, f"simulate --hours 0.5 --out {tmp_path / 'out'}").err == ""


@pytest.fixture(scope="module")
def talks(tmp_path_factory) -> Path:
    """Thirty conversations in one table, one line of it broken."""
    path = tmp_path_factory.mktemp("talks") / "many.csv"
    draw = np.random.default_rng(0)
    lines = ["conversation,speaker,start,end"]
    for c in range(30):
        start = 1.0
        for i in range(20):
            end = start + draw.uniform(0.5, 2)
            lines.append(f"c{c},{'AB'[i % 2]},{start:.3f},{end:.3f}")
            start = end + draw.normal(0.2, 0.2)
    path.write_text("\n".join([*lines, "c1,A,5,4", ""]))
    return path


def check_events(values: dict) -> None:
    assert set(values) == {
        *("conversations", "hours", "per_minute", "seconds_per_minute", "fto", "skipped"),
        *("median_seconds", "interval", "monologues", "read"),
    }
    assert set(values["interval"]) == {"groups", "fto_median", "median_seconds"}
    assert set(values["per_minute"]) == set(values["seconds_per_minute"]) == EVENTS
    assert set(values["fto"]) == FTO
    assert all(set(skip) == {"file", "line", "reason"} for skip in values["skipped"])


def test_events_of_a_folder(capsys, tmp_path):
    annotations.write_all(tmp_path)
    (tmp_path / "notes.md").write_text("nothing of the kind\n")
    outcome = done(capsys, f"events {tmp_path} --json")
    values = strict(outcome.out)
    check_events(values)
    assert outcome.err == ""
    count = len(detection.FORMATS) - 3  # recordings, windows, and a format of one speaker
    assert values["conversations"] == count
    assert values["fto"] | {"n": 3 * count, "median": 0.25, "level": "ipu"} == values["fto"]
    assert len(values["monologues"]) == 1
    assert [skip["file"] for skip in values["skipped"]] == [str(tmp_path / "notes.md")]
    text = done(capsys, f"events {tmp_path}")
    assert f"{count} conversations" in text.out
    assert "4 speaker names: A, B, f, g\n" in text.out
    assert "median 250 ms" in text.out
    assert f"skipped: {tmp_path / 'notes.md'}: no annotation" in text.err


def test_broken_lines_are_counted_with_file_and_line(capsys, tmp_path):
    path = tmp_path / "talk.rttm"
    broken = "SPEAKER talk 1 x 1 <NA> <NA> A <NA> <NA>\nSPEAKER talk 1 nan 1 <NA> <NA> A <NA> <NA>\nSPEAKER\n"
    path.write_text(annotations.rttm() + broken)
    values = strict(done(capsys, f"events {path} --json").out)
    assert [(skip["file"], skip["line"]) for skip in values["skipped"]] == [(str(path), n) for n in (5, 6, 7)]
    assert "'x' is not a time in seconds" in values["skipped"][0]["reason"]
    assert values["fto"]["n"] == 3
    err = done(capsys, f"events {path}").err
    assert f"skipped: {path}, line 6: the time 'nan' is not finite" in err


@pytest.mark.parametrize(
    ("text", "n"),
    [
        (annotations.table(id="Gespräch-日本"), 3),
        (
            "".join(f"SPEAKER talk 1 {t} <NA> <NA> {s} <NA> <NA>\n" for s, t in (("A", "0 9"), ("B", "1 2"))),
            0,
        ),
    ],
    ids=["unicode", "one within the other"],
)
@pytest.mark.parametrize("fto_level", ["ipu", "turn"])
def test_json_is_valid_whatever_was_found(capsys, tmp_path, text, n, fto_level):
    path = tmp_path / "gespräch.txt"
    path.write_text(text, encoding="utf-8")
    values = strict(done(capsys, f"events '{path}' --json --fto-level {fto_level}").out)
    check_events(values)
    assert values["fto"]["level"] == fto_level
    assert (values["fto"]["n"] == 0) == (n == 0) == (values["fto"]["median"] is None)
    assert "offsets at level" in done(capsys, f"events '{path}'").out


@pytest.mark.parametrize(
    "text",
    [annotations.rttm().replace(" B ", " A "), "SPEAKER talk 1 1.0 0.0 <NA> <NA> A <NA> <NA>\n"],
    ids=["one speaker", "no time"],
)
def test_where_nobody_answers_it_is_refused(capsys, tmp_path, text):
    (tmp_path / "talk.rttm").write_text(text)
    assert "fewer than two speakers: talk (A)" in refused(capsys, f"events {tmp_path / 'talk.rttm'} --json")


def test_fit_ranks_families(capsys, talks, tmp_path):
    picture = tmp_path / "offsets.png"
    outcome = done(capsys, f"fit {talks} --json --families logistic normal --plot {picture}")
    values = strict(outcome.out)
    assert set(values) == {
        *(
            "level",
            "by",
            "folds",
            "train",
            "heldout",
            "heldout_groups",
            "speakers",
            "tails",
            "interval_censored",
        ),
        "families",
    }
    for part in ("train", "heldout"):
        assert set(values[part]) == {"conversations", "offsets"}
    assert values["train"]["conversations"] + values["heldout"]["conversations"] == 30
    scores = [family["heldout_nats"] for family in values["families"]]
    assert scores == sorted(scores, reverse=True)
    assert {family["name"] for family in values["families"]} == {"logistic", "normal"}
    for family in values["families"]:
        assert set(family) == {
            *("name", "heldout_nats", "interval", "difference", "crps", "ks", "w1_ms", "tails", "parameters")
        }
    assert f"skipped: {talks}, line 602: the end 4 is before the start 5" in outcome.err
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("flags", ["", " --json"])
def test_fit_says_what_it_wrote(capsys, talks, tmp_path, flags):
    out = tmp_path / "mine.json"
    outcome = done(capsys, f"fit {talks} --families normal --no-floor --out {out}{flags}")
    line = f"{out}: timing preset mine of normal at level ipu, normal at level turn; no floor\n"
    assert outcome.out.endswith(line) == (not flags)
    if flags:
        strict(outcome.out)


def test_fit_cross_validates(capsys, talks):
    command = f"fit {talks} --families logistic normal --folds 5"
    values = strict(done(capsys, f"{command} --json").out)["cross_validated"]
    assert set(values) == {"level", "folds", "groups", "offsets", "families"}
    assert values["folds"] == 5
    assert {family["name"] for family in values["families"]} == {"logistic", "normal"}
    printed = done(capsys, command).out
    assert (
        f"{values['offsets']} offsets of 30 conversations and 30 groups, cross-validated in 5 folds"
        in printed
    )


def test_fit_of_one_conversation(capsys, tmp_path):
    path = tmp_path / "one.csv"
    lines = ["conversation,speaker,start,end"]
    lines += [
        f"one,{'ab'[turn % 2]},{1.3 * turn},{1.3 * turn + 1 + 0.3 * np.sin(turn)}" for turn in range(30)
    ]
    path.write_text("\n".join(lines))
    assert "1 conversation of 1 group was given" in refused(capsys, f"fit {path} --quiet --families normal")
    out = tmp_path / "mine.json"
    outcome = done(capsys, f"fit {path} --families normal --no-heldout --out {out}")
    assert "nothing is held out" in outcome.out
    assert outcome.out.endswith(
        f"{out}: timing preset mine of normal at level ipu, normal at level turn; no floor\n"
    )
    assert f"{out} will hold no floor: 29 floor transfers are too few" in outcome.err
    outcome = done(capsys, f"fit {path} --families normal --prior switchboard --no-floor --json --out {out}")
    assert strict(outcome.out)["prior"] == {"name": "switchboard", "scores": []}
    assert "One group of people: nothing is held out" in outcome.err
    assert json.loads(out.read_text())["models"]["ipu"]["card"]["prior"] == "switchboard"
    assert "'swichboard', perhaps you meant switchboard" in refused(
        capsys, f"fit {path} --quiet --prior swichboard"
    )
    assert "cannot hold kde" in refused(capsys, f"fit {path} --quiet --prior switchboard --families kde")


def test_a_process_keeps_standard_output_for_the_json(talks):
    command = shutil.which("babble", path=str(Path(sys.executable).parent)) or shutil.which("babble")
    assert command is not None
    run = subprocess.run(
        [command, "fit", talks, "--json", "--families", "normal"], capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    assert strict(run.stdout)["level"] == "ipu"
    assert "fitting offsets at level ipu: 1/1 families" in run.stderr
    run = subprocess.run([command, "events", "nowhere", "--json"], capture_output=True, text=True)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == "babble: nowhere: there is no such file or folder; check the path.\n"
    for wrong in ("--overwrite", "--zzz"):  # another verb's, and nobody's
        run = subprocess.run([command, "speak", wrong], capture_output=True, text=True)
        assert run.stderr == f"babble: speak: there is no option {wrong}; see `babble speak --help`.\n"


BAD_SOUND = {
    "empty.wav": "the file is empty",
    "cut.wav": "the file is truncated",
    "nan.wav": "NaN or infinite amplitude at 0.000 s",
    "short.wav": "holds 5 ms of sound, less than 10 ms",
    "text.wav": "cannot be read as audio",
    "silent.wav": "nothing but silence",
}


@pytest.fixture
def bad_sound(tmp_path, tone_files) -> Path:
    folder = tmp_path / "bad"
    folder.mkdir()
    (folder / "empty.wav").touch()
    (folder / "cut.wav").write_bytes((tone_files / "tone0.wav").read_bytes()[:2000])
    soundfile.write(folder / "nan.wav", np.full(3000, np.nan, np.float32), 4000, subtype="FLOAT")
    soundfile.write(folder / "short.wav", np.full(20, 0.5), 4000)
    (folder / "text.wav").write_text("no sound at all\n" * 20)
    soundfile.write(folder / "silent.wav", np.zeros(3000), 4000)
    return folder


def test_a_data_set_of_the_good_files_lists_the_bad_ones(capsys, bad_sound, tone_files, tmp_path):
    for path in sorted(tone_files.glob("tone1*.wav")):
        shutil.copy(path, bad_sound)
    out = tmp_path / "set"
    outcome = done(capsys, f"dataset {bad_sound} --out {out} --sample-rate 4000")
    left_out = [line for line in outcome.err.splitlines() if line.startswith("left out: ")]
    assert len(left_out) == len(BAD_SOUND)
    for name, reason in BAD_SOUND.items():
        assert any(line.startswith(f"left out: {bad_sound / name}: ") and reason in line for line in left_out)
    assert f"{out}: 4000 Hz, 1 speaker, gain " in outcome.out
    names = json.loads((out / "metadata.json").read_text())["names"]
    assert sum(map(len, names.values())) == 11
    text = f"{out}: holds an earlier data set, which is not replaced; choose a new folder."
    assert text in refused(capsys, f"dataset {bad_sound} --out {out}")


def test_a_folder_of_bad_files_makes_no_data_set(capsys, bad_sound, tmp_path):
    text = refused(capsys, f"dataset {bad_sound} --out {tmp_path / 'set'}")
    assert "none of its 6 sound files can be used" in text
    assert f"{bad_sound / 'cut.wav'}: the file is truncated" in text
    assert {path.name for path in tmp_path.iterdir()} == {"bad"}


def test_train_speak_and_go_on(capsys, tones, tone_files, tmp_path):
    run = tmp_path / "run"
    outcome = done(capsys, f"train {tones} --workdir {run} --steps 2 {TINY}")
    assert outcome.out.startswith("step 2: ")
    assert outcome.out.endswith(f"voice: {run / 'voice'}\n")
    assert "training: 2/2 steps" in outcome.err

    text = refused(capsys, f"train {tones} --workdir {run} --steps 3 {TINY} --seed 1 --batch-size 8")
    assert f"{run / 'config.json'}: the run in this folder has another config" in text
    assert "batch_size: 4 -> 8; seed: 0 -> 1" in text

    speak = (
        f"speak --voice {run} --seconds 0.1 --prompt {tone_files / 'tone3.wav'} --top-k 4 --temperature 0.7"
    )
    text = done(capsys, f"{speak} --out {tmp_path / 'a.wav'} --streams 2").out
    paths = [tmp_path / "a-1.wav", tmp_path / "a-2.wav"]
    assert [line.split(": ")[0] for line in text.splitlines()] == list(map(str, paths))
    audio = [soundfile.read(path) for path in paths]
    assert all(len(samples) == 400 and rate == 4000 for samples, rate in audio)
    assert not np.array_equal(audio[0][0], audio[1][0])

    for path in (run / "checkpoints" / "2" / "state").iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    text = refused(capsys, f"train {tones} --workdir {run} --steps 3 {TINY}")
    assert f"{run / 'checkpoints' / '2'}: the checkpoint is damaged" in text


def test_an_exported_voice_speaks_at_its_own_temperature(capsys, tmp_path):
    untrained(tmp_path / "voice")
    release = tmp_path / "release"
    line = f"export {tmp_path / 'voice'} --out {release} --source here --licence mine --temperature 0.25"
    line += " --kind 8-bit --language ru"
    assert done(capsys, line).out.startswith(f"{release}: 0.")
    sounds = {}
    for name, flags in {"own": "", "same": "--temperature 0.25", "other": "--temperature 1"}.items():
        done(capsys, f"speak --voice {release} --seconds 0.2 --out {tmp_path / name}.wav {flags}")
        sounds[name] = (tmp_path / f"{name}.wav").read_bytes()
    assert sounds["own"] == sounds["same"] != sounds["other"]
    progress = done(capsys, f"converse --voice {release} --out {tmp_path / 'duet'} --seconds 4").err
    assert "measuring" not in progress  # the level is on the card
    manifest = json.loads((tmp_path / "duet" / "manifest.json").read_text())
    assert [channel["settings"]["temperature"] for channel in manifest["channels"]] == [0.25, 0.25]
    done(capsys, f"export {release} --out {tmp_path / 'again'} --source there --licence mine")
    card = json.loads((tmp_path / "again" / "voice.json").read_text())["card"]
    assert (card["temperature"], card["kind"], card["language"]) == (0.25, "8-bit", "ru")
    text = refused(capsys, line.replace("release", "other").replace("0.25", "-1"))
    assert "temperature must be 0, or from" in text
    assert not (tmp_path / "other").exists()


def test_converse_replaces_a_dialogue_when_asked_and_nothing_else(capsys, tmp_path):
    voice, out = tmp_path / "voice", tmp_path / "dialogue"
    untrained(voice)
    line = f"converse --voice {voice} --out {out} --seconds 4"
    assert done(capsys, line).out.endswith(f"{out / 'dialogue.wav'}\n")
    before = (out / "dialogue.wav").read_bytes()
    sentence = refused(capsys, f"{line} --seed 2")
    assert "holds an earlier babble_jax duet" in sentence
    assert "with --overwrite" in sentence
    assert (out / "dialogue.wav").read_bytes() == before
    done(capsys, f"{line} --seed 2 --overwrite")
    assert (out / "dialogue.wav").read_bytes() != before
    for path in (out / "manifest.json", out / "table.json"):
        strict(json.dumps(json.loads(path.read_text(), parse_constant=pytest.fail)) + "\n")
    (out / "diary.txt").write_text("mine")
    assert "holds other files than a babble_jax duet" in refused(capsys, f"{line} --overwrite")
    assert (out / "diary.txt").read_text() == "mine"
    assert {path.name for path in tmp_path.iterdir()} == {"voice", "dialogue"}


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (KeyboardInterrupt(), 130, "babble: interrupted\n"),
        (
            OSError(28, "No space left on device", "/disk/a"),
            2,
            "babble: /disk/a: No space left on device; make room there, or use another place.\n",
        ),
        (MemoryError(), 2, "babble: there is not enough memory; ask for less at once.\n"),
    ],
    ids=["Ctrl-C", "full disk", "memory"],
)
def test_what_ends_a_run_from_outside(capsys, monkeypatch, error, code, text):
    def end(*arguments):
        raise error

    monkeypatch.setattr("babble_jax.conversation.reading.read", end)
    assert babble(capsys, "events here") == (code, "", text)


def test_a_defect_keeps_its_traceback(capsys, monkeypatch):
    def end(*arguments):
        raise ZeroDivisionError

    monkeypatch.setattr("babble_jax.conversation.reading.read", end)
    with pytest.raises(ZeroDivisionError):
        babble(capsys, "events here")
