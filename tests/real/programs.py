"""The programs of a run: scimulate, the real service providers, and clients that are programs of their own. Each keeps its files in a folder."""

import json
import os
import socket
import subprocess
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import trustme

import recording
from journey import PASSWORD, WRONG_TOKEN
from process import Process, ProcessFailed
from recording import Sent

HERE = Path(__file__).parent
NODE_MODULES = HERE.parents[1] / ".ci" / "node_modules"
SCRIPTS = Path(sysconfig.get_path("scripts"))
ENDS_WITHIN_S = 300


class ProgramFailed(Exception):
    """A client that is a program of its own found something amiss."""


@dataclass(frozen=True)
class Endpoint:
    """Where SCIM is spoken over TLS: the base URL, and the authority (PEM) to trust there."""

    base_url: str
    authority: Path


@dataclass
class Programs:
    """The program under test, the place where this run keeps its files, and the token that upstreams want.

    The token is another at every run: were it to leak into a recording, no older run could hide it.
    """

    binary: Path
    folder: Path
    upstream_token: str
    # What clients send and nobody may write down.
    secrets: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.secrets |= {self.upstream_token, WRONG_TOKEN, PASSWORD}

    def room(self, name: str) -> Path:
        """A new folder."""
        return Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self.folder))

    @contextmanager
    def scimulate(self, verb: str, *arguments: str) -> Iterator[str]:
        """A running verb of scimulate: the SCIM base URL it announced. It has to end well when asked to."""
        folder = self.room(verb)
        ready_file = folder / "ready.json"
        command = [str(self.binary), verb, *arguments, "--listen", "127.0.0.1:0", "--ready-file", str(ready_file)]

        def announced() -> str | None:
            if not ready_file.exists():
                return None
            ready = json.loads(ready_file.read_text())
            if (ready["event"], ready["pid"]) != ("ready", process.child.pid):
                raise ProcessFailed(f"{verb} announced {ready}, but its process id is {process.child.pid}")
            return str(ready["scim"])

        with Process(f"scimulate {verb}", command, folder / "log", environment()) as process:
            yield process.wait_until(announced)
            if (code := process.stop()) != 0:
                raise ProcessFailed(f"scimulate {verb} ended with exit code {code} on SIGTERM; expected 0")
            for secret in self.secrets:
                recording.forbid(secret, process.log)

    def check(self, *arguments: str) -> str:
        """A verb of scimulate that says yes by its exit code; what it printed."""
        command = [str(self.binary), *arguments]
        result = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment())
        if result.returncode != 0:
            raise ProgramFailed(f"scimulate {' '.join(arguments)} ended with exit code {result.returncode}:\n{result.stdout}")
        return result.stdout

    @contextmanager
    def scimulate_over_tls(self, verb: str, *arguments: str) -> Iterator[Endpoint]:
        """The same with a certificate made for this run in front."""
        authority = self.room(f"{verb}-tls") / "ca.pem"
        with self.scimulate(verb, *arguments, "--tls-self-signed", "--tls-ca-out", str(authority)) as base_url:
            yield Endpoint(base_url, authority)

    @contextmanager
    def scim2_server(self) -> Iterator[str]:
        """A running scim2-server with an empty directory: its SCIM base URL."""
        folder = self.room("scim2-server")
        with reserved_port() as port:
            base_url = f"http://127.0.0.1:{port}/v2"
            # One word: a token may begin with a dash.
            options = ["--port", str(port), f"--bearer-token={self.upstream_token}"]

            def answers() -> bool | None:
                try:
                    headers = {"Authorization": f"Bearer {self.upstream_token}"}
                    httpx2.get(f"{base_url}/ServiceProviderConfig", headers=headers, trust_env=False).raise_for_status()
                except httpx2.TransportError:
                    return None
                return True

            command = [str(SCRIPTS / "scim2-server"), *options]
            with Process("scim2-server", command, folder / "log", environment()) as process:
                process.wait_until(answers)
                yield base_url

    @contextmanager
    def scimmy(self) -> Iterator[Endpoint]:
        """A running SCIMMY with an empty directory, over TLS, its certificate from an authority that nobody else has."""
        folder = self.room("scimmy")
        authority = trustme.CA()
        certificate = authority.issue_cert("127.0.0.1")
        files = authority_file, chain, key = [folder / name for name in ("ca.pem", "chain.pem", "key.pem")]
        for file, pem in zip(files, (authority.cert_pem, certificate.cert_chain_pems[0], certificate.private_key_pem), strict=True):
            pem.write_to_path(str(file))
        ready_file = folder / "ready"
        command = ["node", str(HERE / "scimmy.cjs"), str(chain), str(key), str(ready_file)]
        env = environment(NODE_PATH=str(NODE_MODULES), SCIM_TOKEN=self.upstream_token)
        with Process("SCIMMY", command, folder / "log", env) as process:
            yield Endpoint(process.wait_until(lambda: ready_file.read_text() if ready_file.exists() else None), authority_file)

    def node(self, script: str, *arguments: str, token: str, **env: str) -> str:
        """Run a client of Node.js to its end, which has to be a good one; what it printed."""
        result = subprocess.run(
            ["node", str(HERE / script), *arguments],
            check=False,  # what it prints is worth more than the exception
            env=environment(NODE_PATH=str(NODE_MODULES), SCIM_TOKEN=token, **env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=ENDS_WITHIN_S,
        )
        if result.returncode != 0:
            raise ProgramFailed(f"{script} ended with exit code {result.returncode}:\n{result.stdout}")
        return result.stdout.strip()

    def provisioning(self, endpoint: Endpoint, *, http2: bool = False, fresh: bool = False) -> list[Sent]:
        """Let the Node client live its life; what it sent. `fresh`: with values that no other run has."""
        log = self.room("provisioning") / "sent"
        options = [option for option, wanted in {"--http2": http2, "--fresh": fresh}.items() if wanted]
        self.node(
            "provisioning.cjs",
            endpoint.base_url,
            str(log),
            *options,
            token=self.upstream_token,
            NODE_EXTRA_CA_CERTS=str(endpoint.authority),
        )
        return [Sent.of(**json.loads(line)) for line in log.read_text().splitlines()]


def environment(**more: str) -> dict[str, str]:
    """The environment of a child: ours, without any proxy between it and loopback, and without CI, in which `record` records nothing."""
    ours = {name: value for name, value in os.environ.items() if name != "CI"}
    return {**ours, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1", **more}


@contextmanager
def reserved_port() -> Iterator[int]:
    """A free loopback port, for a server that cannot say which one the system gave it.

    It stays bound, so that nobody else is given it; a server that sets SO_REUSEADDR too may still listen on it (Linux).
    """
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()[1]
