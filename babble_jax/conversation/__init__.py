"""Reads people's conversations: one small file per format, all into one `Conversation` type."""
