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
# # Stimuli for experiments: turns without words, gaps that are exact
#
# When is a gap natural? Here two babblers take two turns with a gap of exactly 0, 200 or 700 ms, the same babble in
# each condition, in lists that PsychoPy, jsPsych, Gorilla and OpenSesame read.

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
import pandas as pd
import soundfile
from IPython.display import Audio, display

import babble_jax
from babble_jax.stimuli.examples import EXAMPLES

ITEMS = int(os.environ.get("BABBLE_ITEMS", "6"))  # a multiple of the three conditions
folder = Path(tempfile.mkdtemp())

# %% [markdown]
# ## A specification
#
# An experiment is a file of some lines. These examples come with the package: `babble stimuli --example NAME` prints
# them.

# %%
print("examples:", ", ".join(EXAMPLES))
specification = folder / "gap-detection.toml"
specification.write_text(EXAMPLES["gap-detection"].replace("items = 6", f"items = {ITEMS}"))
print(specification.read_text())

# %% [markdown]
# ## Sound, annotation and lists

# %%
report = babble_jax.make_stimuli(specification, folder / "stimuli")
names = sorted(path.name for path in report.folder.rglob("*"))
print(f"{len(names)} files:", ", ".join(sorted({name.rpartition(".")[2] for name in names})))
trials = pd.read_csv(report.folder / "list1.csv")
trials.head(10)

# %% [markdown]
# ## The same item in its conditions

# %%
stimuli = pd.read_csv(report.folder / "stimuli.csv")
first = stimuli[stimuli["item"] == 1]
figure, axes = plt.subplots(len(first), 1, figsize=(8, 4), sharex=True, layout="constrained")
for one, trial in zip(axes, first.itertuples(), strict=True):
    audio, rate = soundfile.read(report.folder / trial.file)
    one.plot(np.arange(len(audio)) / rate, audio - [0.5, -0.5], linewidth=0.5)
    one.axvspan(trial.previous_end_ms / 1000, trial.turn_onset_ms / 1000, color="tab:red", alpha=0.3)
    one.set(title=trial.condition, yticks=[0.5, -0.5], yticklabels=["B", "A"], ylim=(-1, 1))
    display(trial.condition, Audio(audio.T, rate=rate))
axes[-1].set_xlabel("s")
plt.show()

# %% [markdown]
# ## What was asked for, and what is in the sound
#
# Each offset is measured in the sound that was written, by cross-correlation with each rendered turn.

# %%
print(f"largest difference: {stimuli['worst_error_ms'].max():.3f} ms")
stimuli.groupby("condition")[["fto_requested_ms", "fto_measured_ms"]].agg(["min", "max"])

# %% [markdown]
# ## Take it with you

# %%
import shutil

archive = shutil.make_archive(str(folder / "stimuli"), "zip", report.folder)
if importlib.util.find_spec("google") and importlib.util.find_spec("google.colab"):
    from google.colab import files

    files.download(archive)
print(archive)
