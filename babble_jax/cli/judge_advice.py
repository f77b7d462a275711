"""What `babble judge` says is to be done next about files that a voice has made."""

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from babble_jax.presets import registry

if TYPE_CHECKING:
    from babble_jax.cli.origin import Origin
    from babble_jax.judge.judging import Verdict

_TEMPERATURES = (0.8, 1.0)
"""Least and largest temperature of the advice."""


def advise(judged: Mapping[str, "Verdict"], seconds: Mapping[str, float]) -> list[str]:
    """Says in a line what to do next, by the worst of the files that a voice has made; nothing without one.

    What the file already follows is left out, and nothing is said where nothing is left.

    Args:
      judged: verdict on each file by its path.
      seconds: length of each.
    """
    from babble_jax.cli.origin import read_origin
    from babble_jax.judge.reference import PIECE_SECONDS

    origins = {name: origin for name in judged if (origin := read_origin(Path(name))) is not None}
    if not origins:  # recordings perhaps, which nobody can train
        return []
    unlike = {name: judged[name] for name in origins if judged[name].comparison.likeness != "like"}
    if not unlike:
        voice = min(origin.voice for origin in origins.values())
        return [f"next: hear it in a dialogue: babble converse --voice {shlex.quote(voice)} --out duet"]
    name, worst = min(unlike.items(), key=lambda item: item[1].comparison.within_share)
    origin, steps = origins[name], []
    if round(seconds[name], 1) < PIECE_SECONDS:  # as it is printed
        steps.append(f"speak for {PIECE_SECONDS:g} s or longer")
    if origin.voice not in registry.names("voices"):  # which are not trained by their user
        steps.append(f"train the voice on {_choose_recordings(worst)}")
    if not _has_good_temperature(origin):
        low, high = _TEMPERATURES
        speak = "" if steps and steps[-1].startswith("speak") else "speak "
        steps.append(f"{speak}with a --temperature between {low:g} and {high:g}")
    return [f"next: {name}: {', or '.join(steps)}"] if steps else []


def _choose_recordings(verdict: "Verdict") -> str:
    """Says which recordings the voice of a sound lacks, by the piece that is least like speech."""
    low, piece = verdict.reference.speech.get("speech_share"), verdict.parts[verdict.comparison.worst]
    if low is not None and piece.speech_share < low.low:
        return "the recordings with --longest-pause 0.3 if it is silent, or longer if it is noise"
    return "more recordings, or longer"


def _has_good_temperature(origin: "Origin") -> bool:
    """Returns whether a file says that it was spoken at a temperature of the advice, or at a shipped voice's own."""
    from babble_jax.input_files import read_json

    if origin.temperature is None:
        return False
    own = None
    if origin.voice in registry.names("voices"):
        own = read_json(registry.path("voices", origin.voice) / "voice.json")["card"].get("temperature")
    low, high = _TEMPERATURES
    return low <= origin.temperature <= high or origin.temperature == own
