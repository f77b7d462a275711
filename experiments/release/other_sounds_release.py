"""Exports the voice of other sounds from the run of `voice_other_sounds`, and scores it.

    python -m experiments.launch voice_other_sounds && python -m experiments.launch other_sounds_release

Half an hour on one core. The voice is the latest of the run, finished or not; what an earlier run left, from which its
first part started, counts as its beginning. Beside the voice, its section of the NOTICE is written. Expected:
`babble_jax/presets/voices/other-sounds` of at most 4 MB; no figure yet.
"""

from experiments.pipelines.release import ReleaseExperiment
from experiments.voice import voice_other_sounds

SINGERS = {f"opera-{name}": name for name in ("soprano", "alto", "tenor", "bass")}

EXPERIMENT = ReleaseExperiment(
    name="other-sounds",
    run_of=voice_other_sounds.EXPERIMENT,
    run_name="voice_other_sounds",
    speakers={"chip": "chip", **SINGERS},
    kinds={"chip": "8-bit", **dict.fromkeys(SINGERS.values(), "singing")},
    languages={},
    source="synthesized by babble_jax (`babble dataset chip opera-soprano opera-alto opera-tenor opera-bass`)",
    temperature=1.0,
    licence="weights: Apache-2.0; timing and melody learned from recordings under CC BY 3.0 (see NOTICE)",
    notice=(
        "The folder holds no recording. Its weights (weights.safetensors) and its strings of acoustic units "
        "(units.safetensors) were learned from sound that babble_jax synthesized (babble_jax/synthesis), under the "
        "licence of babble_jax: 8-bit sounds and sung vowels, padded with silence and, in training, disturbed by "
        "noise.",
        "When that sound begins and ends, its melody and its level were drawn from the unit language model of the "
        'speaker "woman" of the voice babblers, so that what the section on that voice says of her recordings '
        "(Copyright 2010 Maxim; provided by Maxim Topal, http://www.ivrvoice.ru; CC BY 3.0) holds here, too. Nobody "
        "named there has endorsed this project or what is made with it.",
    ),
)
