"""Values that others have published on the same labels, with their sources; printed beside ours, not computed here."""

from typing import Any

PUBLISHED: dict[str, dict[str, Any]] = {
    "vap_switchboard": {
        "source": "Inoue et al. 2024 (arXiv 2403.06487), Switchboard, 244 test calls, English; it hears the audio",
        "shifts": 1253,
        "holds": 11432,
        "shift_hold_balanced_accuracy": 0.7959,
    },
    "vap_switchboard_multilingual": {
        "source": "Inoue et al. 2024 (arXiv 2403.06487), multilingual model",
        "shift_hold_balanced_accuracy": 0.7716,
    },
    "backchannels_ruede": {
        "source": "Ruede et al. 2017 (arXiv 1706.01340), Switchboard, acoustics and words; margin 0 to 1 s",
        "f1_by_margin": {"0_to_1": 0.385, "-0.1_to_0.5": 0.303, "-0.2_to_0.2": 0.232},
        "f1_acoustics_alone": 0.367,
        "f1_random": 0.134,
    },
}
"""By name; `source` says where each comes from."""
