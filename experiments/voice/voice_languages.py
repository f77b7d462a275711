"""A voice of four languages, one speaker of each: women of US English, German and Dutch, and a man of Italian.

    git clone --depth 1 https://github.com/rhasspy/dataset-voice-kathleen collections/dataset-voice-kathleen
    git clone --depth 1 https://github.com/rhasspy/dataset-voice-kerstin collections/dataset-voice-kerstin
    git clone --depth 1 https://github.com/rhasspy/dataset-voice-nathalie collections/dataset-voice-nathalie
    python -m experiments.launch voice_languages --collections collections --work runs

Begins from the voice babblers: each woman has the row of its woman, the man that of its man, the units are its own.
Takes 25 minutes on one core; an interrupted run is resumed by the same command. `languages_release` writes the voice
into the package, `languages_judged` judges it. Expected: 3.32 bits per sample of the validation split.

The recordings are at most 45 minutes of each woman, evenly chosen (of several takes of a prompt the last), and all
Italian prompts of Asterisk. They differ in level: of thirty of each woman, the medians were -29, -23 and -26 dB of full
scale, and those of one speaker lay up to 10 dB apart. So each is brought to one level, unless its peak comes first.
That level is 3 dB below that of the voice babblers, whose gain is kept: the women's recordings have higher peaks. Of
the German ones little is left above 7.3 kHz; the English ones have more noise in their pauses than the others.

Model, units, noise and shuffled segments are those of `voice_babblers`. The learning rate is half of that of its first
parts, since the model can speak.
"""

from babble_jax.train.config import OptimizerConfig
from experiments.pipelines.datasets import SpeechFiles
from experiments.pipelines.leveled_speakers import LeveledSpeakersExperiment
from experiments.pipelines.parts import Part
from experiments.voice import voice_babblers

STEPS, MINUTES = 2_500, 45.0
BASE = voice_babblers.EXPERIMENT
RECORDINGS = {
    "kathleen": SpeechFiles("dataset-voice-kathleen/data", ("*.wav",), MINUTES, take_mark="_"),
    "kerstin": SpeechFiles("dataset-voice-kerstin/verified", ("*.flac",), MINUTES),
    "nathalie": SpeechFiles("dataset-voice-nathalie/verified", ("*.flac",), MINUTES),
}
"""Recordings of the women, by the folders that hold them."""
ITALIAN = "asterisk-core-sounds-it-g722"

EXPERIMENT = LeveledSpeakersExperiment(
    sources=(ITALIAN,),
    sample_rate=BASE.sample_rate,
    pad=BASE.pad,
    model=BASE.model,
    quantizer=BASE.quantizer,
    units=BASE.units,
    batch_size=BASE.batch_size,
    voice="babblers",
    rows={**dict.fromkeys(RECORDINGS, "woman"), ITALIAN: "man"},
    recordings=RECORDINGS,
    level_db=-20.0,
    parts={
        "falling": Part(
            STEPS,
            OptimizerConfig(learning_rate=1e-3, warmup_steps=100, decay_steps=STEPS),
            1024,
            voice_babblers.NOISE,
            voice_babblers.SEGMENT_SHUFFLE,
        ),
    },
)
