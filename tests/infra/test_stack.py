"""What the template promises: durable queues, protected APIs, functions with alarms."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App
from aws_cdk.assertions import Match, Template

from infra.app import compose
from infra.bundling.build import FUNCTIONS
from infra.config.fields import Config
from tests.infra.templates import LOCAL, MOVED, Synthesize, all_of, functions_of, one_of, text_of


def test_every_function_runs_on_arm_with_its_own_handler(template: Template) -> None:
    functions = functions_of(template)

    assert set(functions) == set(FUNCTIONS)
    for name, function in functions.items():
        assert function["Handler"] == f"functions.{name}.handler.handler"
        assert function["Runtime"] == "python3.14"
        assert function["Architectures"] == ["arm64"]


def test_every_function_is_an_asset_of_its_own(zips_for_aws: Mapping[str, Path]) -> None:
    template = Template.from_stack(compose(App(), config=Config(), zips=zips_for_aws))

    keys = {function["Code"]["S3Key"] for function in functions_of(template).values()}

    assert len(keys) == len(FUNCTIONS)


def test_the_table_can_be_restored_and_forgets_by_itself(template: Template) -> None:
    table = one_of(template, "AWS::DynamoDB::Table")

    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    assert "SSESpecification" not in table  # It is encrypted all the same, with DynamoDB's own key.
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert [key["AttributeName"] for key in table["KeySchema"]] == ["pk", "sk"]


def test_a_new_table_is_warmed_only_beyond_what_each_takes(template: Template, moved: Template) -> None:
    assert "WarmThroughput" not in one_of(template, "AWS::DynamoDB::Table")
    warmed = one_of(moved, "AWS::DynamoDB::Table")["WarmThroughput"]
    assert warmed == {"WriteUnitsPerSecond": MOVED["table_warm_writes"]}


@pytest.mark.fault(95)
def test_work_that_fails_ends_up_with_the_dead_letters(template: Template) -> None:
    template.has_resource_properties(
        "AWS::SQS::Queue",
        {
            "RedrivePolicy": {
                "deadLetterTargetArn": {"Fn::GetAtt": [Match.string_like_regexp("DeadLetters"), "Arn"]},
                "maxReceiveCount": 10,
            }
        },
    )


def test_all_queues_are_encrypted(template: Template) -> None:
    queues = all_of(template, "AWS::SQS::Queue").values()

    assert [queue["SqsManagedSseEnabled"] for queue in queues] == [True] * 3


@pytest.mark.fault(95)
def test_a_message_stays_hidden_six_times_as_long_as_the_worker_may_run(
    template: Template, moved: Template
) -> None:
    for of, timeout in (
        (template, Config().worker_timeout_seconds),
        (moved, MOVED["worker_timeout_seconds"]),
    ):
        assert functions_of(of)["worker"]["Timeout"] == timeout
        of.has_resource_properties("AWS::SQS::Queue", {"VisibilityTimeout": 6 * timeout})


@pytest.mark.fault(95)
def test_the_worker_is_fed_in_batches_whose_failures_it_names(moved: Template) -> None:
    feed = mapping_of(moved, "WorkQueue")

    assert feed["BatchSize"] == MOVED["worker_batch_size"]
    assert feed["ScalingConfig"] == {"MaximumConcurrency": MOVED["worker_max_concurrency"]}
    assert feed["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert text_of(feed["FunctionName"]) == "<FunctionsWorkerLive.FunctionName>:live"


def test_reminders_call_generate_in_large_batches_and_little_of_it(template: Template) -> None:
    feed = mapping_of(template, "WorkReminders")

    assert (feed["BatchSize"], feed["MaximumBatchingWindowInSeconds"]) == (100, 2)
    assert feed["ScalingConfig"] == {"MaximumConcurrency": 2}
    assert feed["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert text_of(feed["FunctionName"]) == "<FunctionsGenerateLive.FunctionName>:live"


@pytest.mark.parametrize(("attempts", "looks"), [(3, 69), (1, 35), (10, 185)])
def test_a_reminder_outlives_the_longest_generation_and_is_a_dead_letter_then(
    attempts: int, looks: int, synthesize: Synthesize
) -> None:
    template = synthesize(max_attempts=attempts)

    # 36 s between two looks: longer than generate may run, and so a lease is over at the next one.
    template.has_resource_properties(
        "AWS::SQS::Queue",
        {"VisibilityTimeout": 36, "RedrivePolicy": Match.object_like({"maxReceiveCount": looks})},
    )
    assert functions_of(template)["generate"]["Timeout"] < 36
    assert looks * 36 > 300 + attempts * 600


def mapping_of(template: Template, queue: str) -> dict[str, Any]:
    """Return what Lambda is told about a queue."""
    found: list[dict[str, Any]] = [
        each
        for each in all_of(template, "AWS::Lambda::EventSourceMapping").values()
        if text_of(each["EventSourceArn"]) == f"<{queue}.Arn>"
    ]
    (mapping,) = found
    return mapping


def test_executions_are_reserved_only_for_those_that_must_not_be_starved_and_only_when_asked(
    template: Template, moved: Template
) -> None:
    assert reserved(template) == {}
    assert reserved(moved) == {"connect": 50, "generate": 30}


def reserved(template: Template) -> dict[str, int]:
    key = "ReservedConcurrentExecutions"
    return {name: each[key] for name, each in functions_of(template).items() if key in each}


def test_sockets_have_three_routes_and_no_answers_of_the_gateways_own(template: Template) -> None:
    routes = {
        route["RouteKey"]
        for route in all_of(template, "AWS::ApiGatewayV2::Route").values()
        if text_of(route["ApiId"]) == "<WebSocketApi>"
    }

    assert routes == {"$connect", "$disconnect", "$default"}
    template.resource_count_is("AWS::ApiGatewayV2::RouteResponse", 0)
    template.resource_count_is("AWS::ApiGatewayV2::IntegrationResponse", 0)


def test_http_reaches_only_the_chat_and_the_health_check(template: Template) -> None:
    routes = {
        route["RouteKey"]
        for route in all_of(template, "AWS::ApiGatewayV2::Route").values()
        if text_of(route["ApiId"]) == "<HttpApi>"
    }

    assert routes == {"ANY /api/chat/{proxy+}", "ANY /health"}


def test_browsers_of_the_allowed_origins_only_may_read_answers(moved: Template) -> None:
    moved.has_resource_properties(
        "AWS::ApiGatewayV2::Api",
        {
            "ProtocolType": "HTTP",
            "CorsConfiguration": {
                "AllowOrigins": ["https://a.example", "https://b.example"],
                "AllowMethods": ["GET", "POST", "PATCH", "DELETE"],
                "AllowHeaders": [
                    "authorization",
                    "content-type",
                    "idempotency-key",
                    "traceparent",
                    "tracestate",
                ],
                "ExposeHeaders": ["retry-after"],
                "AllowCredentials": Match.absent(),
                "MaxAge": 3600,
            },
        },
    )


def test_both_stages_are_throttled_and_handshakes_apart(moved: Template) -> None:
    moved.has_resource_properties(
        "AWS::ApiGatewayV2::Stage",
        {
            "StageName": "prod",
            "DefaultRouteSettings": {"ThrottlingRateLimit": 70, "ThrottlingBurstLimit": 500},
            "RouteSettings": {"$connect": {"ThrottlingRateLimit": 100, "ThrottlingBurstLimit": 9}},
        },
    )
    moved.has_resource_properties(
        "AWS::ApiGatewayV2::Stage",
        {
            "StageName": "$default",
            "DefaultRouteSettings": {"ThrottlingRateLimit": 200, "ThrottlingBurstLimit": 8},
        },
    )


def test_the_stage_comes_after_the_route_that_it_limits(template: Template) -> None:
    stages = template.find_resources("AWS::ApiGatewayV2::Stage", {"Properties": {"StageName": "prod"}})

    (stage,) = stages.values()

    (connect,) = template.find_resources("AWS::ApiGatewayV2::Route", {"Properties": {"RouteKey": "$connect"}})
    assert connect in stage["DependsOn"]


def test_sockets_are_logged_only_when_asked_for(template: Template, moved: Template) -> None:
    assert set(access_logs(template)) == {"$default"}
    assert set(access_logs(moved)) == {"$default", "prod"}


def test_no_access_log_is_written_where_it_is_switched_off(synthesize: Synthesize) -> None:
    template = synthesize(http_access_logs=False)

    assert not access_logs(template)
    assert len(all_of(template, "AWS::Logs::LogGroup")) == len(FUNCTIONS)


def test_access_logs_are_delivered_to_groups_that_need_no_entry_in_the_accounts_policy(
    moved: Template,
) -> None:
    begins = {name["Fn::Join"][1][0] for name in access_log_names(moved)}

    assert begins == {"/aws/vendedlogs/prod/http-", "/aws/vendedlogs/prod/websocket-"}


def test_a_log_that_was_kept_is_not_in_the_way_of_the_next_stack_with_that_name(
    moved: Template,
) -> None:
    stack_id = {"Fn::Select": [2, {"Fn::Split": ["/", {"Ref": "AWS::StackId"}]}]}

    for name in access_log_names(moved):
        assert name["Fn::Join"][1][1:] == [stack_id]


def access_log_names(template: Template) -> list[dict[str, Any]]:
    """The names of the groups that are not the functions'."""
    groups = template.find_resources("AWS::Logs::LogGroup")
    written = {
        stage["AccessLogSettings"]["DestinationArn"]["Fn::GetAtt"][0]
        for stage in all_of(template, "AWS::ApiGatewayV2::Stage").values()
    }
    return [groups[logical_id]["Properties"]["LogGroupName"] for logical_id in written]


def test_the_apis_are_named_after_their_stack(template: Template, moved: Template) -> None:
    for of, stack_name in ((template, "framestream"), (moved, "prod")):
        apis = all_of(of, "AWS::ApiGatewayV2::Api").values()

        assert {api["Name"] for api in apis} == {f"{stack_name}-http", f"{stack_name}-websocket"}


def test_no_access_log_can_hold_a_token(moved: Template) -> None:
    for log_format in access_logs(moved).values():
        variables = set(json.loads(log_format).values())
        assert not [name for name in variables if "path" in name.lower() or "query" in name.lower()]
        assert "$context.requestId" in variables
        assert len(log_format) <= 1024


def access_logs(template: Template) -> dict[str, str]:
    stages = all_of(template, "AWS::ApiGatewayV2::Stage").values()
    logged = [stage for stage in stages if "AccessLogSettings" in stage]
    return {stage["StageName"]: stage["AccessLogSettings"]["Format"] for stage in logged}


def test_every_log_is_kept_for_as_long_as_was_set(template: Template, moved: Template) -> None:
    for of, days, logs in (
        (template, Config().log_retention_days, 6),
        (moved, MOVED["log_retention_days"], 7),
    ):
        groups = all_of(of, "AWS::Logs::LogGroup").values()

        assert [group["RetentionInDays"] for group in groups] == [days] * logs


def test_every_function_writes_to_a_log_of_its_own(template: Template) -> None:
    groups = {text_of(function["LoggingConfig"]["LogGroup"]) for function in functions_of(template).values()}

    assert len(groups) == len(FUNCTIONS)


def test_secrets_are_made_by_aws_and_are_not_in_the_template(template: Template) -> None:
    for secret in all_of(template, "AWS::SecretsManager::Secret").values():
        assert secret["GenerateSecretString"]["PasswordLength"] == 64
        assert "SecretString" not in secret


def test_preflights_come_to_the_function_where_the_gateway_cannot_judge(synthesize: Synthesize) -> None:
    template = synthesize(allowed_origins="https://app.example.com,https://*.example.org")

    assert "CorsConfiguration" not in http_api(template)


def http_api(template: Template) -> dict[str, Any]:
    (found,) = [
        api for api in all_of(template, "AWS::ApiGatewayV2::Api").values() if api["ProtocolType"] == "HTTP"
    ]
    return found


def test_secrets_that_exist_are_not_made(synthesize: Synthesize) -> None:
    template = synthesize(token_secret_name="tokens", llm_key_secret_name="key")

    template.resource_count_is("AWS::SecretsManager::Secret", 0)


def test_the_outputs_say_where_everything_is(template: Template) -> None:
    assert set(template.find_outputs("*")) == {
        "WebSocketUrl",
        "HttpUrl",
        "ManagementEndpoint",
        "WebSocketApiId",
        "HttpApiId",
        "TableName",
        "QueueUrl",
        "DeadLetterQueueUrl",
        "TokenSecretArn",
        "LlmKeySecretArn",
        "AlarmTopicArn",
        "DashboardName",
    }


def test_nothing_has_a_name_that_a_second_stack_would_take_too(template: Template) -> None:
    for kind, name in {
        "AWS::DynamoDB::Table": "TableName",
        "AWS::SQS::Queue": "QueueName",
        "AWS::Lambda::Function": "FunctionName",
        "AWS::IAM::Role": "RoleName",
        "AWS::SNS::Topic": "TopicName",
        "AWS::CloudWatch::Alarm": "AlarmName",
        "AWS::SecretsManager::Secret": "Name",
    }.items():
        assert not [found for found in all_of(template, kind).values() if name in found]


def test_the_emulator_gets_queues_that_it_can_reach_over_plain_http(synthesize: Synthesize) -> None:
    synthesize(**LOCAL).resource_count_is("AWS::SQS::QueuePolicy", 0)
