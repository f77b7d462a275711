"""Babbling agents with human timing: voices that mean nothing, speaking when a person would.

The names below are the public API. They are loaded when they are first used: `import babble_jax` loads no other module.

- Conversations and their timing: `read`, `inspect`, `events`, `fit`, `fit_timing`, `load_timing`, `simulate`,
  `compare_speaker`.
- Voices: `load_voice`, `speak`, `open_session`, `copy_synthesis`, `judge_audio`, `build_dataset`, `train_voice`,
  `adapt_voice`; how they speak: `Prosody`, `affect`, `read_contour`.
- Phones of recordings: `load_ear`, `hear`, `align`; `Ear`, `EarConfig`, `EarSession`.
- Words that mean nothing: `load_phonotactics`.
- Phones into spectrograms and sound: `load_synthesizer`; voices of any kind: `load_babbler`.
- Both: `converse`, `make_stimuli`; live: `listen`, `reply`, `record_in_browser`, with `Knobs` and `WavVoice`.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from babble_jax.agent.listen import listen
    from babble_jax.agent.notebook import record_in_browser
    from babble_jax.agent.reply import reply
    from babble_jax.agent.voices.wav_voice import WavVoice
    from babble_jax.audio.quantize import Quantizer
    from babble_jax.conversation.conversation import Conversation
    from babble_jax.conversation.layout.layout import Layout
    from babble_jax.conversation.reading import inspect, read
    from babble_jax.dataset.building import build_dataset
    from babble_jax.dialogue.corpus import simulate
    from babble_jax.dialogue.duet import converse
    from babble_jax.ear.config import EarConfig
    from babble_jax.ear.ear import Ear
    from babble_jax.ear.session import EarSession
    from babble_jax.errors import BabbleError
    from babble_jax.judge.judging import judge_audio
    from babble_jax.pretrained.copying import copy_synthesis
    from babble_jax.pretrained.ear import load_ear
    from babble_jax.pretrained.hearing import align, hear
    from babble_jax.pretrained.pretrained import load_voice
    from babble_jax.pretrained.session import open_session
    from babble_jax.pretrained.speaking import speak
    from babble_jax.pretrained.synthesizer import load_synthesizer
    from babble_jax.pretrained.voices import load_babbler
    from babble_jax.stimuli.stimulus_set import make_stimuli
    from babble_jax.tacotron.phonotactics.phonotactics import load_phonotactics
    from babble_jax.timing.evaluation.offsets.ranking import fit
    from babble_jax.timing.evaluation.speaker.comparison import compare_speaker
    from babble_jax.timing.events.corpus import events
    from babble_jax.timing.events.ipu import Definitions
    from babble_jax.timing.fitting import fit_timing
    from babble_jax.timing.floor.knobs import Knobs
    from babble_jax.timing.preset import load_timing
    from babble_jax.train.config import OptimizerConfig
    from babble_jax.train.tasks.voice.adaptation.adapting import adapt_voice
    from babble_jax.train.tasks.voice.config import VoiceTrainConfig
    from babble_jax.train.training import train_voice
    from babble_jax.voice.conditioning.affects import affect
    from babble_jax.voice.conditioning.contour import read_contour
    from babble_jax.voice.conditioning.prosody import Prosody
    from babble_jax.voice.models.samplernn import SampleRNNConfig

__version__ = "0.1.0"
__url__ = ""
"""Address of the project's repository, empty while it has none; `setup.py` and the documentation take it from here,
and the first cell of each notebook repeats it."""

__all__ = [
    "BabbleError",
    "Conversation",
    "Definitions",
    "Ear",
    "EarConfig",
    "EarSession",
    "Knobs",
    "Layout",
    "OptimizerConfig",
    "Prosody",
    "Quantizer",
    "SampleRNNConfig",
    "VoiceTrainConfig",
    "WavVoice",
    "__version__",
    "adapt_voice",
    "affect",
    "align",
    "build_dataset",
    "compare_speaker",
    "converse",
    "copy_synthesis",
    "events",
    "fit",
    "fit_timing",
    "hear",
    "inspect",
    "judge_audio",
    "listen",
    "load_babbler",
    "load_ear",
    "load_phonotactics",
    "load_synthesizer",
    "load_timing",
    "load_voice",
    "make_stimuli",
    "open_session",
    "read",
    "read_contour",
    "record_in_browser",
    "reply",
    "simulate",
    "speak",
    "train_voice",
]

_MODULES = {
    "BabbleError": "errors",
    "Conversation": "conversation.conversation",
    "Definitions": "timing.events.ipu",
    "Ear": "ear.ear",
    "EarConfig": "ear.config",
    "EarSession": "ear.session",
    "Knobs": "timing.floor.knobs",
    "Layout": "conversation.layout.layout",
    "OptimizerConfig": "train.config",
    "Prosody": "voice.conditioning.prosody",
    "Quantizer": "audio.quantize",
    "SampleRNNConfig": "voice.models.samplernn",
    "VoiceTrainConfig": "train.tasks.voice.config",
    "WavVoice": "agent.voices.wav_voice",
    "adapt_voice": "train.tasks.voice.adaptation.adapting",
    "affect": "voice.conditioning.affects",
    "align": "pretrained.hearing",
    "build_dataset": "dataset.building",
    "compare_speaker": "timing.evaluation.speaker.comparison",
    "converse": "dialogue.duet",
    "copy_synthesis": "pretrained.copying",
    "events": "timing.events.corpus",
    "fit": "timing.evaluation.offsets.ranking",
    "fit_timing": "timing.fitting",
    "hear": "pretrained.hearing",
    "inspect": "conversation.reading",
    "judge_audio": "judge.judging",
    "listen": "agent.listen",
    "load_babbler": "pretrained.voices",
    "load_ear": "pretrained.ear",
    "load_phonotactics": "tacotron.phonotactics.phonotactics",
    "load_synthesizer": "pretrained.synthesizer",
    "load_timing": "timing.preset",
    "load_voice": "pretrained.pretrained",
    "make_stimuli": "stimuli.stimulus_set",
    "open_session": "pretrained.session",
    "read": "conversation.reading",
    "read_contour": "voice.conditioning.contour",
    "record_in_browser": "agent.notebook",
    "reply": "agent.reply",
    "simulate": "dialogue.corpus",
    "speak": "pretrained.speaking",
    "train_voice": "train.training",
}


def __getattr__(name: str) -> Any:  # PEP 562
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
