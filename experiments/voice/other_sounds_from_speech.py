"""The voice of other sounds, begun from a voice of speech: fewer bits, but it howls, so that it does not ship.

    python -m experiments.launch other_sounds_from_speech --collections collections --work runs

The collections are those of `voice_other_sounds`, whose recordings are made again. Each kind has the row of the man or
of the woman of `babblers`, and the units are theirs. Three parts, of 50, 35 and 20 minutes on one core; an interrupted
run is resumed by the same command, and `--first falling --start FOLDER` makes the later parts from the folder that the
first left. Expected: 1.96 bits per sample of the validation split after two parts and 2.00 after the third, where
`voice_other_sounds` has 2.40.

It was run once; the first part ended after 4,061 updates, and its rate fell as over 9,000. What a voice knows of speech
serves other sounds: 200 updates brought the bits where 4,500 from new parameters had, and after the second part chip
sounds at a pitch, and the creature chirps. But with the noise of `voice_babblers` on its past samples the voice leaves
the level that it is given: of tenths of a second, 60 % of sax, 52 % of creature, 49 % of tenor and 6 to 33 % of bass,
soprano and alto were louder than -10 dB of full scale, where the recordings have none. So the third part has more noise
(24 in place of 8 quantization levels): 0 to 4 % are left, 9 % of sax, and chip breaks off. As a mean over what
`other_sounds_judged` measures, 44 % of its samples lie within the ranges, and 45 % of those of `voice_other_sounds`:
creature, tenor and bass gained, chip, soprano, piano and sax lost.
"""

from babble_jax.train.config import OptimizerConfig
from experiments.pipelines.new_speakers import NewSpeakersExperiment
from experiments.pipelines.parts import Part
from experiments.voice import voice_babblers, voice_other_sounds

STEPS, FALLING_STEPS, STEADYING_STEPS = 4_000, 3_000, 1_500
MORE_NOISE = 24.0
BASE, SOUNDS = voice_babblers.EXPERIMENT, voice_other_sounds.EXPERIMENT
NOISE, SEGMENT_SHUFFLE = voice_babblers.NOISE, voice_babblers.SEGMENT_SHUFFLE
ROWS = {
    **dict.fromkeys(("chip", "opera-soprano", "opera-alto", "sax", "creature"), "woman"),
    **dict.fromkeys(("opera-tenor", "opera-bass", "piano", "robot"), "man"),
}
"""The speaker of the voice babblers whose row each begins with."""

EXPERIMENT = NewSpeakersExperiment(
    sources=SOUNDS.sources,
    instruments=SOUNDS.instruments,
    sample_rate=BASE.sample_rate,
    pad=BASE.pad,
    model=BASE.model,
    quantizer=BASE.quantizer,
    units=BASE.units,
    batch_size=BASE.batch_size,
    voice="babblers",
    rows=ROWS,
    parts={
        "training": Part(
            STEPS,
            OptimizerConfig(kind="muon", learning_rate=3e-3, warmup_steps=100),
            1024,
            NOISE,
            SEGMENT_SHUFFLE,
        ),
        "falling": Part(
            FALLING_STEPS,
            OptimizerConfig(kind="muon", learning_rate=2e-3, warmup_steps=100, decay_steps=FALLING_STEPS),
            1024,
            NOISE,
            SEGMENT_SHUFFLE,
        ),
        "steadying": Part(
            STEADYING_STEPS,
            OptimizerConfig(kind="muon", learning_rate=1.5e-3, warmup_steps=50, decay_steps=STEADYING_STEPS),
            1024,
            MORE_NOISE,
            SEGMENT_SHUFFLE,
        ),
    },
)
