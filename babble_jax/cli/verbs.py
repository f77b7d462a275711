"""The verbs of `babble`: their groups, names and first lines of help, without the modules that hold them.

A verb NAME is the dataclass Name in the module `babble_jax.cli.NAME`; a verb of two words, FAMILY NAME, is the
dataclass FamilyName in the module `babble_jax.cli.FAMILY`. The table repeats the first paragraph of the docstring, so
that `babble --help` loads none of the modules.
"""

import importlib

GROUPS = {
    "hear": {
        "demo": "Makes a minute of dialogue, beside the timing of people.",
        "speak": "Generates babble with a voice and writes it to wav files.",
        "voices": "Lists the voices that ship, and your own.",
    },
    "measure": {
        "inspect": "Shows how annotation of conversations is understood.",
        "events": "Counts pauses, gaps, overlaps, backchannels and offsets.",
        "fit": "Fits distributions to floor-transfer offsets.",
        "compare": "Compares timings: of two sets, or of one speaker with people.",
        "timings": "Lists the timing presets that ship, with their numbers.",
        "hear": "Hears the phones of recordings, each with its times.",
        "align": "Aligns recordings with the phones that are said in them.",
    },
    "make": {
        "converse": "Makes a dialogue of two babblers, with its annotation.",
        "stimuli": "Makes the stimuli of an experiment, and its lists of trials.",
        "simulate": "Simulates hours of dialogue timing, without sound.",
    },
    "train": {
        "dataset": "Makes a data set for training from folders of sound files.",
        "train": "Trains a voice on recordings, or goes on with a training.",
        "adapt": "Adapts a voice to a new speaker, from minutes of recordings.",
        "judge": "Judges whether recordings are babble, beside real speech.",
        "export": "Exports a voice or an ear for publication, with its card.",
        "launch": "Runs experiments of your own, and compares their runs.",
        "board": "Shows runs as one page: curves, sounds, tables.",
    },
    "live": {
        "live": "Lets you talk to a babbler in the browser.",
        "tune": "Fits how a live agent makes up for hearing you late.",
        "cue fit": "Fits a small network that hears whether a turn is over.",
        "bench live": "Measures when a live agent speaks, beside people.",
        "session report": "Reports the timing of a session with the live agent.",
        "session rescore": "Says what other settings would have done in a session.",
    },
    "this machine": {
        "bench train": "Measures how fast voices train on this machine.",
        "bench speak": "Measures how fast voices speak on this machine.",
        "doctor": "Checks the installation and the machine, for a bug report.",
    },
}
"""First paragraph of the help of each verb, by group, in the order of `babble --help`."""
VERBS = {name: line for verbs in GROUPS.values() for name, line in verbs.items()}
"""The same without the groups."""


def load_verb(name: str) -> type:
    """Imports the module of a verb and returns the dataclass of its options."""
    return getattr(importlib.import_module(f"babble_jax.cli.{name.split()[0]}"), class_name(name))


def class_name(verb: str) -> str:
    """Returns the name of a verb's dataclass, such as SessionReport of `session report`."""
    return "".join(word.capitalize() for word in verb.split())
