"""Commands of every verb that writes, on inputs that are as small as they may be."""

import dataclasses
from pathlib import Path

import numpy as np
import soundfile

from tests.command import untrained
from tests.small_ear import write_ear
from tests.small_inputs import write_corpus, write_recordings, write_spec


@dataclasses.dataclass(frozen=True)
class Command:
    """A command that writes.

    Attributes:
      line: of the command; `{inputs}` is the folder of inputs, `{out}` that in which it writes. It says --yes, so that
        it writes to a disk which its estimate calls too small.
      again: what is added where its output is there already; None where it then refuses to write.
      computed: functions that compute and write nothing: run once, and remembered for the other runs.
      keeps_parts: whether a folder that was begun stays, with those of its files that are complete, to be gone on with.
      in_copy: whether the rest of the work can be done in a copy of this process, without threads of XLA and others.
    """

    line: str
    again: str | None = ""
    computed: tuple[str, ...] = ()
    in_copy: bool = True
    keeps_parts: bool = False


DUET = tuple(
    f"babble_jax.dialogue.duet.{name}"
    for name in ("load_timing", "make_babbler_pair", "draw_plan", "render", "level_voice")
)
DRAW = ("babble_jax.timing.floor.simulator.FloorSimulator.draw",)
SIMULATE = "simulate --hours 0.1 --minutes 3 --yes --out {out}/corpus --format"
LOAD = "babble_jax.pretrained.pretrained.load_voice"
COMMANDS = {
    "demo": Command(
        "demo --out {out} --seconds 4 --yes",
        computed=(
            LOAD,
            "babble_jax.demo.load_timing",
            "babble_jax.demo.draw_plan",
            "babble_jax.timing.distributions.model.TimingModel.log_prob",
            *DUET,
        ),
    ),
    **{
        f"simulate {name}": Command(
            f"{SIMULATE} {name}",
            "--overwrite",
            DRAW,
            in_copy=name != "array_record",  # whose threads are not copied either
            keeps_parts=name == "array_record",
        )
        for name in ("rttm", "textgrid", "csv", "array_record")
    },
    "fit": Command(
        "fit {inputs}/corpus --families normal --out {out}/timing.json --plot {out}/fto.png",
        computed=(
            "babble_jax.timing.evaluation.offsets.ranking.fit",
            "babble_jax.timing.fitting.assemble_preset",
        ),
        in_copy=False,
    ),
    **{
        f"events {name}": Command(
            f"events {{inputs}}/corpus --out {{out}}/tables --format-out {name}{plot}",
            "--overwrite",
            ("babble_jax.conversation.reading.read",),
        )
        for name, plot in (("csv", " --plot {out}/fto.png"), ("parquet", ""))
    },
    "judge": Command(
        "judge {inputs}/sound.wav --plot {out}/judge.png", computed=("babble_jax.judge.judging.judge_audio",)
    ),
    "hear": Command(
        "hear {inputs}/sound.wav --ear {inputs}/ear --out {out}/phones",
        "--overwrite",
        ("babble_jax.pretrained.ear.load_ear", "babble_jax.pretrained.hearing.hear_blocks"),
    ),
    "converse": Command(
        "converse --voice {inputs}/two --out {out}/duet --seconds 4 --yes",
        "--overwrite",
        (
            "babble_jax.pretrained.pair.make_babbler_pair",
            "babble_jax.dialogue.plan.draw_plan",
            "babble_jax.timing.distributions.model.TimingModel.log_prob",
            "babble_jax.dialogue.duet.render",
            "babble_jax.dialogue.duet.level_voice",
        ),
    ),
    "stimuli": Command(
        "stimuli {inputs}/spec.toml --out {out}/stimuli --yes",
        "--overwrite",
        (
            "babble_jax.stimuli.stimulus_set.make_babbler_pair",
            "babble_jax.stimuli.stimulus_set.plan_items",
            "babble_jax.stimuli.stimulus_set.render",
            "babble_jax.stimuli.stimulus_set.level_voice",
        ),
    ),
    "speak": Command(
        "speak --voice {inputs}/voice --seconds 0.1 --streams 2 --out {out}/babble.wav",
        computed=(
            "babble_jax.pretrained.voices.load_any_voice",
            "babble_jax.pretrained.speaking.speak_streams",
        ),
    ),
    "export": Command(
        "export {inputs}/voice --out {out}/voice --source here --licence free",
        None,
        (LOAD, "babble_jax.dialogue.card_levels.measure_levels"),
    ),
    "dataset": Command("dataset {inputs}/sounds --sample-rate 4000 --out {out}/data --yes", None),
}


def make_inputs(folder: Path) -> None:
    """Writes the inputs of all commands."""
    draw = np.random.default_rng(0)
    write_corpus(folder / "corpus")
    soundfile.write(folder / "sound.wav", draw.normal(0, 0.1, 24_000), 8_000)
    untrained(folder / "voice")
    untrained(folder / "two", ("ann", "ben"))
    write_ear(folder / "ear")
    write_spec(folder / "spec.toml", folder / "two")
    write_recordings(folder / "sounds")
