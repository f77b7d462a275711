"""The floor model beside its baselines, one corpus each."""
