"""The demo page on AWS (optional): files in a bucket that only CloudFront reads."""

import json

from aws_cdk import Aws, Duration, RemovalPolicy
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.config.fields import Config
from infra.nag import acknowledge

YEAR = Duration.days(365)


class DemoPage(Construct):
    """Bucket and distribution for the page. Its files are uploaded later, by a command among the outputs."""

    def __init__(
        self, scope: Construct, construct_id: str, *, config: Config, removal: RemovalPolicy, firewall: str
    ) -> None:
        super().__init__(scope, construct_id)
        self._policy = _content_security_policy(config)
        self._bucket = s3.Bucket(
            self,
            "Bucket",
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            removal_policy=removal,
        )
        self._source = origins.S3BucketOrigin.with_origin_access_control(self._bucket)
        self._distribution = cloudfront.Distribution(
            self,
            "Distribution",
            default_root_object="index.html",
            # What is new shows at once: only files that are named after their content are cached.
            default_behavior=self._behavior("Headers", "no-cache", cloudfront.CachePolicy.CACHING_DISABLED),
            additional_behaviors={
                "assets/*": self._behavior(
                    "AssetHeaders",
                    "public, max-age=31536000, immutable",
                    cloudfront.CachePolicy.CACHING_OPTIMIZED,
                )
            },
            web_acl_id=firewall or None,
            minimum_protocol_version=cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
        )
        _acknowledge(self._bucket, self._distribution)

    @property
    def origin(self) -> str:
        """What browsers call the page."""
        return f"https://{self._distribution.distribution_domain_name}"

    def upload(self, *, http_url: str) -> str:
        """The command that puts the built page, and where it finds the system, into the bucket."""
        bucket = f"s3://{self._bucket.bucket_name}"
        site = json.dumps({"httpUrl": http_url, "signIn": "token"})
        return (
            f"aws s3 sync clients/demo/dist {bucket} --delete --exclude framestream.json && "
            f"echo '{site}' | aws s3 cp - {bucket}/framestream.json --content-type application/json"
        )

    def _behavior(
        self, name: str, caching: str, policy: cloudfront.ICachePolicy
    ) -> cloudfront.BehaviorOptions:
        return cloudfront.BehaviorOptions(
            origin=self._source,
            cache_policy=policy,
            response_headers_policy=self._headers(name, caching),
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
            compress=True,
        )

    def _headers(self, name: str, caching: str) -> cloudfront.ResponseHeadersPolicy:
        return cloudfront.ResponseHeadersPolicy(
            self,
            name,
            security_headers_behavior=cloudfront.ResponseSecurityHeadersBehavior(
                content_security_policy=cloudfront.ResponseHeadersContentSecurityPolicy(
                    content_security_policy=self._policy, override=True
                ),
                content_type_options=cloudfront.ResponseHeadersContentTypeOptions(override=True),
                frame_options=cloudfront.ResponseHeadersFrameOptions(
                    frame_option=cloudfront.HeadersFrameOption.DENY, override=True
                ),
                referrer_policy=cloudfront.ResponseHeadersReferrerPolicy(
                    referrer_policy=cloudfront.HeadersReferrerPolicy.SAME_ORIGIN, override=True
                ),
                strict_transport_security=cloudfront.ResponseHeadersStrictTransportSecurity(
                    access_control_max_age=YEAR, override=True
                ),
            ),
            custom_headers_behavior=cloudfront.ResponseCustomHeadersBehavior(
                custom_headers=[
                    cloudfront.ResponseCustomHeader(header="Cache-Control", value=caching, override=True),
                    cloudfront.ResponseCustomHeader(
                        header="Cross-Origin-Opener-Policy", value="same-origin", override=True
                    ),
                ]
            ),
        )


def _content_security_policy(config: Config) -> str:
    """Let the page talk to the two APIs alone.

    By a pattern, where they have no domain: the HTTP API names the page in its CORS, and two resources of a
    stack cannot name each other.
    """
    gateways = f"*.execute-api.{Aws.REGION}.{Aws.URL_SUFFIX}"
    unnamed = "*.cloudfront.net" if config.edge else gateways
    http, websocket = config.http_domain or unnamed, config.websocket_domain or unnamed
    uploads = f" https://*.s3.{Aws.REGION}.{Aws.URL_SUFFIX}" if config.attachments else ""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        f"connect-src 'self' https://{http} wss://{websocket}{uploads}; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def _acknowledge(bucket: s3.Bucket, distribution: cloudfront.Distribution) -> None:
    acknowledge(
        bucket,
        "S1",
        reason="Only CloudFront reads this bucket, and all that is in it is shown to everybody anyway: a log "
        "of who read it would be a second bucket to look after, and tell nothing.",
    )
    acknowledge(
        distribution,
        "CFR1",
        reason="Whom a deployment serves is its owner's to say; the page does nothing without a token.",
    )
    acknowledge(
        distribution,
        "CFR2",
        reason="Files that are the same for everybody need no firewall; with an edge, the page is behind the "
        "one of the APIs.",
    )
    acknowledge(
        distribution,
        "CFR3",
        reason="The page's own requests say nothing but that a browser opened it; what is asked of the APIs "
        "is in their access logs.",
    )
    acknowledge(
        distribution,
        "CFR4",
        reason="CloudFront's own certificate comes with its own choice of TLS versions, and the demo page "
        "has no domain of its own.",
    )
