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
# # Your corpus: read, count, fit, compare
#
# Annotated conversations of your own (Praat, ELAN, CHAT, RTTM, tables, captions, recordings with a speaker on each
# channel) become tables of events, distributions of floor-transfer offsets, and a timing preset. Nothing leaves this
# machine. Without files of yours the notebook goes through a stand-in, so that you see what comes.

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
from IPython.display import Image, display

import babble_jax
from babble_jax.conversation.reading_picture import plot_reading
from babble_jax.conversation.reading_text import format_reading

# Path of a folder or a file; on Colab you may upload files instead.
CORPUS = os.environ.get("BABBLE_CORPUS", "")
HOURS = float(os.environ.get("BABBLE_HOURS", "1"))  # of the stand-in
folder = Path(tempfile.mkdtemp())
if not CORPUS and importlib.util.find_spec("google") and importlib.util.find_spec("google.colab"):
    from google.colab import files

    names = list(files.upload())
    for name in names:
        (folder / "corpus").mkdir(exist_ok=True)
        Path(name).rename(folder / "corpus" / name)
    CORPUS = str(folder / "corpus") if names else ""
if not CORPUS:
    babble_jax.simulate(
        HOURS, folder / "stand-in", timing="maptask-no-eye-contact", format="textgrid", minutes=6
    )
    CORPUS = str(folder / "stand-in")
    print("No corpus was given: conversations are simulated in its place.")

# %% [markdown]
# ## How it is understood
#
# Which tier is whose speech, and which labels are silence, laughter or noise, is found by rules, and shown here. What
# is wrong is corrected by a `Layout`, such as `babble_jax.Layout(tiers=".*words", noise="xxx")`.

# %%
layout = babble_jax.Layout()
reading = babble_jax.inspect(CORPUS, layout=layout)
print(format_reading(reading))
plot_reading(folder / "reading.png", reading.conversations[0], minutes=1.0)
display(Image(folder / "reading.png"))

# %% [markdown]
# ## Events as tables
#
# An offset is the time from the end of a turn to the start of the other speaker's; below zero they overlap. What
# counts as which event is said by `babble_jax.Definitions`, whose values can be given.

# %%
conversations = babble_jax.read(CORPUS, layout=layout).conversations
counts = babble_jax.events(conversations)
print(f"{counts['conversations']} conversations, {counts['hours']:.2f} hours")
print({event: round(rate, 1) for event, rate in counts["per_minute"].items()}, "per minute")
tables = babble_jax.events(conversations, tables="pandas")
for name, table in tables.items():
    table.to_csv(folder / f"{name}.csv", index=False)
display(tables["ftos"].head(), tables["ftos"].groupby("level")["fto"].describe().round(3))

# %% [markdown]
# ## Beside people on the telephone

# %%
fto = tables["ftos"].query("level == 'ipu'")["fto"].dropna()
grid = np.linspace(-1.5, 2.5, 401)
figure, axes = plt.subplots(figsize=(8, 3), layout="constrained")
axes.hist(
    fto, bins=np.arange(-1.5, 2.55, 0.05), density=True, alpha=0.5, label=f"this corpus, {len(fto)} offsets"
)
switchboard = babble_jax.load_timing("switchboard").models["ipu"]
axes.plot(grid, np.exp(switchboard.log_prob(grid)), color="black", label="switchboard")
axes.set(xlabel="floor-transfer offset, s", ylabel="density, 1/s", xlim=(-1.5, 2.5))
axes.legend()
plt.show()

# %%
from babble_jax.timing.evaluation.comparison import SIMULATED, ComparedSet, compare
from babble_jax.timing.evaluation.comparison_text import comparison_text

people = babble_jax.load_timing("switchboard").draw_dialogues(0, *SIMULATED)
print(comparison_text(compare(ComparedSet("mine", conversations), ComparedSet("switchboard", people, True))))

# %% [markdown]
# ## Which distribution?
#
# Families are scored on conversations that they were not fitted on. The difference to the best one has an interval.

# %%
from babble_jax.timing.evaluation.offsets.ranking_text import report_text

print(report_text(babble_jax.fit(conversations, families=("normal", "logistic", "johnson_su"))))

# %% [markdown]
# ## A timing preset of your own
#
# It holds the distributions. With `floor=True`, which takes minutes, dialogues are drawn from it, too: `babble converse
# --timing mine.json` and `babble live --timing mine.json` speak with it. If your conversations are few, add
# `prior="switchboard"`, towards which they are shrunk.

# %%
preset = babble_jax.fit_timing(conversations, "mine", families=["johnson_su"], floor=False)
preset.save(folder / "mine.json")
mine = preset.models["ipu"]
for seconds in (0.0, 0.2, 0.7):
    shares = f"mine {float(mine.cdf(seconds)):.2f}, switchboard {float(switchboard.cdf(seconds)):.2f}"
    print(f"P(offset <= {seconds} s): {shares}")
print(f"tables and preset: {folder}")
