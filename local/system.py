"""Brings the whole system up on this machine, in the order in which its parts need each other."""

from __future__ import annotations

import json
import os
import secrets
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from infra.bundling.cache import exclusive
from local import emulator
from local.aws import REGION, bare_environ
from local.demo_page import node
from local.deployment import Cdk, aws_client, cause, prepare_account
from local.endpoints import Endpoints
from local.errors import StepFailed
from local.model_secrets import named_secrets, store
from local.paths import CACHE, ROOT
from local.processes.services import port_for, running
from local.stand_in.model import Model

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import ExitStack

    from local.demo_page.demo import Demo
    from local.options import UpOptions
    from local.processes.services import Service
    from local.progress import Steps
    from local.state_dir import StateDir


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """A system that is coming up: what it started ends when `running` is closed."""

    state_dir: StateDir
    steps: Steps
    running: ExitStack
    demo: Demo | None

    def come_up(self, options: UpOptions) -> list[Service]:
        """Bring everything up, write down where it is, and return what has to stay alive.

        Raises:
            LocalError: If anything on the way fails.
        """
        port = port_for(options.port, "--port")
        self._install()
        model, servers = self._model(options)
        endpoint = f"http://127.0.0.1:{port}"
        cdk = Cdk(state_dir=self.state_dir, endpoint=endpoint)
        settings = options.deployment(
            model=model, emulator=endpoint, origins=self.demo.origins if self.demo else ()
        )
        with cdk.synth(settings) as synth:
            with self.steps.step("Start the emulator"):
                servers.append(
                    self.running.enter_context(emulator.emulator(state_dir=self.state_dir, port=port))
                )
            with self.steps.step("Prepare it for the CDK"):
                prepare_account(endpoint)
            with self.steps.step("Build the functions and the template"):
                synth.wait(reason=cause)
        with self.steps.step("Deploy"):
            outputs = cdk.deploy()
            cdk.repeat_cors(outputs["HttpApiId"])
        servers.append(self._watch_metrics(endpoint, settings))
        self._open(endpoint, outputs, model=model, settings=settings)
        return servers

    def _install(self) -> None:
        # A second system, with another state directory, must not install the same thing at the same time.
        with exclusive(CACHE, "lock"):
            if not emulator.is_installed():
                with self.steps.step("Install the emulator"):
                    self._run("Installing the emulator", *emulator.install_commands())
                    emulator.mark_installed()
            if not node.is_installed(ROOT):
                with self.steps.step("Install the CDK's command line"):
                    self._run("Installing the CDK's command line", node.npm_ci(ROOT))
                    node.mark_installed(ROOT)

    def _run(self, title: str, *commands: list[str]) -> None:
        environ = dict(os.environ) | {"PATH": node.search_path()}
        for command in commands:
            with running(
                title, command, state_dir=self.state_dir, name="install", environ=environ
            ) as service:
                service.wait(reason=cause)

    def _model(self, options: UpOptions) -> tuple[Model, list[Service]]:
        if model := Model.named_by(os.environ):
            return model, []
        port = port_for(options.llm_port, "--llm-port")
        command = [sys.executable, "-m", "local.stand_in.server", "--port", str(port)]
        model = Model.stand_in(port)
        with self.steps.step("Start the stand-in model"):
            server = self.running.enter_context(
                running(
                    "The stand-in model",
                    command,
                    state_dir=self.state_dir,
                    name="standin",
                    environ=bare_environ(),
                )
            )
            server.wait_until_it_answers(f"{model.base_url}/models")
        return model, [server]

    def _watch_metrics(self, endpoint: str, settings: Mapping[str, str]) -> Service:
        """Do what CloudWatch does with logs and alarms."""
        command = [sys.executable, "-m", "local.cloudwatch", "--endpoint", endpoint]
        told = ["--outputs", str(self.state_dir.outputs), "--settings", json.dumps(dict(settings))]
        return self.running.enter_context(
            running(
                "The metrics and alarms",
                [*command, *told],
                state_dir=self.state_dir,
                name="cloudwatch",
                environ=bare_environ(),
            )
        )

    def _open(
        self, endpoint: str, outputs: Mapping[str, str], *, model: Model, settings: Mapping[str, str]
    ) -> None:
        """Store the secrets, and write down the addresses."""
        jwt_secret = secrets.token_urlsafe(48)
        vault = aws_client("secretsmanager", endpoint)
        try:
            if "TokenSecretArn" in outputs:  # Not where tokens are signed with a key of their own.
                vault.put_secret_value(SecretId=outputs["TokenSecretArn"], SecretString=jwt_secret)
            if "LlmKeySecretArn" in outputs:  # Not where each model has a server of its own.
                vault.put_secret_value(SecretId=outputs["LlmKeySecretArn"], SecretString=model.key)
            store(vault, named_secrets(settings, os.environ))
        except (BotoCoreError, ClientError) as error:
            log = self.state_dir.log("emulator")
            raise StepFailed("Storing the secrets", str(error), log) from error
        gateway = f"127.0.0.1:{endpoint.rpartition(':')[2]}/_aws/execute-api"
        Endpoints(
            websocket_url=f"ws://{gateway}/{outputs['WebSocketApiId']}/prod",
            http_url=f"http://{gateway}/{outputs['HttpApiId']}",
            page_url=self.demo.url if self.demo else "",
            jwt_secret=jwt_secret,
            origin=settings["allowed_origins"].split(",")[0],
            llm_base_url=model.base_url,
            table_name=outputs["TableName"],
            queue_url=outputs["QueueUrl"],
            dead_letter_queue_url=outputs["DeadLetterQueueUrl"],
            aws_endpoint_url=endpoint,
            region=REGION,
        ).write(self.state_dir)
