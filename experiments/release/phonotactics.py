"""The phonotactics that ship: those of the latest runs of the experiments that fit them.

    python -m experiments.launch phonotactics_festvox && python -m experiments.launch phonotactics

Takes seconds. A language that has no run here stays as it is. Expected: `babble_jax/presets/phonotactics/ru` of 0.8 MB,
and `en`, `de` and `nl` of less than 2 MB together.
"""

from experiments.pipelines.folder_release import FolderReleases

EXPERIMENT = FolderReleases(
    kind="phonotactics",
    runs={
        "ru": "phonotactics_festvox",
        "en": "phonotactics_kathleen",
        "de": "phonotactics_kerstin",
        "nl": "phonotactics_nathalie",
    },
    folder="phonotactics",
)
