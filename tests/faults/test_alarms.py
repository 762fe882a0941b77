"""An alarm drill: each fault is raised, and the metric that its alarm watches goes beyond the threshold.

The emulator counts errors itself, but only of functions that are invoked through Lambda's own API; so here
they are, with the events that API Gateway and SQS would send. It neither reads metrics out of logs nor
measures queues; the drill does that in its place, as AWS documents it: from the lines that the functions
really logged, and from what the queues really hold.
"""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infra.alarm_table import ALARMS
from tests.support.events import connect_event, disconnect_event, http_event, message_event
from tests.support.grants import Grants
from tests.support.history import History
from tests.support.lab import Lab
from tests.support.slots_in_table import slots_in_table

DOWN = {"error": {"code": "InternalServerError", "status": 500}}


@dataclass(frozen=True, slots=True)
class Alarm:
    """A deployed alarm, and the metric that it watches."""

    lab: Lab
    definition: dict[str, Any]

    @property
    def metric(self) -> str:
        name: str = self.definition["MetricName"]
        return name

    @property
    def dimensions(self) -> dict[str, str]:
        return {each["Name"]: each["Value"] for each in self.definition["Dimensions"]}

    def value(self) -> float:
        """What the alarm compares with its threshold, over its own period and by its own statistic."""
        now = datetime.now(UTC)
        statistic, period = self.definition["Statistic"], self.definition["Period"]
        points = self.lab.aws("cloudwatch").get_metric_statistics(
            **{name: self.definition[name] for name in ("Namespace", "MetricName", "Dimensions")},
            Statistics=[statistic],
            Period=period,
            StartTime=now - timedelta(seconds=2 * period),
            EndTime=now + timedelta(seconds=period),
        )["Datapoints"]
        return max((point[statistic] for point in points), default=0)

    def measure(self, value: float) -> None:
        """Record what SQS would measure."""
        data = {"MetricName": self.metric, "Dimensions": self.definition["Dimensions"], "Value": value}
        self.lab.aws("cloudwatch").put_metric_data(Namespace="AWS/SQS", MetricData=[data])

    async def is_raised(self, *, more_than: float = 0) -> None:
        """Wait until the metric has gone beyond the threshold, by more than it was before the fault."""
        async with asyncio.timeout(20):
            while await asyncio.to_thread(self.value) <= max(self.definition["Threshold"], more_than):
                await asyncio.sleep(0.2)
        assert self.definition["ComparisonOperator"] == "GreaterThanThreshold"
        assert self.definition["ActionsEnabled"]
        assert self.definition["AlarmActions"]


def alarms(lab: Lab) -> list[Alarm]:
    return [Alarm(lab, each) for each in lab.aws("cloudwatch").describe_alarms()["MetricAlarms"]]


def alarm_on(lab: Lab, metric: str, **dimensions: str) -> Alarm:
    [found] = [a for a in alarms(lab) if a.metric == metric and a.dimensions == dimensions]
    return found


def functions(lab: Lab) -> dict[str, dict[str, Any]]:
    listed = lab.aws("lambda").list_functions()["Functions"]
    return {each["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"]: each for each in listed}


def errors_of(lab: Lab, service: str) -> Alarm:
    return alarm_on(lab, "Errors", FunctionName=functions(lab)[service]["FunctionName"])


def logged_metrics(lab: Lab, service: str, *, since: datetime) -> Iterator[dict[str, Any]]:
    """What CloudWatch reads out of a function's log (the embedded metric format)."""
    events = lab.aws("logs").filter_log_events(
        logGroupName=functions(lab)[service]["LoggingConfig"]["LogGroup"],
        startTime=int(since.timestamp() * 1000),
    )["events"]
    lines = [line for event in events for line in event["message"].splitlines()]
    for line in (json.loads(text) for text in lines if text.startswith('{"_aws"')):
        for directive in line["_aws"]["CloudWatchMetrics"]:
            for names in directive["Dimensions"]:
                dimensions = [{"Name": name, "Value": line[name]} for name in names]
                for metric in directive["Metrics"]:
                    name = metric["Name"]
                    data = {"MetricName": name, "Dimensions": dimensions, "Values": _list(line[name])}
                    yield {"Namespace": directive["Namespace"], "MetricData": [data]}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


async def read_logged_metrics(lab: Lab, service: str, metric: str, *, since: datetime, at_least: int) -> None:
    """Do what CloudWatch does with a log, once it has so many lines of this metric."""
    async with asyncio.timeout(20):
        while True:
            found = await asyncio.to_thread(lambda: list(logged_metrics(lab, service, since=since)))
            ours = [each for each in found if each["MetricData"][0]["MetricName"] == metric]
            if len(ours) >= at_least:
                break
            await asyncio.sleep(0.2)
    for each in ours:
        lab.aws("cloudwatch").put_metric_data(**each)


@pytest.mark.fault(96)
@pytest.mark.parametrize("service", ["connect", "generate"])
async def test_settings_that_cannot_be_used_raise_the_alarm(history: History, service: str) -> None:
    lab, alarm = history.lab, errors_of(history.lab, service)
    before, grants = alarm.value(), Grants(lab.site)
    event = connect_event() if service == "connect" else http_event("GET", "/health")

    with grants.told(service, ALLOWED_ORIGINS="not an origin"):
        assert (await asyncio.to_thread(grants.invoke, service, event)).failed

    await alarm.is_raised(more_than=before)


@pytest.mark.fault(96)
@pytest.mark.parametrize(("service", "operation"), [("message", "UpdateItem"), ("disconnect", "DeleteItem")])
async def test_a_table_that_does_not_answer_a_socket_raises_the_alarm(
    history: History, service: str, operation: str
) -> None:
    lab, alarm = history.lab, errors_of(history.lab, service)
    before = alarm.value()
    await history.listen(history.user)
    [connection_id] = slots_in_table(lab, history.user).values()
    heartbeat = message_event('{"type":"heartbeat"}', connection_id=connection_id)
    event = heartbeat if service == "message" else disconnect_event(connection_id)

    ours = f"Key.pk.S == 'CONNECTION#{connection_id}' || Key.pk.S == 'USER#{history.user}'"
    lab.proxy.rule("dynamodb", operation=operation, body=ours, times=3, **DOWN)
    invoked = await asyncio.to_thread(Grants(lab.site).invoke, service, event)

    assert invoked.failed
    assert len(lab.proxy.fired()) == 3
    await alarm.is_raised(more_than=before)


@pytest.mark.fault(61, 96)
async def test_a_killed_worker_raises_the_alarm(history: History) -> None:
    lab, alarm = history.lab, errors_of(history.lab, "worker")
    before, grants = alarm.value(), Grants(lab.site)
    listener = await history.listen(history.user)
    with grants.queue_to_ourselves():
        asked = await history.ask(history.user, rate=20, calls=2)
        [message] = lab.aws("sqs").receive_message(
            QueueUrl=lab.site.queue_url, AttributeNames=["ApproximateReceiveCount"], VisibilityTimeout=5
        )["Messages"]
        record = {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "attributes": message["Attributes"],
        }
        invocation = asyncio.create_task(asyncio.to_thread(grants.invoke, "worker", {"Records": [record]}))
        await listener.until(lambda: asked.generation_id in listener.generations)
        assert lab.signal_workers(signal.SIGKILL) > 0
        assert (await invocation).failed

    await alarm.is_raised(more_than=before)


@pytest.mark.fault(96)
async def test_many_refused_handshakes_raise_the_alarm(history: History) -> None:
    lab, alarm = history.lab, alarm_on(history.lab, "RejectedConnects", service="connect")
    before, began = alarm.value(), datetime.now(UTC)
    times = int(alarm.definition["Threshold"]) + 1
    event = connect_event(token="t", headers=[("Origin", "https://evil.example")])

    for _ in range(times):
        assert (await asyncio.to_thread(Grants(lab.site).invoke, "connect", event)).status == 403
    await read_logged_metrics(lab, "connect", alarm.metric, since=began, at_least=times)

    await alarm.is_raised(more_than=before)


@pytest.mark.fault(96)
async def test_answers_that_fail_raise_the_alarm(history: History) -> None:
    lab, alarm = history.lab, alarm_on(history.lab, "GenerationsFailed", service="worker")
    before, began = alarm.value(), datetime.now(UTC)
    times = int(alarm.definition["Threshold"]) + 1

    for _ in range(times):
        await history.ask(history.user, faults=[{"kind": "status", "code": 401}], endings="failed")
    await history.settle()
    await read_logged_metrics(lab, "worker", alarm.metric, since=began, at_least=times)

    await alarm.is_raised(more_than=before)


@pytest.mark.fault(96)
async def test_prompts_that_no_worker_begins_with_raise_the_alarm(history: History) -> None:
    lab, alarm = history.lab, alarm_on(history.lab, "WaitingPrompts", service="generate")
    before, began, grants = alarm.value(), datetime.now(UTC), Grants(history.lab.site)

    with grants.queue_to_ourselves():
        waiting = await history.ask(history.user, rate=0)
        body = json.dumps({"version": 1, "generation_id": waiting.generation_id})
        reminder = {"Records": [{"messageId": "m1", "body": body}]}
        looked = await asyncio.to_thread(grants.invoke, "generate", reminder)
    await read_logged_metrics(lab, "generate", alarm.metric, since=began, at_least=1)

    assert looked.answer == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    await alarm.is_raised(more_than=before)


@pytest.mark.fault(96)
async def test_dead_letters_and_old_messages_raise_the_alarms(history: History) -> None:
    """What SQS measures bears the names of its documentation; `test_workers` shows how letters die."""
    lab, sqs = history.lab, history.lab.aws("sqs")
    queue_url, dead_url = lab.site.queue_url, lab.site.dead_letter_queue_url
    dead = alarm_on(lab, "ApproximateNumberOfMessagesVisible", QueueName=dead_url.rpartition("/")[2])
    old = alarm_on(lab, "ApproximateAgeOfOldestMessage", QueueName=queue_url.rpartition("/")[2])

    letter = sqs.send_message(QueueUrl=dead_url, MessageBody="a letter")["MessageId"]
    dead.measure(lab.dead_letters())
    await dead.is_raised()
    with Grants(lab.site).queue_to_ourselves():
        waiting = await history.ask(history.user, rate=0)
        [attributes] = [
            each["Attributes"]
            for each in sqs.receive_message(
                QueueUrl=queue_url, MessageSystemAttributeNames=["SentTimestamp"], VisibilityTimeout=0
            )["Messages"]
        ]
        age = datetime.now(UTC).timestamp() - int(attributes["SentTimestamp"]) / 1000
        assert age < old.definition["Threshold"]
        old.measure(age + old.definition["Threshold"])  # As it would be that much later.
    await old.is_raised()

    await history.status(waiting, "completed")
    for each in sqs.receive_message(QueueUrl=dead_url, MaxNumberOfMessages=10).get("Messages", []):
        if each["MessageId"] == letter:
            sqs.delete_message(QueueUrl=dead_url, ReceiptHandle=each["ReceiptHandle"])


@pytest.mark.fault(96)
def test_the_drill_leaves_no_alarm_out(lab: Lab) -> None:
    played = {
        "ApproximateAgeOfOldestMessage",
        "ApproximateNumberOfMessagesVisible",
        "Errors",
        "GenerationsFailed",
        "RejectedConnects",
        "WaitingPrompts",
    }
    watched = [alarm.metric for alarm in alarms(lab)]

    assert set(watched) == played
    assert len(watched) == len(ALARMS)
    assert watched.count("Errors") == len(functions(lab)) == 5
