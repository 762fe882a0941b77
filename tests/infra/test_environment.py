"""What each function finds in its environment."""

import pytest
from aws_cdk.assertions import Template

from functions.shared.models.request_additions import Header
from functions.worker.settings import WorkerSettings
from infra.bundling.build import FUNCTIONS
from tests.infra.templates import LOCAL, Synthesize, environment_of, text_of


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_environment_fits_into_what_lambda_allows(name: str, synthesize: Synthesize) -> None:
    origins = [f"https://{'a' * 50}{number}.example.com" for number in range(20)]
    template = synthesize(allowed_origins=",".join(origins), llm_system_prompt="é" * 1000)

    variables = environment_of(template, name)

    # References are longer once they are resolved.
    size = sum(
        len(key) + len(text_of(value).encode()) + 100 * isinstance(value, dict)
        for key, value in variables.items()
    )
    assert size < 4096


@pytest.mark.parametrize("name", FUNCTIONS)
def test_logs_and_metrics_carry_the_functions_name(name: str, template: Template) -> None:
    variables = environment_of(template, name)

    assert variables["POWERTOOLS_SERVICE_NAME"] == name
    assert variables["POWERTOOLS_METRICS_NAMESPACE"] == "framestream"
    assert variables["POWERTOOLS_LOG_LEVEL"] == "INFO"


@pytest.mark.parametrize("name", ["connect", "message", "worker"])
def test_functions_that_talk_to_connections_know_where(name: str, template: Template) -> None:
    endpoint = environment_of(template, name)["AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI"]

    assert text_of(endpoint) == "https://<WebSocketApi>.execute-api.<AWS::Region>.<AWS::URLSuffix>/prod"


def test_the_local_target_says_where_connections_are(synthesize: Synthesize) -> None:
    endpoint = environment_of(synthesize(**LOCAL), "worker")["AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI"]

    assert text_of(endpoint) == "http://127.0.0.1:4566/_aws/execute-api/<WebSocketApi>/prod"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_another_endpoint_for_all_services_is_there_only_when_it_is_set(
    name: str, template: Template, synthesize: Synthesize
) -> None:
    through_a_proxy = synthesize(**LOCAL, aws_endpoint_url="http://127.0.0.1:9999")

    assert "AWS_ENDPOINT_URL" not in environment_of(template, name)
    assert environment_of(through_a_proxy, name)["AWS_ENDPOINT_URL"] == "http://127.0.0.1:9999"


def test_lists_are_separated_by_commas(synthesize: Synthesize) -> None:
    template = synthesize(
        allowed_origins="https://a.example,https://b.example",
        llm_model="small",
        llm_allowed_models="small,large",
    )

    variables = environment_of(template, "generate")

    assert variables["ALLOWED_ORIGINS"] == "https://a.example,https://b.example"
    assert variables["LLM_ALLOWED_MODELS"] == "small,large"


def test_headers_and_query_are_json_with_the_names_of_secrets(synthesize: Synthesize) -> None:
    template = synthesize(
        llm_headers='{"api-key": {"secret": "azure"}, "X-Title": "otters"}',
        llm_query='{"api-version": "2024-10-21"}',
    )

    variables = environment_of(template, "worker")

    settings = WorkerSettings.from_env({key: text_of(value) for key, value in variables.items()})
    assert settings.llm_headers == (Header("api-key", secret="azure"), Header("X-Title", value="otters"))
    assert settings.llm_query == (("api-version", "2024-10-21"),)


def test_a_secret_that_exists_is_asked_for_by_its_name(synthesize: Synthesize) -> None:
    template = synthesize(token_secret_name="sign-in/tokens", llm_key_secret_name="llm-apikey")

    assert environment_of(template, "connect")["TOKEN_SECRET_ARN"] == "sign-in/tokens"
    assert environment_of(template, "worker")["LLM_KEY_SECRET_ARN"] == "llm-apikey"
