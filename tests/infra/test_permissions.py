"""Who may do what: exactly this, on exactly that."""

import json

import pytest
from aws_cdk.assertions import Template

from infra.bundling.build import FUNCTIONS
from tests.infra.templates import Synthesize, all_of, functions_of, listed, statements_of, text_of

TABLE = "<StorageTable.Arn>"
QUEUE = "<WorkQueue.Arn>"
REMINDERS = "<WorkReminders.Arn>"
TOKEN_SECRET = "<TokenSecret.Id>"
LLM_KEY = "<LlmKeySecret.Id>"
CONNECTIONS = (
    "arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:"
    "<WebSocketApi>/prod/{verb}/@connections/*"
)
GET, POST, DELETE = (CONNECTIONS.format(verb=verb) for verb in ("GET", "POST", "DELETE"))

GRANTS = {
    "connect": {
        ("dynamodb:Query", TABLE),
        ("dynamodb:PutItem", TABLE),
        ("dynamodb:DeleteItem", TABLE),
        ("secretsmanager:GetSecretValue", TOKEN_SECRET),
        ("execute-api:ManageConnections", GET),
        ("execute-api:ManageConnections", POST),
        ("execute-api:ManageConnections", DELETE),
    },
    "disconnect": {("dynamodb:GetItem", TABLE), ("dynamodb:DeleteItem", TABLE)},
    "message": {
        ("dynamodb:UpdateItem", TABLE),
        ("execute-api:ManageConnections", POST),
        ("execute-api:ManageConnections", DELETE),
    },
    "generate": {
        ("dynamodb:GetItem", TABLE),
        ("dynamodb:PutItem", TABLE),
        ("dynamodb:UpdateItem", TABLE),
        ("dynamodb:DeleteItem", TABLE),
        ("dynamodb:Query", TABLE),
        ("secretsmanager:GetSecretValue", TOKEN_SECRET),
        ("sqs:SendMessage", QUEUE),
        ("sqs:SendMessage", REMINDERS),
        ("sqs:ReceiveMessage", REMINDERS),
        ("sqs:DeleteMessage", REMINDERS),
        ("sqs:GetQueueAttributes", REMINDERS),
        ("execute-api:ManageConnections", GET),
        ("execute-api:ManageConnections", POST),
        ("execute-api:ManageConnections", DELETE),
    },
    "worker": {
        ("dynamodb:GetItem", TABLE),
        ("dynamodb:PutItem", TABLE),
        ("dynamodb:UpdateItem", TABLE),
        ("dynamodb:DeleteItem", TABLE),
        ("dynamodb:ConditionCheckItem", TABLE),
        ("dynamodb:Query", TABLE),
        ("secretsmanager:GetSecretValue", LLM_KEY),
        ("sqs:ReceiveMessage", QUEUE),
        ("sqs:DeleteMessage", QUEUE),
        ("sqs:GetQueueAttributes", QUEUE),
        ("sqs:ChangeMessageVisibility", QUEUE),
        ("sqs:SendMessage", QUEUE),
        ("sqs:SendMessage", REMINDERS),
        ("execute-api:ManageConnections", POST),
    },
}


@pytest.mark.fault(95)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_each_function_may_do_exactly_what_its_code_does(name: str, template: Template) -> None:
    allowed = {
        (action, text_of(resource))
        for statement in statements_of(template, name)
        for action in listed(statement["Action"])
        for resource in listed(statement["Resource"])
    }

    log = f"<Functions{name.capitalize()}Log.Arn>"
    assert allowed == GRANTS[name] | {("logs:CreateLogStream", log), ("logs:PutLogEvents", log)}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_nothing_that_is_allowed_is_a_wildcard_but_the_connections(name: str, template: Template) -> None:
    for statement in statements_of(template, name):
        assert statement["Effect"] == "Allow"
        assert not [action for action in listed(statement["Action"]) if "*" in action]
        for resource in listed(statement["Resource"]):
            assert "*" not in text_of(resource).removesuffix("/@connections/*")


def test_no_two_functions_share_a_role(template: Template) -> None:
    roles = [text_of(function["Role"]) for function in functions_of(template).values()]

    assert len(set(roles)) == len(FUNCTIONS)


def test_roles_are_only_what_their_policies_say(template: Template) -> None:
    for role in all_of(template, "AWS::IAM::Role").values():
        assert "ManagedPolicyArns" not in role
        assert "Policies" not in role
        (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
        assert trust["Principal"] == {"Service": "lambda.amazonaws.com"}


def test_an_existing_secret_is_granted_by_its_name_and_the_suffix_that_aws_chose(
    synthesize: Synthesize,
) -> None:
    template = synthesize(token_secret_name="sign-in/tokens", llm_key_secret_name="llm-apikey")

    assert secrets_granted(template, "connect") == secrets_granted(template, "generate")
    assert secrets_granted(template, "connect") == [
        "arn:<AWS::Partition>:secretsmanager:<AWS::Region>:<AWS::AccountId>:secret:sign-in/tokens-??????"
    ]
    assert secrets_granted(template, "worker") == [
        "arn:<AWS::Partition>:secretsmanager:<AWS::Region>:<AWS::AccountId>:secret:llm-apikey-??????"
    ]


def test_the_secrets_that_headers_name_are_granted_to_the_worker_alone(synthesize: Synthesize) -> None:
    arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:other-AbCdEf"
    template = synthesize(
        llm_headers=json.dumps(
            {"api-key": {"secret": "azure"}, "x-api-key": {"secret": arn}, "X-Title": "otters"}
        )
    )

    assert set(secrets_granted(template, "worker")) == {
        LLM_KEY,
        arn,
        "arn:<AWS::Partition>:secretsmanager:<AWS::Region>:<AWS::AccountId>:secret:azure-??????",
    }
    assert secrets_granted(template, "generate") == [TOKEN_SECRET]


def secrets_granted(template: Template, name: str) -> list[str]:
    return [
        text_of(resource)
        for statement in statements_of(template, name)
        if statement["Action"] == "secretsmanager:GetSecretValue"
        for resource in listed(statement["Resource"])
    ]


def test_alarms_of_this_account_may_publish_to_the_topic(template: Template) -> None:
    (policy,) = all_of(template, "AWS::SNS::TopicPolicy").values()

    (allowed,) = [found for found in policy["PolicyDocument"]["Statement"] if found["Effect"] == "Allow"]

    assert allowed["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert allowed["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
