"""The phonotactics that ship: those of the latest run of `phonotactics_festvox`.

    python -m experiments.launch phonotactics_festvox && python -m experiments.launch phonotactics

Takes a second. Expected: `babble_jax/presets/phonotactics/ru` of 0.8 MB.
"""

from experiments.pipelines.folder_release import FolderRelease

EXPERIMENT = FolderRelease(
    kind="phonotactics", name="ru", run_name="phonotactics_festvox", folder="phonotactics"
)
