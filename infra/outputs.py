"""What the stack tells the owner of a front end, and an operator: its addresses, names and secrets."""

from collections.abc import Iterator
from dataclasses import dataclass

from aws_cdk import CfnOutput
from constructs import Construct

from infra.alarms import Alarms
from infra.attachments import AttachmentBucket
from infra.config.fields import Config
from infra.dashboard.construct import Dashboard
from infra.demo_page import DemoPage
from infra.domains import Domains
from infra.functions import Functions
from infra.http import Http
from infra.queues import Queues
from infra.secrets import Secrets
from infra.storage import Storage
from infra.websocket import WebSocket


@dataclass(frozen=True, slots=True, kw_only=True)
class Outputs:
    """The parts of a stack that have something to tell."""

    config: Config
    websocket_url: str
    http_url: str
    management_endpoint: str
    websocket: WebSocket
    http: Http
    storage: Storage
    queues: Queues
    functions: Functions
    alarms: Alarms
    secrets: Secrets
    attachments: AttachmentBucket | None
    dashboard: Dashboard | None
    page: DemoPage | None
    domains: Domains

    def give(self, scope: Construct) -> None:
        """Give them out."""
        for name, value in (self._always() | dict(self._chosen()) | self.domains.targets).items():
            CfnOutput(scope, name, value=value)

    def _always(self) -> dict[str, str]:
        return {
            "WebSocketUrl": self.websocket_url,
            "HttpUrl": self.http_url,
            "ManagementEndpoint": self.management_endpoint,
            "WebSocketApiId": self.websocket.api.api_id,
            "HttpApiId": self.http.api.api_id,
            "TableName": self.storage.table.table_name,
            "QueueUrl": self.queues.queue.queue_url,
            "DeadLetterQueueUrl": self.queues.dead_letters.queue_url,
            "AlarmTopicArn": self.alarms.topic.topic_arn,
        }

    def _chosen(self) -> Iterator[tuple[str, str]]:
        """Yield what only some deployments have."""
        if self.secrets.llm_key:
            yield "LlmKeySecretArn", self.secrets.llm_key.reference
        if any(row.role for row in self.config.models):
            yield "WorkerRoleArn", self.functions.worker.role.role_arn
        if self.secrets.tokens:
            yield "TokenSecretArn", self.secrets.tokens.reference
        if self.attachments:
            yield "AttachmentsBucket", self.attachments.bucket.bucket_name
        if self.dashboard:
            yield "DashboardName", self.dashboard.name
        if self.page:
            yield "DemoPageUrl", self.page.origin
            yield "DemoPageUpload", self.page.upload(http_url=self.http_url)
