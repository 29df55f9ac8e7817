"""What a recording on disk has to be: one readable file an exchange, complete, in the order of what was sent, and without a secret in it."""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qsl

import httpx2

EXCHANGE = re.compile(r"(?P<number>\d{4,})-(?P<method>[A-Z]+)(-.*)?-(?P<status>\d{3})\.json")

# What `record` may leave beside the exchanges for itself: the key of its tags, and what keeps it out of a repository.
KEY = (".key", ".gitignore")


class BadRecording(Exception):
    """A recording is not what it has to be."""


@dataclass(frozen=True)
class Sent:
    """A request as its client saw it, relative to the SCIM base, and the status that came."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    status: int

    @classmethod
    def of(cls, method: str, target: str, status: int) -> Self:
        path, _, query = target.partition("?")
        return cls(method, path, tuple(parse_qsl(query, keep_blank_values=True)), status)

    def __str__(self) -> str:
        return f"{self.method} {self.path} {dict(self.query)} {self.status}"


def watcher(base_url: str, sent: list[Sent]) -> Callable[[httpx2.Response], None]:
    """A hook for a client of httpx that keeps in `sent` what it sends below this base."""
    base_path = httpx2.URL(base_url).path.rstrip("/")

    def watch(answer: httpx2.Response) -> None:
        target = answer.request.url.raw_path.decode()
        sent.append(Sent.of(answer.request.method, target.removeprefix(base_path), answer.status_code))

    return watch


def check(folder: Path, sent: Sequence[Sent], secrets: Iterable[str], base_urls: Iterable[str]) -> None:
    """Stop unless `folder` holds exactly what was sent, in that order, none of the secrets and, outside of its head, no base URL's origin."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name not in KEY)
    names = [path.relative_to(folder).as_posix() for path in files]
    if "recording.ron" not in names:
        raise BadRecording(f"{folder} has no recording.ron among {names}")

    recorded = dict(read_exchange(path) for path in files if path.name != "recording.ron")
    expected = dict(enumerate(sent, start=1))
    missing, surplus = sorted({*expected} - {*recorded}), sorted({*recorded} - {*expected})
    if missing or surplus or len(recorded) != len(files) - 1:
        raise BadRecording(f"expected exchanges 1 to {len(sent)} once each; missing {missing}, surplus {surplus}, files {len(files) - 1}")
    for number, exchange in expected.items():
        if recorded[number] != exchange:
            raise BadRecording(f"exchange {number} is {recorded[number]}; the client had {exchange} there")

    origins = [f"{url.scheme}://{url.netloc.decode()}" for url in map(httpx2.URL, base_urls)]
    for path in files:
        for secret in secrets:
            forbid(secret, path)
        for origin in origins if path.name != "recording.ron" else ():
            forbid(origin, path)


def read_exchange(path: Path) -> tuple[int, Sent]:
    """The exchange in this file, and its number; stop unless a person can read it and its name tells what is inside."""
    name = EXCHANGE.fullmatch(path.name)
    if name is None:
        raise BadRecording(f"{path} is not named NUMBER-METHOD-PATH-STATUS.json")
    text = path.read_text(encoding="utf-8")
    exchange: dict[str, Any] = json.loads(text)
    request, status = exchange["request"], exchange["response"]["status"]
    if (request["method"], str(status)) != (name["method"], name["status"]):
        raise BadRecording(f"{path} holds {request['method']} {status}, which its name does not say")
    if text.count("\n") < len(request) + len(exchange["response"]):
        raise BadRecording(f"{path} is not laid out for a person: {text.count(chr(10))} lines")
    query = tuple((key, value) for key, value in request["query"])
    return int(name["number"]), Sent(request["method"], request["path"], query, status)


def forbid(text: str, path: Path) -> None:
    """Stop if the bytes of this file contain `text`."""
    if text.encode() in path.read_bytes():
        raise BadRecording(f"{path} contains {text!r}")
