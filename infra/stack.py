"""The whole system, put together."""

from collections.abc import Mapping
from pathlib import Path

from aws_cdk import CfnOutput, RemovalPolicy, Stack
from constructs import Construct

from functions.shared.models.request_additions import Header
from infra.advice import advise
from infra.alarms import Alarms
from infra.attachments import AttachmentBucket
from infra.config.fields import Config
from infra.cost_guard import CostGuard
from infra.dashboard.construct import Dashboard
from infra.demo_page import DemoPage
from infra.domains import Domains
from infra.environment import ResourceRefs
from infra.functions import Functions
from infra.gradual import GradualDeployment
from infra.grants import Grants
from infra.http import Http
from infra.log_groups import LogKeeping
from infra.models import needs_key, secrets_of
from infra.queues import Queues
from infra.saved_queries import SavedQueries
from infra.secrets import Credential
from infra.storage import Storage
from infra.websocket import STAGE, WebSocket


class Framestream(Stack):
    """Two APIs, a table, two queues, five functions, and the alarms over them."""

    def __init__(
        self, scope: Construct, construct_id: str, *, config: Config, zips: Mapping[str, Path]
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            description="framestream: LLM answers, live on WebSockets.",
            termination_protection=config.termination_protection,
        )
        removal = _REMOVAL[config.removal]
        log_keeping = LogKeeping(days=config.log_retention_days, removal=removal)
        self._storage = Storage(
            self,
            "Storage",
            existing=config.table_name,
            kept=config.removal == "retain",
            warm_writes=config.table_warm_writes,
        )
        self._queues = Queues(self, "Work", config=config, removal=removal)
        self._token_secret = self._secret_of(config, removal)
        self._llm_key = self._model_key(config, removal)
        self._llm_secrets = {
            secret: Credential(self, f"LlmHeader{number}", existing=secret, description="", removal=removal)
            for number, secret in enumerate(secrets_of(config))
        }
        self._websocket = WebSocket(self, "WebSocket")
        self._domains = Domains(self, "Domains", config=config, removal=removal)
        self._websocket_domain = self._domains.websocket(self._websocket.api)
        self._page = self._page_of(config, removal)
        self._origins = config.allowed_origins + ((self._page.origin,) if self._page else ())
        self._attachments = self._attachments_of(config, removal)
        self._functions = Functions(
            self,
            "Functions",
            config=config,
            zips=zips,
            refs=self._refs(config),
            log_keeping=log_keeping,
        )
        self._grants(config).give()
        self._queues.feed(self._functions.worker.live, config=config)
        self._queues.remind(self._functions.generate.live)
        stage = self._websocket.open(functions=self._functions, config=config, log_keeping=log_keeping)
        self._websocket_domain.map_stage(self._websocket.api, stage, path=STAGE)
        self._http = Http(
            self,
            "Http",
            functions=self._functions,
            config=config,
            origins=self._origins,
            log_keeping=log_keeping,
        )
        self._http_domain = self._domains.http(self._http.api)
        self._http_domain.map_stage(self._http.api, self._http.stage)
        self._alarms = Alarms(
            self,
            "Alarms",
            config=config,
            functions=self._functions,
            queues=self._queues,
            table=self._storage.table,
            apis={"http": self._http.api, "websocket": self._websocket.api},
        )
        if config.deployment != "all_at_once":
            GradualDeployment(
                self, "Gradual", functions=self._functions, steps=config.deployment, alarms=self._alarms
            )
        CostGuard(self, "Costs", config=config, topic_arn=self._alarms.topic.topic_arn)
        self._dashboard = self._dashboard_of(config)
        if config.target == "aws":  # The emulator has no saved queries.
            SavedQueries(self, "Queries", folder=config.stack_name, functions=self._functions)
        self._outputs(config)
        advise(self, config)

    def _secret_of(self, config: Config, removal: RemovalPolicy) -> Credential | None:
        """Make or find what tokens are signed with; who has public keys needs no secret."""
        if not config.has_shared_secret:
            return None
        return Credential(
            self,
            "TokenSecret",
            existing=config.token_secret_name,
            description="What the tokens of framestream's users are signed with.",
            removal=removal,
        )

    def _model_key(self, config: Config, removal: RemovalPolicy) -> Credential | None:
        """Make or find the key of `llm_base_url`, if any model is asked there with it."""
        if not needs_key(config):
            return None
        return Credential(
            self,
            "LlmKey",
            existing=config.llm_key_secret_name,
            description="The key of the model's provider. Random, and so refused, until it is put here.",
            removal=removal,
        )

    def _dashboard_of(self, config: Config) -> Dashboard | None:
        if not config.dashboard:
            return None
        return Dashboard(
            self,
            "Dashboard",
            config=config,
            functions=self._functions,
            queues=self._queues,
            owners={
                ("http", "api"): self._http.api.api_id,
                ("websocket", "api"): self._websocket.api.api_id,
                ("dynamodb", "table"): self._storage.table.table_name,
            },
            alarms=self._alarms,
        )

    def _page_of(self, config: Config, removal: RemovalPolicy) -> DemoPage | None:
        if not config.demo_page:
            return None
        firewall = self._domains.firewall_arn
        return DemoPage(self, "DemoPage", config=config, removal=removal, firewall=firewall)

    def _attachments_of(self, config: Config, removal: RemovalPolicy) -> AttachmentBucket | None:
        if not config.attachments:
            return None
        return AttachmentBucket(self, "Attachments", config=config, origins=self._origins, removal=removal)

    def _refs(self, config: Config) -> ResourceRefs:
        """Return what functions are told about the stack, before the APIs' routes need the functions."""
        url = self._websocket_url
        if config.target == "local":
            url = config.websocket_endpoint.replace("{api_id}", self._websocket.api.api_id)
        return ResourceRefs(
            table_name=self._storage.table.table_name,
            queue_url=self._queues.queue.queue_url,
            reminders_url=self._queues.reminders.queue_url,
            token_secret_arn=self._token_secret.reference if self._token_secret else "",
            llm_key_secret_arn=self._llm_key.reference if self._llm_key else "",
            llm_headers=tuple(map(self._resolved, config.llm_headers)),
            management_endpoint=self._management_endpoint(config),
            websocket_url=url,
            edge_secret_arn=self._domains.secret_arn,
            attachments_bucket=self._attachments.bucket.bucket_name if self._attachments else "",
            allowed_origins=self._origins,
        )

    def _resolved(self, header: Header) -> Header:
        """Name a header's secret, if it has one, by what it is asked for by."""
        known = self._llm_secrets.get(header.secret)
        return header._replace(secret=known.reference) if known else header

    def _management_endpoint(self, config: Config) -> str:
        if config.target == "local":
            return config.execute_api_endpoint.replace("{api_id}", self._websocket.api.api_id)
        return self._websocket.management_endpoint

    @property
    def _websocket_url(self) -> str:
        return f"wss://{self._websocket_domain.host}/{STAGE}"

    def _grants(self, config: Config) -> Grants:
        return Grants(
            functions=self._functions,
            table_arn=self._storage.table.table_arn,
            queues=self._queues,
            websocket=self._websocket,
            attachments=self._attachments,
            token_secret=self._token_secret,
            model_secrets=(*filter(None, (self._llm_key,)), *self._llm_secrets.values()),
            edge_secret_arn=self._domains.secret_arn,
            models=config.models,
        )

    def _outputs(self, config: Config) -> None:
        """Give out what the owner of a front end, and an operator, need to know."""
        outputs = {
            "WebSocketUrl": self._websocket_url,
            "HttpUrl": f"https://{self._http_domain.host}",
            "ManagementEndpoint": self._management_endpoint(config),
            "WebSocketApiId": self._websocket.api.api_id,
            "HttpApiId": self._http.api.api_id,
            "TableName": self._storage.table.table_name,
            "QueueUrl": self._queues.queue.queue_url,
            "DeadLetterQueueUrl": self._queues.dead_letters.queue_url,
            "AlarmTopicArn": self._alarms.topic.topic_arn,
        }
        if self._llm_key:
            outputs["LlmKeySecretArn"] = self._llm_key.reference
        if any(row.role for row in config.models):
            outputs["WorkerRoleArn"] = self._functions.worker.role.role_arn
        if self._token_secret:
            outputs["TokenSecretArn"] = self._token_secret.reference
        if self._attachments:
            outputs["AttachmentsBucket"] = self._attachments.bucket.bucket_name
        if self._dashboard:
            outputs["DashboardName"] = self._dashboard.name
        if self._page:
            outputs["DemoPageUrl"] = self._page.origin
            outputs["DemoPageUpload"] = self._page.upload(http_url=outputs["HttpUrl"])
        for name, value in (outputs | self._domains.targets).items():
            CfnOutput(self, name, value=value)


_REMOVAL = {
    "retain": RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    "destroy": RemovalPolicy.DESTROY,
}
