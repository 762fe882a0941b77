"""The HTTP API: where prompts come in and answers can be read again."""

from aws_cdk import Duration, Stack
from aws_cdk import aws_apigatewayv2 as apigw
from aws_cdk.aws_apigatewayv2_integrations import HttpLambdaIntegration
from constructs import Construct

from functions.shared.cors import EXPOSED, HEADERS, MAX_AGE, METHODS
from infra.access_log import write_access_log
from infra.config.fields import Config
from infra.functions import Functions
from infra.log_groups import LogKeeping
from infra.nag import acknowledge
from infra.names import api_name


class Http(Construct):
    """All below /api/chat, and /health, goes to one function; that knows the single calls."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        functions: Functions,
        config: Config,
        origins: tuple[str, ...],
        log_keeping: LogKeeping,
    ) -> None:
        super().__init__(scope, construct_id)
        self.api = apigw.HttpApi(
            self,
            "Api",
            api_name=api_name(Stack.of(self).stack_name, "http"),
            create_default_stage=False,
            cors_preflight=None if config.has_wildcard_origins else _cors(origins),
        )
        integration = HttpLambdaIntegration("Generate", functions.generate.live)
        for path in ("/api/chat/{proxy+}", "/health"):
            self._route(path, integration)
        self.stage = apigw.HttpStage(
            self,
            "Stage",
            http_api=self.api,
            auto_deploy=True,
            throttle=apigw.ThrottleSettings(
                rate_limit=config.http_rate_limit, burst_limit=config.http_burst_limit
            ),
        )
        resource = self.stage.node.default_child
        assert isinstance(resource, apigw.CfnStage)
        if config.http_access_logs:
            group = log_keeping.delivered(self, "AccessLog", kind="http")
            write_access_log(resource, group, "httpMethod", "responseLatency")
        else:
            acknowledge(
                self.stage,
                "APIG1",
                reason="The owner of this deployment switched it off (http_access_logs), as in an account "
                "that takes no more log deliveries. The function logs each call that reaches it.",
            )

    def _route(self, path: str, integration: HttpLambdaIntegration) -> None:
        """Lead every method there: the gateway answers 404 to one that it does not know, the function 405."""
        methods = [apigw.HttpMethod.ANY]
        for route in self.api.add_routes(path=path, methods=methods, integration=integration):
            acknowledge(
                route,
                "APIG4",
                reason="The function checks the token, as on the WebSocket API: the gateway's own JWT "
                "authorizer knows no shared secret. /health answers anybody, and tells nothing.",
            )


def _cors(origins: tuple[str, ...]) -> apigw.CorsPreflightOptions:
    """Let the gateway answer preflights where it can: it knows no wildcard sub-domains.

    Without this, preflights come to the function, whose answers say the same (functions/generate/cors.py).
    """
    return apigw.CorsPreflightOptions(
        allow_origins=list(origins),
        allow_methods=[apigw.CorsHttpMethod[method] for method in METHODS],
        allow_headers=list(HEADERS),
        expose_headers=list(EXPOSED),
        max_age=Duration.seconds(int(MAX_AGE.total_seconds())),
    )
