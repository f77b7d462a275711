"""The page of the live agent: in dialogue with a simulated partner, and beside recorded calls."""

from experiments.report.agents import section_on_two_agents
from experiments.report.live_calls import sections_on_calls
from experiments.report.live_dialogues import (
    section_on_delay_and_knob,
    section_on_dialogues,
    section_on_turing_test,
)
from experiments.report.live_voices import section_on_voices
from experiments.report.policies import section_on_learning, section_on_policies
from experiments.report.results import Results
from experiments.report.tables import page

CORPORA = {"live_switchboard": "Switchboard", "live_maptask": "Map Task"}


def page_of_live(results: Results) -> str:
    """The page `live`."""
    main = results["live_switchboard"]
    shown = {results[name]: title for name, title in CORPORA.items() if name in results}
    return page(
        "The live agent",
        "A live agent knows the other late: detection and output together are its delay. It is measured in "
        "dialogue with a simulated partner, who reacts, and beside recorded calls, who do not, trial by trial. "
        "[When it speaks](../howto/live-timing.md) says how it decides; [Definitions](../definitions.md) and the "
        "modules of `babble_jax.timing.evaluation.turn_taking` say how each figure is computed. `babble bench live` "
        "measures any preset, delay and knob.",
        *section_on_dialogues(main),
        *section_on_two_agents(results["two_agents"]),
        *section_on_voices(results.get("live_voices")),
        *section_on_policies(results["policies"]),
        *section_on_delay_and_knob(main),
        *section_on_turing_test(main),
        *sections_on_calls(main, shown),
        *section_on_learning(results["maptask_partner_learning"]),
    )
