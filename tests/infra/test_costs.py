"""The bill counts what the template has."""

from aws_cdk.assertions import Template

from infra.firewall import COUNTED
from tests.infra.templates import functions_of, one_of
from tools.costs import answer_usage, month, usage


def test_every_secret_is_paid_for(template: Template) -> None:
    template.resource_count_is("AWS::SecretsManager::Secret", month.SECRETS)


def test_every_rule_of_the_firewall_is_paid_for() -> None:
    assert 1 + len(COUNTED) == month.FIREWALL_RULES


def test_the_functions_have_the_memory_that_is_paid_for(template: Template) -> None:
    memory = {name: function["MemorySize"] for name, function in functions_of(template).items()}

    assert memory.pop("worker") == answer_usage.Answer().memory_mb
    assert set(memory.values()) == {usage.BRIEF_MEMORY_MB}


def test_the_table_is_paid_by_use_and_can_be_restored(template: Template) -> None:
    table = one_of(template, "AWS::DynamoDB::Table")

    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True
