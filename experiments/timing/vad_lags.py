"""How late and how surely a live agent knows that the user speaks.

    python -m experiments.launch vad_lags

Takes 5 minutes on two cores after a download of 240 MB. Expected: 3.2 % of the hops are wrong at no lag, 2.1 % at
40 ms, which the agent uses, and 1.8 % from 80 ms on; at 40 ms onsets are known after 61 ms and ends after 66 ms
(medians, the hop included).
"""

from experiments.pipelines.vad_lags import VadLagsExperiment

EXPERIMENT = VadLagsExperiment(
    channels=60, others=("asterisk-core-sounds-en-g722", "asterisk-core-sounds-it-g722")
)
