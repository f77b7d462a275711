"""Lays out descriptions of voices in lines."""

from collections.abc import Mapping, Sequence
from typing import Any

from babble_jax.printable import escape_unprintable

_MODELS = {"samplernn": "SampleRNN", "wavenet": "WaveNet", "rnn": "plain RNN", "tacotron2": "Tacotron 2"}
_CONDITIONING = {
    "activity": "when to speak",
    "units": "acoustic units with pitch and level",
    "phones": "phones",
    "mel": "the mel spectrogram of a recording (a vocoder)",
}
_BITS = {"test_bits": "held-out recordings", "validation_bits": "validation recordings"}
_FORMATS = {
    **{name: f"{{:.3f}} bits per sample of {recordings}" for name, recordings in _BITS.items()},
    "validation_bits_before": "{:.3f} before any update of its adaptation",
    "minutes_of_speech": "adapted to {:.1f} min of speech",
    "gain_db": "its recordings changed by {:+.1f} dB to the level of the voice",
    "own_share": "{:.0%} of the runs of acoustic units its own",
    "bandwidth_hz": "sound up to {:,.0f} Hz",
    "active_dbfs": "{:.1f} dBFS while it speaks",
    "steps": "{:,} updates",
    "training_samples": "{:,} samples read in training",
}
_NOTE = (
    "Bits per sample say how well a voice predicts recordings that it was not trained on; fewer are better."
)


def voices_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """Lays out descriptions of voices (`pretrained.catalogue.list_voices`): a paragraph for each, and a note."""
    lines: list[str] = []
    for row in rows:
        lines += [*map(escape_unprintable, _paragraph(row)), ""]
    shown = [each["figures"] for row in rows for each in (row, *row["speakers"])]
    has_bits = any(one.get(name) is not None for one in shown for name in _BITS)
    return "\n".join([*lines, _NOTE] if has_bits else lines[:-1])


def _paragraph(row: Mapping[str, Any]) -> list[str]:
    facts = [*(row["kind"] or ())]
    if row["language"]:
        facts.append(f"language {', '.join(row['language'])}")
    facts += [f"{row['sample_rate'] / 1000:g} kHz", f"{row['bytes'] / 1e6:.1f} MB"]
    lines = [f"{row['name']}: {', '.join(facts)}"]
    for speaker in row["speakers"]:
        own = [_format(name, value) for name, value in speaker["figures"].items() if value is not None]
        for key in ("language", "kind"):  # where they differ
            if len(row[key] or ()) > 1 and speaker[key] is not None:
                own.insert(0, speaker[key])
        name = "no speaker by name" if speaker["name"] is None else f"speaker {speaker['name']}"
        lines += [f"  {name}" + (f": {', '.join(own)}" if own else ""), f"    {speaker['speak']}"]
    condition = " and ".join(_CONDITIONING[name] for name in row["conditioning"])
    model = _name_model(row["model"]) + (f", conditioned on {condition}" if condition else "")
    if row["vocoder"] is not None:
        model += f"; vocoder {_name_model(row['vocoder'])}"
    lines.append(f"  model: {model}")
    training = [_format(name, value) for name, value in row["figures"].items() if value is not None]
    if training:
        lines.append(f"  training: {', '.join(training)}")
    terms = ("source", "licence", "consent", "notice")
    return lines + [f"  {key}: {row[key]}" for key in terms if row[key] is not None]


def _name_model(kind: str) -> str:
    return _MODELS.get(kind, kind)


def _format(name: str, value: float) -> str:
    if name in _FORMATS:
        return _FORMATS[name].format(value)
    number = f"{value:,}" if isinstance(value, int) else f"{value:.4g}"
    return f"{name.replace('_', ' ')} {number}"
