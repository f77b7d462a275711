"""Distributions of a sample: classes by logits, and a mixture of logistics."""
