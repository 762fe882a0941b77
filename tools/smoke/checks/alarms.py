"""Checks of alarms: all are there, none is raised, and one that is raised would be heard."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from infra.alarm_table import ALARMS
from tools.smoke.findings import FailedError
from tools.smoke.patience import patiently

if TYPE_CHECKING:
    from tools.smoke.site import Site

BOTH = ["MetricAlarm", "CompositeAlarm"]


async def alarms(site: Site) -> str:
    """See that every alarm is there, reports to the stack's topic, and is not raised."""
    site.only_on_aws("the local deployment judges alarms itself: python -m local dashboard shows them")
    found = await asyncio.to_thread(_alarms, site)
    missing = [row.name for row in ALARMS if not any(row.name in name for name in found)]
    if missing:
        raise FailedError(
            f"These alarms are missing, or do not report to AlarmTopicArn: {', '.join(missing)}. "
            "Was an older version deployed?"
        )
    mute = sorted(name for name, alarm in found.items() if not alarm["ActionsEnabled"])
    if mute:
        raise FailedError(f"The actions of these alarms are switched off: {', '.join(mute)}.")
    raised = _in_state(found, "ALARM")
    if raised:
        raise FailedError(f"These alarms are raised: {', '.join(raised)}. See docs/operating.md.")
    return f"All {len(found)} alarms are there and report, and none is raised."


async def alarm_state(site: Site) -> str:
    """See that every alarm has been evaluated, and is in the state OK."""
    site.only_on_aws("the emulator evaluates no alarm that has no data")
    await patiently(site, lambda: not _in_state(_alarms(site), "INSUFFICIENT_DATA"))
    found = await asyncio.to_thread(_alarms, site)
    others = _in_state(found, "ALARM", "INSUFFICIENT_DATA")
    if others:
        raise FailedError(
            f"These alarms are not OK: {', '.join(others)}. One that has just been made has no data for some "
            "minutes: look again."
        )
    return f"All {len(found)} alarms are in the state OK."


def _in_state(alarms: dict[str, dict[str, Any]], *states: str) -> list[str]:
    return sorted(name for name, alarm in alarms.items() if alarm["StateValue"] in states)


async def alarm_mail(site: Site) -> str:
    """See that an alarm would reach a person or a program."""
    site.only_on_aws("nothing leaves this machine")
    topic = site.deployment.output("AlarmTopicArn")
    reply = await asyncio.to_thread(site.aws("sns").list_subscriptions_by_topic, TopicArn=topic)
    found = [each["SubscriptionArn"] for each in reply["Subscriptions"]]
    confirmed = [arn for arn in found if arn.startswith("arn:")]
    if not confirmed:
        why = "a subscription waits for its confirmation" if found else "nothing is subscribed"
        raise FailedError(
            f"No alarm would be heard: {why}. "
            "Set alarm_email and confirm AWS's mail, or subscribe something to AlarmTopicArn."
        )
    return f"Alarms reach {len(confirmed)} subscriber(s)."


def _alarms(site: Site) -> dict[str, dict[str, Any]]:
    """Return the alarms that report to this stack's topic, by their names."""
    topic = site.deployment.output("AlarmTopicArn")
    pages = site.aws("cloudwatch").get_paginator("describe_alarms").paginate(AlarmTypes=BOTH)
    listed = [alarm for page in pages for kind in BOTH for alarm in page.get(f"{kind}s", [])]
    return {alarm["AlarmName"]: dict(alarm) for alarm in listed if topic in alarm["AlarmActions"]}
