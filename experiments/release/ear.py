"""The ear that ships: that of the latest run of `ear_festvox`, and the phones that the references are compared with.

    python -m experiments.launch ear_festvox && python -m experiments.launch ear

A minute on one core. Expected: `babble_jax/presets/ears/ru` of 2.3 MB.
"""

from experiments.pipelines.folder_release import FolderRelease

EXPERIMENT = FolderRelease(kind="ears", name="ru", run_name="ear_festvox", folder="ear")
