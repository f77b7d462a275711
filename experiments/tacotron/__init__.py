"""Experiments on the second voice: phones into mel, mel into sound."""
