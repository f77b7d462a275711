"""Containers of sound, looked at before libsndfile decodes them: joined files, wrong lengths, missing ends."""
