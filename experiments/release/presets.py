"""The timing presets that ship, each fitted on its corpus: distributions of offsets, floor, reference values.

    BABBLE_CORPORA=CORPORA python -m experiments.launch presets

Writes `babble_jax/presets/timing/*.json`. Takes about three quarters of an hour on one core, most of it for Switchboard
and AMI. Expected: `results/presets.json`. CALLHOME's utterance edges are padded: compare its offsets among its
languages, not with word times.
"""

from experiments.pipelines.presets import PresetsExperiment, Source

_TALKBANK = "CC BY-NC-SA 3.0 (TalkBank); this preset holds figures only"
_MAPTASK = (
    "HCRC Map Task Corpus, NXT timed units, groups.inf.ed.ac.uk/maptask",
    "CC BY-NC-SA 2.5; figures only",
)


def _callhome(name: str, folder: str) -> Source:
    return Source(f"callhome-{name}", f"callhome/{folder}", "CALLHOME, utterance times, TalkBank", _TALKBANK)


EXPERIMENT = PresetsExperiment(
    sources=(
        Source(
            "switchboard",
            "switchboard-ms98",
            "Switchboard-1, MS98 word alignments, ISIP, Mississippi State University (OpenSLR 5)",
            "released without licence restrictions; this preset holds figures only",
        ),
        Source("maptask-eye-contact", "maptask", *_MAPTASK, third="e"),
        Source("maptask-no-eye-contact", "maptask", *_MAPTASK, third="n"),
        _callhome("english", "CallHomeEnglish"),
        _callhome("spanish", "CallHomeSpanish"),
        _callhome("german", "CallHomeGerman"),
        _callhome("japanese", "CallHomeJapanese"),
        _callhome("mandarin", "CallHomeChinese"),
        Source("ami", "ami", "AMI Meeting Corpus, merged words as RTTM", "CC BY 4.0"),
    )
)
