"""Active levels on the card of a voice: measured when the voice is exported, looked up when it speaks in a dialogue.

The level of a voice depends on its speaker, on its temperature and top k, and on the shift of its pitch. A card has a
row for each of its speakers, and for the two babblers that a dialogue makes of a voice with one (`pretrained.pair`),
under its own temperature; with other settings, and for a voice without rows, the level is measured at every dialogue.
"""

import dataclasses
from pathlib import Path
from typing import Any

from babble_jax.dialogue.loudness import gain_at_level, measure_level, reference_samples
from babble_jax.dialogue.utterance import LeveledVoice
from babble_jax.pretrained.babbler import VoiceBabbler
from babble_jax.pretrained.pair import make_babbler_pair
from babble_jax.pretrained.tacotron_babbler import TacotronBabbler
from babble_jax.pretrained.voices import (
    LoadedVoice,
    load_any_voice,
    make_babbler,
    save_any_card,
    speakers_of,
)
from babble_jax.progress import Progress
from babble_jax.voice.babbler import Babbler, PitchShiftedBabbler
from babble_jax.voice.conditioning.prosody import NEUTRAL
from babble_jax.voice.resampled_babbler import ResampledBabbler

KEY = "active_levels"
"""Of the rows on a card: `speaker`, `ratio` (of pitch), `temperature`, `top_k`, `dbfs` (level, exact); `language` of a
voice that speaks phones."""


def level_voice(babbler: Babbler) -> LeveledVoice:
    """Brings a voice to the common level: by the level on its card, or else by measuring it.

    Args:
      babbler: the voice, with its settings.

    Raises:
      BabbleError: its level is measured, and it is silent or gives values that are not finite.
    """
    level_db = stored_level(babbler)
    return (
        LeveledVoice.measure(babbler) if level_db is None else LeveledVoice(babbler, gain_at_level(level_db))
    )


def stored_level(babbler: Babbler) -> float | None:
    """Looks up the active level of a voice, dBFS, on its card; None where none is stored for its settings."""
    row = _settings(babbler)
    if row is None:
        return None
    rows = babbler.settings["card"].get(KEY, ())
    for stored in rows if isinstance(rows, list) else ():
        level_db = stored.get("dbfs") if isinstance(stored, dict) else None
        if not isinstance(level_db, float) or not -120 <= level_db <= 0:
            continue  # of a damaged card
        if {name: value for name, value in stored.items() if name != "dbfs"} == row:
            return level_db
    return None


def measure_levels(voice: LoadedVoice) -> list[dict[str, Any]]:
    """Measures the rows of a voice's card, with progress on standard error.

    Args:
      voice: as it was read from the folder that the card is for: float16 weights round the samples.

    Raises:
      BabbleError: it is silent, or gives values that are not finite.
    """
    speakers = speakers_of(voice) or (None,)
    babblers: list[Babbler] = [make_babbler(voice, speaker) for speaker in speakers]
    if len(speakers) == 1:
        babblers += make_babbler_pair(voice)
    total = sum(reference_samples(babbler.sample_rate) for babbler in babblers)
    with Progress("measuring the level of the voice", total, "samples") as progress:
        return [{**(_settings(one) or {}), "dbfs": measure_level(one, progress.update)} for one in babblers]


def store_levels(folder: Path) -> None:
    """Measures the levels of the voice in a folder and writes them on its card; see `measure_levels`."""
    voice = load_any_voice(folder)
    save_any_card(dataclasses.replace(voice, card={**voice.card, KEY: measure_levels(voice)}), folder)


def _settings(babbler: Babbler) -> dict[str, Any] | None:
    """Returns all that the level of a voice depends on; None for a babbler that has no card, or speaks otherwise."""
    ratio = 1.0
    if isinstance(babbler, ResampledBabbler):  # which has the same level
        babbler = babbler.babbler
    if isinstance(babbler, PitchShiftedBabbler):
        babbler, ratio = babbler.babbler, babbler.ratio
    if not isinstance(babbler, VoiceBabbler | TacotronBabbler):
        return None
    if babbler.prosody != NEUTRAL:
        return None  # which changes the level
    sampling, speaker = babbler.sampling or babbler.voice.sampling(), babbler.speaker_name
    row = {"speaker": speaker, "ratio": ratio, "temperature": sampling.temperature, "top_k": sampling.top_k}
    if isinstance(babbler, TacotronBabbler):
        row["language"] = babbler.voice.choose_language(babbler.language)
    return row
