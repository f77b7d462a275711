"""Cues on two real calls: what an engine is told by them, and how well they tell the end of a turn from a pause.

    BABBLE_CORPORA=CORPORA BABBLE_CUE_MODEL=smart-turn-v3.2-cpu.onnx python -m experiments.launch cues_on_calls

Takes ten minutes on two cores. The calls are role-played, 8 minutes together: intervals are wide, and nothing is
claimed from them. Expected: the engine's values are those of the offline computation to 1e-6; the lengthening that the
ear `ru-forward` hears tells nothing of the end of a turn in them, an area under the curve of 0.55 (0.43 to 0.67).

`--ear EAR` tries the cue of another ear of direction forward; its calibration stands in the result.
"""

from experiments.pipelines.cues import CueExperiment

EXPERIMENT = CueExperiment(recordings="conversation-audio/calls", seconds=300.0, ear="ru-forward")
