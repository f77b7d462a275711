"""One speaker's timing, the agent's say, beside people's: events, measures, comparison, text and picture."""
