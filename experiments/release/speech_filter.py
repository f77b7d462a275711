"""The filter of speech that ships: how the evidence of a hop speaks for speech and silence of each age.

    python -m experiments.launch speech_filter

Takes 10 minutes on two cores after a download of 180 MB. Every second recording is used, on channels whose stretches of
speech and silence are as long as in calls of Switchboard. Expected: `babble_jax/presets/perception/speech_filter.json`,
with a loss of 0.054 nats.
"""

from experiments.pipelines.vad_lags import SpeechFilterExperiment

EXPERIMENT = SpeechFilterExperiment(channels=90)
