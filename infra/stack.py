"""The whole system, put together."""

from collections.abc import Mapping
from pathlib import Path

from aws_cdk import RemovalPolicy, Stack
from constructs import Construct

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
from infra.outputs import Outputs
from infra.queues import Queues
from infra.saved_queries import SavedQueries
from infra.secrets import Secrets
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
        self._secrets = Secrets(self, config=config, removal=removal)
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
        self._outputs(config).give(self)
        advise(self, config)

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
            token_secret_arn=self._secrets.tokens.reference if self._secrets.tokens else "",
            llm_key_secret_arn=self._secrets.llm_key.reference if self._secrets.llm_key else "",
            llm_headers=tuple(map(self._secrets.resolved, config.llm_headers)),
            management_endpoint=self._management_endpoint(config),
            websocket_url=url,
            edge_secret_arn=self._domains.secret_arn,
            attachments_bucket=self._attachments.bucket.bucket_name if self._attachments else "",
            allowed_origins=self._origins,
        )

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
            token_secret=self._secrets.tokens,
            model_secrets=self._secrets.of_models,
            edge_secret_arn=self._domains.secret_arn,
            models=config.models,
        )

    def _outputs(self, config: Config) -> Outputs:
        return Outputs(
            config=config,
            websocket_url=self._websocket_url,
            http_url=f"https://{self._http_domain.host}",
            management_endpoint=self._management_endpoint(config),
            websocket=self._websocket,
            http=self._http,
            storage=self._storage,
            queues=self._queues,
            functions=self._functions,
            alarms=self._alarms,
            secrets=self._secrets,
            attachments=self._attachments,
            dashboard=self._dashboard,
            page=self._page,
            domains=self._domains,
        )


_REMOVAL = {
    "retain": RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    "destroy": RemovalPolicy.DESTROY,
}
