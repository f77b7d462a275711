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
# # Hear it and see it: a voice that means nothing, with human timing
#
# A babbling agent makes sounds that are shaped like speech and mean nothing, at the moments at which a person would.
# This notebook looks at when people start to speak, lets the default voice babble, and lets two babblers talk. It runs
# in two minutes on two cores.

# %%
# Installs the package where it is missing.
# The JAX that is here stays, since it knows the accelerator of this machine.
import importlib.metadata
import importlib.util
import subprocess
import sys
from pathlib import Path

ADDRESS = ""  # of the project's repository
if importlib.util.find_spec("babble_jax") is None:
    wheels = sorted(Path().glob("babble_jax-*.whl"))
    clone = Path().absolute().parent
    if wheels:
        source = f"babble_jax[tables] @ {wheels[-1].absolute().as_uri()}"
    elif (clone / "setup.py").is_file():
        source = f"babble_jax[tables] @ {clone.as_uri()}"
    elif ADDRESS:
        source = f"babble_jax[tables] @ git+{ADDRESS}"
    else:
        sys.exit(
            "Upload the package, babble_jax-*.whl, into the folder of this notebook, and run this cell again."
        )
    names = {one.name for one in importlib.metadata.distributions()}
    jaxes = sorted(
        name
        for name in names
        if name in ("jax", "jaxlib", "libtpu") or name.startswith(("jax-cuda", "jax_cuda"))
    )
    constraints = Path("jax-constraints.txt")
    constraints.write_text("".join(f"{name}=={importlib.metadata.version(name)}\n" for name in jaxes))
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--constraint", str(constraints), source]
    run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode:
        present = ", ".join(constraints.read_text().split()) or "no JAX"
        sys.exit(f"{run.stderr}\npip could not install the package beside {present}.")

# %%
import os
import tempfile

import matplotlib.pyplot as plt
import numpy as np
import soundfile
from IPython.display import Audio, Image, display

import babble_jax

SECONDS = float(os.environ.get("BABBLE_SECONDS", "60"))  # length of the dialogue
folder = Path(tempfile.mkdtemp())

# %% [markdown]
# ## When people start to speak
#
# The *floor-transfer offset* is the time from the end of one speaker's turn to the start of the next one's: a gap
# where it is positive, an overlap where it is negative. The preset was fitted on the telephone calls of Switchboard.

# %%
timing = babble_jax.load_timing("switchboard")
model, fto = timing.models["ipu"], timing.reference["fto"]
print(f"{fto['n']} offsets, median {1000 * fto['median']:.0f} ms, {fto['below_zero']:.0%} of them overlaps")
print(
    f"{1 - float(model.cdf(0.7)):.0%} of the answers come after 0.7 s, where a machine that waits so long would begin"
)
grid = np.linspace(-1.5, 2.0, 701)
figure, axes = plt.subplots(figsize=(8, 3), layout="constrained")
axes.fill_between(grid, np.exp(model.log_prob(grid)), alpha=0.4)
axes.axvline(0, color="black", linewidth=1)
axes.axvline(0.7, color="tab:red", linewidth=1, label="a time-out of 0.7 s")
axes.set(xlabel="floor-transfer offset, s", ylabel="density, 1/s", xlim=(-1.5, 2.0), ylim=(0, None))
axes.legend()
plt.show()

# %% [markdown]
# ## A voice
#
# The default voice, `babblers`, is a small SampleRNN (Mehri et al. 2017) with two speakers, trained on read speech.

# %%
voice = babble_jax.load_voice("babblers")
rate = voice.config.sample_rate
figure, axes = plt.subplots(2, 1, figsize=(8, 4), sharex=True, layout="constrained")
for one, name in zip(axes, voice.config.speakers, strict=True):
    babble = babble_jax.speak(voice, min(4.0, SECONDS), speaker=name)
    with np.errstate(divide="ignore"):  # pauses are digital silence
        one.specgram(babble, NFFT=512, noverlap=384, Fs=rate, cmap="magma", vmin=-140, vmax=-40)
    one.set(title=name, ylabel="Hz")
    display(name, Audio(babble, rate=rate))
axes[-1].set_xlabel("s")
plt.show()

# %% [markdown]
# ## Two babblers with human timing
#
# Who speaks when is drawn from the floor that was fitted on the calls; each babbler has a channel.

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
# hears only when you speak and when you stop. On your own machine `babble live` does this while you talk.

# %%
if importlib.util.find_spec("google") and importlib.util.find_spec("google.colab"):
    recording, rate = babble_jax.record_in_browser(min(15.0, SECONDS))
else:  # no microphone: the man of the voice speaks in your place
    recording, rate = babble_jax.speak(voice, min(15.0, SECONDS), speaker="man"), voice.config.sample_rate
spoken = babble_jax.reply(recording, sample_rate=rate, timing=timing)
Audio(spoken.audio.T, rate=spoken.sample_rate)  # you on the left, the babbler on the right
