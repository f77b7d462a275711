"""Exports the voice of other sounds from the run of `voice_other_sounds`, and scores it.

    python -m experiments.launch voice_other_sounds && python -m experiments.launch other_sounds_release

Half an hour on one core. The voice is the latest of the run, finished or not; what an earlier run left, from which its
first part started, counts as its beginning. Beside the voice, its section of the NOTICE is written. Expected:
`babble_jax/presets/voices/other-sounds` of 4.0 MB; in bits per sample of the test split chip 1.85, soprano and alto
2.33, bass 2.74, tenor 3.12, piano 1.70, sax 2.11, robot 1.98, creature 3.22.
"""

from experiments.pipelines.release import ReleaseExperiment
from experiments.voice import voice_other_sounds

SINGERS = {f"opera-{name}": name for name in ("soprano", "alto", "tenor", "bass")}
KINDS = {"piano": "instrument", "sax": "instrument", "robot": "synthesizer", "creature": "animals"}

EXPERIMENT = ReleaseExperiment(
    name="other-sounds",
    run_of=voice_other_sounds.EXPERIMENT,
    run_name="voice_other_sounds",
    speakers={"chip": "chip", **SINGERS, **{name: name for name in KINDS}},
    kinds={"chip": "8-bit", **dict.fromkeys(SINGERS.values(), "singing"), **KINDS},
    languages={},
    source=(
        "chip and singers synthesized by babble_jax; piano, sax, robot and creature of the notes of Tonejs/audio and "
        "sfzinstruments/karoryfer.weresax on GitHub"
    ),
    temperature=1.0,
    left_out=("robot",),
    licence="weights: Apache-2.0; learned from notes and recordings under CC0 and CC BY 3.0 (see NOTICE)",
    notice=(
        "The folder holds no recording. Its weights (weights.safetensors) and its strings of acoustic units "
        "(units.safetensors) were learned from sound that babble_jax made (babble_jax/synthesis), padded with silence "
        "and, in training, disturbed by noise: 8-bit sounds (chip) and sung vowels (soprano, alto, tenor, bass) under "
        "the licence of babble_jax, and the notes of others, cut, played faster or slower, at other levels and in "
        "another order:",
        'piano: "Salamander Grand Piano V2" by Alexander Holm, CC BY 3.0, '
        "https://creativecommons.org/licenses/by/3.0/, as in salamander/ of https://github.com/Tonejs/audio.",
        'robot, creature: files of the "OLPC Berklee Sound Library", http://wiki.laptop.org/go/Sound_samples, CC BY '
        "3.0, as in berklee/ of https://github.com/Tonejs/audio; which files, says "
        "experiments/voice/voice_other_sounds.py of the source.",
        "sax: the alto saxophone of https://github.com/sfzinstruments/karoryfer.weresax, CC0 1.0.",
        "When that sound begins and ends, its melody and its level were drawn from the unit language model of the "
        'speaker "woman" of the voice babblers, so that what the section on that voice says of her recordings '
        "(Copyright 2010 Maxim; provided by Maxim Topal, http://www.ivrvoice.ru; CC BY 3.0) holds here, too. Nobody "
        "named there has endorsed this project or what is made with it.",
    ),
)
