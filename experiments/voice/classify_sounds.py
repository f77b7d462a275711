"""Which sounds a classifier tells apart by what the judge measures: people, babblers, 8-bit sounds, singers, noise.

    python -m experiments.launch classify_sounds

Fetches the recordings that the voice was trained on, and takes pieces of those that were held out. A quarter of an hour
on one core. Expected: `results/classify_sounds.json`.
"""

from experiments.pipelines.source_classification import SourceClassificationExperiment

EXPERIMENT = SourceClassificationExperiment(
    recordings={"man": "festvox-ru", "woman": "asterisk-core-sounds-ru-g722"},
    voice="babblers",
    synthesized=("chip", "opera-soprano", "opera-alto", "opera-tenor", "opera-bass"),
)
