"""What is watched, from when on somebody is told, and who."""

from typing import Any

import pytest
from aws_cdk.assertions import Template

from infra.bundling import FUNCTIONS
from tests.infra.templates import Synthesize, all_of, one_of, text_of


def alarm_on(template: Template, metric: str, **dimensions: str) -> dict[str, Any]:
    (found,) = [
        alarm
        for alarm in all_of(template, "AWS::CloudWatch::Alarm").values()
        if alarm["MetricName"] == metric
        and {each["Name"]: text_of(each["Value"]) for each in alarm["Dimensions"]} == dimensions
    ]
    return found


@pytest.mark.fault(95)
def test_every_alarm_tells_somebody_and_says_what_it_means(template: Template) -> None:
    for alarm in all_of(template, "AWS::CloudWatch::Alarm").values():
        assert [text_of(action) for action in alarm["AlarmActions"]] == ["<AlarmsTopic>"]
        assert alarm["AlarmDescription"]


def test_no_alarm_is_raised_by_silence(template: Template) -> None:
    for alarm in all_of(template, "AWS::CloudWatch::Alarm").values():
        assert alarm["TreatMissingData"] == "notBreaching"
        assert alarm["ComparisonOperator"] == "GreaterThanThreshold"


def test_one_dead_letter_is_enough(template: Template) -> None:
    alarm = alarm_on(template, "ApproximateNumberOfMessagesVisible", QueueName="<WorkDeadLetters.QueueName>")

    assert alarm["Threshold"] == 0
    assert alarm["Statistic"] == "Maximum"


def test_work_may_be_as_old_as_waiting_and_answering_together(synthesize: Synthesize) -> None:
    template = synthesize(queue_deadline_seconds=200, generation_timeout_seconds=300)

    alarm = alarm_on(template, "ApproximateAgeOfOldestMessage", QueueName="<WorkQueue.QueueName>")

    assert alarm["Threshold"] == 500


@pytest.mark.parametrize("name", FUNCTIONS)
def test_an_error_in_any_function_is_told(name: str, template: Template) -> None:
    alarm = alarm_on(template, "Errors", FunctionName=f"<Functions{name.capitalize()}Function>")

    assert alarm["Namespace"] == "AWS/Lambda"
    assert alarm["Threshold"] == 0


def test_many_rejected_connects_are_told(synthesize: Synthesize) -> None:
    template = synthesize(rejected_connects_alarm=50)

    alarm = alarm_on(template, "RejectedConnects", service="connect")

    assert (alarm["Namespace"], alarm["Statistic"]) == ("framestream", "Sum")
    assert (alarm["Threshold"], alarm["Period"]) == (50, 300)


def test_many_failed_answers_are_told(synthesize: Synthesize) -> None:
    template = synthesize(failed_generations_alarm=7)

    alarm = alarm_on(template, "GenerationsFailed", service="worker")

    assert (alarm["Namespace"], alarm["Statistic"]) == ("framestream", "Sum")
    assert (alarm["Threshold"], alarm["Period"]) == (7, 300)


def test_an_e_mail_address_is_subscribed_when_there_is_one(
    template: Template, synthesize: Synthesize
) -> None:
    template.resource_count_is("AWS::SNS::Subscription", 0)

    subscription = one_of(synthesize(alarm_email="ops@example.com"), "AWS::SNS::Subscription")

    assert (subscription["Protocol"], subscription["Endpoint"]) == ("email", "ops@example.com")
