"""The secrets: what signs our users' tokens, the key of the model's provider, and what its headers carry."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra.nag import acknowledge


class Credential(Construct):
    """A secret that the stack makes with a random value, or one that exists already.

    `reference` is what a function asks Secrets Manager for, `grantable_arn` what its role names.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        existing: str,
        description: str,
        removal: RemovalPolicy,
    ) -> None:
        super().__init__(scope, construct_id)
        if existing.startswith("arn:"):
            self.reference = self.grantable_arn = existing
        elif existing:
            secret = secretsmanager.Secret.from_secret_name_v2(self, "Secret", existing)
            # Not the ARN without its suffix: "…:my-secret" looks like a complete one, and is not found.
            self.reference = existing
            # The suffix: a hyphen and six characters that Secrets Manager chose.
            self.grantable_arn = f"{secret.secret_arn}-??????"
        else:
            made = self._make(description, removal)
            # Not the L2's secret_arn, which is a Ref: on AWS that is the ARN, in the emulator the name.
            self.reference = self.grantable_arn = made.attr_id

    def _make(self, description: str, removal: RemovalPolicy) -> secretsmanager.CfnSecret:
        secret = secretsmanager.Secret(
            self,
            "Secret",
            description=description,
            removal_policy=removal,
            generate_secret_string=secretsmanager.SecretStringGenerator(
                password_length=64, exclude_punctuation=True
            ),
        )
        acknowledge(
            secret,
            "SMG4",
            reason="The identity provider, or the provider of the key, holds a copy: a rotation on this side "
            "alone would lock everybody out. docs/deploying.md says how to change it on both sides.",
        )
        resource = secret.node.default_child
        assert isinstance(resource, secretsmanager.CfnSecret)
        return resource
