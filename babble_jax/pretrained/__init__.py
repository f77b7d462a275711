"""Pretrained voices on disk: opened by name or folder, written with a card, made into babblers."""
