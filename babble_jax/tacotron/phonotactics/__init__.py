"""Words that mean nothing: what phones a phrase of pseudo-words has, how long they last, at what pitch and level."""
