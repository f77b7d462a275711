"""Tags of languages, as cards and options name them."""

import re

_TAG = re.compile("[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")  # RFC 5646, section 2.1, without what is private


def is_language_tag(text: str) -> bool:
    """Returns whether a text is a BCP 47 tag, such as ru or en-GB, by its form.

    Args:
      text: to be looked at.
    """
    return _TAG.fullmatch(text) is not None
