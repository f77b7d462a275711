"""Specifications that run as they are, with comments: what `babble stimuli --example NAME` prints."""

_GAP_DETECTION = """\
# Is this gap natural? Exactly two turns, at an offset of exactly 0, 200 or 700 ms.
#   babble stimuli gap-detection.toml --out stimuli

turns = 2                     # A, then B: exactly one change of speaker in each item
gap = [0.0, 0.2, 0.7]         # seconds from the end of A's turn to the onset of B's; below 0 they overlap
turn_seconds = [1.0, 1.6]     # a turn's length, drawn for each item; the same in all conditions of it
items = 6                     # a multiple of the three conditions
seed = 1

[catch]                       # trials that tell whether the listener attends
trials = 1
gap = 3.0

[output]
sample_rate = 44100
lead_in = 0.5                 # seconds of silence in front, since players swallow the first moments
lead_out = 0.3

[question]                    # for a page in the browser: one question, answered with a key
text = "How did the answer come?"
keys = { f = "too early", j = "natural", k = "too late" }
"""

_TWO_BY_THREE = """\
# Two factors: three lengths of gaps, with overlaps and without. Items are drawn from the timing of real telephone
# calls; the levels of a factor change that timing, never the babble.
#   babble stimuli two-by-three.toml --out stimuli

timing = "switchboard"        # or replay = ["talk.TextGrid"], your own conversations; see `babble timings`
seconds = 6.0                 # of each item, before manipulation
transfers = 2                 # an item has at least so many changes of speaker
items = 6                     # a multiple of the 2 x 3 conditions
seed = 1
counterbalance = ["start", "channel"]  # over items: who starts, and who is on the left

[factors.gap]                 # each level names what it changes, and by how much
short = { shift_gaps = -0.1 }
natural = {}
long = { shift_gaps = 0.3 }

[factors.overlap]
with = {}
without = { remove_overlaps = true }

[catch]
trials = 1
shift_gaps = 3.0

[output]
lead_in = 0.3
level = { active = -26.0 }    # dB of full scale while somebody speaks; or { lufs = -23.0 }
"""

_ADAPTIVE = """\
# For a staircase: one file at every offset from -500 to 1,000 ms. Your script chooses the next file by the column
# fto_requested_ms of list1.csv, whose rows stand in the order of the offsets.
#   babble stimuli adaptive.toml --out stimuli

turns = 2
turn_seconds = 1.8            # longer than the longest overlap
items = 1                     # with more items there is a list for each
seed = 1

[adaptive]                    # seconds
from = -0.5
to = 1.0
step = 0.1

[output]
format = "flac"
mix = "mono"
lead_in = 0.3
lead_out = 0.3
"""

_OWN_RECORDINGS = """\
# Your own recordings as turns: a question and its answer at three offsets, once as they are and once without words.
# Every condition has the same recordings, to the sample. Onset and end of the speech are detected: look at them in
# recordings.csv; mend them there, and name your copy as recording_times.
#   babble stimuli own-recordings.toml --out stimuli
#
# The folder has a folder for each speaker, A and B, with one file for each item, in the order of their names. (Where
# all files lie beside each other, they are the turns in order: question 1, answer 1, question 2 ...) Without
# recordings at hand, let the default voice make some:
#   babble speak --seconds 2 --streams 6 --speaker woman --out recordings/A/question.wav
#   babble speak --seconds 2 --streams 6 --speaker man --seed 1 --out recordings/B/answer.wav

turns = 2
gap = [0.0, 0.2, 0.7]         # seconds
recordings = "recordings"     # the folder, beside this file
# recording_times = "times.csv"  # file,onset,end in seconds, where detection is wrong
items = 6                     # a multiple of the 3 x 2 conditions

[factors.speech]
clear = {}
muffled = { degrade = "low-pass" }  # or "noise-vocoded", "reversed", "rotated"

[output]
level = { active = -26.0 }    # each recording is brought to it
lead_in = 0.5
"""

EXAMPLES = {
    "gap-detection": _GAP_DETECTION,
    "two-by-three": _TWO_BY_THREE,
    "adaptive": _ADAPTIVE,
    "own-recordings": _OWN_RECORDINGS,
}
"""Text of each, by name."""
