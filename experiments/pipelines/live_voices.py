"""Lets a live agent talk with a simulated person, with each speaker of each voice, and measures times and sound.

Axes: D dialogues, H hops of 20 ms, T samples, F frames of 5 ms, N IPUs, M floor-transfer offsets (FTOs).
"""

import dataclasses
import gc
import json
import math
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from babble_jax import files
from babble_jax.agent.engine import HOP
from babble_jax.agent.live_agent import AgentConfig, LiveAgent
from babble_jax.agent.voices.agent_voice import CLICKS
from babble_jax.audio.level import active_level_db
from babble_jax.conversation.conversation import Conversation
from babble_jax.dialogue.detection import FRAME_RMS, FRAME_SECONDS, measure_ipus
from babble_jax.dialogue.harmonics import choose_stretch
from babble_jax.dialogue.timeline import ROW_SECONDS, plot_timeline
from babble_jax.presets import registry
from babble_jax.pretrained.voices import load_any_voice, speakers_of
from babble_jax.timing.events import Definitions, backchannels, floor_transfers, ipus, transitions
from babble_jax.timing.events.transfers import Reason
from experiments.pipelines.agent_dialogue import AgentDialogue, let_talk
from experiments.pipelines.live_partner import make_person, read_speech
from experiments.pipelines.two_agents import BURN_IN
from experiments.pipelines.voice_digest import digest_voice

AGENT, PARTNER = 0, 1
_PEOPLE = 1000  # added to the seed of the partners, who are other people than the agent
_BREAK = 0.2  # seconds of silence within an IPU that part it for who hears it
_TAIL = 0.1  # seconds after an IPU in which sound is still its own


@dataclasses.dataclass(frozen=True)
class LiveVoicesExperiment:
    """A live agent with each speaker of voices, in dialogues with the same simulated people.

    Attributes:
      timing: name of the preset of both sides.
      dialogues: D with each speaker, each with another person.
      seconds: of each, after the burn-in.
      seed: of the first dialogue's decisions and babble; each further one adds 1.
      voices: names or folders; none for clicks and all voices that ship.
    """

    timing: str
    dialogues: int
    seconds: float
    seed: int = 0
    voices: tuple[str, ...] = ()

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Lets the agent talk, each dialogue once: `work` holds those that are done.

        Args:
          work: folder of the dialogues.
          results: path, without suffix, of the pictures.
        """
        rows = []
        for voice in self.voices or (CLICKS, *registry.names("voices")):
            for speaker in (None,) if voice == CLICKS else speakers_of(load_any_voice(voice)) or (None,):
                rows.append(self._measure(voice, speaker, work, results))
        return {
            "timing": self.timing,
            "minutes": self.dialogues * self.seconds / 60,
            "rows": rows,
        }

    def _measure(self, voice: str, speaker: str | None, work: Path, results: Path) -> dict[str, Any]:
        """Measures one speaker; see `run`.

        Args:
          voice: name or folder.
          speaker: name; None for the only one.
          work: see `run`.
          results: see `run`.
        """
        name = "-".join([Path(voice).name] + ([] if speaker is None else [speaker]))
        folder = work / (name if voice == CLICKS else f"{name}-{digest_voice(voice)}")
        agent: LiveAgent | None = None
        records, hops, speaking = [], [], []
        for number in range(self.dialogues):
            path = folder / f"{number}.npz"
            if not path.exists():
                agent = agent or LiveAgent(AgentConfig(timing=self.timing, voice=voice, speaker=speaker))
                self._talk(agent, number, path)
            with np.load(path) as stored:
                records.append(json.loads(str(stored["record"])))
                hops.append(stored["hop_milliseconds"])
                speaking.append(stored["speaking"])
                if number == 0:
                    piece = stored["audio"].astype(np.float32) / 32_000
                    plot_dialogue(
                        Path(f"{results}-{name}.png"), piece, records[0]["sample_rate"], speaker or name
                    )
        return {"voice": Path(voice).name, "speaker": speaker, **pool(records, hops, speaking, self.seconds)}

    def _talk(self, agent: LiveAgent, number: int, path: Path) -> None:
        """Lets the agent talk with a person, and stores what was measured and the sound of some seconds.

        Args:
          agent: makes the engine.
          number: of the dialogue.
          path: of the file.
        """
        begin = time.process_time()
        engine = agent.make_engine(0.0, self.seed + number)
        opening = time.process_time() - begin
        engine.warm_up()
        person = make_person(agent.timing, read_speech(), _PEOPLE + self.seed, number)
        gc.disable()  # the log of all hops, which a session does not keep, would be looked through in the agent's time
        try:
            dialogue = let_talk((engine, person), self.seconds + BURN_IN)
        finally:
            gc.enable()
        measured = dialogue.measured(first=BURN_IN)
        start, end = choose_stretch(measured, ROW_SECONDS)
        record = {
            "sample_rate": dialogue.sample_rate,
            "opening_seconds": opening,
            **measure_turns(measured, agent.timing.definitions),
            **measure_sound(dialogue),
        }
        rate = dialogue.sample_rate
        piece = dialogue.audio[round((BURN_IN + start) * rate) : round((BURN_IN + end) * rate)]
        path.parent.mkdir(parents=True, exist_ok=True)
        with files.atomic_write(path) as temporary, temporary.open("wb") as file:
            np.savez_compressed(
                file,
                audio=np.rint(32_000 * piece).astype(np.int16),
                hop_milliseconds=(1000 * dialogue.processor_seconds[:, AGENT]).astype(np.float32),
                speaking=speaking_hops(dialogue),
                record=json.dumps(record),
            )


def measure_turns(measured: Conversation, definitions: Definitions) -> dict[str, Any]:
    """Measures who answered when, and who spoke while the other did.

    Args:
      measured: IPUs in the sound of the agent and of the partner.
      definitions: of the events.

    Returns:
      Counts of the agent's `turns`, `ipus` and `backchannels`; `spoke_over`, IPUs but backchannels that it began while
      the partner spoke; the `fto` of either side, lists [M] of seconds; seconds in which `both` spoke.
    """
    units = ipus(measured, definitions)
    short, own = backchannels(units, definitions), units.speaker == AGENT
    turns = floor_transfers(units, "turn", definitions).reason
    transfers = floor_transfers(units, "ipu", definitions)
    onset, theirs = units.onset[own & ~short], units.take(~own)
    inside = (theirs.onset < onset[:, None]) & (onset[:, None] < theirs.end)
    mine = units.take(own)
    shared = np.minimum(mine.end[:, None], theirs.end) - np.maximum(mine.onset[:, None], theirs.onset)
    return {
        "turns": int(np.sum(own & np.isin(turns, (Reason.FIRST, Reason.DEFINED)))),
        "ipus": int(np.sum(own)),
        "backchannels": int(np.sum(own & short)),
        "spoke_over": int(np.sum(inside.any(axis=1))),
        "both_seconds": float(np.clip(shared, 0, None).sum()),
        "fto": {
            name: transfers.fto[transfers.defined & (units.speaker == seat)].tolist()
            for name, seat in (("agent", AGENT), ("partner", PARTNER))
        },
    }


def measure_sound(dialogue: AgentDialogue) -> dict[str, Any]:
    """Measures the agent's sound beside its decisions.

    Returns:
      `level_db` of its active frames and `peak_db`, of full scale; `decided_ipus`, and how many were `silent_ipus`;
      `first_sound`, seconds from each decision to the first sound; `decided_seconds` in which it should sound, and of
      them `silent_seconds`; `breaks`, silences of 0.2 s and more there. Sound is 5 ms of at least -50 dB of full scale.
    """
    audio, rate = dialogue.audio[:, AGENT], dialogue.sample_rate
    decided = dialogue.decided()
    own = decided.speaker == AGENT
    onsets, ends = measure_ipus(audio, rate)
    size = round(FRAME_SECONDS * rate)
    frames = audio[: len(audio) // size * size].reshape(-1, size)
    silent = np.sqrt(np.mean(np.square(frames, dtype=np.float64), axis=1)) < FRAME_RMS
    delays, silent_ipus, silent_frames, decided_frames, breaks = [], 0, 0, 0, 0
    for onset, end in zip(decided.onset[own].tolist(), decided.end[own].tolist(), strict=True):
        sounding = np.flatnonzero((ends > onset) & (onsets < end + _TAIL))
        silent_ipus += not len(sounding)
        delays += [max(float(onsets[sounding[0]]) - onset, 0.0)] if len(sounding) else []
        inside = silent[round(onset / FRAME_SECONDS) : round(end / FRAME_SECONDS)]
        silent_frames, decided_frames = silent_frames + int(inside.sum()), decided_frames + len(inside)
        edges = np.flatnonzero(np.diff(np.concatenate([[False], inside, [False]]))).reshape(-1, 2)
        breaks += int(np.sum(np.diff(edges)[:, 0] >= round(_BREAK / FRAME_SECONDS))) if len(edges) else 0
    return {
        "level_db": active_level_db(audio, rate),
        "peak_db": 20 * math.log10(max(float(np.abs(audio).max()), 1e-6)),
        "decided_ipus": int(own.sum()),
        "silent_ipus": silent_ipus,
        "first_sound": delays,
        "decided_seconds": decided_frames * FRAME_SECONDS,
        "silent_seconds": silent_frames * FRAME_SECONDS,
        "breaks": breaks,
    }


def speaking_hops(dialogue: AgentDialogue) -> np.ndarray:
    """Finds in which computations, one for each hop of the partner, the agent's next hop is to sound: [H] bool."""
    on = [any(frame.on for frame in hop.frames) for hop in dialogue.hops[AGENT]]
    return np.array([*on[1:], False])


def late_hops(milliseconds: np.ndarray) -> np.ndarray:
    """Finds hops that are not ready 20 ms after they came, where each waits for those before it: [H] bool.

    Args:
      milliseconds: [H] that each hop takes.
    """
    ready, late = 0.0, []
    for number, taken in enumerate(milliseconds.tolist()):
        arrival = 1000 * HOP * number
        ready = max(ready, arrival) + taken
        late.append(ready - arrival > 1000 * HOP)
    return np.array(late)


def pool(
    records: Sequence[dict[str, Any]],
    hops: Sequence[np.ndarray],
    speaking: Sequence[np.ndarray],
    seconds: float,
) -> dict[str, Any]:
    """Pools the dialogues of a speaker.

    Args:
      records: [D] of `measure_turns` and `measure_sound`, with `opening_seconds`.
      hops: [D] arrays [H] of milliseconds.
      speaking: [D] arrays [H] bool of `speaking_hops`.
      seconds: of each dialogue.
    """

    def total(name: str) -> float:
        return sum(record[name] for record in records)

    decided_seconds = max(total("decided_seconds"), FRAME_SECONDS)
    fto = {seat: np.concatenate([record["fto"][seat] for record in records]) for seat in ("agent", "partner")}
    delays = 1000 * np.concatenate([record["first_sound"] for record in records])
    taken, late = np.concatenate(hops), np.concatenate([late_hops(one) for one in hops])
    sounding = np.concatenate(speaking)
    return {
        **{name: total(name) for name in ("turns", "ipus", "backchannels", "spoke_over")},
        "fto": {seat: _quartiles(values) for seat, values in fto.items()},
        "both_share": round(total("both_seconds") / (len(records) * seconds), 4),
        "level_db": round(float(np.mean([record["level_db"] for record in records])), 2),
        "peak_db": round(max(record["peak_db"] for record in records), 2),
        "silent_share": round(total("silent_seconds") / decided_seconds, 4),
        "breaks_per_minute": round(60 * total("breaks") / decided_seconds, 2),
        "decided_ipus": total("decided_ipus"),
        "silent_ipus": total("silent_ipus"),
        "first_sound_milliseconds": _percentiles(delays, median=50, p95=95, max=100),
        "hop_milliseconds": _percentiles(taken, median=50, p99=99, max=100),
        "late_share": round(float(np.mean(late)), 5),
        "late_speaking_share": round(float(np.sum(late & sounding) / max(np.sum(sounding), 1)), 5),
        "opening_seconds": round(float(np.median([record["opening_seconds"] for record in records])), 2),
    }


def plot_dialogue(path: Path, audio: np.ndarray, rate: int, name: str) -> None:
    """Draws who spoke when, with the waveforms.

    Args:
      path: of the PNG.
      audio: [T, 2] of the agent and of the partner.
      rate: Hz.
      name: of the agent.
    """
    piece = AgentDialogue(audio, rate, ([], []), np.zeros((0, 2))).measured()
    conversation = dataclasses.replace(piece, speakers=(name, "partner"))
    plot_timeline(path, conversation, audio.T, rate, transitions(ipus(conversation, Definitions())))


def _quartiles(fto: np.ndarray) -> dict[str, Any]:
    """Describes FTOs [M]: their number, quartiles in seconds, and the share below 0."""
    if not len(fto):
        return {"count": 0, "quartiles": None, "below_zero": None}
    quartiles = np.round(np.percentile(fto, [25, 50, 75]), 4).tolist()
    return {"count": len(fto), "quartiles": quartiles, "below_zero": round(float(np.mean(fto < 0)), 4)}


def _percentiles(values: np.ndarray, **percents: float) -> dict[str, float | None]:
    return {
        name: round(float(np.percentile(values, percent)), 3) if len(values) else None
        for name, percent in percents.items()
    }
