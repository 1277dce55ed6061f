from enum import IntEnum


class Exit(IntEnum):
    REFUSED = 1
    USAGE = 2
    UNREACHABLE = 3
    INTERRUPTED = 130


class CliError(Exception):
    """Ends a command with one red sentence, a hint and an exit code, and no traceback.

    The words are in `error_words`: whoever raises it need not know which language was asked for.
    """

    def __init__(self, code: str, exit_code: Exit, /, **values: object) -> None:
        super().__init__(code, values)
        self.code = code
        self.exit_code = exit_code
        self.values = values
