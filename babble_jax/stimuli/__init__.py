"""Stimuli for experiments with people: their specification, the conditions, the lists of trials."""
