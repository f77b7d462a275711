"""Containers of sound, looked at before libsndfile decodes them: parts joined in one file, wrong lengths, missing ends."""
