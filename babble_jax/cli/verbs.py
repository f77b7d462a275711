"""The verbs of `babble`: their names and first lines of help, without the modules that hold them.

A verb NAME is the dataclass Name in the module `babble_jax.cli.NAME`; a verb of two words, GROUP NAME, is the dataclass
GroupName in the module `babble_jax.cli.GROUP`. The table repeats the first paragraph of the
docstring, so that `babble --help` loads none of the modules.
"""

import importlib

VERBS = {
    "demo": "Makes a dialogue in about a minute: the two speakers of the voice that ships, with the timing of "
    "Switchboard.",
    "dataset": "Makes a data set for training from folders of sound files (wav, flac, ogg, mp3, aiff, ...).",
    "train": "Trains a voice, or resumes a training run that was interrupted. The defaults are those of the "
    "SampleRNN paper.",
    "export": "Exports a voice for publication: float16 weights, its config, and a card that says where it comes "
    "from.",
    "speak": "Generates babble with a voice and writes it to wav files.",
    "judge": "Judges whether recordings are babble: measures how much they are like speech, beside real speech and "
    "noise.",
    "inspect": "Shows how annotation is understood: whose speech is in which tier, what is left out, which labels are "
    "silence.",
    "events": "Counts the events of annotated conversations: IPUs, pauses, gaps, overlaps, backchannels, "
    "floor-transfer offsets.",
    "fit": "Fits families of distributions to floor-transfer offsets and ranks them by their score on held-out "
    "conversations.",
    "tune": "Fits how a live agent makes up for hearing the user late, for a timing of your own, and writes it into "
    "its file.",
    "timings": "Lists the timing presets that ship, with the numbers on their cards.",
    "compare": "Compares the turn timing of two sets of conversations, or with --against that of one speaker with "
    "people's.",
    "converse": "Makes a dialogue of two babblers: stereo audio, annotation (TextGrid, EAF, RTTM, CSV), a manifest "
    "and pictures.",
    "stimuli": "Makes the stimuli of an experiment: crossed conditions, Latin-square lists, catch trials and one "
    "manifest.",
    "live": "Lets you talk to a babbler in the browser: it listens to when you speak, and answers when a person "
    "would.",
    "simulate": "Simulates hours of dialogue timing (who speaks from when to when, without sound) and writes its "
    "annotation.",
    "bench live": "Measures when a live agent speaks: in dialogue with a simulated partner, and beside recorded "
    "conversations.",
    "cue fit": "Fits a cue on recorded conversations: a small network that hears whether a turn is over.",
    "session report": "Reports a session with the live agent: both sides' timing beside people's, and whether the user "
    "follows.",
    "session rescore": "Says what other settings would have done in a recorded session, by importance weights.",
}
"""First paragraph of the help of each verb, in the order of `babble --help`."""


def load_verb(name: str) -> type:
    """Imports the module of a verb and returns the dataclass of its options."""
    return getattr(importlib.import_module(f"babble_jax.cli.{name.split()[0]}"), class_name(name))


def class_name(verb: str) -> str:
    """Returns the name of a verb's dataclass, such as SessionReport of `session report`."""
    return "".join(word.capitalize() for word in verb.split())
