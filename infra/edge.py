"""CloudFront and a firewall before the APIs, and the secret that tells functions what came through."""

from aws_cdk import RemovalPolicy, SecretValue
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from functions.shared.edge import HEADER
from infra.config.fields import Config
from infra.firewall import Firewall
from infra.nag import acknowledge


class Edge(Construct):
    """What all distributions share. The gateways' own addresses go on answering, but with 403."""

    def __init__(
        self, scope: Construct, construct_id: str, *, config: Config, removal: RemovalPolicy
    ) -> None:
        super().__init__(scope, construct_id)
        self._version = config.edge_secret_version
        self._firewall = Firewall(
            self, "Firewall", requests_per_five_minutes=config.edge_requests_per_five_minutes
        )
        self.firewall_arn = self._firewall.arn
        self._secret = self._make_secret(removal)
        self.secret_arn = self._secret.secret_arn

    def before(
        self, scope: Construct, construct_id: str, *, origin: str, domain: str, certificate: str
    ) -> cloudfront.Distribution:
        """Put a distribution before an API's host."""
        distribution = cloudfront.Distribution(
            scope,
            construct_id,
            default_behavior=cloudfront.BehaviorOptions(
                origin=self._origin(origin),
                allowed_methods=cloudfront.AllowedMethods.ALLOW_ALL,
                cache_policy=cloudfront.CachePolicy.CACHING_DISABLED,
                # The gateway knows itself by its own host alone. All else is passed on, as a handshake needs.
                origin_request_policy=cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
                viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
            ),
            web_acl_id=self._firewall.arn,
            domain_names=[domain] if domain else None,
            certificate=acm.Certificate.from_certificate_arn(scope, f"{construct_id}Certificate", certificate)
            if certificate
            else None,
            minimum_protocol_version=cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
        )
        _acknowledge(distribution, domain)
        return distribution

    def _origin(self, host: str) -> origins.HttpOrigin:
        # CloudFormation puts the value in: neither the template nor a function's environment holds it.
        word = SecretValue.secrets_manager(
            self.secret_arn, json_field="current", version_id=self._version or None
        )
        return origins.HttpOrigin(
            host,
            protocol_policy=cloudfront.OriginProtocolPolicy.HTTPS_ONLY,
            origin_ssl_protocols=[cloudfront.OriginSslPolicy.TLS_V1_2],
            custom_headers={HEADER: word.unsafe_unwrap()},
        )

    def _make_secret(self, removal: RemovalPolicy) -> secretsmanager.Secret:
        secret = secretsmanager.Secret(
            self,
            "Secret",
            description="How CloudFront proves to framestream's functions that a request came through it.",
            removal_policy=removal,
            generate_secret_string=secretsmanager.SecretStringGenerator(
                secret_string_template="{}",  # noqa: S106 - a document without secrets yet.
                generate_string_key="current",
                password_length=64,
                exclude_punctuation=True,
            ),
        )
        acknowledge(
            secret,
            "SMG4",
            reason="CloudFront takes a new value over only with a deployment, so a rotation by itself would "
            "lock everybody out. docs/deploying.md says how to change it.",
        )
        return secret


def _acknowledge(distribution: cloudfront.Distribution, domain: str) -> None:
    acknowledge(
        distribution,
        "CFR1",
        reason="Whom a deployment serves is its owner's to say; it answers with nothing without a token.",
    )
    acknowledge(
        distribution,
        "CFR3",
        reason="CloudFront's access log holds query strings, where a token may travel. The gateways' access "
        "logs, the functions' logs and the firewall's metrics tell what came and what was refused.",
    )
    if not domain:
        acknowledge(
            distribution,
            "CFR4",
            reason="CloudFront's own certificate comes with its own choice of TLS versions; a domain with a "
            "certificate of its own has 1.2 as the oldest.",
        )
