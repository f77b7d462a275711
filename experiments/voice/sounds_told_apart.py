"""Which sounds a classifier tells apart by what the judge measures: people, babblers, 8-bit sounds, singers, noise.

    python -m experiments.launch sounds_told_apart

Fetches the recordings that the voice was trained on, and takes pieces of those that were held out. A quarter of an hour
on one core. Expected: `results/sounds_told_apart.json`.
"""

from experiments.pipelines.telling_apart import TellingApartExperiment

EXPERIMENT = TellingApartExperiment(
    recordings={"man": "festvox-ru", "woman": "asterisk-core-sounds-ru-g722"},
    voice="babblers",
    synthesized=("chip", "opera-soprano", "opera-alto", "opera-tenor", "opera-bass"),
)
