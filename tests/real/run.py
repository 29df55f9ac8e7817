#!/usr/bin/env python3
"""scimulate with real programs at both of its ends.

Clients: scim2-cli, scim2-client, scim2-tester, httpx, Node.js and the libraries of npm. Service providers: scim2-server and SCIMMY.
Stops at the first stage that fails, and prints what the programs of that stage said last.
"""

import argparse
import json
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import httpx2

import recording
from conformance import TYPED, UNRETURNED, CheckFailed, Tester, conformance
from faults import Faults
from journey import BrokenPromise, Journey
from process import ProcessFailed
from programs import ProgramFailed, Programs, environment
from recording import KEY, BadRecording, Sent

SCENARIOS = Path(__file__).parents[2] / "scenarios"
EVERY_FAULT = Path(__file__).parents[1] / "data" / "faults" / "every-kind.ron"
# The recordings that come with the program, by the service provider that answers.
SHIPPED = Path(__file__).parents[2] / "fixtures"
FULL_USER = Path(__file__).parents[1] / "data" / "rfc7643" / "02-8.2-a-full-user.json"
# Those that real clients are to find nothing amiss with; the others refuse what their originals refuse.
PROFILES = ("rfc", "okta-ready", "entra-ready")
# Said, because the gate may run where CI is set, and `record` would then write nothing.
RECORD = ("record", "--mode", "all")
# What scim2-tester makes up follows from it.
SEED = 7


@dataclass
class Suite:
    """The stages, and what they share."""

    programs: Programs
    demo_token: str
    # Whether clients that make values up make up others when their recording is replayed.
    fresh: bool

    def serve_passes_scim2_test(self) -> str:
        with self.programs.scimulate("serve") as base_url:
            return conformance(base_url, self.demo_token)

    def strict_serve_passes_scim2_test(self) -> str:
        scenario = self.programs.folder / "strict.ron"
        auth = f'auth: [Bearer("{self.demo_token}")], provider: Provider(strictness: Strict)'
        scenario.write_text(f"Scenario({auth})")
        with self.programs.scimulate("serve", str(scenario)) as base_url:
            (self.programs.folder / "user.json").write_text(json.dumps(suggesting(user_schema(base_url))))
        scenario.write_text(f'Scenario({auth}, schemas: ["user.json"])')
        with self.programs.scimulate("serve", str(scenario)) as base_url:
            return conformance(base_url, self.demo_token)

    def every_type_passes_scim2_test(self) -> str:
        with self.programs.scimulate("serve", str(SCENARIOS / "every-type.ron")) as base_url:
            return conformance(base_url, "every-token", TYPED | UNRETURNED)

    def a_profile_serves_real_clients(self, profile: str) -> str:
        scenario = self.programs.folder / f"{profile}.ron"
        scenario.write_text(f'Scenario(auth: [Bearer("{self.demo_token}")], provider: Provider(profile: "{profile}"))')
        with self.programs.scimulate("serve", str(scenario)) as base_url:
            travelled = journey(base_url, self.demo_token)
            return f"scim2-client: {travelled}; npm: {self.libraries(base_url)}"

    def serve_carries_the_journey(self) -> str:
        with self.programs.scimulate("serve") as base_url:
            return journey(base_url, self.demo_token)

    def every_fault_is_what_it_promises(self) -> str:
        kinds = self.kinds_of_fault()
        Faults.cover(kinds)
        for kind in kinds:
            # Each with a clock and counters of its own.
            with self.programs.scimulate("serve", str(EVERY_FAULT)) as base_url:
                Faults(base_url).check(kind)
        return f"{len(kinds)} kinds, every promise kept"

    def kinds_of_fault(self) -> list[str]:
        """The kinds that the program knows: it lists them to whoever names another."""
        scenario = self.programs.folder / "unknown-fault.ron"
        scenario.write_text("Scenario(faults: [Fault(then: Other)])")
        command = [str(self.programs.binary), "check", "--format", "json", str(scenario)]
        found = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True, env=environment())
        return re.findall(r"`(\w+)`", json.loads(found.stdout)["findings"][0]["label"])

    def libraries(self, base_url: str) -> str:
        """Run what npm has for SCIM; every check has to hold. How many were made."""
        return self.programs.node("libraries.cjs", base_url, token=self.demo_token)

    def recording_of_the_journey(self, out: Path) -> str:
        with self.programs.scim2_server() as upstream:
            # Straight at the service provider first: if it is the journey that is wrong, it is wrong here.
            journey(upstream, self.programs.upstream_token)
        with self.recorded(out) as (upstream, base_url):
            traveller = Journey(base_url, self.programs.upstream_token)
            traveller.travel()
        return self.complete(out, traveller.sent, upstream, base_url)

    def replay_of_the_journey(self, folder: Path) -> str:
        with self.programs.scimulate("replay", str(folder)) as base_url:
            return journey(base_url, self.programs.upstream_token)

    def recording_of_the_tester(self, out: Path) -> str:
        with self.recorded(out) as (upstream, base_url):
            tester = Tester(base_url, self.programs.upstream_token, SEED)
            passed = tester.check()
            self.programs.secrets |= tester.passwords
        return f"{passed}; {self.complete(out, tester.sent, upstream, base_url)}"

    def replay_of_the_tester(self, folder: Path) -> str:
        with self.programs.scimulate("replay", str(folder)) as base_url:
            return Tester(base_url, self.programs.upstream_token, SEED + self.fresh).check()

    def recording_of_scimmy(self, out: Path) -> str:
        with self.programs.scimmy() as upstream:
            self.programs.provisioning(upstream)
        with (
            self.programs.scimmy() as upstream,
            self.programs.scimulate_over_tls(
                *RECORD, "--upstream", upstream.base_url, "--upstream-ca", str(upstream.authority), "--out", str(out)
            ) as front,
        ):
            sent = self.programs.provisioning(front, http2=True)
        return self.complete(out, sent, upstream.base_url, front.base_url)

    def replay_of_scimmy(self, folder: Path) -> str:
        said = []
        for http2 in (True, False):
            with self.programs.scimulate_over_tls("replay", str(folder)) as front:
                said.append(f"{len(self.programs.provisioning(front, http2=http2, fresh=self.fresh))} requests")
        return " and ".join(said)

    @contextmanager
    def recorded(self, out: Path) -> Iterator[tuple[str, str]]:
        """A scim2-server with nobody in it and, before it, `record`: their base URLs."""
        with (
            self.programs.scim2_server() as upstream,
            self.programs.scimulate(*RECORD, "--upstream", upstream, "--out", str(out)) as base_url,
        ):
            yield upstream, base_url

    def complete(self, out: Path, sent: list[Sent], *base_urls: str) -> str:
        """Stop unless the recording is what was sent, in order, and clean."""
        recording.check(out, sent, self.programs.secrets, base_urls)
        self.programs.check("redact", "--check", str(out))
        return f"{len(sent)} exchanges on disk, in order, no secret among them"


def user_schema(base_url: str) -> dict[str, Any]:
    """The schema of users, as it is published."""
    answer = httpx2.get(f"{base_url}/Schemas/urn:ietf:params:scim:schemas:core:2.0:User", trust_env=False).raise_for_status()
    return {name: value for name, value in answer.json().items() if name != "meta"}


def suggesting(schema: dict[str, Any]) -> dict[str, Any]:
    """The same with values that fit (RFC 7643 section 7, `canonicalValues`) where a word that scim2-tester makes up would not: it
    takes what a schema suggests, and random text where that is silent. RFC 7643 section 4.1 says what these attributes can hold.
    """
    full_user = json.loads(FULL_USER.read_text())["document"]
    certificate = full_user["x509Certificates"][0]["value"]
    suggested = {
        ("locale",): ["nb-NO", "en-US"],
        ("preferredLanguage",): ["nb-NO", "en-US"],
        ("timezone",): ["Europe/Oslo", "America/Los_Angeles"],
        ("addresses", "country"): ["NO", "US"],
        ("x509Certificates", "value"): [certificate],
    }
    for path, values in suggested.items():
        attribute = schema
        for name in path:
            inner = attribute.get("attributes") or attribute["subAttributes"]
            attribute = next(it for it in inner if it["name"] == name)
        attribute["canonicalValues"] = values
    return schema


def journey(base_url: str, token: str) -> str:
    """Take the journey; how far it was."""
    return f"{Journey(base_url, token).travel()} requests"


def stage(name: str, run: Callable[[], str]) -> None:
    """Run a stage and say how it went."""
    print(f"{name} ...", flush=True)
    started = time.monotonic()
    try:
        result = run()
    except (CheckFailed, BrokenPromise, BadRecording, ProcessFailed, ProgramFailed) as error:
        sys.exit(f"FAILED {name}: {error}")
    except Exception:
        print(f"FAILED {name}:", file=sys.stderr)
        raise
    print(f"ok     {name}: {result} ({time.monotonic() - started:.1f} s)", flush=True)


def end_on_sigterm(_signal: int, _frame: object) -> NoReturn:
    """Unwind, so that every `with` ends what it started."""
    sys.exit(128 + signal.SIGTERM)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("binary", type=Path, help="the scimulate to test")
    arguments.add_argument("--demo-token", default="demo-token", help="the token of the built-in demo scenario")
    arguments.add_argument("--ship", action="store_true", help="make the new recordings the shipped ones")
    arguments.add_argument("--fresh", action="store_true", help="let clients make up new values when a recording is replayed")
    options = arguments.parse_args()
    if not options.binary.is_file():
        arguments.error(f"there is no program at {options.binary}; cargo build makes target/debug/scimulate")
    signal.signal(signal.SIGTERM, end_on_sigterm)

    with tempfile.TemporaryDirectory(prefix="scimulate-real-") as folder:
        programs = Programs(options.binary.resolve(), Path(folder), secrets.token_urlsafe(24))
        suite = Suite(programs, options.demo_token, options.fresh)
        recorded, tested, scimmy = (Path(folder) / name for name in ("journey", "tester", "scimmy"))
        stage("serve, checked by scim2 test", suite.serve_passes_scim2_test)
        stage("strict serve, checked by scim2 test", suite.strict_serve_passes_scim2_test)
        stage("every type, checked by scim2 test", suite.every_type_passes_scim2_test)
        for profile in PROFILES:
            stage(f"{profile}, with real clients", lambda profile=profile: suite.a_profile_serves_real_clients(profile))
        stage("serve, on the journey", suite.serve_carries_the_journey)
        stage("serve, every kind of fault", suite.every_fault_is_what_it_promises)
        stage("record of scim2-server, on the journey", lambda: suite.recording_of_the_journey(recorded))
        stage("replay of that", lambda: suite.replay_of_the_journey(recorded))
        stage("record of scim2-server, checked by scim2-tester", lambda: suite.recording_of_the_tester(tested))
        stage("replay of that", lambda: suite.replay_of_the_tester(tested))
        stage("record of SCIMMY over TLS on both sides, HTTP/2 in front, by Node.js", lambda: suite.recording_of_scimmy(scimmy))
        stage("replay of that, over HTTP/2 and HTTP/1.1", lambda: suite.replay_of_scimmy(scimmy))
        if options.ship:
            for made, name in ((recorded, "scim2-server"), (scimmy, "scimmy")):
                shutil.rmtree(SHIPPED / name, ignore_errors=True)
                # Without the key of its tags, which stays with whoever recorded.
                shutil.copytree(made, SHIPPED / name, ignore=shutil.ignore_patterns(*KEY))
        stage("replay of the shipped recording of scim2-server", lambda: suite.replay_of_the_journey(SHIPPED / "scim2-server"))
        stage("replay of the shipped recording of SCIMMY", lambda: suite.replay_of_scimmy(SHIPPED / "scimmy"))


if __name__ == "__main__":
    main()
