"""Each row of the alarm table is an alarm in the template, reports to the topic, and is in the runbook."""

import re
from dataclasses import fields
from typing import Any

import pytest
from aws_cdk.assertions import Template

from functions.shared.metrics import Metric
from infra.alarm_table import ALARMS, RUNBOOK, AlarmRow, FunctionMetric, QueueMetric, Threshold
from infra.bundling.build import FUNCTIONS, ROOT
from infra.config.fields import Config
from tests.infra.templates import Synthesize, all_of, one_of, text_of
from tools import alarm_docs
from tools.marked import run

QUEUES = {"queue": "<WorkQueue.QueueName>", "dead_letters": "<WorkDeadLetters.QueueName>"}
each_alarm = pytest.mark.parametrize("row", ALARMS, ids=lambda row: row.name)


def alarm_of(template: Template, name: str) -> dict[str, Any]:
    (found,) = [
        alarm
        for logical_id, alarm in all_of(template, "AWS::CloudWatch::Alarm").items()
        if re.fullmatch(f"Alarms{name}[0-9A-F]{{8}}", logical_id)
    ]
    return found


def watched_by(row: AlarmRow) -> tuple[str, str, dict[str, str]]:
    """The namespace, the name and the dimensions of what a row watches, as the template writes them."""
    match row.watches:
        case Metric() as metric:
            return "framestream", metric.value, {"service": metric.services[0]}
        case QueueMetric(queue, name):
            return "AWS/SQS", name, {"QueueName": QUEUES[queue]}
        case FunctionMetric(function, name):
            return "AWS/Lambda", name, {"FunctionName": f"<Functions{function.capitalize()}Function>"}


def test_the_template_has_the_alarms_of_the_table_and_no_other(template: Template) -> None:
    template.resource_count_is("AWS::CloudWatch::Alarm", len(ALARMS))

    assert len({row.name for row in ALARMS}) == len(ALARMS)


@each_alarm
def test_an_alarm_watches_what_its_row_says(row: AlarmRow, template: Template) -> None:
    alarm = alarm_of(template, row.name)

    dimensions = {each["Name"]: text_of(each["Value"]) for each in alarm["Dimensions"]}
    assert (alarm["Namespace"], alarm["MetricName"], dimensions) == watched_by(row)
    assert (alarm["Statistic"], alarm["Period"]) == (row.statistic, row.period)
    assert alarm["Threshold"] == row.above.of(Config())


@pytest.mark.fault(95)
@each_alarm
def test_an_alarm_tells_the_topic_and_says_what_it_means(row: AlarmRow, template: Template) -> None:
    alarm = alarm_of(template, row.name)

    assert [text_of(action) for action in alarm["AlarmActions"]] == ["<AlarmsTopic>"]
    assert alarm["AlarmDescription"] == row.text


@each_alarm
def test_an_alarm_is_raised_above_its_threshold_and_not_by_silence(row: AlarmRow, template: Template) -> None:
    alarm = alarm_of(template, row.name)

    assert alarm["ComparisonOperator"] == "GreaterThanThreshold"
    assert alarm["TreatMissingData"] == "notBreaching"


SETTINGS = [(row, name) for row in ALARMS for name in row.above.settings]


@pytest.mark.parametrize(("row", "name"), SETTINGS, ids=lambda each: getattr(each, "name", each))
def test_a_setting_moves_the_threshold_of_its_alarm(row: AlarmRow, name: str, synthesize: Synthesize) -> None:
    lower = getattr(Config(), name) - 1

    alarm = alarm_of(synthesize(**{name: lower}), row.name)

    assert alarm["Threshold"] == row.above.of(Config()) - 1


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
    assert f'<a id="{row.anchor}"></a>' in (ROOT / RUNBOOK).read_text()
    assert row.text.endswith(f"{RUNBOOK}#{row.anchor}")


def test_an_e_mail_address_is_subscribed_when_there_is_one(
    template: Template, synthesize: Synthesize
) -> None:
    template.resource_count_is("AWS::SNS::Subscription", 0)

    subscription = one_of(synthesize(alarm_email="ops@example.com"), "AWS::SNS::Subscription")

    assert (subscription["Protocol"], subscription["Endpoint"]) == ("email", "ops@example.com")
