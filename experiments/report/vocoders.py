"""The page of the second voice: Tacotron 2, vocoders, and the predicted listening quality of all that speaks."""

from typing import Any

from experiments.report.results import Result, Results
from experiments.report.synthesis import section_on_tacotron
from experiments.report.tables import columns, number, page, percent, picture, source, span, table, with_error
from experiments.report.voice_sections import judged_table

_RESULTS = {
    "vocoder_festvox": "SampleRNN with classes",
    "vocoder_wavenet_festvox": "WaveNet with a mixture of logistics",
    "vocoder_predicted_festvox": "SampleRNN, trained further on predicted mels",
}
_METHODS = {
    "recording": "recording",
    "quantized": "recording in the voice's levels",
    "voice": "vocoder, from true mel",
    "griffin_lim": "Griffin-Lim, from true mel",
    "voice_predicted": "vocoder, from predicted mel",
    "griffin_lim_predicted": "Griffin-Lim, from predicted mel",
}
_READINGS = {"unfolded": "as labelled", "stress_and_softness": "without stress and softness"}
_SYSTEMS = {
    "recording": "recordings",
    "mu_law_copy": "their mu-law copies",
    "griffin_lim": "Griffin-Lim, from true mel",
    "noise": "white noise",
}
_REFERENCE = "festvox-ru"
_SCALES = ("quality", "signal", "background", "overall")


def page_of_vocoders(results: Results) -> str:
    """The page `vocoders`."""
    return page(
        "Tacotron 2, vocoders and listening quality",
        "How to train them: [Speak phones](../howto/speak-phones.md), [Audio "
        "generation](../howto/audio-generation.md#train-a-vocoder).",
        *section_on_tacotron(results.get("tacotron2_festvox"), "Tacotron 2"),
        *section_on_tacotron(results.get("tacotron2_festvox_forced"), "Tacotron 2, trained further"),
        *section_on_tacotron(results.get("tacotron_festvox"), "Tacotron"),
        *(
            part
            for name, title in _RESULTS.items()
            if name in results
            for part in _section(results[name], title)
        ),
        *_judged(results.get("second_voice_judged"), results.get("speech_reference")),
        *_listening(results.get("listening_quality")),
    )


def _judged(result: Result | None, real: Result | None) -> list[str]:
    """Tabulates how much like speech the voice is that speaks phones; nothing without a result."""
    if result is None or real is None:
        return []
    (own,) = (one for one in real.values["references"] if one["name"] == _REFERENCE)
    parts = [
        "## Speech-likeness of the voice that speaks phones",
        "Samples of 10 s and measures are those of the [voice of units](voices.md#speech-likeness).",
    ]
    for speaker, judged in result.values["judged"].items():
        parts += [
            judged_table(judged, own),
            source(result, real),
            picture(
                f"{result.name}-{speaker}-judged",
                "Each measure of each sample, over the range of real speech",
            ),
            picture(f"{result.name}-{speaker}", "Waveform and spectrogram of one sample"),
        ]
    return parts


def _section(result: Result, title: str) -> list[str]:
    values = result.values
    speeds: dict[str, float] = values["samples_per_second"]
    spoken = " and ".join(
        f"{number(rate)} ({'int8' if name == 'int8' else 'float32'})" for name, rate in speeds.items()
    )
    distances: dict[str, Any] = values["distances"]
    phones: dict[str, Any] = values.get("phone_errors", {})
    keys = ["log_spectral_distance", "mel_distance", "bias_0", "bias_1000", "bias_3000", "bias_5000"]
    there = [name for name in _METHODS if name in distances or any(name in one for one in phones.values())]
    rows = [
        [
            _METHODS[name],
            *(_distance(distances.get(name), key) for key in keys),
            *(_errors(phones[reading].get(name)) for reading in _READINGS if phones),
        ]
        for name in there
    ]
    return [
        f"## {title}",
        f"{number(values['bytes'] / 1e6, 1)} MB, {number(sum(values['parts'].values()))} updates in this run, "
        f"{number(values['test_bits'], 2)} bits per sample of {number(values['test_recordings'])} held-out recordings, "
        f"{number(values['test_minutes'], 1)} min. The native sampler makes {spoken} samples per second of one stream.",
        columns(
            {
                "log-spectral, mel": "distance from the recording in dB, root mean square over the bins of the "
                "spectrum or over 80 mel bands, mean over frames in which there is sound, with the standard error over "
                "recordings.",
                "0, 1, 3, 5 kHz": "dB by which the copies are louder from there to the next edge.",
                "errors": "in the phones that the ear hears, beside the labels, with a 95 % interval over recordings; "
                "then points above those in the recordings.",
            }
        ),
        table(
            [
                "",
                "log-spectral",
                "mel",
                "0 kHz",
                "1 kHz",
                "3 kHz",
                "5 kHz",
                *(f"errors, {reading}" for name, reading in _READINGS.items() if phones),
            ],
            rows,
        ),
        source(result),
        picture(f"{result.name}-recording", "Spectrogram of a recording"),
        picture(f"{result.name}-voice", "Spectrogram of the vocoder's copy of it"),
        picture(f"{result.name}-griffin_lim", "Spectrogram of the copy by Griffin and Lim"),
    ]


def _distance(distances: dict[str, Any] | None, key: str) -> str:
    if distances is None:
        return number(0)
    return with_error(distances[key]["mean"], distances[key]["standard_error"], 2)


def _errors(one: dict[str, Any] | None) -> str:
    if one is None:
        return number(None)
    above = one["above_recording"]
    points = "" if not above["rate"] else f"; {number(100 * above['rate'], 1)}"
    return f"{percent(one['rate'], 1)} ({span((100 * one['low'], 100 * one['high']), 1)}){points}"


def _listening(result: Result | None) -> list[str]:
    if result is None:
        return []
    quality: dict[str, Any] = result.values["quality"]
    rows = [
        [
            _SYSTEMS.get(name, name),
            *(with_error(one[scale]["mean"], one[scale]["standard_error"], 2) for scale in _SCALES),
        ]
        for name, one in quality.items()
    ]
    return [
        "## Listening quality",
        "What a predictor says of the quality that listeners would hear, from 1 to 5: DNSMOS "
        "([arXiv 2010.15258](https://arxiv.org/abs/2010.15258), [2110.01763](https://arxiv.org/abs/2110.01763)), which "
        "needs no reference. No model was tuned on it; of Griffin and Lim the momentum was left out, "
        "which it rates lower. It was trained on noisy and enhanced English, "
        "so that only differences count here. "
        f"{number(result.values['pieces'])} pieces of {number(result.values['seconds'])} s each, from held-out "
        "recordings of one man; means with standard errors.",
        columns(
            {
                "quality": "overall, by the model of ITU-T P.808.",
                "signal, background, overall": "by the model of P.835: of the speech, of what is behind it, of both.",
            }
        ),
        table(["", *_SCALES], rows),
        source(result),
    ]
