"""Training an ear: sound into phones or letters."""
