"""Errors of the edges of detected speech, on read speech with phone labels.

    python -m experiments.launch vad_bias

Takes 4 to 7 minutes on two cores after a download of 180 MB. Expected: onsets are 1 ms and ends 32 ms late (medians),
which are the biases of `babble_jax.audio.vad.VadConfig`; after correction, on the other half of the recordings,
medians within 2 ms of 0, half of the onsets between -9 and 13 ms and half of the ends within 17 ms. No other pair of
thresholds does better by more than 1 ms, so that the usual one is kept. Where noise is only 16 dB below speech, the
median end is 14 ms late and one onset in twenty is late by more than 0.1 s.
"""

from experiments.pipelines.vad import VadBiasExperiment

EXPERIMENT = VadBiasExperiment(
    source="festvox-ru",
    labels="usr/share/festival/voices/russian/msu_ru_nsh_clunits/lab",
    noise_dbfs=(-70.0, -60.0, -50.0),
    gain_db=(0.0, -15.0),
    thresholds=((0.3, 0.15), (0.3, 0.2), (0.5, 0.35), (0.5, 0.2), (0.7, 0.5)),
)
