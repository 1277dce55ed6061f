from enum import IntEnum


class Exit(IntEnum):
    REFUSED = 1
    USAGE = 2
    UNREACHABLE = 3
    INTERRUPTED = 130


class CliError(Exception):
    """Ends a command with one red sentence, a hint and an exit code, and no traceback."""

    def __init__(self, message: str, hint: str, exit_code: Exit) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.exit_code = exit_code
