"""The secrets: what signs our users' tokens, the key of the model's provider, and what its headers carry."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from functions.shared.models.request_additions import Header
from infra.config.fields import Config
from infra.models import needs_key, secrets_of
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


class Secrets:
    """All that a deployment needs, made or found in the scope of its stack."""

    def __init__(self, scope: Construct, *, config: Config, removal: RemovalPolicy) -> None:
        self.tokens = _token_secret(scope, config, removal)
        self.llm_key = _llm_key(scope, config, removal)
        self._by_name = {
            name: Credential(scope, f"LlmHeader{number}", existing=name, description="", removal=removal)
            for number, name in enumerate(secrets_of(config))
        }

    @property
    def of_models(self) -> tuple[Credential, ...]:
        """Return those that requests to models carry."""
        return (*filter(None, (self.llm_key,)), *self._by_name.values())

    def resolved(self, header: Header) -> Header:
        """Name a header's secret, if it has one, by what it is asked for by."""
        known = self._by_name.get(header.secret)
        return header._replace(secret=known.reference) if known else header


def _token_secret(scope: Construct, config: Config, removal: RemovalPolicy) -> Credential | None:
    """Make or find what tokens are signed with; a deployment with public keys needs no secret."""
    if not config.has_shared_secret:
        return None
    return Credential(
        scope,
        "TokenSecret",
        existing=config.token_secret_name,
        description="What the tokens of framestream's users are signed with.",
        removal=removal,
    )


def _llm_key(scope: Construct, config: Config, removal: RemovalPolicy) -> Credential | None:
    """Make or find the key of `llm_base_url`, if any model is asked there with it."""
    if not needs_key(config):
        return None
    return Credential(
        scope,
        "LlmKey",
        existing=config.llm_key_secret_name,
        description="The key of the model's provider. Random, and so refused, until it is put here.",
        removal=removal,
    )
