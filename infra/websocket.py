"""The WebSocket API: who answers what, and how much it lets through."""

from aws_cdk import Stack
from aws_cdk import aws_apigatewayv2 as apigw
from aws_cdk.aws_apigatewayv2_integrations import WebSocketLambdaIntegration
from constructs import Construct

from infra.access_log import write_access_log
from infra.config.fields import Config
from infra.functions import Functions
from infra.log_groups import LogKeeping
from infra.nag import acknowledge
from infra.names import api_name

STAGE = "prod"


class WebSocket(Construct):
    """The API by itself. It opens later, because its functions must know its address first."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self.api = apigw.WebSocketApi(
            self,
            "Api",
            api_name=api_name(Stack.of(self).stack_name, "websocket"),
            route_selection_expression="$request.body.type",
        )

    @property
    def logical_id(self) -> str:
        """What the template calls the API."""
        resource = self.api.node.default_child
        assert isinstance(resource, apigw.CfnApi)
        return Stack.of(self).get_logical_id(resource)

    @property
    def management_endpoint(self) -> str:
        """Where functions post to connections. From the id alone: the stage depends on the functions."""
        stack = Stack.of(self)
        return f"https://{self.api.api_id}.execute-api.{stack.region}.{stack.url_suffix}/{STAGE}"

    def connections_arn(self, verb: str) -> str:
        """Every connection of this API, for one verb."""
        return Stack.of(self).format_arn(
            service="execute-api", resource=self.api.api_id, resource_name=f"{STAGE}/{verb}/@connections/*"
        )

    def open(self, *, functions: Functions, config: Config, log_keeping: LogKeeping) -> apigw.WebSocketStage:
        """Let clients in: opening, closing and everything that a client says goes to a function each."""
        routes = [
            self._route("$connect", WebSocketLambdaIntegration("Connect", functions.connect.live)),
            self._route("$disconnect", WebSocketLambdaIntegration("Disconnect", functions.disconnect.live)),
            self._route("$default", WebSocketLambdaIntegration("Message", functions.message.live)),
        ]
        stage = apigw.WebSocketStage(
            self,
            "Stage",
            web_socket_api=self.api,
            stage_name=STAGE,
            auto_deploy=True,
            throttle=apigw.ThrottleSettings(
                rate_limit=config.websocket_rate_limit, burst_limit=config.websocket_burst_limit
            ),
        )
        # A route must be there before the stage can give it a limit.
        stage.node.add_dependency(*routes)
        resource = stage.node.default_child
        assert isinstance(resource, apigw.CfnStage)
        _limit_connects(resource, config)
        if config.websocket_access_logs:
            group = log_keeping.delivered(self, "AccessLog", kind="websocket")
            write_access_log(resource, group, "connectionId", "eventType")
        else:
            _acknowledge_that_nothing_is_logged(stage)
        return stage

    def _route(self, key: str, integration: WebSocketLambdaIntegration) -> apigw.WebSocketRoute:
        # No route returns a response: what a client is to hear is posted to its connection.
        route = self.api.add_route(key, integration=integration)
        acknowledge(
            route,
            "APIG4",
            reason="The function behind $connect is the authorization: it checks the token, the origin and "
            "the number of connections, and can answer with any status. Other routes can have no authorizer.",
        )
        return route


def _limit_connects(stage: apigw.CfnStage, config: Config) -> None:
    """Give handshakes a limit of their own: they cost more than a ping, and come in storms."""
    stage.route_settings = {
        "$connect": {
            "ThrottlingRateLimit": config.connect_rate_limit,
            "ThrottlingBurstLimit": config.connect_burst_limit,
        }
    }


def _acknowledge_that_nothing_is_logged(stage: apigw.WebSocketStage) -> None:
    acknowledge(
        stage,
        "APIG1",
        reason="Logs of a WebSocket stage need a role in the settings of the whole account and Region, which "
        "one stack must not change; websocket_access_logs turns them on where that role exists.",
    )
