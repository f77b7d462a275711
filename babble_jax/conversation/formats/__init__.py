"""Formats of annotation, one file each: what a file holds, before a layout says what it means."""
