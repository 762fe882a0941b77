"""The questions an operator asks the logs, saved in CloudWatch Logs Insights with the stack.

The fields are those that the functions log; the tests look for each of them in the functions' source.
"""

from dataclasses import dataclass

from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.functions import Functions

EVERY_FUNCTION = ("connect", "disconnect", "message", "generate", "worker")


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedQuery:
    """One question, and the functions whose logs answer it."""

    name: str
    over: tuple[str, ...]
    stages: tuple[str, ...]

    @property
    def text(self) -> str:
        """Return the query in the language of Logs Insights."""
        return "\n| ".join(self.stages)


SAVED_QUERIES = (
    SavedQuery(
        name="One generation by id",
        over=EVERY_FUNCTION,
        stages=(
            "fields @timestamp, service, level, message, attempt, code, status, length, reason",
            'filter generation_id = "PUT THE ID HERE"',
            "sort @timestamp asc",
            "limit 1000",
        ),
    ),
    SavedQuery(
        name="One connection by id",
        over=EVERY_FUNCTION,
        stages=(
            "fields @timestamp, service, level, message, user_id, source_ip, reason, generation_id",
            'filter connection_id = "PUT THE ID HERE"',
            "sort @timestamp asc",
            "limit 1000",
        ),
    ),
    SavedQuery(
        name="Refusals by reason",
        over=("connect", "message", "generate"),
        stages=(
            'filter message = "refused"',
            "stats count(*) as refusals, count_distinct(user_id) as users by service, reason",
            "sort refusals desc",
        ),
    ),
    SavedQuery(
        name="Slowest first texts",
        over=("generate", "worker"),
        stages=(
            'filter message in ["answered", "first text"]',
            "stats max(@timestamp) - min(@timestamp) as milliseconds by generation_id",
            "sort milliseconds desc",
            "limit 25",
        ),
    ),
    SavedQuery(
        name="Errors by code",
        over=("worker",),
        stages=(
            'filter message in ["failed", "the model failed"]',
            "stats count(*) as times by message, code, status, provider_code",
            "sort times desc",
        ),
    ),
)


class SavedQueries(Construct):
    """A query definition for each row, in a folder that is named after the stack."""

    def __init__(self, scope: Construct, construct_id: str, *, folder: str, functions: Functions) -> None:
        super().__init__(scope, construct_id)
        groups = {each.node.id.lower(): each.log_group for each in functions.all}
        for row in SAVED_QUERIES:
            logs.CfnQueryDefinition(
                self,
                row.name.title().replace(" ", ""),
                name=f"{folder}/{row.name}",
                query_string=row.text,
                log_group_names=[groups[name].log_group_name for name in row.over],
            )
