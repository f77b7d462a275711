"""Errors that are addressed to the user."""

from babble_jax.printable import escape_unprintable

_LONGEST = 1500  # characters


class BabbleError(Exception):
    """Reports bad input in one sentence, which names the file, the line if there is one, and the remedy.

    The command line prints the message to standard error and exits with code 2; anything else that is raised is
    a defect of the package and keeps its traceback.

    Examples:
      >>> try:
      ...     read("nowhere")
      ... except BabbleError as error:
      ...     print(error)
      nowhere: there is no such file or folder; check the path.
    """

    def __init__(self, message: str):
        message = escape_unprintable(message)  # it stays one line, whatever a file is called
        if len(message) > _LONGEST:  # it quotes something that is much too long; its end is the remedy
            message = f"{message[: _LONGEST - 300]} ... {message[-300:]}"
        super().__init__(message)


class StoppedError(KeyboardInterrupt):
    """Ends work that SIGTERM or Ctrl-C has stopped; the message says what was saved and how to go on.

    The command line prints the message and exits with code 128 + the number of the signal.

    Attributes:
      signal: number of the signal.
    """

    def __init__(self, message: str, signal: int):
        super().__init__(escape_unprintable(message))
        self.signal = signal
