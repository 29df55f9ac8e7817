"""Every kind of fault as httpx meets it: what the scenario promises is what the client reports.

The scenario is tests/data/faults/every-kind.ron. A kind that the program knows and that has no check here fails.
"""

import json
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from journey import BrokenPromise, expect

MARK = "scimulate-fault"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
# As long as a client waits for what never comes; everything else comes long before PATIENCE_S is over.
IMPATIENCE_S = 0.3
PATIENCE_S = 30.0


class Faults:
    """A client, and a check of each kind of fault: a method of its name."""

    def __init__(self, base_url: str) -> None:
        # Neither HTTP_PROXY nor a .netrc may come between the client and loopback.
        self.client = httpx.Client(base_url=base_url, timeout=PATIENCE_S, trust_env=False)

    @staticmethod
    def cover(kinds: Iterable[str]) -> None:
        """Stop unless these kinds are the ones that have a check."""
        checked = {name for name in vars(Faults) if name[0].isupper()}
        expect("the kinds of fault that are checked", sorted(checked), sorted(kinds))

    def check(self, kind: str) -> None:
        """Stop unless the client sees what a fault of this kind promises."""
        with self.client:
            getattr(self, kind)()

    def get(self, target: str, fault: str = "") -> httpx.Response:
        return self.client.get(target, headers={"x-fault": fault})

    def make(self, name: str, fault: str = "") -> httpx.Response:
        return self.client.post("/Users", json={"userName": name}, headers={"x-fault": fault})

    def whole(self) -> bytes:
        """What the answer would have been."""
        answer = self.get("/Users")
        expect("mark of an answer that is as it should be", answer.headers.get(MARK), None)
        return answer.content

    # The kinds

    def Status(self) -> None:
        error = self.get("/Users", "status")
        is_error(error, 503, "Status")
        expect("Retry-After", error.headers.get("retry-after"), None)
        body = self.get("/Users", "status-json")
        is_answer(body, 409, "Status")
        expect("JSON of the scenario", body.json(), {"taken": ["ann", None]})
        text = self.get("/Users", "status-text")
        is_answer(text, 502, "Status")
        expect("text of the scenario", text.text, "<h1>Bad gateway</h1>")
        expect("headers of the scenario", (text.headers["content-type"], text.headers["x-cause"]), ("text/html", "proxy"))
        seconds = self.get("/Users", "retry-seconds")
        is_error(seconds, 429, "Status")
        expect("Retry-After in seconds", seconds.headers["retry-after"], "2")
        date = self.get("/Users", "retry-date")
        is_error(date, 429, "Status")
        later = datetime(2026, 1, 1, 0, 1, 30, tzinfo=timezone.utc)
        expect("Retry-After as a date", parsedate_to_datetime(date.headers["retry-after"]), later)

    def RateLimit(self) -> None:
        for remaining in [1, 0]:
            within = self.get("/Users", "quota")
            expect("status and mark within the quota", (within.status_code, within.headers.get(MARK)), (200, None))
            expect("limit", within.headers["ratelimit-limit"], "2")
            expect("remaining", within.headers["ratelimit-remaining"], str(remaining))
        beyond = self.get("/Users", "quota")
        is_error(beyond, 429, "RateLimit")
        expect("Retry-After", beyond.headers["retry-after"], beyond.headers["ratelimit-reset"])
        expect("remaining", beyond.headers["ratelimit-remaining"], "0")

    def Outage(self) -> None:
        for seconds in ["60", "59"]:
            answer = self.get("/Users", "outage")
            is_error(answer, 503, "Outage")
            expect("Retry-After to the end of the window", answer.headers["retry-after"], seconds)
            self.make("hal")  # which takes a second

    def PreconditionFailed(self) -> None:
        def change(fault: str) -> httpx.Response:
            headers = {"x-fault": fault, "if-match": 'W/"1"'}
            return self.client.put("/Users/user-2", json={"userName": "bob", "title": "x"}, headers=headers)

        is_error(change("changed"), 412, "PreconditionFailed")
        expect("title after the refusal", self.get("/Users/user-2").json().get("title"), None)
        expect("status without the fault", change("").status_code, 200)

    def ExpiredCursor(self) -> None:
        first = self.get("/Users?cursor&count=3", "cursor")
        expect("status and mark of the first page", (first.status_code, first.headers.get(MARK)), (200, None))
        second = f"/Users?cursor={first.json()['nextCursor']}&count=3"
        expired = self.get(second, "cursor")
        is_error(expired, 400, "ExpiredCursor")
        expect("scimType", expired.json()["scimType"], "expiredCursor")
        expect("status without the fault", self.get(second).status_code, 200)

    def Truncated(self) -> None:
        answer = self.get("/Users", "truncated")
        is_answer(answer, 200, "Truncated")
        expect("what came", answer.content, self.whole()[:20])
        is_no_json(answer)

    def Malformed(self) -> None:
        answer = self.get("/Users", "malformed")
        is_answer(answer, 200, "Malformed")
        expect("length", len(answer.content), len(self.whole()) - 1)
        is_no_json(answer)

    def WrongContentType(self) -> None:
        answer = self.get("/Users", "media-type")
        is_answer(answer, 200, "WrongContentType")
        expect("content-type", answer.headers["content-type"], "text/html")
        expect("body", answer.content, self.whole())

    def StaleRead(self) -> None:
        """A second old, by the clock of the scenario, on which each change takes a second."""
        made = self.make("stale", "stale")
        expect("status and mark of a write", (made.status_code, made.headers.get(MARK)), (201, None))
        user = f"/Users/{made.json()['id']}"
        is_answer(self.get(user, "stale"), 404, "StaleRead")
        expect("status of a read that is not stale", self.get(user).status_code, 200)
        self.make("later")
        is_answer(self.get(user, "stale"), 200, "StaleRead")

    def pages(self, fault: str, mark: str) -> list[str]:
        names: list[str] = []
        for start, expected in [(1, None), (4, mark)]:
            page = self.get(f"/Users?count=3&sortBy=userName&startIndex={start}", fault)
            is_answer(page, 200, expected)
            names += [user["userName"] for user in page.json()["Resources"]]
        return names

    def DuplicateEntries(self) -> None:
        expect("two pages", self.pages("duplicate", "DuplicateEntries"), ["ann", "bob", "cyd", "cyd", "dan", "eve"])

    def MissingEntries(self) -> None:
        expect("two pages", self.pages("missing", "MissingEntries"), ["ann", "bob", "cyd", "eve", "fay", "gil"])

    def Delay(self) -> None:
        whole = self.whole()
        for fault, least_s in [("delay", 0.15), ("delay-range", 0.06), ("delay-lognormal", 0.001)]:
            asked = time.monotonic()
            answer = self.get("/Users", fault)
            took = time.monotonic() - asked
            is_answer(answer, 200, "Delay")
            expect("body", answer.content, whole)
            expect(f"{fault}: at least {least_s} s late, it was {took:.3f} s", took >= least_s, True)

    def Timeout(self) -> None:
        headers = {"x-fault": "timeout"}
        with reported(httpx.ReadTimeout):
            self.client.delete("/Users/user-7", headers=headers, timeout=httpx.Timeout(PATIENCE_S, read=IMPATIENCE_S))
        expect("status of what was deleted unheard", self.get("/Users/user-7").status_code, 404)

    def Disconnect(self) -> None:
        with reported(httpx.RemoteProtocolError, "without sending a response"):
            self.get("/Users", "disconnect")
        with reported(httpx.ReadError):
            self.get("/Users", "reset")
        whole = self.whole()
        came = self.part("disconnect-20", httpx.RemoteProtocolError, len(whole))
        expect("the bytes that came", came, whole[:20])
        came = self.part("reset-20", httpx.ReadError, len(whole))
        # A reset may take with it what the client has not read yet.
        expect(f"{came!r} begins what would have come", whole[:20].startswith(came), True)

    def part(self, fault: str, error: type[httpx.TransportError], length: int) -> bytes:
        """What came of an answer of this length before the connection ended, which is reported so."""
        came = b""
        with reported(error), self.client.stream("GET", "/Users", headers={"x-fault": fault}) as answer:
            is_answer(answer, 200, "Disconnect")
            expect("content-length", answer.headers["content-length"], str(length))
            for piece in answer.iter_raw():
                came += piece
        return came

    def Dribble(self) -> None:
        whole = self.whole()
        asked = time.monotonic()
        answer = self.get("/Users", "dribble")
        took = time.monotonic() - asked
        is_answer(answer, 200, "Dribble")
        expect("body", answer.content, whole)
        least_s = 0.02 * -(-len(whole) // 400)
        expect(f"a pause before each piece: at least {least_s:.2f} s, it was {took:.3f} s", took >= least_s, True)


def is_answer(answer: httpx.Response, status: int, fault: str | None) -> None:
    """Stop unless this is the status, and the fault that the answer says it met."""
    expect("status and mark", (answer.status_code, answer.headers.get(MARK)), (status, fault))


def is_error(answer: httpx.Response, status: int, fault: str) -> None:
    """Stop unless it is an error of SCIM besides."""
    is_answer(answer, status, fault)
    body: dict[str, Any] = answer.json()
    expect("schemas and status of the error", (body["schemas"], body["status"]), ([ERROR], str(status)))


def is_no_json(answer: httpx.Response) -> None:
    """Stop if the body can be read."""
    try:
        answer.json()
    except json.JSONDecodeError:
        return
    raise BrokenPromise(f"expected a body that is no JSON, got {answer.text}")


@contextmanager
def reported(error: type[httpx.TransportError], text: str = "") -> Iterator[None]:
    """Stop unless httpx reports this, and nothing more general or more special."""
    try:
        yield
    except httpx.TransportError as found:
        expect("what httpx reports", type(found), error)
        expect(f"{text!r} in {found}", text in str(found), True)
    else:
        raise BrokenPromise(f"expected {error.__name__}, got an answer")
