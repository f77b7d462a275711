"""Where figures go: JSON lines always, Weights & Biases when asked."""
