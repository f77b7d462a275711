"""What real speech has: the references of `babble judge` that ship, from the held-out recordings of two speakers.

    python -m experiments.launch speech_reference

Two minutes. Validation and test splits of the data set that the shipped voices learn from, one recording after the
other, in pieces of 10 s.
"""

from experiments.pipelines.judging import ReferenceExperiment

EXPERIMENT = ReferenceExperiment(
    sources=("festvox-ru", "asterisk-core-sounds-ru-g722"), sample_rate=16_000, pad=0.2
)
