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
# # The sound space: a voice under control, and sounds other than speech
#
# The default voice, `babblers`, says nothing, and says it high or low, fast or slow, asking or stating, or with the
# melody that you draw. Beside it stand the 8-bit sounds and the singers whose recordings the project synthesizes. This
# notebook plays all of these and measures one control: what was asked for, beside what came. It runs in two minutes on
# two cores.

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
from IPython.display import Audio, display

import babble_jax
from babble_jax.audio.pitch import f0_contour
from babble_jax.synthesis.kinds import KINDS
from babble_jax.synthesis.recordings import write_recordings

SECONDS = min(4.0, float(os.environ.get("BABBLE_SECONDS", "60")))  # of each sound
voice = babble_jax.load_voice("babblers")
rate = voice.config.sample_rate
folder = Path(tempfile.mkdtemp())


def show(sounds, hz):
    """Plays sounds by name, and draws their spectrograms with the pitch as a white line."""
    _, axes = plt.subplots(
        len(sounds), 1, figsize=(8, 1.6 * len(sounds)), layout="constrained", squeeze=False
    )
    for one, (name, sound) in zip(axes[:, 0], sounds.items(), strict=True):
        f0 = f0_contour(sound, hz, highest=800)
        with np.errstate(divide="ignore"):  # pauses are digital silence
            one.specgram(sound, NFFT=512, noverlap=384, Fs=hz, cmap="magma", vmin=-130, vmax=-40)
        one.plot((np.arange(len(f0)) + 0.5) / 100, f0, color="white")
        one.set(title=name, ylabel="Hz", ylim=(0, 5000))
        display(name, Audio(sound, rate=hz))
    axes[-1, 0].set_xlabel("s")
    plt.show()


# %% [markdown]
# ## Controls
#
# All sounds are of one seed, so that what differs is what was asked for.

# %%
settings = [
    babble_jax.Prosody(),
    babble_jax.Prosody(pitch=6),
    babble_jax.Prosody(pitch_range=0),
    babble_jax.Prosody(rate=0.6),
    babble_jax.Prosody(effort=-4),
    babble_jax.Prosody(final="rise"),
    babble_jax.affect("sad"),
    babble_jax.affect("angry"),
]
show({str(one): babble_jax.speak(voice, SECONDS, seed=5, prosody=one) for one in settings}, rate)

# %% [markdown]
# ## Asked and measured
#
# The voice makes the pitch by what it has learned, and does not go all the way: the dots would lie on the line.

# %%
semitones = np.array([-6, -3, 0, 3, 6])
_, axes = plt.subplots(figsize=(4, 4), layout="constrained")
for speaker in voice.config.speakers:
    medians = []
    for shift in semitones:
        prosody = babble_jax.Prosody(pitch=float(shift))
        sound = babble_jax.speak(voice, SECONDS, speaker=speaker, seed=6, prosody=prosody)
        medians.append(np.nanmedian(f0_contour(sound, rate)))
    axes.plot(semitones, 12 * np.log2(np.array(medians) / medians[2]), "o", label=speaker)
axes.plot(semitones, semitones, color="black", linewidth=1)
axes.set(xlabel="semitones asked for", ylabel="semitones measured")
axes.legend()
plt.show()

# %% [markdown]
# ## Your melody
#
# A table of times, pitch in Hz and level in dB, or any recording: `read_contour("recording.wav")`. A row without pitch
# is a pause.

# %%
(folder / "melody.csv").write_text(
    "time,f0,level\n0,180,-20\n0.8,260,-15\n1.4,160,-22\n1.6,,\n2,220,-18\n3.2,130,-25\n"
)
melody = babble_jax.read_contour(folder / "melody.csv")
prosody = babble_jax.Prosody(contour=melody)
show(
    {
        name: babble_jax.speak(voice, melody.seconds, speaker=name, prosody=prosody)
        for name in voice.config.speakers
    },
    rate,
)

# %% [markdown]
# ## Sounds other than speech
#
# Recordings for a voice to be trained on: `babble train chip --preset speech --workdir run`. When they sound, and their
# melody, comes from the unit language model of a speaker.

# %%
sounds, hz = {}, rate
for kind, text in KINDS.items():
    path = sorted(write_recordings(kind, folder, minutes=0.1).glob("*.wav"))[0]
    sound, hz = soundfile.read(path, dtype="float32")
    sounds[f"{kind}: {text}"] = sound[: round(SECONDS * hz)]
show(sounds, hz)
