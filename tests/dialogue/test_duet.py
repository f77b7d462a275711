"""Dialogues on disk: their files, and what measuring and listening find in their sound."""

import dataclasses
import errno
import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from babble_jax.conversation.conversation import Conversation
from babble_jax.conversation.reading import read
from babble_jax.dialogue.detection import measure_ipus
from babble_jax.dialogue.duet import AUDIO, DuetReport, converse
from babble_jax.dialogue.event_table import format_event_table
from babble_jax.dialogue.plan import draw_plan
from babble_jax.errors import BabbleError
from babble_jax.files import sha256
from babble_jax.timing.events import Definitions, events, ipus
from babble_jax.voice.babbler import make_speaker_pair
from tests import real_speech
from tests.dialogue import simulated
from tests.dialogue.fake_babbler import RATE, DyingBabbler, FakeBabbler, SilentBabbler
from tests.dialogue.few_pieces import few_pieces  # noqa: F401

FILES = [
    "dialogue.TextGrid",
    "dialogue.csv",
    "dialogue.eaf",
    "dialogue.rttm",
    "dialogue.wav",
    "manifest.json",
    "ftos.png",
    "spectrogram.png",
    "table.json",
    "timeline.png",
]

PRESET = simulated.preset()
VOICES = make_speaker_pair(FakeBabbler())
SECONDS = 25.0


@pytest.fixture(scope="module")
def duet(tmp_path_factory: pytest.TempPathFactory) -> DuetReport:
    return converse(
        tmp_path_factory.mktemp("duet") / "out",
        timing=PRESET,
        voices=VOICES,
        seconds=SECONDS,
        seed=4,
        typical=1,
    )


def manifest(duet: DuetReport) -> dict:
    return json.loads((duet.folder / "manifest.json").read_text())


def test_the_folder_is_complete(duet: DuetReport):
    assert sorted(path.name for path in duet.folder.iterdir()) == sorted(FILES)
    for name in ("timeline.png", "ftos.png", "spectrogram.png"):
        assert (duet.folder / name).read_bytes().startswith(b"\x89PNG")


def test_the_wav_holds_what_the_annotation_says(duet: DuetReport):
    audio, rate = soundfile.read(duet.folder / "dialogue.wav")
    assert (audio.shape, rate) == ((round(SECONDS * RATE), 2), RATE)
    assert np.max(np.abs(audio)) < 10 ** (-1 / 20)
    (annotation,) = read(duet.folder / "dialogue.csv").conversations
    for channel, name in enumerate("AB"):
        own = annotation.speaker == annotation.speakers.index(name)
        order = np.argsort(annotation.onset[own])
        onsets, ends = measure_ipus(audio[:, channel], rate)
        assert len(onsets) > 2
        assert np.allclose(onsets, annotation.onset[own][order], rtol=0, atol=0.01)
        assert np.allclose(ends, annotation.end[own][order], rtol=0, atol=0.01)


def test_the_plan_is_what_is_requested_and_realised(duet: DuetReport):
    plan = draw_plan(PRESET, SECONDS, 4).dialogue
    order = np.lexsort((plan.speaker, plan.onset))
    rows = manifest(duet)["ipus"]
    assert [row["requested"]["onset"] for row in rows] == plan.onset[order].tolist()
    assert [row["requested"]["end"] for row in rows] == plan.end[order].tolist()
    for row in rows:
        sound = row["realised"]
        assert sound["first_sample"] == round(row["requested"]["onset"] * RATE)
        assert sound["onset"] == sound["first_sample"] / RATE
        assert sound["end"] == (sound["first_sample"] + sound["samples"]) / RATE
        length = round(1e9 * row["requested"]["end"]) - round(1e9 * row["requested"]["onset"])
        assert sound["samples"] == length * RATE // 10**9
        assert -1.5 < (sound["end"] - row["requested"]["end"]) * RATE < 0.500001
    assert {row["label"] for row in rows if row["speaker"] == "A"} >= {"A1", "A2"}


def test_the_manifest_says_how_it_was_made(duet: DuetReport):
    values = manifest(duet)
    assert values["sha256"] == {name: sha256(duet.folder / name) for name in FILES if name != "manifest.json"}
    assert (values["seed"], values["item"], values["sample_rate"]) == (4, 0, RATE)
    assert values["timing"]["preset"] == "simulated"
    assert [channel["voice"] for channel in values["channels"]] == ["fake x 0.841", "fake x 1.189"]
    assert values["channels"][1]["settings"] == {"temperature": 1.0, "ratio": 2**0.25}
    assert set(values["versions"]) == {"babble_jax", "jax", "numpy"}
    assert values["largest_deviation_ms"] <= 10
    for channel in values["channels"]:
        assert channel["active_level_dbfs"] == pytest.approx(-26, abs=1.5)


def test_the_table_stands_beside_the_human_one(duet: DuetReport):
    assert json.loads((duet.folder / "table.json").read_text()) == duet.table
    measured = events([duet.dialogue], Definitions())
    row = duet.table["events"]["gap"]
    low, high = (row["per_minute"].pop(end) for end in ("low", "high"))
    assert 0 <= low <= high
    assert row["per_minute"] == {
        "dialogue": measured["per_minute"]["gap"],
        "human": PRESET.reference["per_minute"]["gap"],
    }
    row["per_minute"] |= {"low": low, "high": high}
    assert measured["per_minute"]["ipu"] == len(duet.dialogue.onset) * 60 / SECONDS
    text = format_event_table(duet.table)
    assert max(map(len, text.splitlines())) <= 76
    line, _ = [line for line in text.splitlines() if "gaps" in line]
    numbers = [
        f"{row[unit][column]:.1f}" for unit, column in [("per_minute", "dialogue"), ("per_minute", "human")]
    ]
    assert [word.rstrip("*") for word in line.split()[1:3]] == numbers
    assert line.split()[3:] == [f"{low:.1f}", "to", f"{high:.1f}"]
    assert "one drawn at random" in text


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(duet: DuetReport, tmp_path: Path):
    converse(tmp_path / "again", timing=PRESET, voices=VOICES, seconds=SECONDS, seed=4, typical=1)
    for name in FILES:
        assert (tmp_path / "again" / name).read_bytes() == (duet.folder / name).read_bytes(), name
    converse(tmp_path / "again", timing=PRESET, voices=VOICES, seconds=5.0, seed=4, item=1, overwrite=True)
    assert (
        manifest(duet)["ipus"][0] != json.loads((tmp_path / "again" / "manifest.json").read_text())["ipus"][0]
    )
    assert [path.name for path in tmp_path.iterdir()] == ["again"]


def test_the_dialogue_is_a_typical_one_and_all_say_so(tmp_path: Path):
    duet = converse(
        tmp_path / "out", timing=PRESET, voices=VOICES, seconds=5.0, seed=4, pooled_hours=0.2, browse=True
    )
    values = manifest(duet)
    typical = values["timing"]["typical"]
    assert typical == duet.table["typical"] == {"drawn": 12, "number": typical["number"]}
    assert "most typical of 12 drawn" in duet.text
    assert "pooled" in duet.table["events"]["gap"]["per_minute"]
    page = re.sub(r"base64,[^\"]*", "", (duet.folder / "index.html").read_text("utf-8"))
    assert "most typical of 12 drawn" in page
    assert "0.2 h drawn" in page
    assert "{{" not in page
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "").replace("http-equiv", "")
    assert values["sha256"]["index.html"] == sha256(duet.folder / "index.html")


@pytest.mark.parametrize(
    ("voice", "message"), [(SilentBabbler(), "is silent"), (DyingBabbler(), "is too silent")]
)
def test_a_silent_voice_is_told_and_leaves_nothing_behind(voice: FakeBabbler, message: str, tmp_path: Path):
    with pytest.raises(BabbleError, match=f"fake {message}"):
        converse(tmp_path / "out", timing=PRESET, voices=(FakeBabbler(), voice), seconds=10.0, seed=0)
    assert list(tmp_path.iterdir()) == []


def test_what_is_impossible_is_refused_before_a_voice_is_asked(tmp_path: Path):
    silent = (SilentBabbler(), SilentBabbler())
    for seconds, message in [(0.0, "not 0"), (float("nan"), "not nan"), (0.2, r"ends within 0\.2 s")]:
        with pytest.raises(BabbleError, match=message):
            converse(tmp_path / "out", timing=PRESET, voices=silent, seconds=seconds, seed=0, typical=1)
    with pytest.raises(BabbleError, match="simulated holds no floor"):
        converse(
            tmp_path / "out",
            timing=dataclasses.replace(PRESET, floor=None),
            voices=silent,
            seconds=10.0,
            seed=0,
        )
    with pytest.raises(BabbleError, match="seed is -1"):
        converse(tmp_path / "out", timing=PRESET, voices=silent, seconds=10.0, seed=-1)
    (tmp_path / "out").touch()
    with pytest.raises(BabbleError, match="is a file"):
        converse(tmp_path / "out", timing=PRESET, voices=silent, seconds=10.0, seed=0)


@pytest.mark.parametrize("definitions", [Definitions(merge=0.1), Definitions(min_ipu=0.01)])
def test_a_preset_of_other_ipus_is_refused(definitions: Definitions):
    assert PRESET.floor is not None
    floor = dataclasses.replace(PRESET.floor, definitions=definitions)
    models = {"ipu": dataclasses.replace(PRESET.models["ipu"], definitions=definitions)}
    preset = dataclasses.replace(PRESET, definitions=definitions, models=models, floor=floor)
    with pytest.raises(BabbleError, match=r"fit one with 0\.18 s and 0\.05 s at least"):
        draw_plan(preset, 10.0, 0)


def test_a_failure_while_writing_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("babble_jax.conversation.formats.table.write_csv", full)
    with pytest.raises(BabbleError, match=r"out: cannot be written \(there is no room left\)"):
        converse(tmp_path / "out", timing=PRESET, voices=VOICES, seconds=5.0, seed=0)
    assert list(tmp_path.iterdir()) == []


@dataclasses.dataclass(frozen=True)
class SpeechBabbler:
    """Says utterances of the excerpt, in an order that the key gives: a detector of speech hears speech."""

    name: str = "speaker"
    sample_rate: int = real_speech.RATE

    @property
    def settings(self) -> Mapping[str, Any]:
        return {}

    @property
    def takes_activity(self) -> bool:
        return False

    def babble(
        self,
        keys: np.ndarray,
        samples: Sequence[int],
        advance: Callable[[int], None],
        active: Sequence[tuple[float, float]] | None = None,
    ) -> list[np.ndarray]:
        streams = []
        for key, length in zip(keys, samples, strict=True):
            names = np.random.default_rng(key.tolist()).permutation(list(real_speech.IPUS))
            speech = np.concatenate([real_speech.read_utterance(name) for name in names])
            streams.append(np.resize(speech, length))
            advance(length)
        return streams


def edges(conversation: Conversation) -> list[np.ndarray]:
    """[N, 2] seconds of each speaker's IPUs."""
    units = ipus(conversation, Definitions())
    return [
        np.stack([units.onset[own], units.end[own]], axis=1)
        for own in (units.speaker == speaker for speaker in (0, 1))
    ]


def errors(true: np.ndarray, measured: np.ndarray) -> list[float]:
    """Differences of the edges of those IPUs that overlap with just one of the other list, both ways: [2 M] seconds."""
    overlap = (measured[None, :, 0] < true[:, None, 1]) & (measured[None, :, 1] > true[:, None, 0])
    alone = overlap & (overlap.sum(0)[None] == 1) & (overlap.sum(1)[:, None] == 1)
    return [error for i, j in np.argwhere(alone) for error in measured[j] - true[i]]


def test_a_duet_of_speech_is_heard_where_it_was_placed(tmp_path: Path):
    duet = converse(
        tmp_path / "duet",
        timing=simulated.preset(),
        voices=(SpeechBabbler("a"), SpeechBabbler("b")),
        seconds=20.0,
        seed=1,
        typical=1,
    )
    (reading,) = read(duet.folder / AUDIO).conversations
    differences = []
    for true, own in zip(edges(duet.dialogue), edges(reading), strict=True):
        these = errors(true, own)
        assert len(these) >= 2 * 0.75 * len(true)
        differences += these
    assert np.median(np.abs(differences)) < 0.04
    assert np.quantile(np.abs(differences), 0.9) < 0.15


def test_a_duet_of_what_is_no_speech_is_read_without_complaint(tmp_path: Path):
    """How much of it the detector takes for speech is its affair; what it gives is a conversation."""
    duet = converse(
        tmp_path / "duet",
        timing=simulated.preset(),
        voices=(FakeBabbler(), FakeBabbler(pitch=180.0)),
        seconds=10.0,
        seed=4,
        typical=1,
    )
    (reading,) = read(duet.folder / AUDIO).conversations
    assert reading.windows.tolist() == duet.dialogue.windows.tolist()
    assert np.all((reading.onset >= 0) & (reading.end > reading.onset) & (reading.end <= 10.0))
    # Nothing is heard where nobody makes a sound: every segment meets an IPU of its speaker.
    for true, own in zip(edges(duet.dialogue), edges(reading), strict=True):
        for start, end in own:
            assert np.any((true[:, 0] < end + 0.1) & (true[:, 1] > start - 0.1))
