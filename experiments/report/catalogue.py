"""All results: the page that shows each, what it is in one line, and the command that makes it again."""

import dataclasses
from pathlib import Path

RESULTS = Path(__file__).resolve().parents[1] / "results"
CORPORA = "BABBLE_CORPORA=CORPORA "
"""Before a command that reads conversations: CORPORA is the folder that holds them."""


@dataclasses.dataclass(frozen=True)
class Entry:
    """A line of the catalogue.

    Attributes:
      page: file name of the page, without its ending.
      line: what the result is.
      command: that makes it again.
    """

    page: str
    line: str
    command: str


def _launch(name: str, page: str, line: str, corpora: bool = False) -> tuple[str, Entry]:
    return name, Entry(page, line, f"{CORPORA if corpora else ''}python -m experiments.launch {name}")


def _bench(name: str, line: str, command: str) -> tuple[str, Entry]:
    return name, Entry("benchmarks", line, command)


_TORCH = "--against torch --out experiments/results"

PLANNED: dict[str, Entry] = dict(
    [
        _launch("ear_festvox_noise", "ears", "An ear of the same phones in noise: errors, times"),
        _launch("ear_festvox_forward", "ears", "An ear that hears while the speech comes: errors, times"),
        _launch("ear_graphemes", "ears", "An ear of letters: errors in letters, characters and words"),
        _launch("ear_minutes", "ears", "Errors of an ear by minutes of training speech"),
        _launch("ear_look_ahead", "ears", "Errors of an ear by look-ahead"),
        _launch("control_babblers", "control", "What a voice does when it is asked for a prosody"),
        _launch(
            "control_russian", "control", "What a voice that speaks phones does when it is asked for a pitch"
        ),
        _launch("control_languages", "control", "What the voice of four languages does when it is asked"),
        _launch("response_babblers", "control", "How far a voice follows what it is conditioned on"),
        _launch("response_languages", "control", "How far the voice of four languages follows"),
        _launch("control_other_sounds", "control", "What the voice of other sounds does when it is asked"),
        _launch("response_other_sounds", "control", "How far the voice of other sounds follows"),
        _launch("adapt_asterisk_fr", "voices", "A voice that is adapted to minutes of a new speaker"),
        _launch(
            "response_russian", "control", "How far a voice that speaks phones follows the pitch it is told"
        ),
        _launch("live_voices", "live", "A live agent with each speaker of each voice that ships"),
        _launch("classify_sounds", "voices", "Which sounds a classifier tells apart"),
        _launch(
            "voice_other_sounds", "other-sounds", "The training of a voice of other sounds: bits per sample"
        ),
        _launch("other_sounds_judged", "other-sounds", "The voice of other sounds beside its recordings"),
        *(
            (name, Entry("voices", line, f"python -m experiments.launch {command}"))
            for name, line, command in (
                (
                    "voice_languages",
                    "The training of a voice of four languages: bits per sample",
                    "voice_languages --collections FOLDER",
                ),
                (
                    "languages_reference",
                    "Speech-likeness measures of the recordings of four languages",
                    "languages_reference --collections FOLDER",
                ),
                (
                    "languages_judged",
                    "The voice of four languages beside its speakers' recordings",
                    "languages_judged",
                ),
                (
                    "languages_release",
                    "Bits per sample of the voice of four languages that ships, and its training curve",
                    "voice_languages --collections FOLDER && python -m experiments.launch languages_release",
                ),
            )
        ),
        (
            "other_sounds_release",
            Entry(
                "other-sounds",
                "Bits per sample of the voice of other sounds that ships, and its training curve",
                "python -m experiments.launch voice_other_sounds && python -m experiments.launch other_sounds_release",
            ),
        ),
        _launch("ear_warps", "ears", "Errors of ears trained on warped spectra, by vocal tract"),
        _launch("ear_channels", "ears", "Errors of ears trained on equalized spectra, by tilt"),
        (
            "ear_judged",
            Entry(
                "ears",
                "What an ear hears in babble, beside speech and noise",
                "python -m experiments.launch ear_judged --voices babblers OTHER --from FOLDER",
            ),
        ),
        (
            "second_voice_judged",
            Entry(
                "vocoders",
                "The voice that speaks phones beside real speech",
                "python -m experiments.launch second_voice_judged --voice VOICE",
            ),
        ),
        *(
            (
                name,
                Entry("vocoders", line, f"python -m experiments.launch {name} --from FOLDER{options}"),
            )
            for name, line, options in (
                ("tacotron2_festvox", "Tacotron 2: how it says and reads held-out phones", ""),
                (
                    "tacotron2_festvox_forced",
                    "Tacotron 2, trained further on where the phones are",
                    " --start MODEL",
                ),
                ("tacotron_festvox", "Tacotron: how it says and reads held-out phones", ""),
                ("vocoder_festvox", "A vocoder by SampleRNN: copies beside Griffin-Lim", ""),
                ("vocoder_wavenet_festvox", "A vocoder by WaveNet, 16 bits", ""),
                (
                    "vocoder_predicted_festvox",
                    "A vocoder trained on the mels that Tacotron 2 predicts",
                    " --synthesizer MODEL --start VOICE",
                ),
                (
                    "listening_quality",
                    "Predicted listening quality of all that speaks",
                    " --vocoders VOICE --voices babblers OTHER",
                ),
            )
        ),
        _bench(
            "bench_ctc",
            "Phone errors of an ear over minutes of training, beside PyTorch",
            "python -m experiments.bench.ctc FOLDER --against torch",
        ),
        _bench(
            "bench_live_phones",
            "An hour of a live agent with the voice that speaks phones: times and memory",
            "python -m experiments.bench.live --voice russian --results "
            "experiments/results/bench_live_phones.json",
        ),
    ]
)
"""Results that stand on their pages as soon as their files are there."""

CATALOGUE: dict[str, Entry] = dict(
    [
        _launch("babblers_judged", "voices", "The pretrained voice beside real speech, and its block times"),
        (
            "babblers_release",
            Entry(
                "voices",
                "Bits per sample of the pretrained voice, and its training curve",
                "python -m experiments.launch voice_babblers && python -m experiments.launch "
                "babblers_release",
            ),
        ),
        _launch("babblers_baseline", "voices", "A plain sample-level RNN on the same recordings"),
        _launch("speech_reference", "voices", "Speech-likeness measures of held-out real speech"),
        _launch("voice_festvox", "voices", "A three-tier SampleRNN on one speaker"),
        _launch("voice_sketch", "voices", "The same with shorter frames, another optimizer and more samples"),
        _launch("paper_models", "paper", "SampleRNN, RNN and WaveNet on speech"),
        _launch("paper_lengths", "paper", "Length of truncated back-propagation on speech"),
        _launch("paper_quantizers", "paper", "Linear quantization and mu-law on speech"),
        _launch("paper_options", "paper", "Options of a three-tier SampleRNN on speech"),
        _launch("paper_models_music", "paper", "SampleRNN, RNN and WaveNet on piano music"),
        _launch("paper_lengths_music", "paper", "Length of truncated back-propagation on piano music"),
        _launch("paper_quantizers_music", "paper", "Linear quantization and mu-law on piano music"),
        _launch("paper_options_music", "paper", "Options of a three-tier SampleRNN on piano music"),
        _launch("switchboard_events", "events", "Turn-taking events of Switchboard", True),
        _launch("switchboard_families", "families", "Families of FTO distributions on Switchboard", True),
        _launch("maptask_families", "families", "Families of FTO distributions on Map Task", True),
        _launch("ami_families", "families", "Families of FTO distributions on AMI", True),
        _launch("shared_components", "families", "Normal components that four corpora share", True),
        _launch("presets", "presets", "The timing presets that ship", True),
        _launch(
            "maptask_small_corpora",
            "small-corpora",
            "Small parts of Map Task, shrunk towards Switchboard",
            True,
        ),
        _launch("switchboard_pooled", "prediction", "FTOs predicted from the earlier ones of a call", True),
        _launch(
            "switchboard_context_causal",
            "prediction",
            "FTOs predicted from what a live system can observe",
            True,
        ),
        _launch(
            "switchboard_context_descriptive",
            "prediction",
            "FTOs predicted from all that was over by the end of the turn before",
            True,
        ),
        _launch("switchboard_nuts", "prediction", "Variational inference beside NUTS", True),
        _launch("floor_switchboard", "floor", "The floor simulator on Switchboard", True),
        _launch("floor_maptask", "floor", "The floor simulator on Map Task", True),
        _launch("floor_japanese", "floor", "The floor simulator on CALLHOME Japanese", True),
        _launch("floor_ami", "floor", "The floor simulator on AMI meetings of four people", True),
        _launch("replay_maptask", "manipulation", "A replayed conversation with longer gaps; stimuli", True),
        _launch("service_calls", "speakers", "The agent of two service calls beside people", True),
        _launch("people_as_agents", "speakers", "Real people beside simulated people", True),
        _launch(
            "live_switchboard", "live", "A live agent of Switchboard, in dialogue and beside calls", True
        ),
        _launch("live_maptask", "live", "A live agent beside held-out dialogues of Map Task", True),
        _launch("two_agents", "live", "Two agents that hear each other as sound, beside the simulator"),
        _launch("policies", "live", "What a delay costs a live agent, by preset", True),
        _launch(
            "maptask_partner_learning", "live", "What learning the other person in the session gains", True
        ),
        _launch("vad_bias", "manipulation", "Bias of the voice activity detector"),
        _bench(
            "bench_train",
            "Training speed beside PyTorch",
            "python -m experiments.bench.train --dim 256 1024 --batch 8 32 " + _TORCH + "/bench_train.json",
        ),
        _bench(
            "bench_quality",
            "Bits per sample over minutes of training, beside PyTorch",
            "python -m experiments.bench.quality DATASET --against torch",
        ),
        _bench(
            "bench_devices",
            "Training on several devices: the cost of the reduction, and what to expect of many",
            "python -m experiments.bench.devices --out experiments/results/bench_devices.json",
        ),
        _bench(
            "bench_memory",
            "Memory of training: bfloat16 products, recomputation",
            "python -m experiments.bench.memory --out experiments/results/bench_memory.json",
        ),
        _bench(
            "bench_speak",
            "Sampling speed of SampleRNN beside PyTorch",
            "python -m experiments.bench.speak --dim 256 1024 --streams 1 16 " + _TORCH + "/bench_speak.json",
        ),
        _bench(
            "bench_speak_wavenet",
            "Sampling speed of WaveNet beside PyTorch",
            "python -m experiments.bench.speak --voice wavenet --dim 64 --streams 1 16 "
            + _TORCH
            + "/bench_speak_wavenet.json",
        ),
        _launch("phonotactics_festvox", "phonotactics", "Phonotactics and prosody of read Russian"),
        *(
            (
                name,
                Entry(
                    "phonotactics",
                    f"Phonotactics of {language} transcripts",
                    f"python -m experiments.launch {name} --from FOLDER",
                ),
            )
            for name, language in (
                ("phonotactics_kathleen", "English"),
                ("phonotactics_kerstin", "German"),
                ("phonotactics_nathalie", "Dutch"),
            )
        ),
        _launch("speech_filter", "perception", "The filter of speech that ships"),
        _launch("vad_lags", "perception", "How late and how surely a live agent knows that the user speaks"),
        (
            "cues_on_calls",
            Entry(
                "perception",
                "Cues on two real calls: streamed and offline, how well they tell turns apart",
                f"{CORPORA}BABBLE_CUE_MODEL=smart-turn-v3.2-cpu.onnx python -m experiments.launch cues_on_calls",
            ),
        ),
        _bench(
            "bench_events",
            "Reading Switchboard and counting events, beside pandas",
            CORPORA + "python -m experiments.bench.events",
        ),
        _bench(
            "bench_fit",
            "Time to fit each family of distributions",
            CORPORA + "python -m experiments.bench.fit",
        ),
        _launch("ear_festvox", "ears", "An ear of one speaker's phones: errors, times"),
        _launch("ear_matched", "ears", "An ear through other microphones, as they are and matched"),
        _launch("phone_measures", "phones", "Measures of phones, on labels: speech, babble, words"),
        _bench("bench_simulate", "Time to simulate dialogue timing", "python -m experiments.bench.simulate"),
        _bench(
            "bench_large_corpora",
            "Time and memory of corpora up to 100 times Switchboard's size",
            "python -m experiments.bench.large_corpora --folder FOLDER",
        ),
        _bench(
            "bench_session", "How a live session stops, and its time", "python -m experiments.bench.session"
        ),
        _bench(
            "bench_session_phones",
            "How a live session of the voice that speaks phones stops, and its time",
            "python -m experiments.bench.session --voice russian --moments 100 --results "
            "experiments/results/bench_session_phones.json",
        ),
        _bench("bench_live", "An hour of a live agent: times and memory", "python -m experiments.bench.live"),
        _bench(
            "bench_start_up",
            "Time that each verb takes to start",
            "python -m experiments.bench.start_up --before COPY",
        ),
        _bench(
            "bench_first_block",
            "Time to the first bytes of a live stream",
            "python -m experiments.bench.first_block --before COPY",
        ),
        _bench(
            "bench_features",
            "Training with acoustic units: first pass, memory, updates",
            "python -m experiments.bench.features --minutes 10 60 600 --layout many one "
            "--out experiments/results/bench_features.json",
        ),
    ]
)
CATALOGUE |= {name: entry for name, entry in PLANNED.items() if (RESULTS / f"{name}.json").is_file()}
"""By the name of the JSON file; the order is that of the index page."""
