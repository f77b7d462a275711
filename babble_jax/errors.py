"""The one error that speaks to a person."""


class BabbleError(Exception):
    """Bad input, told in one sentence that names the file, the line where there is one, and the remedy.

    The command line prints the message to standard error and exits with code 2; anything else that is raised is
    a defect of the package and keeps its traceback.
    """
