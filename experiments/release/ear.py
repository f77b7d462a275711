"""The ear that ships: that of the latest run of `ear_festvox_noise`.

    python -m experiments.launch ear_festvox
    python -m experiments.launch ear_festvox_noise --start runs/ear_festvox/DIGEST/work/ear
    python -m experiments.launch ear && python -m experiments.launch ear_judged

A minute on one core, and three for the ranges of speech with which `babble judge --ear ru` compares.
A minute on one core. Expected: `babble_jax/presets/ears/ru` of 2.3 MB.
"""

from experiments.pipelines.folder_release import FolderRelease

EXPERIMENT = FolderRelease(kind="ears", name="ru", run_name="ear_festvox_noise", folder="ear")
