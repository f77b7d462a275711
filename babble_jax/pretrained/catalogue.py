"""Lists voices, those that ship and others, by their cards, without building their models."""

import dataclasses
import os
import shlex
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from babble_jax.errors import BabbleError
from babble_jax.input_files import is_file, read_json
from babble_jax.presets import registry
from babble_jax.pretrained.folder_layout import (
    DIGESTS,
    PHONES,
    SYNTHESIZER,
    UNITS,
    VOCODER,
    VOICE,
    WEIGHTS,
    find_voice_folder,
    name_voice,
)

T = TypeVar("T")
_NOTICE = "NOTICE"
_NO_FIGURES = ("temperature", "source", "licence", "kind", "language")  # of a card
_VOICE_FIGURES = ("validation_bits", "steps", "training_samples")
_SPEAKER_FIGURES = ("test_bits", "bandwidth_hz", "active_dbfs")
_REMEDY = "name a folder that `babble train` or `babble export` wrote"


def list_voices(folders: Sequence[str | os.PathLike] = ()) -> list[dict[str, Any]]:
    """Describes the voices that ship, by name, and then those in folders.

    Args:
      folders: of voices, or of training runs that made one. The name of a voice that ships adds nothing.

    Returns:
      `describe_voice` of each.

    Raises:
      BabbleError: see `describe_voice`.
    """
    names = registry.names("voices")
    rows = [describe_voice(registry.path("voices", name), name) for name in names]
    return rows + [describe_voice(folder) for folder in folders if str(folder) not in names]


def describe_voice(folder: str | os.PathLike, shipped_name: str | None = None) -> dict[str, Any]:
    """Describes a voice of either kind by its card and its configuration, as JSON values.

    Args:
      folder: of the voice, or of a training run that made one.
      shipped_name: of a voice that ships; None for another.

    Returns:
      `name`; `ships`: whether it comes with this package; `kind`: of its sounds, and `language`: of its recordings,
      lists of what its speakers have; `speakers`: of each its `name` (None where the only one has none), `kind`,
      `language`, `figures`, and the command that lets it `speak`; `model`, and `vocoder` of a voice that speaks phones;
      `conditioning`: what the model is told, of "activity", "units", "phones" and "mel"; `figures` of the voice as a
      whole; `sample_rate` (Hz); `bytes`; `licence`, `source`, `consent` of the speaker; `notice`: path of
      the file with the terms.

      Figures are the numbers on the card, `test_bits` and `validation_bits` (bits per sample of recordings that were
      not trained on) for example; `bandwidth_hz` is where the sound ends, `active_dbfs` the level of speech. What the
      card does not say is None.

    Raises:
      BabbleError: there is no such folder, it holds no voice, or a file of it is missing or damaged.
    """
    name = str(folder) if shipped_name is None else shipped_name
    if not name:
        raise BabbleError(f"The name of the folder is empty; {_REMEDY}.")
    folder = find_voice_folder(folder)
    path = folder / VOICE
    if not is_file(path):
        ships = "" if folder.is_dir() else f", or a voice that ships: {', '.join(registry.names('voices'))}"
        raise BabbleError(
            f"{name}: there is no voice here{registry.suggest('voices', name)}; {_REMEDY}{ships}."
        )
    values = read_json(path, remedy=_REMEDY)
    try:
        parts = _read_phone_parts(folder, values) if values.get("kind") == PHONES else _read_parts(values)
        card = _check(values["card"], dict)
        speakers = [
            _describe_speaker(card, parts, name, index) for index in range(max(1, len(parts.speakers)))
        ]
        files = [VOICE, *_check(values.get(DIGESTS) or parts.files, dict)]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BabbleError(f"{path}: this is not the description of a voice; {_REMEDY}.") from error
    notice = folder / _NOTICE if shipped_name is None else registry.path("voices", _NOTICE)
    return {
        "name": shipped_name or name_voice(folder),
        "ships": shipped_name is not None,
        "kind": _distinct(speaker["kind"] for speaker in speakers),
        "language": _distinct(speaker["language"] for speaker in speakers) or list(parts.languages) or None,
        "speakers": speakers,
        "model": parts.model,
        "vocoder": parts.vocoder,
        "conditioning": list(parts.conditioning),
        "figures": {**dict.fromkeys(_VOICE_FIGURES), **parts.part_figures, **_numbers(card)},
        "sample_rate": parts.sample_rate,
        "bytes": sum(_size(folder / file) for file in files),
        "licence": _text(card.get("licence")),
        "source": _text(card.get("source")),
        "consent": _text(card.get("consent")),
        "notice": str(notice) if is_file(notice) else None,
    }


@dataclasses.dataclass(frozen=True)
class _Parts:
    """The configuration of a voice, as its files describe it.

    Attributes:
      model: kind of the model that decides what is said.
      conditioning: what it is told.
      sample_rate: Hz.
      speakers: names; empty for one without a name.
      files: names of the other files, where the description has no digests of them.
      bandwidth: Hz, of each speaker; empty where it is not known.
      languages: names, of a voice that speaks phones.
      vocoder: kind of the vocoder of a voice that speaks phones.
      part_figures: numbers on the cards of the parts of such a voice.
      kind: of the sounds of any such voice.
    """

    model: str
    conditioning: tuple[str, ...]
    sample_rate: int
    speakers: tuple[str, ...]
    files: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    bandwidth: tuple[float, ...] = ()
    languages: tuple[str, ...] = ()
    vocoder: str | None = None
    part_figures: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    kind: str | None = None


def _read_parts(values: Mapping[str, Any]) -> _Parts:
    """Takes the configuration of a voice of samples from its description."""
    voice = values["voice"]
    conditioning = {"activity": voice.get("local"), "units": voice.get("units"), "mel": voice.get("mel")}
    return _Parts(
        model=_check(voice["model"]["kind"], str),
        conditioning=tuple(name for name, value in conditioning.items() if value),
        sample_rate=_check(voice["sample_rate"], int),
        speakers=_check_all(voice["speakers"], str),
        files={WEIGHTS: None, **({UNITS: None} if voice.get("units") else {})},
        bandwidth=_check_all(voice.get("bandwidth") or [], float),
    )


def _read_phone_parts(folder: Path, values: Mapping[str, Any]) -> _Parts:
    """Takes the configuration of a voice that speaks phones from its description and those of its parts.

    Args:
      folder: of the voice.
      values: its description.
    """
    synthesizer = read_json(folder / SYNTHESIZER / "synthesizer.json", remedy=_REMEDY)
    vocoder = read_json(folder / VOCODER / VOICE, remedy=_REMEDY)
    own = _read_parts(vocoder)
    cards = {SYNTHESIZER: synthesizer["card"], VOCODER: vocoder["card"]}
    return _Parts(
        model=_check(synthesizer["synthesizer"]["model"]["kind"], str),
        conditioning=("phones",),
        sample_rate=own.sample_rate,
        speakers=_check_all(synthesizer["synthesizer"]["inputs"]["speakers"], str),
        bandwidth=own.bandwidth if len(own.speakers) < 2 else (),
        languages=tuple(values["phonotactics"]),
        vocoder=own.model,
        part_figures={
            f"{part}_{key}": x for part, card in cards.items() for key, x in _numbers(card).items()
        },
        kind="speech",  # phones are of speech
    )


def _describe_speaker(card: Mapping[str, Any], parts: _Parts, voice: str, index: int) -> dict[str, Any]:
    """Describes a speaker.

    Args:
      card: of the voice.
      parts: its configuration.
      voice: what `--voice` takes for it.
      index: number of the speaker.
    """
    name = parts.speakers[index] if parts.speakers else None
    own = {key: of_speaker(value, name) for key, value in card.items() if isinstance(value, dict)}
    levels = [
        row["dbfs"]
        for row in card.get("active_levels") or ()
        if (row["speaker"], row["ratio"]) == (name, 1.0)  # and not of a shifted pitch
    ]
    words = ["babble", "speak", "--voice", voice]
    words += [] if name is None else ["--speaker", name]
    words += ["--language", parts.languages[0]] if len(parts.languages) > 1 else []
    words += ["--copy", "RECORDING"] if "mel" in parts.conditioning else []
    language = parts.languages[0] if len(parts.languages) == 1 else None
    return {
        "name": name,
        "kind": _text(of_speaker(card.get("kind"), name)) or parts.kind,
        "language": _text(of_speaker(card.get("language"), name)) or language,
        "figures": {
            **dict.fromkeys(_SPEAKER_FIGURES),
            "bandwidth_hz": parts.bandwidth[min(index, len(parts.bandwidth) - 1)]
            if parts.bandwidth
            else None,
            "active_dbfs": levels[0] if levels else None,
            **_numbers(own),
        },
        "speak": shlex.join(words),
    }


def of_speaker(value: Any, name: str | None) -> Any:
    """Returns a value of a card that may be one for each speaker, by its name; None if it is not there."""
    if not isinstance(value, dict):
        return value
    return next(iter(value.values())) if name is None and len(value) == 1 else value.get(name)


def is_speech(card: Mapping[str, Any], name: str | None) -> bool:
    """Tells whether the sounds of a speaker are speech; they are where the card of its voice says nothing.

    Args:
      card: of the voice.
      name: of the speaker; None for a voice without speakers.
    """
    return of_speaker(card.get("kind"), name) in (None, "speech")


def _numbers(card: Mapping[str, Any]) -> dict[str, Any]:
    """Takes the figures from a card."""
    return {
        key: value
        for key, value in card.items()
        if isinstance(value, int | float) and not isinstance(value, bool) and key not in _NO_FIGURES
    }


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _distinct(values: Iterable[str | None]) -> list[str] | None:
    """Lists each value once; None where there is none."""
    return [*dict.fromkeys(value for value in values if value is not None)] or None


def _check(value: Any, kind: type[T]) -> T:
    """Returns a value that is of a type, or raises `TypeError`."""
    if not isinstance(value, kind):
        raise TypeError(f"{value!r} is no {kind.__name__}")
    return value


def _check_all(values: Any, kind: type[T]) -> tuple[T, ...]:
    return tuple(_check(value, kind) for value in _check(values, list))


def _size(path: Path) -> int:
    """Returns the bytes of a file."""
    try:
        return path.stat().st_size
    except (OSError, ValueError):
        raise BabbleError(
            f"{path}: there is no such file, though {VOICE} names it; put it back, or the whole folder."
        ) from None
