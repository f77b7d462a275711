"""The page of voices: the pretrained voice beside real speech, bits per sample, two small trainings."""

from typing import Any

from experiments.report.adaptation import section_of_adaptation
from experiments.report.languages import section_of_languages
from experiments.report.results import Result, Results
from experiments.report.source_classification import section_of_classification
from experiments.report.tables import (
    ABSENT,
    columns,
    number,
    page,
    percent,
    picture,
    significant,
    source,
    table,
)
from experiments.report.voice_sections import (
    DISTANCE_LIMIT,
    EXPLAINED,
    MEASURES,
    judged_table,
    listed_updates,
    section_on_curve,
)

REFERENCES = {"man": "festvox-ru", "woman": "asterisk-core-sounds-ru-g722", "small": "festvox-ru"}
"""The held-out speech that each speaker is judged beside."""


def page_of_voices(results: Results) -> str:
    """The page `voices`."""
    references = {one["name"]: one for one in results["speech_reference"].values["references"]}
    titles = {name: title for name, (title, _) in MEASURES.items()}
    return page(
        "Voices",
        "The pretrained voice `babblers` is one SampleRNN with several speakers. Bits per sample are "
        "cross-entropies of the quantized samples of the test split: fewer are better.",
        *_judged(results, references),
        *_references(results["speech_reference"], results.get("languages_reference")),
        *_blocks(results["babblers_judged"]),
        *_bits(results),
        *section_on_curve(results["babblers_release"]),
        *section_of_adaptation(results, titles),
        *section_of_classification(results, titles),
        *section_of_languages(results),
        *_small_trainings(results),
    )


def _judged(results: Results, references: dict[str, Any]) -> list[str]:
    result = results["babblers_judged"]
    values = result.values
    temperature = significant(values["temperature"], 2)
    parts = [
        "## Speech-likeness",
        f"Samples of each speaker are drawn at a temperature of {temperature} and measured beside pieces of "
        "the speaker's held-out speech. A range leaves out the highest and lowest pieces of real speech, so "
        "that these, too, lie outside now and then. The small voice is the one that `babble demo --train` "
        "trains; it shows what bad values look like.",
        columns(
            {
                "median": "of the samples.",
                "samples within": "how many samples lie in the range of the speaker's own speech.",
                "further samples within": "the same for samples of another seed, as a share.",
                "real speech": "the range: 5th to 95th percentile of held-out pieces; for the spectral "
                f"distance at most {number(DISTANCE_LIMIT, 1)} times their median, for the loop correlation "
                "at most their 95th percentile.",
                "white noise": "median of pieces of white noise.",
            }
            | EXPLAINED
        ),
    ]
    shown = {
        **{speaker: (speaker.capitalize(), values["judged"][speaker]) for speaker in values["judged"]},
        "small": ("Small voice of the demo", values["small"]),
    }
    for speaker, (title, judged) in shown.items():
        parts += [
            f"### {title}",
            judged_table(judged, references[REFERENCES[speaker]]),
            source(result, results["speech_reference"]),
            picture(
                f"babblers_judged-{speaker}-judged",
                f"{title}: each measure of each sample as a point, over the range of real speech as a band "
                "and white noise as a dashed line.",
            ),
            picture(
                f"babblers_judged-{speaker}",
                f"{title}: waveform and spectrogram of one sample, frequency over time.",
            ),
        ]
    return parts


def _references(*shown: Result | None) -> list[str]:
    """Tabulates the references that ship, by the results that there are."""
    parts = [
        "## Real speech",
        "Validation and test recordings of each speaker, one after the other, in pieces of equal length. "
        "The columns are percentiles over the pieces, and the median of white noise. `babble judge` has "
        "them as references, by the names below.",
    ]
    measured = [(one, result) for result in shown if result for one in result.values["references"]]
    for one, result in measured:
        rows = [
            [
                label,
                *(number(one["speech"][measure][key], digits) for key in ("low", "median", "high")),
                number(one["noise"].get(measure), digits),
            ]
            for measure, (label, digits) in MEASURES.items()
        ]
        parts += [
            f"`{one['name']}`: {one['source']}: {number(one['pieces'])} pieces.",
            table(["measure", "5th percentile", "median", "95th percentile", "white noise"], rows),
            source(result),
        ]
    return parts


def _blocks(result: Result) -> list[str]:
    names = {"native": "native, float32", "int8": "native, int8"}
    rows = [
        [
            names.get(sampler, sampler),
            *(number(one[key], 1) for key in ("block_ms", "median_ms", "p99_ms", "slowest_ms")),
            number(one["times_real_time"], 1),
        ]
        for sampler, one in result.values["blocks"].items()
    ]
    return [
        "## Time of a block",
        "Streamed sampling makes one block after the other, here on one core. Times are milliseconds.",
        columns(
            {
                "block": "its length as sound.",
                "median, 99th percentile, slowest": "time that a block takes.",
                "times real time": "length of a block over its median time.",
            }
        ),
        table(["sampler", "block", "median", "99th percentile", "slowest", "times real time"], rows),
        source(result),
    ]


def _bits(results: Results) -> list[str]:
    pretrained, baseline = results["babblers_release"], results["babblers_baseline"]
    plain = baseline.values["test_bits"]
    rows, costs = [], []
    for speaker, bits in pretrained.values["bits"].items():
        own = plain.get(REFERENCES[speaker])
        rows.append(
            [
                speaker,
                *(number(bits[key], 2) for key in ("unigram", "markov")),
                ABSENT if own is None else number(own["voice"], 2),
                number(bits["voice"], 2),
                number(bits["samples"]),
            ]
        )
        costs.append(
            [
                speaker,
                *(significant(bits[key], 2) for key in ("units_at_most", "int8_more", "float16_more")),
            ]
        )
    return [
        "## Bits per sample",
        columns(
            {
                "unigram": "the distribution of samples without context.",
                "first-order Markov": "the distribution of a sample given the one before.",
                "plain RNN": "a sample-level RNN that is conditioned on the speaker alone, trained on "
                f"{listed_updates(baseline)} updates.",
                "pretrained voice": "the voice `babblers`, conditioned on speaker, activity and acoustic "
                "units.",
                "test samples": "how many samples of the test split are scored.",
            }
        ),
        table(
            [
                "speaker",
                "unigram",
                "first-order Markov",
                "plain RNN",
                "pretrained voice",
                "test samples",
            ],
            rows,
        ),
        source(pretrained, baseline),
        "The acoustic units, their pitch and level are side information. The next table bounds what coding "
        "them would cost in bits per sample, and what weights of lower precision add.",
        columns(
            {
                "units, bound": "upper bound of the bits for units, pitch and level.",
                "int8 adds": "bits of int8 weights less those of float32.",
                "float16 adds": "bits of float16 weights, as they ship, less those of float32.",
            }
        ),
        table(["speaker", "units, bound", "int8 adds", "float16 adds"], costs),
        source(pretrained),
    ]


def _small_trainings(results: Results) -> list[str]:
    shown = [results["voice_festvox"], results["voice_sketch"]]
    rows, sounds = [], []
    for result in shown:
        values, bits = result.values, result.values["test_bits"]
        rows.append(
            [
                f"`{result.name}`",
                *(number(values[key]) for key in ("parameters", "training_samples")),
                number(values["minutes_of_this_training"]),
                *(number(bits[key], 2) for key in ("unigram", "markov", "voice")),
                number(values["below_markov"], 2),
            ]
        )
        names = {"babble": "babble", "real": "speech of the test split", "noise": "white noise"}
        for kind, label in names.items():
            sound = values["sound"][kind]
            sounds.append(
                [
                    f"`{result.name}`",
                    label,
                    *(number(sound[key], 1) for key in ("peak_dbfs", "rms_dbfs")),
                    number(sound["centroid_hz"]),
                    number(sound["flatness"], 2),
                    percent(sound["silent_share"]),
                ]
            )
    seconds = number(results["voice_festvox"].values["sound"]["babble"]["seconds"])
    parts = [
        "## Two small trainings",
        "Three-tier SampleRNNs on one speaker, with mu-law quantization. `voice_festvox` is trained by "
        "Adam. `voice_sketch` has shorter frames, Muon in place of Adam and no weight norm. Its recordings "
        "are scaled to the same peak, so that the bits of the two compare only through their distance to "
        "the Markov distribution.",
        columns(
            {
                "parameters": "of the model.",
                "samples": "how many samples it was trained on, repetitions included.",
                "minutes": "of the training that made the result.",
                "below Markov": "bits of the first-order Markov distribution less those of the voice.",
            }
        ),
        table(
            [
                "result",
                "parameters",
                "samples",
                "minutes",
                "unigram",
                "first-order Markov",
                "voice",
                "below Markov",
            ],
            rows,
        ),
        source(*shown),
        f"The sound itself, in pieces of {seconds} s:",
        columns(
            {
                "peak, RMS": "levels relative to full scale, dBFS.",
                "centroid": "spectral centroid, Hz.",
                "flatness": "spectral flatness: 0 for a tone, highest for white noise.",
                "silent": "share of frames that are silent.",
            }
        ),
        table(["result", "sound", "peak", "RMS", "centroid", "flatness", "silent"], sounds, left=2),
        source(*shown),
    ]
    for result in shown:
        parts += [
            picture(
                f"{result.name}-curve",
                f"{result.name}: bits per sample of training and validation over the updates, with lines at "
                "the test bits of the unigram and first-order Markov distributions and of the voice.",
            ),
            picture(
                f"{result.name}-babble",
                f"{result.name}: waveform and spectrogram of babble.",
            ),
            picture(f"{result.name}-real", f"{result.name}: waveform and spectrogram of real speech."),
        ]
    return parts
