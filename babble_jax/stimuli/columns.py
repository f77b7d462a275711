"""Columns of the tables of trials, and what each holds."""

COLUMNS = {
    "position": "place of the trial in its list, from 1",
    "file": "the sound, relative to the table, with forward slashes",
    "file_mono": 'the same mixed to one channel, where `mix = "both"`',
    "item": "number of the item, from 1; empty for a catch trial",
    "condition": "the names of its levels, joined by `-`; `catch` for a catch trial",
    "fto_requested_ms": "floor-transfer offset of the critical turn as requested; below 0 it overlaps",
    "fto_measured_ms": "the same, measured in the file by cross-correlation with each turn",
    "previous_end_ms": "end of the turn before the critical one, measured in the file",
    "turn_onset_ms": "onset of the critical turn, measured in the file",
    "turn_end_ms": "its end",
    "worst_error_ms": "largest difference between requested and measured offsets of all turns of the file",
    "starts": "the speaker who speaks first",
    "speaker_1": "who is on the first channel",
    "speaker_2": "who is on the second channel",
    "voice_1": "the voice on the first channel; `recordings` for recordings",
    "voice_2": "the voice on the second channel",
    "catch": "1 for a catch trial, else 0",
    "duration_ms": "length of the file",
}
"""By name, in the order of the tables `list1.csv` ...; the factors stand behind `condition`, in the order of the
specification, each with the name of its level.

No name is one that a script of presentation software uses itself, such as `list` or `trial`.
"""
