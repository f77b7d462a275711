"""What an ear hears in babble, beside speech that it has not seen, and beside noise.

    python -m experiments.launch ear_judged --ear EAR --voices babblers OTHER --from FOLDER

EAR is an ear that `ear_festvox` made, or its name if it ships; FOLDER is the unpacked voice of the Debian package
festvox-ru, of which the recordings that were held out are heard. Takes 3 minutes on one core. If the ear ships, the
ranges of the speech go into the reference festvox-ru, so that `babble judge` compares with them. Expected: the ear is
less sure of the phones of a voice than of speech, and their sequences are 0.7 to 1.5 bits farther from the language; in
the median no run of theirs is longer than chance.
"""

from experiments.pipelines.ear_judged import EarJudgedExperiment

EXPERIMENT = EarJudgedExperiment(ear="ru")
