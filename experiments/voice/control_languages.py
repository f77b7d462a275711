"""What the speakers of the voice of four languages do when they are asked for a prosody: measured against asked.

    python -m experiments.launch control_languages

20 utterances of 2.5 s in 22 settings for each of four speakers: ten minutes on a core. The response that
`response_languages` has written on the card of the voice is in force; the utterances are others. Expected:
slopes within a tenth of 1 of level and effort of all, of pitch and pitch range of English and Dutch (1.03 and 0.95,
0.96 and 0.95), and of the rate of English (1.06); the German follows least (pitch 0.81, range 0.56, rate 0.56). Final
contours go in their direction in 80 to 85 % of utterances, of German in 58 %.
"""

from experiments.pipelines.prosody import ProsodyExperiment

EXPERIMENT = ProsodyExperiment("languages")
