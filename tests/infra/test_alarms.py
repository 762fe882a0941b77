"""Each row of the alarm table is an alarm in the template, reports to the topic, and is in the runbook."""

import json
import re
from dataclasses import fields
from typing import Any

import pytest
from aws_cdk.assertions import Template

from infra.alarm_sources import Source
from infra.alarm_table import (
    ALARMS,
    RUNBOOK,
    AlarmRow,
    ApiMetric,
    FunctionMetric,
    Math,
    Ours,
    QueueMetric,
    TableMetric,
    Threshold,
)
from infra.bundling.build import FUNCTIONS, ROOT
from infra.config.fields import Config
from tests.infra.templates import LOCAL, RAISED, Synthesize, all_of, one_of, text_of
from tools import alarm_docs
from tools.marked import run

QUEUES = {"queue": "<WorkQueue.QueueName>", "dead_letters": "<WorkDeadLetters.QueueName>"}
APIS = {"http": "<HttpApi>", "websocket": "<WebSocketApi>"}
each_alarm = pytest.mark.parametrize("row", ALARMS, ids=lambda row: row.name)
Watched = tuple[str, str, dict[str, str]]


def alarm_of(template: Template, name: str) -> dict[str, Any]:
    (found,) = [
        alarm
        for logical_id, alarm in all_of(template, "AWS::CloudWatch::Alarm").items()
        if re.fullmatch(f"Alarms{name}[0-9A-F]{{8}}", logical_id)
    ]
    return found


def watched(source: Source) -> Watched:
    """The namespace, the name and the dimensions of a source, as the template writes them."""
    match source:
        case Ours() as ours:
            return "framestream", ours.metric.value, ours.dimensions
        case QueueMetric(queue, name):
            return "AWS/SQS", name, {"QueueName": QUEUES[queue]}
        case FunctionMetric(function, name):
            return "AWS/Lambda", name, {"FunctionName": f"<Functions{function.capitalize()}Function>"}
        case ApiMetric(api, name):
            return "AWS/ApiGateway", name, {"ApiId": APIS[api]}
        case TableMetric(name):
            return "AWS/DynamoDB", name, {"TableName": "<StorageTable>"}


def as_written(metric: dict[str, Any]) -> Watched:
    """The same, from the template."""
    dimensions = {each["Name"]: text_of(each["Value"]) for each in metric["Dimensions"]}
    return metric["Namespace"], metric["MetricName"], dimensions


def test_the_template_has_the_alarms_of_the_table_and_no_other(template: Template) -> None:
    template.resource_count_is("AWS::CloudWatch::Alarm", len(ALARMS))

    assert len({row.name for row in ALARMS}) == len(ALARMS)


@pytest.mark.parametrize(
    "row", [row for row in ALARMS if not isinstance(row.watches, Math)], ids=lambda row: row.name
)
def test_an_alarm_watches_what_its_row_says(row: AlarmRow, template: Template) -> None:
    alarm = alarm_of(template, row.name)

    assert as_written(alarm) == watched(row.terms["value"])
    assert alarm.get("Statistic", alarm.get("ExtendedStatistic")) == row.statistic
    assert (alarm["Period"], alarm["Threshold"]) == (row.period, row.above.of(Config()))


@pytest.mark.parametrize(
    "row", [row for row in ALARMS if isinstance(row.watches, Math)], ids=lambda row: row.name
)
def test_an_alarm_over_several_sums_reads_each_and_takes_silence_for_zero(
    row: AlarmRow, template: Template
) -> None:
    alarm = alarm_of(template, row.name)
    queries = {query["Id"]: query for query in alarm["Metrics"]}
    [expression] = [query["Expression"] for query in queries.values() if "Expression" in query]
    sums = {name: query["MetricStat"] for name, query in queries.items() if "MetricStat" in query}

    assert {name: as_written(each["Metric"]) for name, each in sums.items()} == {
        name: watched(source) for name, source in row.terms.items()
    }
    assert {(each["Stat"], each["Period"]) for each in sums.values()} == {("Sum", row.period)}
    assert all(f"FILL({name}, 0)" in expression for name in row.terms)
    assert alarm["Threshold"] == row.above.of(Config())


def test_users_are_hurt_while_an_alarm_is_raised_that_hurts(template: Template) -> None:
    composite = one_of(template, "AWS::CloudWatch::CompositeAlarm")
    rule = text_of(composite["AlarmRule"])

    assert {row.name for row in ALARMS if f"<Alarms{row.name}.Arn>" in rule} == {
        row.name for row in ALARMS if row.hurts
    }
    assert "AND" not in rule
    assert len(rule) < 10_240
    assert composite["AlarmActions"] == composite["OKActions"]
    assert composite["AlarmDescription"].endswith("#alarm-usershurt")


def test_the_emulator_gets_no_alarms_because_it_cannot_judge_them(synthesize: Synthesize) -> None:
    synthesize(**LOCAL).resource_count_is("AWS::CloudWatch::Alarm", 0)


@pytest.mark.fault(95)
@each_alarm
def test_an_alarm_tells_the_topic_and_says_what_it_means(row: AlarmRow, template: Template) -> None:
    alarm = alarm_of(template, row.name)

    assert [text_of(action) for action in alarm["AlarmActions"]] == ["<AlarmsTopic>"]
    assert alarm["OKActions"] == alarm["AlarmActions"]
    assert alarm["AlarmDescription"] == row.text


@each_alarm
def test_an_alarm_is_raised_above_its_threshold_and_not_by_silence(row: AlarmRow, template: Template) -> None:
    alarm = alarm_of(template, row.name)

    assert alarm["ComparisonOperator"] == "GreaterThanThreshold"
    assert alarm["TreatMissingData"] == "notBreaching"


@pytest.mark.parametrize("row", [row for row in ALARMS if row.above.settings], ids=lambda row: row.name)
def test_settings_move_the_threshold_of_their_alarm(row: AlarmRow, moved: Template) -> None:
    by = sum(RAISED[name] - getattr(Config(), name) for name in row.above.settings)

    alarm = alarm_of(moved, row.name)

    assert alarm["Threshold"] == row.above.of(Config()) + row.above.factor * by


def test_a_threshold_is_written_with_the_settings_that_make_it() -> None:
    both = Threshold(settings=("queue_deadline_seconds", "generation_timeout_seconds"))

    assert str(both) == "`queue_deadline_seconds` + `generation_timeout_seconds` (900)"
    assert str(Threshold(5)) == "5"


def test_every_function_is_watched_for_errors() -> None:
    watched = {row.watches for row in ALARMS}

    assert {FunctionMetric(name, "Errors") for name in FUNCTIONS} <= watched


def test_every_setting_of_an_alarm_is_used_by_one() -> None:
    thresholds = {setting.name for setting in fields(Config) if setting.name.endswith("_alarm")}

    assert thresholds <= {name for row in ALARMS for name in row.above.settings}


def test_the_documents_have_every_alarm_and_metric_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("alarms", alarm_docs.blocks(), ["--check"]) == 0, capsys.readouterr().err


@each_alarm
def test_an_alarm_leads_to_its_row_in_the_runbook(row: AlarmRow) -> None:
    assert f'### <a id="{row.anchor}"></a>{row.name}' in (ROOT / RUNBOOK).read_text()
    assert row.text.endswith(f"{RUNBOOK}#{row.anchor}")


def test_an_e_mail_address_is_subscribed_when_there_is_one(
    template: Template, synthesize: Synthesize
) -> None:
    template.resource_count_is("AWS::SNS::Subscription", 0)

    subscription = one_of(synthesize(alarm_email="ops@example.com"), "AWS::SNS::Subscription")

    assert (subscription["Protocol"], subscription["Endpoint"]) == ("email", "ops@example.com")


def test_a_topic_of_the_operators_own_is_told_instead(synthesize: Synthesize) -> None:
    own = "arn:aws:sns:us-east-1:123456789012:pager"

    template = synthesize(alarm_topic_arn=own)

    template.resource_count_is("AWS::SNS::Topic", 0)
    assert {tuple(each["AlarmActions"]) for each in all_of(template, "AWS::CloudWatch::Alarm").values()} == {
        (own,)
    }


def test_costs_are_watched_only_if_that_is_asked_for(template: Template, synthesize: Synthesize) -> None:
    for kind in ("AWS::Budgets::Budget", "AWS::CE::AnomalyMonitor", "AWS::CE::AnomalySubscription"):
        template.resource_count_is(kind, 0)

    watched = synthesize(monthly_budget_usd=250, cost_anomaly_usd=20)

    budget = one_of(watched, "AWS::Budgets::Budget")
    told = [
        (each["Notification"]["NotificationType"], each["Notification"]["Threshold"])
        for each in budget["NotificationsWithSubscribers"]
    ]
    assert budget["Budget"]["BudgetLimit"] == {"Amount": 250, "Unit": "USD"}
    assert told == [("ACTUAL", 80), ("FORECASTED", 100)]
    [monitor] = all_of(watched, "AWS::CE::AnomalyMonitor").values()
    assert json.loads(monitor["MonitorSpecification"])["Tags"]["Values"] == ["framestream"]
    [subscription] = all_of(watched, "AWS::CE::AnomalySubscription").values()
    assert json.loads(subscription["ThresholdExpression"])["Dimensions"]["Values"] == ["20"]


def test_what_tells_of_costs_may_publish_to_the_topic(synthesize: Synthesize) -> None:
    template = synthesize(monthly_budget_usd=250, cost_anomaly_usd=20)
    statements = one_of(template, "AWS::SNS::TopicPolicy")["PolicyDocument"]["Statement"]

    allowed = {s["Principal"]["Service"] for s in statements if s["Effect"] == "Allow"}
    assert allowed == {f"{service}.amazonaws.com" for service in ("cloudwatch", "budgets", "costalerts")}
