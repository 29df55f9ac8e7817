"""A program that runs beside the tests: its output goes to a file, and it does not outlive the `with` that started it."""

import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

STARTS_WITHIN_S = 30.0
STOPS_WITHIN_S = 15.0
POLL_S = 0.02

Ready = TypeVar("Ready")


class ProcessFailed(Exception):
    """A program did not start, or did not stop, as it should."""


class Process:
    """A running program."""

    def __init__(self, name: str, command: Sequence[str], log: Path, env: Mapping[str, str]) -> None:
        self.name = name
        self.log = log
        with log.open("wb") as output:
            self.child = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, env=dict(env)
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is not None:
            self.print_log()
        if self.child.poll() is None:
            self.child.kill()
            self.child.wait()

    def wait_until(self, ready: Callable[[], Ready | None]) -> Ready:
        """What `ready` returns, once that is not None."""
        deadline = time.monotonic() + STARTS_WITHIN_S
        while (result := ready()) is None:
            if self.child.poll() is not None:
                raise ProcessFailed(f"{self.name} ended with exit code {self.child.returncode} before it was ready")
            if time.monotonic() > deadline:
                raise ProcessFailed(f"{self.name} was not ready within {STARTS_WITHIN_S:.0f} s")
            time.sleep(POLL_S)
        return result

    def stop(self) -> int:
        """Ask it to end, as an operator would; its exit code."""
        self.child.terminate()
        try:
            return self.child.wait(STOPS_WITHIN_S)
        except subprocess.TimeoutExpired as error:
            raise ProcessFailed(f"{self.name} did not end within {STOPS_WITHIN_S:.0f} s of SIGTERM") from error

    def print_log(self, lines: int = 40) -> None:
        """Show the end of what it said."""
        said = self.log.read_text(errors="replace").splitlines()[-lines:]
        print(f"--- the last that {self.name} said:", *said, sep="\n    ", file=sys.stderr, flush=True)
