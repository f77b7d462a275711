"""Bad input to the `babble` command: exit code 2, one line that names what is wrong, and nothing written.

Of each command line it is tested what its sentence names; of ten, the sentence.
"""

import json
import os
from pathlib import Path

import pytest
import soundfile

from babble_jax.errors import BabbleError
from babble_jax.track.jsonl import JsonLines
from tests.command import TINY, babble, refused, untrained
from tests.conversation import annotations
from tests.dialogue.few_pieces import few_pieces  # noqa: F401


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
    untrained(folder / "wrong")
    edit(folder / "wrong" / "voice.json", lambda v: v["voice"]["quantizer"].update(q_levels=1))
    untrained(folder / "cut")
    (folder / "cut" / "weights.safetensors").write_bytes(b"abc" * 30)
    (folder / "talk.rttm").write_text(annotations.rttm())
    (folder / "alone.txt").write_text(annotations.ms98("A"))
    (folder / "broken.rttm").write_text("SPEAKER talk 1 x 1 <NA> <NA> A <NA> <NA>\n")
    (folder / "silent.rttm").write_text(annotations.rttm().replace(" B ", " A "))
    few = [f"c{c},{s},{a},{a + 1}\n" for c in range(30) for s, a in (("A", 0), ("B", 2))]
    (folder / "few.csv").write_text("conversation,speaker,start,end\n" + "".join(few))
    (folder / "ages.csv").write_text("name,age\nAnn,3\n")
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
    """Every path below a folder; of files and links when and how long they were written."""
    paths = [Path(above, name) for above, inner, files in os.walk(folder) for name in [*inner, *files]]
    return {
        str(path): () if path.is_dir() else (path.lstat().st_size, path.lstat().st_mtime_ns) for path in paths
    }


TRAIN = f"train data --workdir new {TINY} --steps 2"
DIALOGUE = "converse --voice voice --out new --seconds 4"

USAGE = {
    "": "no verb is named",
    "speek voice": "'speek', perhaps you meant speak",
    "--verbose": "--verbose",
    "events --jsn talk.rttm": "--jsn, perhaps you meant --json",
    "speak --voice voice --temprature 3": "--temprature, perhaps you meant --temperature",
    "dataset full --sample-rat 3": "--sample-rat, perhaps you meant --sample-rate",  # --out is missing, too
    "speak --voice voice --overwrite": "--overwrite",  # an option of other verbs
    f"{TRAIN} --model.stacks 1": "--model.stacks does not belong to this kind of model; name its own before it",
    f"{TRAIN} --frame-sizes 16 4": "--frame-sizes, perhaps you meant --model.frame-sizes",
    f"{TRAIN} --learning_rte=1": "--learning_rte=1, perhaps you meant --optimizer.learning-rate",
    f"{TRAIN} --model.channels 4": "--model.channels",  # an option of another model
    f"{TRAIN} model:wavnet": "model:wavnet",
    f"{TRAIN} model:wavenet": "name model:wavenet before --model.frame-sizes",
    "train data --workdir new --steps 2 model:wavenet --model.frame-sizes 8": "--model.frame-sizes",
    "events talk.rttm --zzz": "--zzz",
    "dataset full more --out new": "more",
    "speak --voice voice more": "no place for more",
    "converse": "--out PATH must be given",
    "converse --voice voice": "--out PATH",
    "stimuli": "SPEC and --out PATH must be given",
    "speak --voice voice --seconds": "--seconds FLOAT has too few values",
    f"{TRAIN} --model.dim x": "--model.dim: not a whole number: 'x'",
    "speak --voice voice --seconds soon": "--seconds: not a number: 'soon'",
    "events talk.rttm --fto-level word": "--fto-level is 'word'; choose from ipu, turn",
    "live --contour x.csv": "there is no option --contour; `babble speak` has it; see",
    "speak --voice voice --speakers ann": "there is no option --speakers, perhaps you meant --speaker; see",
    f"{TRAIN} --model.frame-sizes 16 5": "each of --model.frame-sizes must be a larger multiple of the next",
    f"{TRAIN} --model.frame-sizes": "--model.frame-sizes must be one or more positive numbers",
    f"{TRAIN} --quantizer.q-levels 1": "--quantizer.q-levels is 1",
    f"{TRAIN} --optimizer.learning-rate nan": "--optimizer.learning-rate is nan; it must be positive and finite",
    f"{TRAIN} --optimizer.learning-rate 1e9": "--optimizer.learning-rate is 1e+09; choose 1000 at most",
    f"{TRAIN} --optimizer.clip nan": "--optimizer.clip is nan",
    f"{TRAIN} --optimizer.clip 1e12": "--optimizer.clip is 1e+12; choose 1e+09 at most, or 0 to clip nothing",
    f"{TRAIN} --log.audio-seconds nan": "--log.audio-seconds is nan",
    f"{TRAIN} --log.audio-seconds -1": "--log.audio-seconds is -1.0",
    f"{TRAIN} --log.save-every 0": "--log.save-every is 0; it must be at least 1",
    f"{TRAIN} --log.evaluate-every -1": "--log.evaluate-every is -1; it must be at least 0",
    f"{TRAIN} --model.dim 0": "--model.dim, --model.layers and --model.embedding must be positive",
    f"{TRAIN} --units 5": "also conditioned on when to speak: add --by-activity.",
    "events talk.rttm --definitions.merge nan": "--definitions.merge is nan",
    "events talk.rttm --definitions.version 2": "version 2 of the definitions",
}
DATASET = {
    "dataset nowhere --out new": "nowhere: ",
    "dataset folder --out new": "folder: ",
    "dataset file --out new": "file: ",
    "dataset pipe --out new": "pipe: ",
    "dataset . --out full": "full: ",
    "dataset . --out file/new": "file/new: ",
    "dataset . --out /proc/new": "/proc/new: ",
    "dataset . --out new --sample-rate 0": "sample rate 0 Hz",
    "dataset . --out new --sample-rate -16000": "sample rate -16000 Hz",
    "dataset . --out new --minutes 5": "5 minutes are asked for, but . is not synthesized",
    "dataset opera --out new --minutes 0.1": "opera: there is no such folder, and no sound of that name; perhaps you "
    "meant opera-soprano or opera-alto or opera-tenor or opera-bass.",
    "dataset chipp --out new": "chipp: there is no such folder, and no sound of that name; perhaps you meant chip.",
    "dataset chip --out new --minutes 700": "700 minutes of sound are asked for",
    "dataset . --out new --seed 5": "the seed 5 is asked for, but . is not synthesized; leave the seed out",
    "dataset . --out new --speaker man": "the speaker man is asked for, but . is not synthesized",
    "dataset chip --out new --sample-rate 44100": "chip is synthesized at 16000 Hz and has nothing above half of it",
    "demo --out full": "full: ",
    "demo --out dangling": "dangling: ",
    "demo --out new --seconds nan": "nan s",
    "demo --out new --seconds -60": "-60 s",
    "demo --out new --seed -1": "--seed is -1; choose from 0 to 4294967295",
}
TRAINING = {
    TRAIN.replace("data", "nowhere"): "nowhere: ",
    TRAIN.replace("data", "../up/x"): "../up/x: ",
    TRAIN.replace("data", "full"): "full: ",
    TRAIN.replace("data", "pipe"): "pipe: ",
    f"{TRAIN} --steps 0": "--steps is 0",
    f"{TRAIN} --steps -3": "--steps is -3",
    f"{TRAIN} --batch-size 0": "--batch-size is 0",
    f"{TRAIN} --batch-size 6": "--batch-size",
    f"{TRAIN} --subsequence 65": "--subsequence must be a positive multiple",
    f"{TRAIN} --seed -1": "--seed is -1",
    f"{TRAIN} --seed {2**32}": f"--seed is {2**32}",
    f"{TRAIN} --seed {10**30}": f"--seed is {10**30}",
    f"{TRAIN} --by-speaker --model.no-expand-top": "need --model.expand-top: a raw frame",
    TRAIN.replace("new", "file"): "file: ",
    TRAIN.replace("new", "file/new"): "file/new: ",
    TRAIN.replace("new", "/proc/new"): "/proc/new: ",
    TRAIN.replace("new", "torn"): "torn/config.json, line 1: is no JSON",
    TRAIN.replace("new", "listed"): "listed/config.json: ",
}
EXPORT = {
    "export voice --phonotactics ru --out new --source here --licence free": "name its vocoder with --vocoder",
    "export voice --vocoder voice --weights int8 --out new --source here --licence free": "--weights is for ears",
    "export voice --kind ann=speech --out new --source here --licence free": "(the voice has none by name)",
    "export two --kind speech chip --out new --source here --licence free": "--kind speech chip: give one value",
    "export two --kind carl=speech --out new --source here --licence free": "once for each speaker (ann, ben)",
    "export two --language ann=Dutch! ben=nl --out new --source here --licence free": "Dutch! is no BCP 47 tag",
}
SPEAK = {
    "speak --voice nowhere": "nowhere: ",
    "speak --voice babbler": "babbler: there is no voice here, perhaps you meant babblers; ",
    "speak --voice file": "file: ",
    "speak --voice pipe": "pipe: ",
    "speak --voice dangling": "dangling: ",
    "speak --voice full": "full: ",
    "speak --voice wrong": "wrong/voice.json: quantizer: q_levels is 1",
    "speak --voice cut": "cut/weights.safetensors: ",
    "speak --voice two --speaker carl": "not carl",
    "speak --voice voice --speaker ann": "not ann",
    "speak --voice voice --pitch 13": "--pitch is 13.0; give a number of semitones from -12 to 12",
    "speak --voice voice --pitch-range -1": "--pitch-range is -1.0; give a factor from 0 to 3",
    "live --pitch_range=4": "--pitch-range is 4.0; give a factor from 0 to 3",
    "speak --voice voice --affect sad": "so that nothing conditions it on pitch, pitch range, rate, final; leave",
    "speak --voice voice --contour few.csv": "few.csv, line 1: names no column time",
    "speak --voice voice --seconds -1": "-1 s",
    "speak --voice voice --seconds nan": "nan s",
    "speak --voice voice --seconds inf": "inf s",
    "speak --voice voice --seconds 1e-9": "1e-09 s",
    "speak --voice voice --seconds 1e15": "1e+15 s",
    "speak --voice voice --streams 0": "--streams is 0",
    "speak --voice voice --streams 1000000000": "--streams is 1000000000",
    "speak --voice voice --streams 2 --raw": "--raw",
    "speak --voice voice --raw --out x.raw": "give --raw or --out, not both",
    "speak --out ''": "speak: the argument after --out is empty",
    "speak --seconds=": "--seconds is empty",
    "speak --raw ''": "the argument after --raw is empty",
    "train --dataset data": "there is no option --dataset; write its value alone, as DATASET",
    "speak --voice voice --temperature nan": "--temperature must be 0, or from 1e-6 to 1e6, not nan",
    "speak --voice voice --temperature -1": "not -1",
    "speak --voice voice --temperature 1e-300": "not 1e-300",
    "speak --voice voice --temperature inf": "not inf",
    "speak --voice voice --top-k -1": "--top-k must be 0 (all levels) or more, not -1",
    "speak --voice voice --seed -1": "--seed is -1",
    f"speak --voice voice --seed {2**32}": f"--seed is {2**32}",
    "speak --voice voice --prompt nowhere.wav": "nowhere.wav: ",
    "speak --voice voice --prompt full": "full: ",
    "speak --voice voice --copy nowhere.wav": "nowhere.wav: ",
    "speak --voice voice --copy nowhere.wav --raw": "--copy writes one file that says a recording again",
    "speak --voice voice --prompt pipe": "pipe: ",
    "speak --voice voice --prompt dangling": "dangling: ",
    "speak --voice voice --prompt file": "file: ",
    "speak --voice voice --out folder": "folder: ",
    "speak --voice voice --out file/a.wav": "file/a.wav: ",
    "speak --voice voice --out dangling/a.wav": "dangling/a.wav: ",
    "speak --voice voice --out /proc/new/a.wav --seconds 0.01": "/proc/new/a.wav: ",
}
ANNOTATION = {
    "{verb}": "No path",
    "{verb} nowhere": "nowhere: ",
    "{verb} dangling": "dangling: ",
    "{verb} folder": "folder: ",
    "{verb} full": "full: ",
    "{verb} empty": "empty: ",
    "{verb} file": "file: ",
    "{verb} bytes": "bytes: ",
    "{verb} sound.wav": "sound.wav: ",
    "{verb} voice/weights.safetensors": "weights.safetensors: ",
    "{verb} talk.rttm --format rtm": "'rtm'",
    "{verb} talk.rttm --format table": "talk.rttm, line 1: ",
    "{verb} broken.rttm": "broken.rttm, line 1: 'x'",
    "{verb} alone.txt": "sw2001",
    "{verb} ages.csv": "must name its speaker, start and end",
}
FIT = {
    "fit silent.rttm": "fewer than two speakers",
    "fit talk.rttm": "1 conversation of 1 group",
    "fit few.csv --families normal": "too few for a fit",
    "fit few.csv --families nrmal": "'nrmal'",
    "fit few.csv --out folder": "folder: ",
    "fit few.csv --plot file/a.png": "file/a.png: ",
}
CONVERSE = {
    "converse --voice --out new": "not 0",
    "converse --voice voice voice voice --out new": "not 3",
    "converse --voice voice nowhere --out new": "nowhere: ",
    "converse --voice two --out new --speakers ann carl": "not carl",
    "converse --voice voice --out new --speakers ann": "not ann",
    "converse --voice two --out new --speakers ann ben ann": "as many speakers as there are voices",
    f"{DIALOGUE} --timing swichboard": "'swichboard', perhaps you meant switchboard",
    f"{DIALOGUE} --timing folder": "'folder'",
    f"{DIALOGUE} --timing half.json": "half.json, line 1: ",
    f"{DIALOGUE} --timing list.json": "list.json: ",
    f"{DIALOGUE} --timing bare.json": "bare.json: name: ",
    f"{DIALOGUE} --timing bytes": "bytes: this is no timing; name a preset",
    f"{DIALOGUE} --seconds -1": "not -1",
    f"{DIALOGUE} --seconds nan": "not nan",
    f"{DIALOGUE} --seconds inf": "inf s",
    f"{DIALOGUE} --seconds 1e15": "1e+15 s",
    f"{DIALOGUE} --seconds 0.01": "0.01 s",
    f"{DIALOGUE} --temperature nan": "--temperature must be",
    f"{DIALOGUE} --top-k -2": "--top-k must be",
    f"{DIALOGUE} --seed -1": "--seed is -1; choose from 0 to 4294967295",
    f"{DIALOGUE} --seed {2**32}": f"--seed is {2**32}",
    f"{DIALOGUE} --typical 0": "--typical is 0",
    f"{DIALOGUE} --scale-gaps -1": "--scale-gaps is a factor from 0, not -1.0",
    f"{DIALOGUE} --remove-overlaps --add-overlaps 0.5": "--remove-overlaps and --add-overlaps contradict each other",
    "converse --voice voice --out full --overwrite": "full: ",
    "converse --voice voice --out . --overwrite": ".: ",
    "converse --voice voice --out file": "file: ",
    "converse --voice voice --out file/new": "file/new: ",
    "converse --voice voice --out /proc/new": "/proc/new: ",
}
COMPARE = {
    "compare switchbord talk.rttm": "preset 'switchbord', perhaps you meant switchboard; the presets are ami, ",
    "compare talk.rttm nowhere": "preset 'nowhere'; the presets are ami, ",
    "compare nowhere.json talk.rttm": "'nowhere.json'; the presets are ami, ",
    "compare dangling talk.rttm": "'dangling'",
}
CASES = USAGE | DATASET | TRAINING | EXPORT | SPEAK | FIT | CONVERSE | COMPARE
CASES |= {
    line.format(verb=verb): name for line, name in ANNOTATION.items() for verb in ("events", "fit --json")
}

SAMPLES = {
    "speek voice": ("there is no verb 'speek', perhaps you meant speak; `babble --help` lists the verbs."),
    "events --jsn talk.rttm": (
        "events: there is no option --jsn, perhaps you meant --json; see `babble events --help`."
    ),
    f"{TRAIN} --model.dim x": "train: --model.dim: not a whole number: 'x'; see `babble train --help`.",
    "converse": "converse: --out PATH must be given; see `babble converse --help`.",
    "dataset . --out full": "full: holds other files than a data set; choose a new folder.",
    f"{TRAIN} --seed -1": "--seed is -1; choose from 0 to 4294967295.",
    "speak --voice voice --out folder": "folder: is a folder; name a file.",
    "speak --voice two --speaker carl": "The voice two has the speakers: ann, ben; not carl: give one of them.",
    "events nowhere": "nowhere: there is no such file or folder; check the path.",
    f"{DIALOGUE} --seconds 0.01": "No IPU of the plan ends within 0.01 s; ask for more seconds, or another start.",
}
"""Whole sentences."""


@pytest.mark.parametrize("line", CASES, ids=lambda line: line.replace(f" {TINY}", "") or "nothing")
def test_one_sentence_and_nothing_written(capsys, monkeypatch, place, line):
    monkeypatch.chdir(place)
    before = holds(place)
    sentence = refused(capsys, line)
    assert CASES[line] in sentence
    assert sentence == SAMPLES.get(line, sentence)
    assert holds(place) == before


def test_a_damaged_log_is_told_with_its_line(tmp_path):
    log = tmp_path / "metrics.jsonl"
    for broken in ("figures", "[1]", '{"train/bits": 1.0}', '{"step": "one"}'):
        log.write_text(f'{{"step": 1}}\n{broken}\n')
        with pytest.raises(BabbleError, match="line 2: is no line of metrics; remove it to go on") as caught:
            JsonLines(tmp_path).resume(1)
        assert str(caught.value).startswith(str(log))
        assert broken in log.read_text()


def test_a_pipe_with_somebody_at_its_other_end_is_read(capsys, place):
    reader, writer = os.pipe()
    os.write(writer, annotations.rttm().encode())
    os.close(writer)
    assert babble(capsys, f"events /dev/fd/{reader}").code == 0
    os.close(reader)
