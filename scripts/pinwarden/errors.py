"""The ways a command can fail to do its job. What it finds while doing it are findings, not errors."""

from __future__ import annotations


class PinwardenError(Exception):
    """A command could not do its job: `message` says what happened and where, `hint` what to do."""

    exit_code = 2

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class Misuse(PinwardenError):
    """The command line, the registry or its configuration is not usable as given (exit code 2)."""


class OutsideError(PinwardenError):
    """Something beyond this machine or process failed: a host, git, the disk (exit code 3)."""

    exit_code = 3
