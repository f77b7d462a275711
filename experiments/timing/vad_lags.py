"""How late and how surely a live agent knows that the user speaks.

    python -m experiments.launch vad_lags

Takes 5 minutes on two cores after a download of 240 MB.
"""

from experiments.pipelines.vad_lags import VadLagsExperiment

EXPERIMENT = VadLagsExperiment(
    channels=60, others=("asterisk-core-sounds-en-g722", "asterisk-core-sounds-it-g722")
)
