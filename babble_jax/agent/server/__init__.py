"""Serves live sessions over a WebSocket."""
