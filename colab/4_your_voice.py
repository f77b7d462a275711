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
# # A voice of your own recordings
#
# Ten minutes of speech, or of any other sound, are enough for a first voice that mumbles; an hour is better. On a GPU
# or TPU (Colab: Runtime, Change runtime type) every device takes its share of each batch. Without recordings of yours
# the notebook takes minutes of read speech that ship.

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
import dataclasses
import os
import tempfile

import jax
import matplotlib.pyplot as plt
from IPython.display import Audio, display

import babble_jax
from babble_jax.train.tasks.voice.presets import TRAIN_PRESETS

# Path of a folder or a file; on Colab you may upload files instead.
RECORDINGS = os.environ.get("BABBLE_RECORDINGS", "")
PRESET = "small"  # or "speech", for half an hour of speech or more, and a GPU
STEPS = int(os.environ.get("BABBLE_STEPS", "0")) or TRAIN_PRESETS[PRESET].steps
folder = Path(tempfile.mkdtemp())
if not RECORDINGS and importlib.util.find_spec("google") and importlib.util.find_spec("google.colab"):
    from google.colab import files

    names = list(files.upload())
    for name in names:
        (folder / "recordings").mkdir(exist_ok=True)
        Path(name).rename(folder / "recordings" / name)
    RECORDINGS = str(folder / "recordings") if names else ""
print(f"{jax.local_device_count()} x {jax.devices()[0].device_kind}")

# %% [markdown]
# ## A data set
#
# Recordings of any format and rate are brought to the rate of the preset; long ones are cut at their pauses.

# %%
preset = TRAIN_PRESETS[PRESET]
data = babble_jax.build_dataset(
    RECORDINGS or "excerpt", folder / "data", sample_rate=preset.sample_rate, pad=preset.pad
)
for split, count in data.counts.items():
    print(f"{split:10} {count:4} recordings, {data.seconds[split] / 60:.1f} min")

# %% [markdown]
# ## Training
#
# The streams of a batch are shared out among the devices (`pmap`), the same update on each. The loss is in bits per
# sample: compare it within one data set only.

# %%
devices = jax.local_device_count()
batch_size = -(-preset.config.batch_size // devices) * devices  # a multiple of the devices
config = dataclasses.replace(preset.config, dataset=str(data.path), batch_size=batch_size, parallel="pmap")
report = babble_jax.train_voice(config, folder / "run", STEPS, log=preset.log)
print(f"{report.validation.bits:.2f} bits per sample after {report.step} updates")

# %% [markdown]
# ## Listen, and judge
#
# Measures of speech-likeness, and whether they lie in the range of real speech. A voice of a thousand updates is a
# mumble.

# %%
voice = babble_jax.load_voice(report.voice)
rate = voice.config.sample_rate
babble = babble_jax.speak(voice, 10.0)
figure, axes = plt.subplots(figsize=(8, 3), layout="constrained")
axes.specgram(babble, NFFT=256, noverlap=192, Fs=rate, cmap="magma", vmin=-140, vmax=-40)
axes.set(xlabel="s", ylabel="Hz")
plt.show()
display(Audio(babble, rate=rate))
verdict = babble_jax.judge_audio(babble, rate)
print("outside of the range of real speech:", ", ".join(verdict.outside) or "nothing")

# %% [markdown]
# ## A dialogue with it, and the voice to keep
#
# The voice has one speaker, so that two are made of it by resampling. `babble speak --voice FOLDER` speaks with the
# folder on any machine.

# %%
import shutil

import soundfile

duet = babble_jax.converse(
    folder / "dialogue", voices=voice, seconds=float(os.environ.get("BABBLE_SECONDS", "30"))
)
archive = shutil.make_archive(str(folder / "voice"), "zip", report.voice)
if importlib.util.find_spec("google") and importlib.util.find_spec("google.colab"):
    from google.colab import files

    files.download(archive)
print(archive)
audio, rate = soundfile.read(duet.folder / "dialogue.wav")
display(Audio(audio.T, rate=rate))
