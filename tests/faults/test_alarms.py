"""Each fault that can be provoked raises its alarm on the local deployment, and the alarm ends by itself.

The deployment's own watch reads the functions' logs and judges the alarms, as CloudWatch does. The emulator
counts errors itself, but only of functions that are invoked through Lambda's own API; so here they are, with
the events that API Gateway and SQS would send. What only AWS measures is recorded in its place, under the
names of its documentation.
"""

from __future__ import annotations

import asyncio
import json
import signal
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from infra.alarm_table import ALARMS, USERS_HURT, AlarmRow
from infra.config.fields import Config
from local.cloudwatch.alarm_states import AlarmStates
from local.cloudwatch.resource_names import names_of
from tests.support.events import connect_event, disconnect_event, http_event, message_event
from tests.support.grants import Grants
from tests.support.held_back import held_back
from tests.support.history import History
from tests.support.lab import SETTINGS, Lab
from tests.support.slots_in_table import slots_in_table

DOWN = {"error": {"code": "InternalServerError", "status": 500}}
ROWS = {row.name: row for row in ALARMS}
PROVOKED = {
    "ConnectErrors",
    "DisconnectErrors",
    "DeadLetters",
    "GenerateErrors",
    "GenerationsFailed",
    "MessageErrors",
    "ModelRefusesUs",
    "RejectedConnects",
    "ServerErrors",
    "WaitingPrompts",
    "WorkerErrors",
}
"""By a fault. The others watch what AWS alone measures, or what takes minutes or hundreds of users here."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm of the deployment."""

    lab: Lab
    row: AlarmRow
    states: AlarmStates

    @property
    def state(self) -> str:
        """As the deployment's watch has set it."""
        return state_of(self.lab, self.states.name_of(self.row.name))

    def value(self) -> float:
        """What is compared with the threshold right now."""
        return self.states.value(self.row, now=soon()) or 0

    @property
    def threshold(self) -> int:
        return self.row.above.of(self.states.config)

    def measure(self, value: float) -> None:
        """Record what AWS would measure, of all that the alarm reads."""
        for source in self.row.terms.values():
            namespace, name, dimensions = self.states.names.measured(source)
            listed = [{"Name": key, "Value": each} for key, each in dimensions.items()]
            # More often than all else that was measured meanwhile, which percentiles are taken of.
            data = [{"MetricName": name, "Dimensions": listed, "Values": [value], "Counts": [1000]}]
            self.lab.aws("cloudwatch").put_metric_data(Namespace=namespace, MetricData=data)

    async def is_raised(self, *, more_than: float = 0) -> None:
        """Wait until the fault shows and the alarm is raised. It ends once its period has gone."""
        async with asyncio.timeout(30):
            while await asyncio.to_thread(self.value) <= max(self.threshold, more_than):
                await asyncio.sleep(0.2)
            while await asyncio.to_thread(lambda: self.state) != "ALARM":
                await asyncio.sleep(0.2)
        if self.row.hurts:
            assert state_of(self.lab, self.states.name_of(USERS_HURT)) == "ALARM"
        assert not self.states.is_raised(self.row, now=soon() + timedelta(seconds=self.row.period + 60))


def soon() -> datetime:
    return datetime.now(UTC) + timedelta(seconds=1)


def state_of(lab: Lab, name: str) -> str:
    [alarm] = lab.aws("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
    assert alarm["ActionsEnabled"]
    assert alarm["AlarmActions"] == alarm["OKActions"]
    return str(alarm["StateValue"])


def alarm_of(lab: Lab, name: str) -> Alarm:
    (outputs,) = json.loads((lab.state / "outputs.json").read_text()).values()
    states = AlarmStates(
        cloudwatch=lab.aws("cloudwatch"),
        names=names_of(lab.aws("lambda"), outputs),
        config=Config.from_context({"framestream": SETTINGS}),
        topic_arn=outputs["AlarmTopicArn"],
    )
    return Alarm(lab, ROWS[name], states)


@pytest.mark.fault(96)
@pytest.mark.parametrize("service", ["connect", "generate"])
async def test_settings_that_cannot_be_used_raise_the_alarm(history: History, service: str) -> None:
    lab, alarm = history.lab, alarm_of(history.lab, f"{service.capitalize()}Errors")
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
    lab, alarm = history.lab, alarm_of(history.lab, f"{service.capitalize()}Errors")
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
    lab, alarm = history.lab, alarm_of(history.lab, "WorkerErrors")
    before, grants = alarm.value(), Grants(lab.site)
    listener = await history.listen(history.user)
    with grants.queue_to_ourselves():
        asked = await held_back(history, rate=20, calls=2)
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
    lab, alarm = history.lab, alarm_of(history.lab, "RejectedConnects")
    before = alarm.value()
    event = connect_event(token="t", headers=[("Origin", "https://evil.example")])

    for _ in range(alarm.threshold + 1):
        assert (await asyncio.to_thread(Grants(lab.site).invoke, "connect", event)).status == 403

    await alarm.is_raised(more_than=before)


@pytest.mark.fault(96)
async def test_calls_that_fail_raise_the_alarm(history: History) -> None:
    lab, count = history.lab, alarm_of(history.lab, "ServerErrors")
    before, times = count.value(), count.threshold + 1
    path = f"{lab.site.http_url}/api/chat/generations/{'0' * 32}"
    lab.proxy.rule("dynamodb", operation="GetItem", times=1000, **DOWN)

    answers = [
        (await history.http.get(path, headers=lab.site.headers(history.user))).status_code
        for _ in range(times)
    ]

    assert set(answers) == {503}
    lab.proxy.calm()
    await count.is_raised(more_than=before)


@pytest.mark.fault(96)
async def test_answers_that_fail_raise_the_alarms(history: History) -> None:
    count, rate = alarm_of(history.lab, "GenerationsFailed"), alarm_of(history.lab, "FailureRate")
    refusing = alarm_of(history.lab, "ModelRefusesUs")
    before = count.value()
    times = count.threshold + 3

    for _ in range(times):
        await history.ask(history.user, faults=[{"kind": "status", "code": 401}], endings="failed")
    await history.settle()

    await count.is_raised(more_than=before)
    await refusing.is_raised()
    assert 0 < rate.value() <= 100  # Of all answers of the suite's last quarter of an hour.


@pytest.mark.fault(96)
async def test_prompts_that_no_worker_begins_with_raise_the_alarm(history: History) -> None:
    lab, alarm = history.lab, alarm_of(history.lab, "WaitingPrompts")
    before, letters, grants = alarm.value(), lab.dead_letters(), Grants(history.lab.site)

    with grants.queue_to_ourselves():
        waiting = await held_back(history, rate=0)
        body = json.dumps({"version": 1, "generation_id": waiting.generation_id})
        reminder = {"Records": [{"messageId": "m1", "body": body}]}
        looked = await asyncio.to_thread(grants.invoke, "generate", reminder)

    assert looked.answer == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    await alarm.is_raised(more_than=before)
    await history.status(waiting, "completed")
    assert lab.dead_letters() == letters


@pytest.mark.fault(96)
async def test_dead_letters_raise_the_alarm(history: History) -> None:
    """`test_workers` shows how letters die."""
    lab, sqs, dead_url = history.lab, history.lab.aws("sqs"), history.lab.site.dead_letter_queue_url

    letter = sqs.send_message(QueueUrl=dead_url, MessageBody="a letter")["MessageId"]

    await alarm_of(lab, "DeadLetters").is_raised()
    for each in sqs.receive_message(QueueUrl=dead_url, MaxNumberOfMessages=10).get("Messages", []):
        if each["MessageId"] == letter:
            sqs.delete_message(QueueUrl=dead_url, ReceiptHandle=each["ReceiptHandle"])


@pytest.mark.fault(96)
@pytest.mark.parametrize("name", sorted(set(ROWS) - PROVOKED))
async def test_what_aws_measures_beyond_the_threshold_raises_the_alarm(lab: Lab, name: str) -> None:
    alarm = alarm_of(lab, name)

    alarm.measure(1_000_000)

    await alarm.is_raised()


@pytest.mark.fault(96)
def test_no_alarm_is_left_out(lab: Lab) -> None:
    alarms = lab.aws("cloudwatch").describe_alarms()["MetricAlarms"]

    names = {alarm_of(lab, name).states.name_of(name) for name in ROWS}
    assert {each["AlarmName"] for each in alarms} == names | {f"framestream-{USERS_HURT}"}
