"""Cues on two real calls: what an engine is told by them, and how well they tell the end of a turn from a pause.

    BABBLE_CORPORA=CORPORA BABBLE_CUE_MODEL=smart-turn-v3.2-cpu.onnx python -m experiments.launch cues_on_calls

Takes five minutes on two cores. The calls are role-played, 8 minutes together: intervals are wide, and nothing is
claimed from them. Expected: the engine's values are those of the offline computation to 1e-6.

`--ear EAR`, an ear of direction forward such as `ear_festvox_forward` makes, tries its cue, too, which takes some
minutes more (not run yet); its calibration stands in the result.
"""

from experiments.pipelines.cues import CueExperiment

EXPERIMENT = CueExperiment(recordings="conversation-audio/calls", seconds=300.0)
