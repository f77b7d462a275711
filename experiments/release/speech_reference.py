"""References of `babble judge` that ship: measures of the held-out recordings of two speakers.

    python -m experiments.launch speech_reference

Two minutes. The validation and test splits of the data set of the voice that ships are concatenated and cut into pieces
of 10 s. Expected: `results/speech_reference.json`.
"""

from experiments.pipelines.judging import ReferenceExperiment

EXPERIMENT = ReferenceExperiment(
    sources=("festvox-ru", "asterisk-core-sounds-ru-g722"), sample_rate=16_000, pad=0.2
)
