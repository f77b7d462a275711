"""One seat of a live conversation: it hears sound, decides when a person would speak, and makes sound."""
