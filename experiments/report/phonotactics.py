"""The page of phonotactics: words that are drawn, beside those of the texts, and prosody beside what was measured."""

from typing import Any

from experiments.report.results import Result, Results
from experiments.report.tables import columns, number, page, percent, source, table

_LEXICA = {
    "any": "no lexicon",
    "shipped": "the lexicon that ships",
    "both": "that, and the independent one",
}
_STRINGS = {
    "held_out": "held-out phrases",
    "shipped": "drawn phrases",
    "any": "drawn without a lexicon",
    "bigram": "bigram of phones",
    "shuffled": "held-out phones, shuffled",
}
_TRANSCRIPTS = {
    "phonotactics_kathleen": "English",
    "phonotactics_kerstin": "German",
    "phonotactics_nathalie": "Dutch",
}
_TARGETS = {
    "log_duration": ("logarithm of the duration", 3),
    "f0": ("pitch, semitones", 2),
    "level": ("level, dB", 2),
}


def page_of_phonotactics(results: Results) -> str:
    """The page `phonotactics`."""
    result = results["phonotactics_festvox"]
    return page(
        "Words that mean nothing",
        "How to draw them: [Words that mean nothing](../howto/words.md).",
        *_texts(result),
        *_lexicon(result),
        *_strings(result),
        *_prosody(result),
        *_transcripts(results),
    )


def _texts(result: Result) -> list[str]:
    texts: dict[str, Any] = result.values["texts"]
    rows = [[str(one["order"]), number(one["bits"], 2)] for one in result.values["orders"]]
    return [
        "## Words of the texts",
        f"festvox-ru has {number(texts['utterances'])} read utterances with labels of "
        f"{number(texts['labelled_phones'])} phones, but no boundaries of words. Labels and letters of the transcripts "
        f"are aligned, which fails for {number(texts['not_aligned'])} of them: they are "
        f"{number(texts['text_words'])} words in {number(texts['phrases'])} phrases between pauses, "
        f"{number(texts['final_phrases'])} of them final. Words without a stress go with "
        f"their neighbours: {number(texts['prosodic_words'])} prosodic words, of which "
        f"{number(texts['one_stress'])} have one stress, with {number(texts['syllables'], 2)} syllables and "
        f"{number(texts['phones_per_word'], 2)} phones on average. Every tenth utterance is held out "
        "below; the order that ships is the best one of them.",
        table(["order of the n-gram", "bits per symbol of held-out words"], rows),
        source(result),
    ]


def _lexicon(result: Result) -> list[str]:
    values = result.values["lexicon"]
    rows = []
    for key, name in _LEXICA.items():
        one = values[key]
        rows.append(
            [
                name,
                number(one["words"]),
                percent(one["different"] / one["words"], 1),
                percent(one["legal"] / one["words"], 1),
                percent(one["in_lexicon"] / one["words"], 1),
                percent(one["in_independent"] / one["words"], 1),
                number(one["syllables"], 2),
                number(one["phones"], 2),
            ]
        )
    header = ["rejected by", "words", "different", "legal", "in the lexicon", "in the independent one"]
    return [
        "## Lexicon",
        "A drawn word is in a lexicon if its phones can be read as one of its words, with any stress and any reading "
        f"of the letters that the texts have. The lexicon that ships has {number(values['lexicon_words'])} words: the "
        f"dictionary of festvox-ru and the words of its transcripts. The independent one has "
        f"{number(values['independent_words'])} stems, of the Debian package hunspell-ru; it does not ship, and "
        "`add_words` adds it.",
        table([*header, "syllables", "phones"], rows),
        columns({"legal": "onsets and codas are those of the texts, by position"}),
        source(result),
    ]


def _strings(result: Result) -> list[str]:
    rows = []
    for key, name in _STRINGS.items():
        one = result.values["strings"][key]
        low, middle, high = one["longest_run"]
        rows.append(
            [
                name,
                number(one["phones"]),
                number(one["longest_run_mean"], 2),
                f"{number(low)}, {number(middle)}, {number(high)}",
                number(one["bigram_distance"], 3),
                number(one["phone_entropy"], 2),
                number(one["bigram_entropy"], 2),
            ]
        )
    header = [
        "phrases",
        "phones",
        "longest run",
        "5, 50, 95 %",
        "bigram distance",
        "entropy",
        "after one phone",
    ]
    return [
        "## Phrases beside the texts",
        "As many phrases of as many words as those that are held out; the bigram and the shuffled phones have as many "
        "phones, too.",
        table(header, rows),
        columns(
            {
                "longest run": "phones of a phrase in a row that stand in the texts of the fit, on average",
                "bigram distance": "Jensen-Shannon divergence of the pairs of phones from those of the texts, bits",
                "entropy": "of a phone, bits; and of a phone after the one before",
            }
        ),
        source(result),
    ]


def _prosody(result: Result) -> list[str]:
    values = result.values["prosody"]
    rows = []
    for key, (name, digits) in _TARGETS.items():
        one, means = values[key], values[key]["phone_means"]
        rows.append(
            [
                name,
                number(one["n"]),
                number(one["correlation"], 3),
                number(one["rmse"], digits),
                number(one["median_error"], digits),
                number(one["sd"], digits),
                number(means["correlation"], 3),
                number(means["rmse"], digits),
            ]
        )
    duration = values["duration_ms"]
    ratios = [[name, *(number(one, 2) for one in pair)] for name, pair in values["ratios"].items()] + [
        [f"pitch of the last vowel, {end} phrases, semitones", *(number(one, 1) for one in pair)]
        for end, pair in values["last_vowel_semitones"].items()
    ]
    header = [
        "of a phone",
        "phones",
        "correlation",
        "RMS error",
        "median error",
        "spread",
        "mean of the phone: correlation",
    ]
    return [
        "## Prosody",
        "What the model predicts of held-out utterances beside what was measured of them. Pitch is in semitones from "
        f"the speaker's median, {number(values['median_f0'])} Hz, level in dB from the level of the utterance. The RMS "
        f"error of durations is {number(duration['rmse'])} ms and their median error "
        f"{number(duration['median_error'])} ms.",
        table([*header, "RMS error"], rows),
        source(result),
        "Durations of vowels (ratios of medians) and pitch at the end of phrases:",
        table(["", "measured", "predicted"], ratios),
        source(result),
    ]


def _transcripts(results: Results) -> list[str]:
    by_language = {language: results[name] for name, language in _TRANSCRIPTS.items()}
    texts, lexica, strings = [], [], []
    for language, result in by_language.items():
        values = result.values
        one, orders = values["texts"], {line["order"]: line["bits"] for line in values["orders"]}
        texts.append(
            [
                language,
                number(one["texts"]),
                number(one["phrases"]),
                number(one["final_phrases"]),
                number(one["words"]),
                percent(1 - one["words"] / one["spoken_words"], 1),
                number(one["syllables"], 2),
                number(one["phones_per_word"], 2),
                *(number(orders[order], 2) for order in (1, 3, 4, 5)),
            ]
        )
        lexicon = values["lexicon"]
        for key in ("any", "shipped"):
            row = lexicon[key]
            other = row["in_independent"]
            lexica.append(
                [
                    language,
                    _LEXICA[key],
                    number(row["words"]),
                    percent(row["different"] / row["words"], 1),
                    percent(row["in_lexicon"] / row["words"], 1),
                    percent(lexicon["taken_for_words"] / (row["words"] - row["in_lexicon"]), 1)
                    if key == "any"
                    else "",
                    "no list" if other is None else percent(other / row["words"], 1),
                    number(row["syllables"], 2),
                    number(row["phones"], 2),
                ]
            )
        strings.append(
            [
                language,
                *(
                    number(values["strings"][key][what], digits)
                    for what, digits in (("longest_run_mean", 2), ("bigram_distance", 3))
                    for key in ("held_out", "shipped", "bigram", "shuffled")
                ),
            ]
        )
    sources = source(*by_language.values())
    runs = ["held-out", "drawn", "bigram", "shuffled"]
    lists = [
        f"{number(result.values['lexicon']['lexicon_words'])} {language}"
        for language, result in by_language.items()
    ]
    return [
        "## English, German, Dutch",
        "Transcripts alone, read by espeak-ng: a phrase stands between two marks of "
        "punctuation, and words that have not exactly one main stress are left out: phrases are as long as what is "
        "left. There is no prosody. Every tenth transcript is held out; "
        "what ships is fitted on all.",
        table(
            [
                "transcripts",
                "texts",
                "phrases",
                "final",
                "words",
                "left out",
                "syllables",
                "phones",
                *(f"bits, order {order}" for order in (1, 3, 4, 5)),
            ],
            texts,
        ),
        columns({"left out": "share of all words", "bits": "per symbol of held-out words"}),
        sources,
        f"The lexica that ship hold the pronunciations of lists of {', '.join(lists)} words, and those of the "
        "transcripts; drawn words are looked up in the pronunciations themselves. That none is in the lexicon that "
        "ships follows from how they are drawn; the independent lists say how many words of the language are drawn. "
        "These (web2 and de_DE of hunspell) do not ship; of Dutch there is none.",
        table(
            [
                "words",
                "rejected by",
                "drawn",
                "different",
                "in the lexicon",
                "taken for words",
                "in the independent one",
                "syllables",
                "phones",
            ],
            lexica,
        ),
        columns(
            {
                "taken for words": "share of the words in no list that the filters of pronunciations reject, too"
            }
        ),
        sources,
        "Longest run of a phrase in the texts of the fit, phones, and divergence of its pairs of phones from theirs, "
        "bits:",
        table(
            [
                "phrases",
                *(f"run, {name}" for name in runs),
                *(f"divergence, {name}" for name in runs),
            ],
            strings,
        ),
        sources,
    ]
