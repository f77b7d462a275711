# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#       jupytext_version: 1.19.6
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Hear a babbler, see human timing
#
# A babbling agent makes sounds akin to speech that mean nothing, at the moments at which a person would. This notebook
# trains a small voice, looks at when people start to speak, and lets two babblers talk.

# %%
import importlib.util
import subprocess
from pathlib import Path

if (
    importlib.util.find_spec("babble_jax") is None
):  # on Colab, in a clone of the repository; elsewhere it is installed
    subprocess.run(["pip", "install", "--quiet", str(Path.cwd().parent)], check=True)

# %%
import os
import tempfile

import numpy as np
from IPython.display import Audio, Image, display

from babble_jax.audio import wave
from babble_jax.pretrained.pretrained import load_voice
from babble_jax.timing import preset

# Steps of training: 1000 take some minutes on two cores, less on a GPU. More steps, better babble.
STEPS = int(os.environ.get("BABBLE_STEPS", "1000"))
SECONDS = float(os.environ.get("BABBLE_SECONDS", "60"))
folder = Path(tempfile.mkdtemp())

# %% [markdown]
# ## When people start to speak
#
# The *floor-transfer offset* is the time from the end of one speaker's turn to the start of the next one's: a gap
# where it is positive, an overlap where it is negative. The preset that ships was fitted on Switchboard, 2,194
# telephone calls.

# %%
timing = preset.load_preset("switchboard")
model = timing.models["ipu"]
fto = timing.reference["fto"]
print(f"{fto['n']} offsets, median {1000 * fto['median']:.0f} ms, {fto['below_zero']:.0%} of them overlaps")
for seconds in (-0.5, 0.0, 0.2, 0.7):
    print(f"P(offset <= {seconds:4.1f} s) = {float(np.asarray(model.cdf(seconds))):.2f}")

# %% [markdown]
# A machine that waits for 0.7 s of silence is later than nine people in ten.

# %% [markdown]
# ## A voice
#
# SampleRNN (Mehri et al. 2017) on eight minutes of read Russian.

# %%
from babble_jax.dataset.excerpt import build_excerpt
from babble_jax.demo import config_for
from babble_jax.train.config import LogConfig
from babble_jax.train.loop import train

build_excerpt(folder / "dataset", 8000)
report = train(
    config_for(folder / "dataset", seed=0),
    folder / "training",
    STEPS,
    LogConfig(evaluate_every=0, evaluate_recordings=1, audio_seconds=0),
)
print(f"{report.validation.bits:.2f} bits per sample after {report.step} steps")

# %%
import jax

from babble_jax.voice.speak import speak

voice = load_voice(report.voice)
babble = speak(
    voice, jax.random.split(jax.random.key(0), 1), round(min(5.0, SECONDS) * voice.config.sample_rate)
)
Audio(babble[0], rate=voice.config.sample_rate)

# %% [markdown]
# ## Two babblers with human timing

# %%
from babble_jax.dialogue.duet import converse
from babble_jax.dialogue.event_table import table_text
from babble_jax.pretrained.babbler import VoiceBabbler
from babble_jax.voice.babbler import two_of_one

duet = converse(timing, two_of_one(VoiceBabbler(voice)), SECONDS, 0, folder / "dialogue")
print(table_text(duet.table))
display(Image(duet.folder / "timeline.png"))
audio, rate = wave.read(duet.folder / "dialogue.wav", mono=False)
Audio(audio.T, rate=rate)

# %%
display(Image(duet.folder / "offsets.png"))
