"""By which names clients reach the two APIs: the gateways' own, domains of yours, or CloudFront's."""

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_apigatewayv2 as apigw
from aws_cdk import aws_certificatemanager as acm
from constructs import Construct

from infra.config.fields import Config
from infra.edge import Edge


class ApiDomain(Construct):
    """The way into one API.

    `host` is what clients put into their URLs, `target` what a DNS record for it must point to.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        api_id: str,
        domain: str,
        certificate: str,
        edge: Edge | None,
    ) -> None:
        super().__init__(scope, construct_id)
        own = f"{api_id}.execute-api.{Stack.of(self).region}.{Stack.of(self).url_suffix}"
        self._domain: apigw.DomainName | None = None
        if edge:
            distribution = edge.before(
                self, "Distribution", origin=own, domain=domain, certificate=certificate
            )
            self.target = distribution.distribution_domain_name
        elif domain:
            self._domain = apigw.DomainName(
                self,
                "Domain",
                domain_name=domain,
                certificate=acm.Certificate.from_certificate_arn(self, "Certificate", certificate),
                security_policy=apigw.SecurityPolicy.TLS_1_2,
            )
            self.target = self._domain.regional_domain_name
        else:
            self.target = own
        self.host = domain or self.target

    def map_stage(self, api: apigw.IApi, stage: apigw.IStage, *, path: str | None = None) -> None:
        """Open it, as soon as there is a stage behind it."""
        if self._domain:
            apigw.ApiMapping(
                self, "Mapping", api=api, domain_name=self._domain, stage=stage, api_mapping_key=path
            )


class Domains(Construct):
    """Both ways in, through the same edge if there is one."""

    def __init__(
        self, scope: Construct, construct_id: str, *, config: Config, removal: RemovalPolicy
    ) -> None:
        super().__init__(scope, construct_id)
        self._config = config
        self._edge = Edge(self, "Edge", config=config, removal=removal) if config.edge else None
        self.targets: dict[str, str] = {}
        """What your DNS records must point to, by the name of the stack's output."""

    @property
    def secret_arn(self) -> str:
        """The secret by which functions know what came through the edge; empty without one."""
        return self._edge.secret_arn if self._edge else ""

    @property
    def firewall_arn(self) -> str:
        """The firewall before the APIs; empty without an edge."""
        return self._edge.firewall_arn if self._edge else ""

    def websocket(self, api: apigw.WebSocketApi) -> ApiDomain:
        """Make the way to the sockets."""
        domain, certificate = self._config.websocket_domain, self._config.websocket_certificate_arn
        return self._api_domain("WebSocket", api.api_id, domain=domain, certificate=certificate)

    def http(self, api: apigw.HttpApi) -> ApiDomain:
        """Make the way to the HTTP API."""
        domain, certificate = self._config.http_domain, self._config.http_certificate_arn
        return self._api_domain("Http", api.api_id, domain=domain, certificate=certificate)

    def _api_domain(self, name: str, api_id: str, *, domain: str, certificate: str) -> ApiDomain:
        api_domain = ApiDomain(
            self, name, api_id=api_id, domain=domain, certificate=certificate, edge=self._edge
        )
        if domain:
            self.targets[f"{name}DomainTarget"] = api_domain.target
        return api_domain
