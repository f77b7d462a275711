"""A voice of sounds other than speech: 8-bit sounds, four singers, two instruments, a robot and animals.

    git clone --depth 1 https://github.com/Tonejs/audio collections/audio
    git clone --depth 1 https://github.com/sfzinstruments/karoryfer.weresax collections/karoryfer.weresax
    python -m experiments.launch voice_other_sounds --collections collections --work runs

Makes 20 minutes of each of nine kinds, which takes six minutes, and trains in two parts, of 40 and 20 minutes on one
core. An interrupted run is resumed by the same command. `--until training` ends after the first part; `--first
falling --start FOLDER` makes the second from the folder that the first left (runs/voice_other_sounds/DIGEST/work/
training: of it `voice`, `metrics.jsonl` and `config.json` suffice). `other_sounds_release` writes the voice into the
package, `other_sounds_judged` judges it. Expected: 2.40 bits per sample of the validation split.
`other_sounds_from_speech` begins from the voice babblers and has fewer bits, but is no better to hear.

Model, units, activity, padding and noise are those of `voice_babblers`; with less noise a vocoder of this model fell
into a full-scale tone (`vocoder_festvox`). What differs:

- Recordings do not run out, since they are synthesized: `--minutes 40` has twice as many for as many updates. Held-out
  ones say other things by the same sounds.
- The estimator of pitch ends at 400 Hz, where sopranos begin: of their higher notes it hears the octave below, or the
  twelfth. So do the units of this voice, and pitch that is asked of soprano or alto moves what lies below 400 Hz alone.
- Instruments play notes of two collections with the timing and melody of speech. The robot is of synthesizers and
  lasers, the creature of 34 recordings of birds, dogs and farm animals, some of them imitated by people, in all 2.5
  minutes.
"""

import dataclasses

from babble_jax.train.config import OptimizerConfig
from experiments.pipelines.datasets import FolderFiles
from experiments.pipelines.parts import Part
from experiments.voice import voice_babblers

LEARNING_RATE, STEPS, FALLING_STEPS = 2e-3, 5_000, 2_500
NOISE, SEGMENT_SHUFFLE = voice_babblers.NOISE, voice_babblers.SEGMENT_SHUFFLE
_ROBOT = """
Analogsynth* FM_* Longsynth* Resonant_FM* Shortsynth* alien* arpeggio* casiohorn* computer_* falling_gliss* laser*
modulator* random_analog* scifi* synth_bubbles* synth_computer* synth_filter* synth_laser* synth_siren* synth_warp*
theremin_* ufo* wacky_synth*
"""
_CREATURE = """
animal_* animals* bird[0-9]* birdsinapark* cat_* ch*ping_* dog* horse* human_animals* mooo* pig_* quack*
"""
INSTRUMENTS = {
    "piano": FolderFiles("audio/salamander", ("*.mp3",)),
    "sax": FolderFiles("karoryfer.weresax/Samples/alto", ("*_cnd.wav",)),
    "robot": FolderFiles("audio/berklee", tuple(_ROBOT.split())),
    "creature": FolderFiles("audio/berklee", tuple(_CREATURE.split())),
}
"""Notes of the instruments, by the collections that hold them."""

EXPERIMENT = dataclasses.replace(
    voice_babblers.EXPERIMENT,
    sources=("chip", "opera-soprano", "opera-alto", "opera-tenor", "opera-bass"),
    instruments=INSTRUMENTS,
    parts={
        "training": Part(STEPS, OptimizerConfig(learning_rate=LEARNING_RATE, warmup_steps=200), 1024, NOISE),
        "falling": Part(
            FALLING_STEPS,
            OptimizerConfig(learning_rate=LEARNING_RATE, warmup_steps=100, decay_steps=FALLING_STEPS),
            1024,
            NOISE,
            SEGMENT_SHUFFLE,
        ),
    },
)
