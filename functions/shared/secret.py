"""Secrets, read from AWS Secrets Manager and kept in memory for a few minutes."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from functions.shared.errors import SettingsError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


@dataclass(slots=True, kw_only=True)
class Secret:
    """One secret whose value may change while the function runs.

    The value is a plain text, or a JSON object with `current` and, while a rotation is under way, `previous`.
    """

    client: SecretsManagerClient
    arn: str
    fresh_for: timedelta = timedelta(minutes=5)
    _values: tuple[str, ...] = field(default=(), repr=False)
    _read_at: datetime | None = None

    def values(self, *, now: datetime) -> tuple[str, ...]:
        """Return the current value and, if there is one, the previous one.

        A value that was read before stays in use while Secrets Manager does not answer, or answers with
        something that is not usable.

        Raises:
            SettingsError: If the secret has no usable value.
        """
        if self._read_at is None or now - self._read_at >= self.fresh_for:
            try:
                reply = self.client.get_secret_value(SecretId=self.arn)
                self._values = _parse(reply.get("SecretString", ""))
            except (BotoCoreError, ClientError, SettingsError):
                if not self._values:
                    raise
            self._read_at = now
        return self._values


def _parse(text: str) -> tuple[str, ...]:
    values: list[object] = [text.strip()]
    if text.lstrip().startswith("{"):
        try:
            document = json.loads(text)
        except ValueError:
            raise SettingsError("the secret looks like JSON but is not") from None
        values = [document.get("current"), *filter(None, [document.get("previous")])]
    if not all(isinstance(value, str) and value for value in values):
        raise SettingsError("the secret must be a text, or JSON with texts `current` and `previous`")
    return tuple(str(value) for value in values)
