"""Bad input to the `babble` command: one sentence that says what and what to do, exit code 2, nothing written."""

import json
import os
from pathlib import Path

import pytest
import soundfile

from babble_jax.errors import BabbleError
from babble_jax.track.jsonl import JsonLines
from tests.command import TINY, babble, refused, untrained
from tests.conversation import annotations


@pytest.fixture(scope="module")
def place(tmp_path_factory, tones) -> Path:
    """A folder with something of everything."""
    folder = tmp_path_factory.mktemp("place")
    (folder / "file").write_text("hello\n")
    (folder / "empty").touch()
    (folder / "bytes").write_bytes(bytes(range(256)) * 10)
    (folder / "folder").mkdir()
    (folder / "full").mkdir()
    (folder / "full" / "diary.txt").write_text("mine\n")
    (folder / "dangling").symlink_to("nowhere")
    os.mkfifo(folder / "pipe")
    soundfile.write(folder / "sound.wav", [0.1, -0.1] * 200, 4000)
    (folder / "data").symlink_to(tones)
    untrained(folder / "voice")
    untrained(folder / "two", ("ann", "ben"))
    untrained(folder / "fast")
    edit(folder / "fast" / "voice.json", lambda v: v["voice"].update(sample_rate=8000))
    untrained(folder / "wrong")
    edit(folder / "wrong" / "voice.json", lambda v: v["voice"]["quantizer"].update(levels=1))
    untrained(folder / "cut")
    (folder / "cut" / "weights.safetensors").write_bytes(b"abc" * 30)
    (folder / "talk.rttm").write_text(annotations.rttm())
    (folder / "alone.txt").write_text(annotations.ms98("A"))
    (folder / "broken.rttm").write_text("SPEAKER talk 1 x 1 <NA> <NA> A <NA> <NA>\n")
    (folder / "silent.rttm").write_text(annotations.rttm().replace(" B ", " A "))
    few = [f"c{c},{s},{a},{a + 1}\n" for c in range(30) for s, a in (("A", 0), ("B", 2))]
    (folder / "few.csv").write_text("conversation,speaker,start,end\n" + "".join(few))
    (folder / "half.json").write_text("{")
    (folder / "list.json").write_text("[]")
    (folder / "bare.json").write_text("{}")
    for name, config in (("torn", "{"), ("listed", "[1]")):
        (folder / name).mkdir()
        (folder / name / "config.json").write_text(config)
    return folder


def edit(path: Path, change) -> None:
    values = json.loads(path.read_text())
    change(values)
    path.write_text(json.dumps(values))


def holds(folder: Path) -> dict[str, tuple]:
    """Every path below a folder, with when and how long it was written."""
    paths = [Path(above, name) for above, inner, files in os.walk(folder) for name in [*inner, *files]]
    return {str(path): (path.lstat().st_size, path.lstat().st_mtime_ns) for path in paths}


TRAIN = f"train data --workdir new {TINY} --steps 2"
DIALOGUE = "converse --voice voice --out new --seconds 4"

USAGE = {
    "": "nothing was asked for; choose one of demo, dataset, train",
    "speek voice": "there is no speek, perhaps you meant speak; choose one of demo,",
    "--version": "there is no --version; choose one of",
    "events --jsn talk.rttm": "events: there is no option --jsn, perhaps you meant --json; see `babble events --help`",
    "speak --voice voice --temprature 3": "no option --temprature, perhaps you meant --temperature",
    "dataset full --sample-rat 3": "no option --sample-rat, perhaps you meant --sample-rate",  # --out is missing, too
    "speak --voice voice --overwrite": "no option --overwrite; see",  # of other verbs
    f"{TRAIN} --frame-sizes 16 4": "no option --frame-sizes, perhaps you meant --model.frame-sizes",
    f"{TRAIN} --learning_rte=1": "no option --learning_rte=1, perhaps you meant --optimizer.learning-rate",
    "events talk.rttm --zzz": "events: there is no option --zzz; see",
    "dataset full more --out new": "more: there is no such folder; name one that holds sound files",
    "speak --voice voice more": "speak: there is no place for more; see",
    "converse": "converse: missing: --out PATH folder for the dialogue",
    "converse --voice voice": "converse: missing: --out PATH folder for the dialogue",
    "speak --voice voice --seconds": "Missing value for argument '--seconds'",
    f"{TRAIN} --model.dim x": "--model.dim: no whole number: 'x'; see `babble train --help`",
    "speak --voice voice --seconds soon": "--seconds: no number: 'soon'",
    "events talk.rttm --level word": "invalid choice 'word' for argument '--level'; expected one of ('ipu', 'turn')",
    f"{TRAIN} --model.frame-sizes 16 5": "--model: each of frame_sizes must be a larger multiple of the next, unlike",
    f"{TRAIN} --model.frame-sizes": "--model: frame_sizes must be one or more positive numbers",
    f"{TRAIN} --quantizer.q-levels 1": "--quantizer: q_levels is 1; choose from 2 to 65536",
    f"{TRAIN} --optimizer.learning-rate nan": "--optimizer: learning_rate must be positive",
    f"{TRAIN} --optimizer.clip nan": "clip not negative, both finite",
    f"{TRAIN} --log.audio-seconds nan": "--log: audio_seconds is nan; choose from 0",
    f"{TRAIN} --log.audio-seconds -1": "--log: audio_seconds is -1.0; choose from 0",
    "events talk.rttm --definitions.merge nan": "--definitions: merge is nan; it must be 0 or more",
    "events talk.rttm --definitions.version 2": "version 2 of the definitions is not known; use 1",
}
DATASET = {
    "dataset nowhere --out new": "nowhere: there is no such folder; name one that holds sound files",
    "dataset folder --out new": "folder: holds no sound file (.wav, .flac, .ogg, .mp3)",
    "dataset file --out new": "file: there is no such folder",
    "dataset pipe --out new": "pipe: there is no such folder",
    "dataset . --out full": "full: is already there; remove it or choose another place",
    "dataset . --out dangling": "dangling: is already there",
    "dataset . --out file/new": "file/new: cannot be written (",
    "dataset . --out /proc/new": "/proc/new: cannot be written (",
    "dataset . --out new --sample-rate 0": "sample rate 0 Hz: choose from 1000 to 192000",
    "dataset . --out new --sample-rate -16000": "sample rate -16000 Hz: choose",
    "demo --out full": "full: holds other things than a demo; choose a new folder",
    "demo --out dangling": "dangling: holds other things than a demo",
    "demo --out new --seconds nan": "nan s of sound cannot be written",
    "demo --out new --seconds -60": "-60 s of sound cannot be written",
    "demo --out new --seed -1": "from 0 to 4294967295, not -1",
}
TRAINING = {
    TRAIN.replace("data", "nowhere"): "nowhere: is neither a folder nor the name of a TFDS dataset; check it",
    TRAIN.replace("data", "../up/x"): "../up/x: is neither a folder nor the name",
    TRAIN.replace(
        "data", "full"
    ): "full: is no dataset (it has no dataset_info.json); make one with `babble dataset",
    TRAIN.replace("data", "pipe"): "pipe: is no dataset",
    f"{TRAIN} --steps 0": "steps is 0; ask for at least one",
    f"{TRAIN} --steps -3": "steps is -3; ask for at least one",
    f"{TRAIN} --batch-size 0": "batch_size must be positive",
    f"{TRAIN} --batch-size 6": "A batch of 6 streams does not divide among 4 devices; change --batch-size to a multiple",
    f"{TRAIN} --subsequence 65": "subsequence a multiple of the top frame, 8; not 4 and 65",
    f"{TRAIN} --seed -1": "seed is -1; choose from 0 to 4294967295",
    f"{TRAIN} --seed {2**32}": f"seed is {2**32}; choose",
    f"{TRAIN} --seed {10**30}": f"seed is {10**30}; choose",
    f"{TRAIN} --by-speaker --model.no-expand-top": "expand",
    TRAIN.replace("new", "file"): "file/config.json: lies below",
    TRAIN.replace("new", "file/new"): "which is no folder; choose another place",
    TRAIN.replace("new", "dangling"): "dangling/config.json: lies below",
    TRAIN.replace("new", "/proc/new"): "/proc/new/config.json: cannot be written (",
    TRAIN.replace("new", "torn"): "torn/config.json: damaged (",
    TRAIN.replace("new", "listed"): "listed/config.json: is no config of a run; choose another folder",
}
SPEAK = {
    "speak --voice nowhere": "nowhere: there is no voice here; name a folder that `babble train` wrote (WORKDIR or",
    "speak --voice file": "file: there is no voice here",
    "speak --voice pipe": "pipe: there is no voice here",
    "speak --voice dangling": "dangling: there is no voice here",
    "speak --voice full": "full: there is no voice here",
    "speak --voice wrong": "wrong/voice.json: quantizer: levels is 1; choose from 2 to 65536",
    "speak --voice cut": "cut/weights.safetensors: the weights cannot be read",
    "speak --voice two --speaker carl": "not carl: give one of them",
    "speak --voice voice --speaker ann": "has the speakers: none; not ann: give no speaker",
    "speak --voice voice --seconds -1": "-1 s of sound cannot be written: a wav holds from one sample to",
    "speak --voice voice --seconds nan": "nan s of sound",
    "speak --voice voice --seconds inf": "inf s of sound",
    "speak --voice voice --seconds 1e-9": "1e-09 s of sound",
    "speak --voice voice --seconds 1e15": "1e+15 s of sound cannot be written: a wav holds from one sample to 536870",
    "speak --voice voice --streams 0": "--streams is 0; ask for 1 to 1024",
    "speak --voice voice --streams 1000000000": "--streams is 1000000000; ask for 1 to 1024",
    "speak --voice voice --temperature nan": "temperature must be 0, or from 1e-6 to 1e6, not nan",
    "speak --voice voice --temperature -1": "from 1e-6 to 1e6, not -1",
    "speak --voice voice --temperature 1e-300": "not 1e-300",
    "speak --voice voice --temperature inf": "not inf",
    "speak --voice voice --top-k -1": "top_k must be 0 (all levels) or more, not -1",
    "speak --voice voice --seed -1": "seed is -1; choose from 0 to 4294967295",
    f"speak --voice voice --seed {2**32}": "seed is 4294967296",
    "speak --voice voice --prompt nowhere.wav": "nowhere.wav: there is no such file; check the path",
    "speak --voice voice --prompt full": "full: is a folder; name one sound file",
    "speak --voice voice --prompt pipe": "pipe: is no regular file; name a sound file",
    "speak --voice voice --prompt dangling": "dangling: there is no such file",
    "speak --voice voice --prompt file": "file: cannot be read as audio (",
    "speak --voice voice --out folder": "folder: is a folder; name a file",
    "speak --voice voice --out file/a.wav": "file/a.wav: lies below",
    "speak --voice voice --out dangling/a.wav": "dangling/a.wav: lies below",
    "speak --voice voice --out /proc/new/a.wav --seconds 0.01": "/proc/new/a.wav: cannot be written (",
}
ANNOTATION = {
    "{verb}": "No path was given; name a file or a folder with annotations",
    "{verb} nowhere": "nowhere: there is no such file or folder; check the path",
    "{verb} dangling": "dangling: there is no such file or folder",
    "{verb} folder": "folder: the folder holds no annotation (ms98, rttm, mdtm, nxt, textgrid, elan,",
    "{verb} full": "full: the folder holds no annotation",
    "{verb} empty": "empty: the file is empty; give a file of one of the formats",
    "{verb} file": "file: no annotation of a known format; give a file of one of the formats ms98, rttm",
    "{verb} bytes": "bytes: no annotation of a known format",
    "{verb} sound.wav": "sound.wav: nothing could be read as channels; sound.wav: one channel only",
    "{verb} voice/weights.safetensors": "weights.safetensors: no annotation of a known format",
    "{verb} talk.rttm --format rtm": "There is no format 'rtm'; choose one of ms98, rttm",
    "{verb} talk.rttm --format table": "talk.rttm, line 1: the first line does not name the columns conversation",
    "{verb} broken.rttm": "broken.rttm, line 1: 'x' is not a time in seconds",
    "{verb} alone.txt": "sw2001 of switchboard has only side A: give the other one",
}
FIT = {
    "fit silent.rttm": "No floor transfer at level 'ipu'",
    "fit talk.rttm": "of 1 group of people, so that none can be held out; give more conversations",
    "fit few.csv --families normal": "fewer than 10 differ, are too few for a fit; give more conversations",
    "fit few.csv --families nrmal": "There is no family 'nrmal'; choose from normal",
    "fit few.csv --out folder": "folder: is a folder; name a file",
    "fit few.csv --plot file/a.png": "file/a.png: lies below",
}
CONVERSE = {
    "converse --voice --out new": "A dialogue takes one or two voices, not 0",
    "converse --voice voice voice voice --out new": "A dialogue takes one or two voices, not 3",
    "converse --voice voice nowhere --out new": "nowhere: there is no voice here",
    "converse --voice voice fast --out new": "different sample rates (4000, 8000 Hz); use one rate",
    "converse --voice two --out new --speakers ann carl": "has the speakers: ann, ben; not carl: give one of them",
    "converse --voice voice --out new --speakers ann": "has the speakers: none; not ann",
    "converse --voice two --out new --speakers ann ben ann": "Give as many speakers as there are voices",
    f"{DIALOGUE} --timing swichboard": "There is no preset or file 'swichboard'; the presets are ami, callhome-english",
    f"{DIALOGUE} --timing folder": "There is no preset or file 'folder'",
    f"{DIALOGUE} --timing half.json": "half.json, line 1: no valid JSON",
    f"{DIALOGUE} --timing list.json": "list.json: no timing preset; write one with babble fit --out",
    f"{DIALOGUE} --timing bare.json": "bare.json: name: Field required",
    f"{DIALOGUE} --timing bytes": "bytes: cannot be read (",
    f"{DIALOGUE} --seconds -1": "A dialogue lasts more than 0 s, not -1",
    f"{DIALOGUE} --seconds nan": "A dialogue lasts more than 0 s, not nan",
    f"{DIALOGUE} --seconds inf": "inf s of sound cannot be written",
    f"{DIALOGUE} --seconds 1e15": "1e+15 s of sound cannot be written: a wav holds from one sample to 268435 s",
    f"{DIALOGUE} --seconds 0.01": "No IPU of the plan ends within 0.01 s; ask for more seconds",
    f"{DIALOGUE} --temperature nan": "temperature must be 0, or from",
    f"{DIALOGUE} --top-k -2": "top_k must be 0",
    f"{DIALOGUE} --seed -1": "from 0 to 4294967295, not -1",
    f"{DIALOGUE} --seed {2**32}": f"not {2**32}",
    "converse --voice voice --out full --overwrite": "full: holds other files than a babble_jax duet; choose a",
    "converse --voice voice --out . --overwrite": "holds other files than a babble_jax duet",
    "converse --voice voice --out file": "file: is a file; choose a folder",
    "converse --voice voice --out file/new": "file/new: cannot be made (",
    "converse --voice voice --out /proc/new": "/proc/new: cannot be made (",
}
CASES = USAGE | DATASET | TRAINING | SPEAK | FIT | CONVERSE
CASES |= {
    line.format(verb=verb): said for line, said in ANNOTATION.items() for verb in ("events", "fit --json")
}


@pytest.mark.parametrize("line", CASES, ids=lambda line: line.replace(f" {TINY}", "") or "nothing")
def test_one_sentence_and_nothing_written(capsys, monkeypatch, place, line):
    monkeypatch.chdir(place)
    before = holds(place)
    assert CASES[line] in refused(capsys, line)
    assert holds(place) == before


def test_a_damaged_log_is_told_with_its_line(tmp_path):
    log = tmp_path / "metrics.jsonl"
    for broken in ("figures", "[1]", '{"train/bits": 1.0}', '{"step": "one"}'):
        log.write_text(f'{{"step": 1}}\n{broken}\n')
        with pytest.raises(BabbleError, match="line 2: is no line of figures; remove it to go on") as caught:
            JsonLines(tmp_path).resume(1)
        assert str(caught.value).startswith(str(log))
        assert broken in log.read_text()


def test_a_pipe_with_somebody_at_its_other_end_is_read(capsys, place):
    reader, writer = os.pipe()
    os.write(writer, annotations.rttm().encode())
    os.close(writer)
    assert babble(capsys, f"events /dev/fd/{reader}").code == 0
    os.close(reader)
