"""Golden values: what the code gives today, so that a rename or a move that changes a number is seen.

    python -m tests.golden.make

writes `tests/golden/*.json` anew, in less than a minute, under the settings of all tests. Run it again only when a
value changes on purpose, or for newer libraries at a commit whose values are right; the commit says why.
`test_golden.py` holds the code to the values.

Each file has parts. The `exact` values of a part are equal to the bit on the kind of CPU, and with the libraries, that
the file names under `made_on`. Those `within` a tolerance are so everywhere.
"""

import functools
import hashlib
import importlib
import importlib.metadata
import json
import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import numpy as np

from babble_jax.audio.pcm import to_int16
from babble_jax.audio.quantize import Quantizer
from babble_jax.conversation.conversation import Conversation
from babble_jax.dialogue.plan import Plan, draw_plan, manipulate_plan, replay_plan
from babble_jax.pretrained.pretrained import PretrainedVoice, load_voice
from babble_jax.timing import preset
from babble_jax.timing.distributions.families import FAMILIES
from babble_jax.timing.distributions.family import to_json
from babble_jax.timing.floor.exposure import count_exposure
from babble_jax.timing.floor.simulator import log_likelihood_without_effects
from babble_jax.timing.manipulation.manipulations import Manipulations
from babble_jax.train.config import OptimizerConfig
from babble_jax.train.devices import device_mesh
from babble_jax.train.state import init_train_state
from babble_jax.train.step import train_step
from babble_jax.train.tasks.voice.config import DatasetProperties, VoiceTrainConfig
from babble_jax.train.tasks.voice.task import VoiceTask
from babble_jax.voice.conditioning import activity
from babble_jax.voice.conditioning.stream_features import ENDLESS, conditioning
from babble_jax.voice.config import RMS_DB_KNOTS
from babble_jax.voice.models.rnn import RNNConfig
from babble_jax.voice.models.samplernn import SampleRNNConfig
from babble_jax.voice.models.wavenet import WaveNetConfig
from babble_jax.voice.speak import generate_audio
from tests.timing.chain import switchboard_chain

Part = dict[str, dict[str, Any]]  # "exact": {name: value}, "within": {name: {"value", "tolerance"}}

HERE = Path(__file__).parent
LIBRARIES = ("jax", "jaxlib", "flax", "optax", "numpy", "scipy", "numba", "llvmlite")
CONVERSATION = (
    # speaker, onset, end: gaps of 250, 210 and 0 ms among overlaps, pauses and a contained IPU
    (0, 0.50013, 1.7),
    (1, 1.95013, 2.85007),
    (0, 2.7, 5.4),
    (1, 4.2, 4.5),
    (0, 5.6, 6.1001),
    (1, 6.3101, 8.76543),
    (0, 8.76543, 9.31),
)


def voices(sampler: str) -> Part:
    """Half a second of the man and the woman that ship, made together.

    Where one draw falls otherwise the babble goes another way; of the native sampler 40 such ways differed by less than
    the tolerances.
    """
    voice = _babblers()
    speakers = np.arange(len(voice.config.speakers))
    keys = jax.random.split(jax.random.key(20240607), len(speakers))
    local = conditioning(voice, [ENDLESS] * len(speakers), keys, speakers)
    audio = generate_audio(
        voice, keys, voice.config.sample_rate // 2, None, speakers, local=local, sampler=sampler
    )  # pyright: ignore[reportArgumentType]
    exact, within = {}, {}
    for name, samples in zip(voice.config.speakers, to_int16(audio), strict=True):
        loud = 20 * np.log10([np.sqrt(np.mean((samples / 32768) ** 2)), np.max(np.abs(samples / 32768))])
        crossings = int(np.sum((samples[1:] >= 0) != (samples[:-1] >= 0)))
        exact[name] = {"sha256": sha256(samples), "first": samples[:400].tolist()}
        within[f"{name}: root mean square, dB"] = near(loud[0], 3)
        within[f"{name}: peak, dB"] = near(loud[1], 4)
        within[f"{name}: crossings of zero"] = near(crossings, 0.5 * crossings)
    return {"exact": exact, "within": within}


def plan(source: str) -> Part:
    """A dialogue: drawn from Switchboard's floor or from a chain fitted on it, or replayed and manipulated."""
    if source == "replayed":
        # Plain float64 sums, rounded to nanoseconds.
        steps = Manipulations(add_overlaps=0.5, scale_gaps=0.5, shift_gaps=0.3)
        exact = _ipus(manipulate_plan(replay_plan(conversation(), None, 12.0), steps, 1))
        return {"exact": exact, "within": {name: near(value, 1e-9) for name, value in exact.items()}}
    if source == "floor":
        exact = _ipus(draw_plan(preset.load_timing("switchboard"), 30.0, 5))
    else:
        dialogue = switchboard_chain().sample(5, 30.0)
        exact = {name: getattr(dialogue, name).tolist() for name in ("speaker", "onset", "end")}
    number, talk = len(exact["onset"]), float(np.sum(np.subtract(exact["end"], exact["onset"])))
    within = {"IPUs": near(number, 0.4 * number), "seconds of all IPUs": near(talk, 0.3 * talk)}
    return {"exact": exact, "within": within}


def family(name: str) -> Part:
    """A family fitted to 4,000 synthetic offsets, and the mean nats that it gives them and as many others.

    They are of five normal distributions, well apart: on offsets without such parts a mixture finds one of several
    maxima, and rounding decides which. Its way to the maximum may change one day; what it gives the offsets must not.
    """
    draws = np.random.default_rng(11)
    part = draws.choice(5, (2, 4000), p=[0.1, 0.2, 0.3, 0.25, 0.15])
    loc, scale = np.array([-1.2, -0.4, 0.1, 0.6, 1.5]), np.array([0.2, 0.12, 0.08, 0.15, 0.3])
    offsets, others = draws.normal(loc[part], scale[part])
    one = FAMILIES[name]
    params = one.fit(offsets)
    with jax.enable_x64(True):
        nats = [float(np.mean(np.asarray(one.log_prob(params, y)))) for y in (offsets, others)]
    within = {"nats": near(nats[0], 0.001), "nats of others": near(nats[1], 0.001)}
    if name != "johnson_su":
        return {"exact": {}, "within": within}
    parameters = to_json(params)
    within |= {key: near(value, 1e-3) for key, value in parameters.items()}
    return {"exact": {"parameters": parameters, "nats": nats[0], "nats of others": nats[1]}, "within": within}


MODELS = {
    "samplernn": SampleRNNConfig(frame_sizes=(8, 2), dim=12, embedding=6, hidden=1, expand_top=True),
    "samplernn with speakers and units": SampleRNNConfig(
        frame_sizes=(8, 2), dim=12, cell="lstm", layers=2, skip=True, expand_top=True, embedding=6
    ),
    "wavenet": WaveNetConfig(stacks=2, layers=3, channels=8, skip=10, hop=8),
    "rnn": RNNConfig(dim=12, embedding=6, hop=8),
}


def updates(kind: str) -> Part:
    """Ten steps of training a tiny model on synthetic samples, by the step that a run takes, on one device."""
    batch_size, length, units = 4, 64, 5
    more: dict[str, Any] = {}
    if "speakers" in kind:
        more = {"by_speaker": True, "by_activity": True, "units": units}
    config = VoiceTrainConfig(
        dataset="none",
        model=MODELS[kind],
        quantizer=Quantizer("mu_law", 32),
        optimizer=OptimizerConfig(learning_rate=3e-3, clip=0.1),
        batch_size=batch_size,
        subsequence=length,
        seed=3,
        noise=1.0 if more else 0.0,
        **more,
    )
    task = VoiceTask(config, DatasetProperties(sample_rate=4000, gain=2.0, speakers=("one", "other")))
    mesh = device_mesh("jit", batch_size, jax.devices()[:1])
    step = mesh.compile(train_step(task))
    state, draws = mesh.shard(init_train_state(task)), np.random.default_rng(4)
    losses, norms = [], []
    for number in range(10):
        weight = np.ones((batch_size, length), np.float32)
        weight[1, draws.integers(1, length) :] = 0
        walk = np.cumsum(draws.normal(0, 1500, (batch_size, length)), axis=1)
        frames = (
            batch_size,
            length // task.voice.sample_model.frame,
            len(activity.FEATURES) + units + 2 + len(RMS_DB_KNOTS),
        )
        batch = {
            "pcm": (np.clip(walk, -9000, 9000) * weight).astype(np.int16),
            "weight": weight,
            "reset": (draws.random(batch_size) < 0.3) | (number == 0),
            "speaker": np.arange(batch_size, dtype=np.int32) % 2,
        }
        if more:
            batch["local"] = draws.random(frames).astype(np.float32)
        state, metrics = step(state, batch)
        losses.append(float(metrics.total) / float(metrics.weight))
        norms.append(float(metrics.gradient_norm))
    leaves = jax.tree.leaves(jax.device_get(mesh.unreplicate(state).params))
    total = float(sum(np.sum(x, dtype=np.float64) for x in leaves))
    exact = {"losses": losses, "gradient_norms": norms, "sum": total, "sha256": sha256(*leaves)}
    within = {"losses": near(losses, 1e-3), "gradient_norms": near(norms, 1e-2), "sum": near(total, 1e-2)}
    return {"exact": exact, "within": within}


def floor(name: str) -> Part:
    """Nats per second that Switchboard's floor gives a conversation, with effects of its people and without."""
    talk = conversation(repeats=10 if name == "repeated" else 1)  # two minutes: the people's effects count
    simulator = preset.load_timing("switchboard").require_floor()
    rows = count_exposure([talk], simulator.definitions)
    seconds = float(rows.seconds.sum())
    exact = {
        "with effects": float(simulator.log_likelihood([talk]).sum() / seconds),
        "without effects": float(log_likelihood_without_effects(rows, simulator.log_hazard).sum() / seconds),
    }
    return {"exact": exact, "within": {name: near(value, 1e-4) for name, value in exact.items()}}


CASES: dict[Callable[[str], Part], tuple[str, ...]] = {
    voices: ("compiled", "native", "int8"),
    plan: ("floor", "chain", "replayed"),
    family: ("johnson_su", "gaussian_mixture"),
    updates: tuple(MODELS),
    floor: ("once", "repeated"),
}
"""The parts of each file, which has the function's name."""


def conversation(repeats: int = 1) -> Conversation:
    """Of two, written by hand, 12 s long; or several of them in a row."""
    rows = np.array(CONVERSATION * repeats)
    later = np.repeat(np.arange(repeats) * 12.0, len(CONVERSATION))
    return Conversation(
        id="hand",
        corpus="golden",
        speakers=("A", "B"),
        speaker=rows[:, 0].astype(np.int32),
        onset=rows[:, 1] + later,
        end=rows[:, 2] + later,
        mark=np.zeros(len(rows), np.uint8),
        unit="ipu",
        language=None,
        group="hand",
        windows=np.array([[0.0, 12.0 * repeats]]),
    )


def near(value: Any, tolerance: float) -> dict[str, Any]:
    """A number, or a list of them, that holds everywhere but for `tolerance`."""
    return {"value": np.asarray(value).tolist(), "tolerance": float(tolerance)}


def sha256(*arrays: np.ndarray) -> str:
    """Of their bytes, little-endian, in this order."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(np.ascontiguousarray(array, array.dtype.newbyteorder("<")).tobytes())
    return digest.hexdigest()


def made_on() -> dict[str, Any]:
    """What bits may depend on: the kind of CPU, where JAX computes, and the libraries."""
    info = {}
    path = Path("/proc/cpuinfo")
    for line in path.read_text("utf-8").splitlines() if path.exists() else ():
        name, _, value = line.partition(":")
        info.setdefault(name.strip(), value.strip())
    vectors = [flag for flag in info.get("flags", "").split() if flag.startswith(("avx", "fma", "amx"))]
    return {
        "machine": platform.machine(),
        "vendor": info.get("vendor_id", ""),
        "family": info.get("cpu family", ""),
        "model": info.get("model", ""),
        "vectors": " ".join(sorted(vectors)),
        "backend": jax.default_backend(),
        "libraries": {name: importlib.metadata.version(name) for name in LIBRARIES},
    }


@functools.cache
def _babblers() -> PretrainedVoice:
    return load_voice("babblers")


def _ipus(plan: Plan) -> dict[str, list]:
    dialogue = plan.dialogue
    times = {name: getattr(dialogue, name).tolist() for name in ("speaker", "onset", "end")}
    return {**times, "number": plan.number.tolist(), "windows": dialogue.windows.tolist()}


def _readable(value: Any, indent: str = "") -> str:
    """JSON with one line per key, and lists on one line; floats come back to the bit."""
    if not isinstance(value, dict) or not value:
        return json.dumps(value, allow_nan=False)
    inner = indent + "  "
    rows = [f"{inner}{json.dumps(key)}: {_readable(item, inner)}" for key, item in value.items()]
    return "{\n" + ",\n".join(rows) + f"\n{indent}}}"


def main() -> None:
    """Writes all files."""
    importlib.import_module("tests.conftest")  # its settings; JAX takes them until it first computes
    for maker, cases in CASES.items():
        values = {"made_on": made_on(), "parts": {case: maker(case) for case in cases}}
        (HERE / f"{maker.__name__}.json").write_text(_readable(values) + "\n", "utf-8")


if __name__ == "__main__":
    main()
