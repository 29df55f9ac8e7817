"""What a recording on disk has to be: one readable file an exchange, complete, and without a secret in it."""

import json
import re
from collections.abc import Iterable
from pathlib import Path

EXCHANGE = re.compile(r"(?P<number>\d{4,})-(?P<method>[A-Z]+)(-.*)?-(?P<status>\d{3})\.json")


class BadRecording(Exception):
    """A recording is not what it has to be."""


def check(folder: Path, exchanges: int, secrets: Iterable[str], addresses: Iterable[str]) -> None:
    """Stop unless `folder` holds exactly this many exchanges, none of the secrets and, outside of its head, no address."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    names = [path.relative_to(folder).as_posix() for path in files]
    if "recording.ron" not in names:
        raise BadRecording(f"{folder} has no recording.ron among {names}")

    numbers = [check_exchange(path) for path in files if path.name != "recording.ron"]
    expected = range(1, exchanges + 1)
    if numbers != list(expected):
        missing, surplus = sorted({*expected} - {*numbers}), sorted({*numbers} - {*expected})
        raise BadRecording(f"expected exchanges 1 to {exchanges} once each; missing {missing}, surplus {surplus}")

    for path in files:
        for secret in secrets:
            forbid(secret, path)
        for address in addresses if path.name != "recording.ron" else ():
            forbid(address, path)


def check_exchange(path: Path) -> int:
    """The number of the exchange in this file; stop unless a person can read it and its name tells what is inside."""
    name = EXCHANGE.fullmatch(path.name)
    if name is None:
        raise BadRecording(f"{path} is not named NUMBER-METHOD-PATH-STATUS.json")
    text = path.read_text(encoding="utf-8")
    exchange = json.loads(text)
    inside = (exchange["request"]["method"], str(exchange["response"]["status"]))
    if inside != (name["method"], name["status"]):
        raise BadRecording(f"{path} holds {' '.join(inside)}, which its name does not say")
    if text.count("\n") < len(exchange["request"]) + len(exchange["response"]):
        raise BadRecording(f"{path} is not laid out for a person: {text.count(chr(10))} lines")
    return int(name["number"])


def forbid(text: str, path: Path) -> None:
    """Stop if the bytes of this file contain `text`."""
    if text.encode() in path.read_bytes():
        raise BadRecording(f"{path} contains {text!r}")
