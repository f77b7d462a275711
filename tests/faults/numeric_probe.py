"""Calls the public functions on tiny inputs and prints what came, for `test_numeric_settings`, as a process of its own.

    python -m tests.faults.numeric_probe FOLDER PART [PART ...]

FOLDER is what `make_inputs` filled. Standard output is one JSON object: `exact`, digests of what is drawn, spoken or
counted, and `fitted`, numbers of what is fitted, both by name.
"""

import contextlib
import hashlib
import io
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import babble_jax
from tests.small_inputs import RATE, write_corpus, write_recordings, write_spec

Part = dict[str, dict[str, Any]]


def make_inputs(folder: Path) -> None:
    """Fills a folder: a corpus, recordings of two speakers, tiny voices, a specification of stimuli, an excerpt."""
    import jax

    from babble_jax.audio.quantize import Quantizer
    from babble_jax.pretrained import pretrained
    from babble_jax.voice.config import VoiceConfig
    from babble_jax.voice.models.samplernn import SampleRNNConfig
    from babble_jax.voice.models.wavenet import WaveNetConfig

    write_corpus(folder / "corpus", "İzmir-", "ÄB")  # names that are not ASCII
    write_recordings(folder / "recordings")
    kinds = {
        "voice": SampleRNNConfig(
            frame_sizes=(8, 2), dim=12, embedding=6, hidden=1, expand_top=True, reset="after"
        ),
        "wavenet": WaveNetConfig(stacks=2, layers=3, channels=8, skip=10, hop=8),
    }
    for name, model in kinds.items():
        config = VoiceConfig(model, Quantizer("mu_law", 32), RATE, 2.0, ("ann", "ben"))
        shapes, draw = jax.eval_shape(config.sample_model.init, jax.random.key(0)), np.random.default_rng(2)
        params = jax.tree.map(lambda x, draw=draw: draw.normal(0, 0.3, x.shape).astype(np.float32), shapes)
        pretrained.save_voice(pretrained.PretrainedVoice(config, params, card={"steps": 0}), folder / name)
    write_spec(folder / "gaps.toml", folder / "voice")


def digest(*values: Any) -> str:
    """Computes a digest of arrays with their types, or of anything that prints exactly."""
    total = hashlib.sha256()
    for value in values:
        is_array = hasattr(value, "dtype")
        array = np.asarray(value) if is_array else None
        total.update(f"{array.dtype} {array.shape} ".encode() if array is not None else repr(value).encode())
        total.update(array.tobytes() if array is not None else b"")
    return total.hexdigest()[:16]


def digest_folder(folder: Path) -> dict[str, str]:
    """Computes the digests of all files of a folder by path, but those of pictures and the records of data sets."""
    names = (path for path in folder.rglob("*") if path.is_file() and ".array_record" not in path.name)
    files = sorted(path for path in names if path.suffix != ".png")
    return {path.relative_to(folder).as_posix(): digest(path.read_bytes()) for path in files}


def ipus(conversation: Any) -> tuple:
    """Returns what a conversation holds, for a digest."""
    return conversation.speakers, conversation.speaker, conversation.onset, conversation.end


def floor(folder: Path, out: Path) -> Part:
    """Draws and counts floors, manipulates a dialogue."""
    from babble_jax.dialogue.plan import draw_plan, manipulate_plan
    from babble_jax.timing.floor.exposure import count_exposure
    from babble_jax.timing.manipulation.manipulations import Manipulations

    talks = babble_jax.read(folder / "corpus").conversations
    preset = babble_jax.load_timing("switchboard")
    rows = count_exposure(talks, preset.definitions)
    plan = draw_plan(preset, 20.0, 3)
    changed = manipulate_plan(plan, Manipulations(scale_gaps=0.7, shift_gaps=0.1), 1)
    exact = {
        "read": digest(*(value for talk in talks for value in ipus(talk))),
        "events": digest(json.dumps(babble_jax.events(talks), sort_keys=True, default=str)),
        "draw_dialogues": digest(*(v for talk in preset.draw_dialogues(2**63, 3, 30.0) for v in ipus(talk))),
        "count_exposure": digest(
            rows.person, rows.state, rows.frames, rows.events, rows.dialogue, rows.seconds
        ),
        "plan": digest(*ipus(plan.dialogue)),
        "manipulated plan": digest(*ipus(changed.dialogue)),
    }
    nats = preset.require_floor().log_likelihood(talks[:2])
    return {"exact": exact, "fitted": {"log likelihood of the floor": nats.tolist()}}


def predictors(folder: Path, out: Path) -> Part:
    """Draws by predictors and distributions, and scores."""
    import jax

    from babble_jax.timing.distributions.families import FAMILIES
    from babble_jax.timing.distributions.family import to_json
    from babble_jax.timing.distributions.model import OffsetModelCard, TimingModel
    from babble_jax.timing.prediction.scoring import score_offsets
    from tests.timing.prediction.predictors import OFFSET_PREDICTOR

    key = jax.random.key(5, impl="threefry2x32")
    y = np.random.default_rng(3).normal(0.2, 0.4, 300)
    exact, fitted = {}, {}
    card = OffsetModelCard("test", 1, 300, 1, 0.0, 0.0, 30)
    for name, family in FAMILIES.items():
        params = family.fit(y) if name == "kde" else {k: PARAMS[rank] for k, rank in family.shapes.items()}
        model = TimingModel(name, to_json(params), "ipu", babble_jax.Definitions(), card)
        exact[f"{name}: sample"] = digest(model.sample(key, (50,)))
        fitted[f"{name}: cdf"] = np.asarray(model.cdf(y[:5])).tolist()
    state = OFFSET_PREDICTOR.initial_state(2)
    for fto, speaker in ((0.21, 1), (np.float64(-0.1), np.int64(0))):
        state = OFFSET_PREDICTOR.update(state, fto, speaker)
    exact["offset predictor: sample"] = digest(OFFSET_PREDICTOR.sample(key, state, 1))
    fitted["offset predictor"] = [
        *np.asarray(OFFSET_PREDICTOR.moments(state, 1)).tolist(),
        float(OFFSET_PREDICTOR.log_prob(state, 0.3, 1)),
        float(OFFSET_PREDICTOR.cdf(state, 0.3, 1)),
    ]
    talk = np.zeros(100, int)
    scores = score_offsets(OFFSET_PREDICTOR.grid, y[:100], np.arange(100) % 2, talk, np.zeros(1, np.int32))
    fitted["scores"] = scores.log_prob[::10].tolist()
    return {"exact": exact, "fitted": fitted}


PARAMS = (0.4, [0.45, 0.55])
"""Parameters of a family by their rank."""


def fits(folder: Path, out: Path) -> Part:
    """Fits distributions, predictors and a small floor."""
    from babble_jax.timing.floor.exposure import count_exposure
    from babble_jax.timing.floor.fit import fit_hazards
    from babble_jax.timing.floor.hazards import hazard_table
    from babble_jax.timing.prediction.hierarchy import GroupedOffsets, fit_svi, posterior_mean

    talks = babble_jax.read(folder / "corpus").conversations
    report = babble_jax.fit(talks)
    fitted = {f"fit: {one.name}": [one.heldout_nats, one.crps] for one in report.families}
    preset = babble_jax.fit_timing(talks, "mine", families=["johnson_su", "logistic"], floor=False)
    fitted["preset"] = [float(model.cdf(0.2)) for model in preset.models.values()]
    params, own, shared = fit_hazards(count_exposure(talks, preset.definitions), steps=60, rounds=2)
    table = np.asarray(hazard_table(params))
    fitted["floor: events per frame"] = [float(np.exp(table[:, i]).mean()) for i in (0, 1)]
    fitted["floor: variances"] = [*np.diag(own).tolist(), *np.diag(shared).tolist()]
    draw = np.random.default_rng(4)
    who = np.repeat(np.arange(10, dtype=np.int32), 30)
    data = GroupedOffsets(
        draw.normal(0.2, 0.4, 300), who, np.arange(300, dtype=np.int32) % 2, np.zeros(10, np.int32), ("test",)
    )
    population = posterior_mean(data, fit_svi(data, steps=40))
    fitted["population"] = [population.shift, population.tail, population.corpora["test"].loc]
    return {"exact": {}, "fitted": fitted}


def voices(folder: Path, out: Path) -> Part:
    """Lets tiny voices speak, and judges."""
    from babble_jax.pretrained.speaking import speak_blocks, speak_streams

    exact = {}
    for kind in ("voice", "wavenet"):
        voice = babble_jax.load_voice(folder / kind)
        for sampler in ("compiled", "native"):
            exact[f"{kind}: {sampler}"] = digest(babble_jax.speak(voice, 0.2, seed=1, sampler=sampler))
        prompt = (0.1 * np.sin(np.arange(101))).astype(np.float32)
        exact[f"{kind}: after a prompt"] = digest(babble_jax.speak(voice, 0.1, seed=2, prompt=prompt))
        exact[f"{kind}: streams"] = digest(speak_streams(voice, 0.1, 3, seed=3))
        exact[f"{kind}: blocks"] = digest(*speak_blocks(voice, 0.1, 0.03, seed=4))
    audio = np.random.default_rng(0).normal(0, 0.05, 32_000)
    exact["codes"] = digest(babble_jax.Quantizer("mu_law", 256).encode(audio.astype(np.float32)))
    exact["codes of float64"] = digest(babble_jax.Quantizer("a_law", 256).encode(audio))
    exact["decoded"] = digest(babble_jax.Quantizer("mu_law", 256).decode(np.arange(256)))
    return {"exact": exact, "fitted": {"judge": flat(vars(babble_jax.judge_audio(audio, 16_000).measures))}}


def shipped(folder: Path, out: Path) -> Part:
    """Lets the default voice speak, offline and live."""
    voice = babble_jax.load_voice("babblers")
    exact = {
        sampler: digest(babble_jax.speak(voice, 0.5, speaker="man", seed=1, sampler=sampler))
        for sampler in ("compiled", "native", "int8")
    }
    session = babble_jax.open_session(voice, speaker="woman", seed=1)
    blocks = [session.step({"active": on}, size) for on, size in ((True, 1600), (True, 320), (False, 3200))]
    exact["session"] = digest(*blocks)
    return {"exact": exact, "fitted": {}}


def folders(folder: Path, out: Path) -> Part:
    """Writes folders: a dialogue, stimuli, simulations, a data set."""
    voice = folder / "voice"
    babble_jax.converse(out / "duet", voices=voice, seconds=5, seed=1)
    babble_jax.make_stimuli(folder / "gaps.toml", out / "stimuli")
    for format in ("rttm", "csv", "textgrid"):
        babble_jax.simulate(0.1, out / "simulated" / format, format=format, minutes=3)
    shutil.copytree(folder / "recordings", out / "source")
    babble_jax.build_dataset(out / "source", out / "dataset", sample_rate=RATE)
    shutil.rmtree(out / "source")
    return {"exact": digest_folder(out), "fitted": {}}


def training(folder: Path, out: Path) -> Part:
    """Trains a tiny voice by a few updates."""
    dataset = babble_jax.build_dataset(folder / "recordings", out / "dataset", sample_rate=RATE).path
    model = babble_jax.SampleRNNConfig(frame_sizes=(8,), dim=8, embedding=4, hidden=1)
    report = babble_jax.train_voice(
        dataset, out / "run", 3, model=model, batch_size=4, subsequence=64, seed=1, noise=1.0
    )
    return {"exact": {}, "fitted": {"bits": [report.validation.bits]}}


def verbs(folder: Path, out: Path) -> Part:
    """Calls the verbs of the command line."""
    from babble_jax import cli

    corpus, voice = folder / "corpus", folder / "voice"
    lines = {
        "events": ["events", corpus],
        "events, JSON": ["events", corpus, "--json"],
        "timings": ["timings"],
        "compare": ["compare", corpus, "maptask-eye-contact"],
        "speak": ["speak", "--voice", voice, "--seconds", "0.2", "--out", out / "babble.wav"],
        "simulate": ["simulate", "--hours", "0.05", "--minutes", "3", "--out", out / "simulated"],
        "converse": ["converse", "--voice", voice, "--seconds", "4", "--out", out / "duet"],
        "export": ["export", voice, "--out", out / "voice", "--source", "Ä", "--licence", "İ"],
    }
    exact = {}
    for name, words in lines.items():
        printed = io.TextIOWrapper(io.BytesIO(), encoding=sys.stdout.encoding, errors=sys.stdout.errors)
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(io.StringIO()):
            cli.main([str(word) for word in words])
        printed.flush()
        text = printed.buffer.getvalue().decode(sys.stdout.encoding)
        text = text.encode("ascii", "backslashreplace")  # as it is printed where the encoding is ASCII
        exact[f"printed by {name}"] = digest(
            text.replace(str(out).encode(), b"OUT").replace(str(folder).encode(), b"IN")
        )
    return {"exact": exact | digest_folder(out), "fitted": {}}


def flat(values: Any) -> list[float]:
    """Returns all numbers of nested values, in order."""
    if isinstance(values, dict):
        return [number for key in sorted(values) for number in flat(values[key])]
    if isinstance(values, list | tuple | np.ndarray):
        return [number for value in values for number in flat(value)]
    return [float(values)] if isinstance(values, int | float | np.number) else []


PARTS: dict[str, Callable[[Path, Path], Part]] = {
    part.__name__: part for part in (floor, predictors, fits, voices, shipped, folders, training, verbs)
}


def main() -> None:
    folder, names = Path(sys.argv[1]), sys.argv[2:] or list(PARTS)
    result: Part = {"exact": {}, "fitted": {}}
    for name in names:
        with tempfile.TemporaryDirectory() as out:
            part = PARTS[name](folder, Path(out))
        for kind, values in part.items():
            result[kind] |= {f"{name}: {key}": value for key, value in values.items()}
    os.write(1, json.dumps(result).encode())


if __name__ == "__main__":
    main()
