"""Predicted listening quality of recordings, their copies, both voices and noise.

    python -m experiments.launch listening_quality --from FOLDER --vocoders VOICE VOICE --voices babblers OTHER

FOLDER is the unpacked voice of the Debian package festvox-ru (.../voices/russian/msu_ru_nsh_clunits); without --from
the package is fetched. Each VOICE is the folder of a vocoder, OTHER the name or folder of another voice that speaks by
itself; what is not named has no row. Takes about a minute for each row on one core.

The predictor is DNSMOS (Reddy et al. 2021, arXiv 2010.15258; 2022, arXiv 2110.01763) in the package speechmos, which
ships its weights, under the MIT licence: `pip install -e '.[bench]'`. It was trained on the ratings of noisy and
enhanced English speech. Expected: recordings 4.05 of 5, mu-law copies 3.93, Griffin-Lim 3.71, the first voice 3.1,
noise 2.1.
"""

from experiments.pipelines.listening import ListeningExperiment

EXPERIMENT = ListeningExperiment()
