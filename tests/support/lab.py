"""A local deployment behind a faulty proxy, with a faulty model, whose workers can be killed and frozen."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from local.deployment import aws_client
from tests.support import canaries
from tests.support.listener import Site
from tests.support.plain_http import HTTP
from tests.support.turns import turn

ROOT = Path(__file__).parents[2]
SETTINGS = {
    "lease_seconds": 10,
    "first_token_timeout_seconds": 6,
    "stall_timeout_seconds": 2,
    "max_receive_count": 5,
    "worker_max_concurrency": 6,
    "rejected_connects_alarm": 3,
    "failed_generations_alarm": 1,
}
"""Shorter times than a deployment's, so that faults are over in seconds; alarms that a few faults raise."""
PATIENCE = 60
"""Seconds that a helper process may take to answer: several deployments come up beside it."""
DEBUG = ("--set", "log_level=DEBUG")
PROVIDER = ("--provider", os.environ.get("FRAMESTREAM_PROVIDER", "openai"))
"""Whose API the model server is asked with."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """microburst: between the functions and the emulator, or in a cable."""

    url: str

    def rule(self, service: str, *, times: int, **rule: Any) -> None:
        """Let the next calls of a service go wrong. A rule that does nothing would pass: see `fired`."""
        rules = [{"service": service, "times": times, **rule}]
        HTTP.patch(f"{self.url}/_microburst/rules", json=rules).raise_for_status()

    def calm(self) -> None:
        """Drop all rules and forget what fired."""
        HTTP.post(f"{self.url}/_microburst/rules", json=[]).raise_for_status()
        HTTP.delete(f"{self.url}/_microburst/fired").raise_for_status()

    def fired(self) -> list[dict[str, Any]]:
        """Every fault that really happened since the last calm."""
        events: list[dict[str, Any]] = HTTP.get(f"{self.url}/_microburst/fired?limit=10000").json()
        return events


@dataclass(frozen=True, slots=True, kw_only=True)
class Lab:
    """Everything that a fault test needs to reach."""

    site: Site
    proxy: Proxy
    """Between the functions and AWS."""
    cable: Proxy
    """Between sockets that were opened with a ticket and the gateway."""
    state: Path

    def calls(self, key: str | None = None) -> list[dict[str, Any]]:
        """The model's calls, or those of one plan."""
        calls: list[dict[str, Any]] = HTTP.get(self.site.llm_base_url.replace("/v1", "/calls")).json()
        return [call for call in calls if key in {None, call["key"]}]

    def workers(self) -> list[int]:
        """The processes that run the worker function."""
        found = []
        for entry in Path("/proc").iterdir():
            with contextlib.suppress(OSError, ValueError):
                words = (entry / "cmdline").read_bytes().split(b"\0")
                if any(b"WorkerFunction" in word and os.fsencode(self.state) in word for word in words):
                    found.append(int(entry.name))
        return found

    def versions_at_work(self) -> set[bytes]:
        """The versions of the worker function that have a process."""
        found = set()
        for pid in self.workers():
            with contextlib.suppress(OSError):
                environ = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
                found |= {word for word in environ if word.startswith(b"AWS_LAMBDA_FUNCTION_VERSION=")}
        return found

    def signal_workers(self, number: signal.Signals) -> int:
        """Signal every worker process. Returns how many there were."""
        workers = self.workers()
        for pid in workers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        return len(workers)

    def aws(self, service: str) -> Any:
        """A client that goes to the emulator directly, past the proxy."""
        return _client(service, self.site.aws_endpoint_url)

    def gateway(self) -> Any:
        """The management API of the sockets."""
        return _client("apigatewaymanagementapi", self.site.websocket_url.replace("ws", "http", 1))

    def deliver_again(self, generation_id: str) -> None:
        """Put one more message for a generation on the queue, as SQS itself may."""
        body = json.dumps({"version": 1, "generation_id": generation_id})
        self.aws("sqs").send_message(QueueUrl=self.site.queue_url, MessageBody=body)

    def dead_letters(self) -> int:
        """How many messages are in the dead-letter queue."""
        reply = self.aws("sqs").get_queue_attributes(
            QueueUrl=self.site.dead_letter_queue_url, AttributeNames=["ApproximateNumberOfMessages"]
        )
        return int(reply["Attributes"]["ApproximateNumberOfMessages"])


_client = functools.cache(aws_client)
"""Made once for each service: that costs more than what it is asked for."""


def free_port() -> int:
    """A port that is free right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def process(*command: str, **options: Any) -> Iterator[subprocess.Popen[str]]:
    """Run a helper process for as long as it is needed, and no longer than this one lives."""
    with tempfile.TemporaryDirectory() as folder:
        supervisor = [sys.executable, "-m", "local.processes.supervisor", f"{folder}/process.json"]
        with subprocess.Popen(
            [*supervisor, *command],
            cwd=ROOT,
            text=True,
            stdin=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for us.
            **options,
        ) as running:
            try:
                yield running
            finally:
                assert running.stdin is not None
                running.stdin.close()
                running.wait()


@contextlib.contextmanager
def model_server() -> Iterator[str]:
    """Run a faulty model server. Yields its base URL."""
    with process(sys.executable, "-m", "tests.support.faulty_model", stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        yield f"http://127.0.0.1:{server.stdout.readline().strip()}/v1"


@contextlib.contextmanager
def deployed(state: Path, model_url: str, *arguments: str) -> Iterator[Site]:
    """Bring the real app up with the emulator, and take it down, after a search for secrets in its logs."""
    local = [sys.executable, "-m", "local"]
    ours = ["--ends-with", str(os.getpid())]
    with turn():
        subprocess.run(
            [
                *local,
                "up",
                "--detach",
                "--no-page",
                "--state",
                str(state),
                *ours,
                *DEBUG,
                *PROVIDER,
                *arguments,
            ],
            cwd=ROOT,
            env={**os.environ, "LLM_BASE_URL": model_url},
            check=True,
            timeout=500,
        )
    try:
        site = Site(**json.loads((state / "endpoints.json").read_text()))
        (outputs,) = json.loads((state / "outputs.json").read_text()).values()
        vault = canaries.client(site, "secretsmanager")
        if "LlmKeySecretArn" in outputs:
            vault.put_secret_value(SecretId=outputs["LlmKeySecretArn"], SecretString=canaries.MODEL_KEY)
        yield site
        canaries.search(site, state)
    finally:
        subprocess.run([*local, "down", "--state", str(state)], cwd=ROOT, check=True, timeout=180)


def await_first_socket(site: Site) -> None:
    """Let the handshake's function start: beside other deployments that takes longer than a call may."""
    give_up = time.monotonic() + PATIENCE
    while True:
        try:
            with connect(site.socket_url("first"), origin=Origin(site.origin), open_timeout=PATIENCE):
                return
        except InvalidStatus:
            if time.monotonic() > give_up:
                raise
            time.sleep(1)


@contextlib.contextmanager
def laboratory(state: Path, **settings: int | str) -> Iterator[Lab]:
    """Bring everything up behind the proxy."""
    port, proxy_port, cable_port, control_port = (free_port() for _ in range(4))
    # A proxy has another address than the emulator, so what the functions signed must be signed anew.
    upstream = ["--resign", "--upstream", f"http://127.0.0.1:{port}", "--port", str(proxy_port)]
    wire = ["--protocol", "tcp", "--upstream", f"127.0.0.1:{port}", "--port", str(cable_port)]
    sockets = f"ws://127.0.0.1:{cable_port}/_aws/execute-api/{{api_id}}/prod"
    overrides = {**SETTINGS, "websocket_endpoint": sockets, **settings}
    said = [word for name, value in overrides.items() for word in ("--set", f"{name}={value}")]
    with (
        model_server() as model_url,
        microburst(proxy_port, *upstream) as proxy,
        microburst(control_port, *wire, "--control-port", str(control_port)) as cable,
    ):
        arguments = ["--port", str(port), "--aws-endpoint-url", proxy.url, *said]
        with deployed(state, model_url, *arguments) as site:
            await_first_socket(site)
            yield Lab(site=site, proxy=proxy, cable=cable, state=state)


@contextlib.contextmanager
def microburst(port: int, *arguments: str) -> Iterator[Proxy]:
    """Run a proxy that takes its rules at this port."""
    emulators = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1"}
    with process(
        *[sys.executable, "-m", "tests.support.proxy", "--host", "127.0.0.1", *arguments],
        env={**os.environ, **emulators},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ):
        proxy = Proxy(f"http://127.0.0.1:{port}")
        _wait_for(f"{proxy.url}/_microburst/health")
        yield proxy


def _wait_for(url: str) -> None:
    for _ in range(100):
        with contextlib.suppress(httpx.TransportError):
            HTTP.get(url)
            return
        time.sleep(0.1)
    raise TimeoutError(url)
