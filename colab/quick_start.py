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
# A babbling agent makes sounds that are shaped like speech and mean nothing, at the moments at which a person would.
# This notebook looks at when people start to speak, trains a small voice, and lets two babblers talk.

# %%
import importlib.util
import subprocess
from pathlib import Path

# On Colab the package is missing: install it from the clone of the repository that this notebook lies in.
if importlib.util.find_spec("babble_jax") is None:
    subprocess.run(["pip", "install", "--quiet", str(Path.cwd().parent)], check=True)

# %%
import os
import tempfile

import soundfile
from IPython.display import Audio, Image, display

import babble_jax

# Steps of training: 1000 take some minutes on two cores, less on a GPU. More steps, better babble.
STEPS = int(os.environ.get("BABBLE_STEPS", "1000"))
SECONDS = float(os.environ.get("BABBLE_SECONDS", "60"))
folder = Path(tempfile.mkdtemp())

# %% [markdown]
# ## When people start to speak
#
# The *floor-transfer offset* is the time from the end of one speaker's turn to the start of the next one's: a gap
# where it is positive, an overlap where it is negative. The preset was fitted on the telephone calls of Switchboard.

# %%
timing = babble_jax.load_timing("switchboard")
model = timing.models["ipu"]
fto = timing.reference["fto"]
print(f"{fto['n']} offsets, median {1000 * fto['median']:.0f} ms, {fto['below_zero']:.0%} of them overlaps")
for seconds in (-0.5, 0.0, 0.2, 0.7):
    print(f"P(offset <= {seconds:4.1f} s) = {float(model.cdf(seconds)):.2f}")

# %% [markdown]
# The last row is the share of answers that come before those of a machine that waits for 0.7 s of silence.

# %% [markdown]
# ## A voice
#
# A small SampleRNN (Mehri et al. 2017), trained on minutes of read Russian that ship with the package.

# %%
babble_jax.build_dataset("excerpt", folder / "dataset", sample_rate=8000)
report = babble_jax.train_voice(
    folder / "dataset",
    folder / "training",
    STEPS,
    model=babble_jax.SampleRNNConfig(
        frame_sizes=(16, 4), dim=192, embedding=64, expand_top=True, hidden=1, reset="after"
    ),
    quantizer=babble_jax.Quantizer("mu_law"),
    optimizer=babble_jax.OptimizerConfig(learning_rate=3e-3, warmup_steps=20, decay_steps=1000),
    batch_size=16,
)
print(f"{report.validation.bits:.2f} bits per sample after {report.step} steps")

# %%
voice = babble_jax.load_voice(report.voice)
babble = babble_jax.speak(voice, min(5.0, SECONDS))
Audio(babble, rate=voice.config.sample_rate)

# %% [markdown]
# ## Two babblers with human timing
#
# The voice has one speaker, so that two are made of it by resampling.

# %%
duet = babble_jax.converse(folder / "dialogue", timing=timing, voices=voice, seconds=SECONDS)
display(Image(duet.folder / "timeline.png"))
audio, rate = soundfile.read(duet.folder / "dialogue.wav")
Audio(audio.T, rate=rate)

# %% [markdown]
# Its events per minute, beside those of people:

# %%
print(duet.text)
display(Image(duet.folder / "ftos.png"))

# %% [markdown]
# ## Talk to it
#
# Your browser's microphone records some seconds; then the babbler listens to them and speaks when a person would. It
# hears only when you speak and when you stop. `babble live` does this while you talk.

# %%
if importlib.util.find_spec("google") and importlib.util.find_spec("google.colab"):
    recording, rate = babble_jax.record_in_browser(min(15.0, SECONDS))
else:  # no microphone: the voice that ships speaks in your place
    recording, rate = babble_jax.speak("babblers", min(15.0, SECONDS), speaker="man"), 16_000
spoken = babble_jax.reply(recording, sample_rate=rate, timing=timing)
spoken.save(folder / "reply")
Audio(spoken.audio.T, rate=spoken.sample_rate)  # you on the left, the babbler on the right
