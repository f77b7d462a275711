"""The page of ears: errors in the phones or letters of held-out utterances, and of their times."""

from typing import Any

from experiments.report.ear_curves import (
    section_on_channels,
    section_on_look_ahead,
    section_on_minutes,
    section_on_warps,
)
from experiments.report.ear_judged import section_on_babble
from experiments.report.ear_matched import section_on_matching
from experiments.report.results import Result, Results
from experiments.report.tables import number, page, percent, picture, source, span, table

_RESULTS = {
    "ear_festvox": "As a whole",
    "ear_festvox_noise": "As a whole, in noise and through other microphones",
    "ear_festvox_forward": "While it comes, with 160 ms of look-ahead",
}
_METHODS = {
    "beam": "prefix beam search with a trigram",
    "greedy": "best path",
    "greedy_float32": "best path, before the weights became int8",
    "classified_steps": "classification of steps, equal ones merged",
    "bigram": "drawn from a bigram, of the right length",
    "unigram": "drawn from a unigram, of the right length",
}
_FOLDINGS = {
    "unfolded": "as labelled",
    "stress": "without stress",
    "stress_and_softness": "without stress and softness",
}
_READINGS = {"letters": "letters", "characters": "characters", "words": "words"}


def page_of_ears(results: Results) -> str:
    """The page `ears`."""
    return page(
        "Ears",
        "How to use one: [Hear phones](../howto/hear-phones.md).",
        *(part for name, title in _RESULTS.items() if name in results for part in _ear(results[name], title)),
        *(_letters(results["ear_graphemes"]) if "ear_graphemes" in results else []),
        *section_on_minutes(results.get("ear_minutes")),
        *section_on_look_ahead(results.get("ear_look_ahead")),
        *section_on_warps(results.get("ear_warps")),
        *section_on_channels(results.get("ear_channels")),
        *section_on_matching(results.get("ear_matched")),
        *section_on_babble(results.get("ear_judged")),
    )


def _ear(result: Result, title: str) -> list[str]:
    return [
        f"## {title}",
        f"{_size(result.values, 'phones')} Silence is no phone here.",
        *_errors(result),
        *_noise(result),
        *_times(result.values),
        source(result),
        picture(
            f"{result.name}-posteriors", "Posteriors of phones over the log-mel spectrogram, labels beneath"
        ),
    ]


def _letters(result: Result) -> list[str]:
    rates: dict[str, Any] = result.values["error_rate"]
    rows = [
        [name, *(_rate(rates[reading][key]) for reading in _READINGS)]
        for key, name in _METHODS.items()
        if key in rates["letters"]
    ]
    return [
        "## Letters",
        f"{_size(result.values, 'characters')} It learned from transcripts, as Deep Speech does, which have no times.",
        "Errors in each hundred letters, characters (the spaces between words among them) and words, with a 95 % "
        "bootstrap interval over utterances; no dictionary helps:",
        table(["decoded by", *_READINGS.values()], rows),
        source(result),
        picture(
            f"{result.name}-posteriors", "Posteriors of letters over the log-mel spectrogram, letters beneath"
        ),
    ]


def _size(values: dict[str, Any], symbols: str) -> str:
    return (
        f"{number(values['parameters'] / 1e6, 2)} million parameters, {number(values['bytes'] / 1e6, 2)} MB as int8, "
        f"trained on {number(values['minutes_of_training_speech'], 1)} min of one speaker in "
        f"{number(values['updates'])} updates, {number(values['passes'], 1)} passes. It hears a second of sound in "
        f"{number(1000 * values['hearing_seconds_per_second'], 1)} ms of one core. Scored on "
        f"{number(values['test_utterances'])} utterances that are held out, {number(values['test_minutes'], 1)} min "
        f"with {number(values['test_symbols'])} {symbols}; `babble dataset` holds out the same."
    )


def _errors(result: Result) -> list[str]:
    rates: dict[str, Any] = result.values["error_rate"]
    rows = [
        [name, *(_rate(rates[fold][key]) for fold in _FOLDINGS)]
        for key, name in _METHODS.items()
        if key in rates["unfolded"]
    ]
    return [
        "Errors (substitutions, insertions and deletions) in each hundred phones, with a 95 % bootstrap interval over "
        "utterances:",
        table(["decoded by", *_FOLDINGS.values()], rows),
        "Without stress, stressed a, e, i, y and u are taken for the unstressed ones, and the two reduced vowels, to "
        "which the phone set gives the same features, for each other; labels have the stress from a dictionary. "
        "Without softness, palatalized consonants are taken for plain ones, too.",
    ]


def _noise(result: Result) -> list[str]:
    if "noise" not in result.values:
        return []
    titles = {"clean": "as they are", "quantized": "in 256 levels of mu-law"}
    rows = [
        [titles.get(name, f"in white noise {name} below the speech"), _rate(one)]
        for name, one in result.values["noise"].items()
    ]
    return [
        source(result),
        "Errors in each hundred phones as labelled, by the best path, in the same recordings:",
        table(["recordings", "errors"], rows),
    ]


def _rate(one: dict[str, float]) -> str:
    return f"{number(100 * one['rate'], 1)} ({span((100 * one['low'], 100 * one['high']), 1)})"


def _times(values: dict[str, Any]) -> list[str]:
    one = values.get("alignment")
    if one is None:
        return []
    return [
        f"Aligned with the phones of the labels, the onsets of {number(one['onsets'])} phones are "
        f"{number(one['median_ms'], 1)} ms from the labels in the median (95 % interval "
        f"{span((one['median_low_ms'], one['median_high_ms']), 1)} ms), {percent(one['within_20_ms'], 1)} of them "
        f"within 20 ms and {percent(one['within_50_ms'], 1)} within 50 ms; the median of the signed differences is "
        f"{number(one['bias_ms'], 1)} ms. Labels have steps of 10 ms, the ear's are of 20 ms.",
    ]
