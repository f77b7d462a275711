"""The error that is addressed to the user."""


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
