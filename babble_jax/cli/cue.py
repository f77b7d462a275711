"""Cues: what a live agent hears in the sound of a user."""

import dataclasses
from pathlib import Path
from typing import Annotated

from tyro.conf import Positional, arg

from babble_jax.agent.cues.settings import CueFitConfig
from babble_jax.cli.marks import REQUIRED
from babble_jax.cli.messages import print_json, print_line
from babble_jax.errors import BabbleError


@dataclasses.dataclass(frozen=True)
class CueFit:
    """Fits a small network that hears whether a turn is over.

    For laboratories with recordings of their own, a speaker on each of two channels. Each part of them is held out
    once: the area under the ROC curve that is printed is of conversations that the network had not heard. `babble live
    --cue network --cue-model FILE` takes the file.

    Attributes:
      corpus: Folder of recordings (wav, flac, ...) of two channels, or one recording or more: your own conversations of
        people. To try it, `babble converse` makes such a file, dialogue.wav.
      out: File for the cue, *.safetensors.
      config: Settings of the training.
      json: Print one JSON object on standard output, and nothing else.
    """

    corpus: Annotated[
        Positional[tuple[Path, ...]], arg(metavar="RECORDING...", help_behavior_hint="(required)")
    ]
    out: Annotated[Path, REQUIRED]
    config: Annotated[CueFitConfig, arg(name="")] = CueFitConfig()
    json: bool = False

    def run(self) -> None:
        """Reads the recordings, trains, and writes the cue."""
        from babble_jax.agent.cues.fit import find_recordings, fit_cue, read_conversation
        from babble_jax.agent.cues.network import save_network
        from babble_jax.cli.outputs import check_output

        check_output(self.out, ".safetensors")
        conversations = []
        for path in find_recordings(self.corpus):
            conversations.append(read_conversation(path))
            if not self.json:
                one = conversations[-1]
                print_line(
                    f"{path}: {len(one.silences)} silences, {one.silences.over.sum()} of them a turn's end"
                )
        if len(conversations) < 2:
            raise BabbleError("A cue needs two recorded conversations or more: one is held out.")
        network = fit_cue(conversations, self.config)
        save_network(network, self.out)
        if self.json:
            print_json({"out": str(self.out), **network.metrics})
            return
        auc = network.metrics["auc"]
        print_line(
            f"{network.metrics['conversations']} conversations, {network.metrics['hours']:.2f} hours, "
            f"{network.metrics['silences']} silences"
        )
        print_line(
            "held out, at 0.2 s of silence: area under the ROC curve "
            f"{'not defined' if auc is None else f'{auc:.2f}'} ({network.metrics['auc_silences']} silences); "
            "0.5 is a guess"
        )
        print_line(self.out)
