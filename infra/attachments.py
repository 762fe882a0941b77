"""The bucket of images and files that prompts are sent with (optional)."""

from collections.abc import Sequence

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.config.fields import Config
from infra.functions import Function
from infra.nag import acknowledge

OBJECTS = "attachments/*"


class AttachmentBucket(Construct):
    """A private bucket. Browsers put objects into it with forms that a function signs."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        config: Config,
        origins: Sequence[str],
        removal: RemovalPolicy,
    ) -> None:
        super().__init__(scope, construct_id)
        is_on_aws = config.target == "aws"
        # A form and an address are used by a page, on its own origin, or by a program.
        cors = s3.CorsRule(
            allowed_methods=[s3.HttpMethods.POST, s3.HttpMethods.GET],
            allowed_origins=list(origins),
            allowed_headers=["*"],
        )
        self.bucket = s3.Bucket(
            self,
            "Bucket",
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            encryption=s3.BucketEncryption.S3_MANAGED,
            # The emulator is reached in plain, on this machine alone.
            enforce_ssl=is_on_aws,
            minimum_tls_version=1.2 if is_on_aws else None,
            cors=[cors] if origins else None,
            # A day more than the table keeps them, since S3 counts in days that have begun.
            lifecycle_rules=[
                s3.LifecycleRule(
                    expiration=Duration.days(config.retention_days + 1),
                    abort_incomplete_multipart_upload_after=Duration.days(1),
                )
            ],
            removal_policy=removal,
        )
        acknowledge(
            self.bucket,
            "S1",
            reason="Each object is put with a form that the generate function signed, which its log tells.",
        )

        if not is_on_aws:
            reason = "The emulator speaks plain HTTP, to its own machine alone."
            acknowledge(self.bucket, "S10", reason=reason)

    def allow(self, function: Function, *operations: str) -> None:
        """Allow a function these operations on objects, and to learn that there is none (404, not 403)."""
        function.allow(*(f"s3:{each}" for each in operations), on=self.bucket.arn_for_objects(OBJECTS))
        function.allow("s3:ListBucket", on=self.bucket.bucket_arn)
        acknowledge(
            function.role,
            f"IAM5[Resource::<{self._logical_id}.Arn>/{OBJECTS}]",
            reason="Attachments come and go while the stack stands, so no policy can name each; the bucket, "
            "the folder and the operations are exact.",
        )

    @property
    def _logical_id(self) -> str:
        resource = self.bucket.node.default_child
        assert isinstance(resource, s3.CfnBucket)
        return str(self.bucket.stack.resolve(resource.logical_id))
