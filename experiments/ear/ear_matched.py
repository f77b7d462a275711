"""Does the ear `ru` hear other microphones and voices, as they are and with their spectrum matched?

    python -m experiments.launch ear_matched --from FOLDER

FOLDER is as for `ear_festvox`. The test split is heard through filters that tilt the spectrum by -20 to 20 dB, and so
are six times ten seconds of each speaker of babblers, and of white noise. Takes five minutes on one core.
Expected: without a tilt as many errors matched or not, since nearly no utterance lies 2 dB off; with 10 dB one
error in a hundred phones fewer at most, with 20 dB two to seven; in the woman twelve or thirteen phones a second either
way; in noise two.
"""

from experiments.pipelines.ear_matched import EarMatchedExperiment

EXPERIMENT = EarMatchedExperiment()
"""An experiment that trains nothing."""
