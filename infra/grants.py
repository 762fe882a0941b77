"""Who may do what: each function what its code calls, and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import Stack

from functions.shared.models.row import ModelRow
from infra.attachments import AttachmentBucket
from infra.bedrock_grants import allow_models
from infra.functions import Function, Functions
from infra.nag import acknowledge
from infra.queues import Queues
from infra.secrets import Credential
from infra.websocket import STAGE, WebSocket

POLL = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
READ_SECRET = "secretsmanager:GetSecretValue"  # noqa: S105 - the name of an action.


@dataclass(frozen=True, kw_only=True)
class Grants:
    """The permissions of all functions."""

    functions: Functions
    table_arn: str
    queues: Queues
    websocket: WebSocket
    attachments: AttachmentBucket | None
    token_secret: Credential | None
    model_secrets: Sequence[Credential]
    """What the worker shows to servers of models."""
    edge_secret_arn: str
    models: Sequence[ModelRow]

    def give(self) -> None:
        """Allow each function its part."""
        self._table()
        self._secrets()
        self._connections()
        self._queues()
        if self.attachments:
            self.attachments.allow(self.functions.generate, "PutObject", "GetObject", "DeleteObject")
            self.attachments.allow(self.functions.worker, "GetObject")

    def _table(self) -> None:
        functions = self.functions
        self._may_use_table(functions.connect, "Query", "PutItem", "DeleteItem")
        self._may_use_table(functions.disconnect, "GetItem", "DeleteItem")
        self._may_use_table(functions.message, "UpdateItem")
        self._may_use_table(functions.generate, "GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query")
        self._may_use_table(
            functions.worker, "GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "ConditionCheckItem"
        )

    def _secrets(self) -> None:
        functions = self.functions
        if self.token_secret:
            functions.connect.allow(READ_SECRET, on=self.token_secret.grantable_arn)
            functions.generate.allow(READ_SECRET, on=self.token_secret.grantable_arn)
        for credential in self.model_secrets:
            functions.worker.allow(READ_SECRET, on=credential.grantable_arn)
        allow_models(functions.worker, self.models, Stack.of(functions))
        if self.edge_secret_arn:
            functions.connect.allow(READ_SECRET, on=self.edge_secret_arn)
            functions.generate.allow(READ_SECRET, on=self.edge_secret_arn)

    def _connections(self) -> None:
        functions = self.functions
        self._may_reach_connections(functions.connect, "GET", "POST", "DELETE")
        self._may_reach_connections(functions.generate, "GET", "POST", "DELETE")
        self._may_reach_connections(functions.message, "POST", "DELETE")
        self._may_reach_connections(functions.worker, "POST")

    def _queues(self) -> None:
        functions = self.functions
        queue, reminders = self.queues.queue.queue_arn, self.queues.reminders.queue_arn
        functions.generate.allow("sqs:SendMessage", on=queue)
        functions.generate.allow("sqs:SendMessage", *POLL, on=reminders)
        functions.worker.allow(*POLL, on=queue)
        functions.worker.allow("sqs:ChangeMessageVisibility", "sqs:SendMessage", on=queue)
        functions.worker.allow("sqs:SendMessage", on=reminders)

    def _may_use_table(self, function: Function, *operations: str) -> None:
        function.allow(*(f"dynamodb:{operation}" for operation in operations), on=self.table_arn)

    def _may_reach_connections(self, function: Function, *verbs: str) -> None:
        for verb in verbs:
            function.allow("execute-api:ManageConnections", on=self.websocket.connections_arn(verb))
            acknowledge(
                function.role,
                "IAM5[Resource::arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:"
                f"<{self.websocket.logical_id}>/{STAGE}/{verb}/@connections/*]",
                reason="Connections come and go while the stack stands, so no policy can name each; the API, "
                "its stage and the verb are exact.",
            )
