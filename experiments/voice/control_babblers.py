"""What the speakers of the voice babblers do when they are asked for a prosody: measured against asked.

    python -m experiments.launch control_babblers

20 utterances of 2.5 s in 22 settings for each of two speakers, 37 minutes of babble: five minutes on a core. The
response that `response_babblers` has written on the card of the voice is in force; the utterances are others. Each
setting is kept in the folder of the run, so that an interrupted one goes on. The measures of the rate are checked on
speech that Praat plays faster and slower, of the extra `test`. Expected: slopes of 0.97 to 1.05 of pitch, pitch range,
rate, level and effort; the final contour in its direction in 98 % of the woman's utterances and 88 % of the man's.
"""

from experiments.pipelines.prosody import ProsodyExperiment

EXPERIMENT = ProsodyExperiment("babblers", ear="ru", ear_speakers=("man",))
