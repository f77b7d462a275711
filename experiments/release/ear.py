"""The ears that ship: those of the latest runs of `ear_festvox_noise` and `ear_festvox_forward`.

    python -m experiments.launch ear_festvox
    python -m experiments.launch ear_festvox_noise --start runs/ear_festvox/DIGEST/work/ear
    python -m experiments.launch ear_festvox_forward
    python -m experiments.launch ear && python -m experiments.launch ear_judged

A minute on one core, and three for the ranges of speech with which `babble judge --ear ru` compares. Expected: `ru` and
`ru-forward` in `babble_jax/presets/ears`, 2.3 and 2.2 MB. What has no run stays as it is.
"""

from experiments.pipelines.folder_release import FolderReleases

EXPERIMENT = FolderReleases(
    kind="ears", runs={"ru": "ear_festvox_noise", "ru-forward": "ear_festvox_forward"}, folder="ear"
)
