"""What synth advises about settings that some accounts refuse, or that leave too little to others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Annotations

from infra.models import without_key

if TYPE_CHECKING:
    from aws_cdk import Stack

    from infra.config.fields import Config

LAMBDA_CONCURRENCY = 1000
FOR_ALL_ELSE = 20
UNRESERVED = 100
MEMORY_OF_NEW_ACCOUNTS_MB = 3008
SEE = "see docs/deploying.md, Quotas of a new account"


def advise(stack: Stack, config: Config) -> None:
    """Warn, without failing; `Annotations.of(stack).acknowledge_warning(id)` silences one."""
    annotations = Annotations.of(stack)
    if config.worker_max_concurrency > LAMBDA_CONCURRENCY - FOR_ALL_ELSE:
        annotations.add_warning_v2(
            "framestream:worker-concurrency",
            f"worker_max_concurrency is {config.worker_max_concurrency}: of the usual {LAMBDA_CONCURRENCY} "
            f"concurrent executions, fewer than {FOR_ALL_ELSE} are left to handshakes and calls. "
            f"Ask AWS for more, or lower it; {SEE}",
        )
    if not config.alarm_email and not config.alarm_topic_arn and config.target == "aws":
        annotations.add_warning_v2(
            "framestream:no-alarm-subscriber",
            "alarm_email and alarm_topic_arn are empty: alarms are raised and nothing tells you. Set one of "
            "them, or subscribe to the topic AlarmTopicArn; see docs/deploying.md, Alarms",
        )
    if keyless := without_key(config):
        annotations.add_warning_v2(
            "framestream:models-without-key",
            f"models without a key: {', '.join(keyless)}. A server of its own is not shown the deployment's "
            "key; if it wants one, name it in key_secret. See docs/models.md",
        )
    reserved = config.connect_reserved_concurrency + config.generate_reserved_concurrency
    if reserved > LAMBDA_CONCURRENCY - UNRESERVED:
        annotations.add_warning_v2(
            "framestream:reserved-concurrency",
            f"connect_reserved_concurrency is {config.connect_reserved_concurrency}: with "
            f"generate_reserved_concurrency ({config.generate_reserved_concurrency}) it leaves fewer than "
            f"the {UNRESERVED} of the usual {LAMBDA_CONCURRENCY} concurrent executions that AWS keeps "
            f"unreserved, so that it refuses the deployment. Ask AWS for more, or lower them; {SEE}",
        )
    if config.worker_memory_mb > MEMORY_OF_NEW_ACCOUNTS_MB:
        annotations.add_warning_v2(
            "framestream:worker-memory",
            f"worker_memory_mb is {config.worker_memory_mb}: a new account takes at most "
            f"{MEMORY_OF_NEW_ACCOUNTS_MB}, and refuses the deployment; {SEE}",
        )
