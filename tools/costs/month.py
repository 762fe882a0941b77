"""What a month uses, whether or not anything is asked: alarms, secrets, polling; and what comes with use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.shared.metrics import parts, totals
from infra.alarm_table import ALARMS
from infra.bundling.build import FUNCTIONS
from tools.costs.prices import Item
from tools.costs.usage import BRIEF_MEMORY_MB, DEFAULTS

if TYPE_CHECKING:
    from tools.costs.bill import Usage

HOURS = 730
METRICS_OF_ALARMS = sum(len(row.terms) for row in ALARMS)
"""An alarm over several is billed for each."""
SECRETS = 2
"""The key of the model's provider, and what tokens are signed with."""
QUEUES, POLLERS, POLL_SECONDS = 2, 5, 20
"""How Lambda asks the empty queues, of prompts and of reminders."""
FIREWALL_RULES = 4
"""One limit per address, and AWS's own rules."""
REREAD_SECONDS = 300
"""How long a function keeps a secret that it has read."""
KMS_REREAD_SECONDS = 300
"""How long DynamoDB keeps a table's key for one client."""


def standing_still() -> dict[str, Usage]:
    """Return what a stack uses in a month in which nothing happens."""
    return {
        f"{len(ALARMS) + 1} alarms": {Item.ALARM_MONTH: METRICS_OF_ALARMS, Item.COMPOSITE_MONTH: 1},
        f"{SECRETS} secrets": {Item.SECRET_MONTH: SECRETS},
        "polling of the empty queues": {Item.QUEUE_REQUEST: HOURS * 3600 / POLL_SECONDS * POLLERS * QUEUES},
    }


def metrics() -> Usage:
    """Return what our own metrics use in a month in which each is measured every hour."""
    return {Item.METRIC_MONTH: totals()}


def metric_parts() -> Usage:
    """Return what they use at most besides, split by all the words of their dimensions."""
    return {Item.METRIC_MONTH: parts()}


def secret_calls(environments: int) -> Usage:
    """Return how often so many environments, in use all month, read one secret each."""
    return {Item.SECRET_CALL: environments * HOURS * 3600 / REREAD_SECONDS}


def key_requests(environments: int) -> Usage:
    """Return how often DynamoDB asks KMS for them, if the table has the account's managed key."""
    return {Item.KMS_REQUEST: environments * HOURS * 3600 / KMS_REREAD_SECONDS}


def kept(gigabytes: float) -> Usage:
    """Return what stored prompts and answers use in a month."""
    return {Item.TABLE_GB_MONTH: gigabytes, Item.BACKUP_GB_MONTH: gigabytes}


def snapshots() -> Usage:
    """Return what snapshots of all functions use in a month, one version of each."""
    memory_mb = (len(FUNCTIONS) - 1) * BRIEF_MEMORY_MB + DEFAULTS.worker_memory_mb
    return {Item.SNAPSHOT_GB_SECOND: HOURS * 3600 * memory_mb / 1024}


def edge() -> dict[str, Usage]:
    """Return what the edge adds in a month: a firewall with its rules, and a secret."""
    return {
        "web ACL": {Item.WEB_ACL_MONTH: 1},
        f"{FIREWALL_RULES} rules": {Item.WAF_RULE_MONTH: FIREWALL_RULES},
        "a secret": {Item.SECRET_MONTH: 1},
    }
