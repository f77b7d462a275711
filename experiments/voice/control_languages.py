"""What the speakers of the voice of four languages do when they are asked for a prosody: measured against asked.

    python -m experiments.launch control_languages

20 utterances of 2.5 s in 22 settings for each of four speakers: ten minutes on a core. The response that
`response_languages` has written on the card of the voice is in force; the utterances are others. Expected:
slopes within a tenth of 1 of level and effort of all, of pitch and pitch range of English and Dutch (1.03 and 0.95,
0.96 and 0.95), of the range of the Italian (1.04), of the rate of English and German (1.06, 0.91); not of the pitch of
Italian and German (1.20, 1.25), of the German's range (0.49), of the rate of Italian and Dutch (0.84, 0.80). Final
contours go in their direction in 80 to 85 % of utterances, of the German in 58 %.
"""

from experiments.pipelines.prosody import ProsodyExperiment

EXPERIMENT = ProsodyExperiment("languages")
