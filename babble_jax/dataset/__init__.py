"""Turns recordings into batches: TFDS datasets on array_record, grain pipelines for truncated back-propagation."""
