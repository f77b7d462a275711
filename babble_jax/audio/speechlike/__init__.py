"""Is it babble? Measures of how much like speech a recording is, none of which knows how it was made."""
