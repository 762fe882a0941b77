"""Which pages may talk to us."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.shared import environment
from functions.shared.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_LABELS = re.compile(rf"(?:{_LABEL}\.)+")
# A wildcard needs TLS and a domain of at least two labels, which is no address.
_HOST = rf"(?:{_LABEL}\.)*{_LABEL}|(?<=https://)\*\.(?:{_LABEL}\.)+(?=[a-z]){_LABEL}"
ENTRY = re.compile(rf"(?:http://(?!.*:80$)|https://(?!.*:443$))(?:{_HOST})(?::[1-9][0-9]{{0,4}})?")
LONGEST = 300
"""A host has at most 253 characters (RFC 1035 §2.3.4); scheme and port come on top."""


@dataclass(frozen=True, slots=True)
class OriginAllowList:
    """The pages that may open a socket or call the HTTP API.

    An Origin is compared whole with each entry. Browsers send exactly one serialisation of an origin
    (RFC 6454 §6.2: lower-case scheme and host, no default port, no path), so anything else is not a page of
    ours, whatever it might be normalised to. An entry `https://*.example.com` stands for all sub-domains,
    however deep, but not for `https://example.com` itself.
    """

    allowed: frozenset[str]
    missing_is_allowed: bool = False

    def allows(self, origin: str | None) -> bool:
        """Say whether a request with this Origin header (None: without one) may go on."""
        if origin is None:
            return self.missing_is_allowed
        if "*" in origin or len(origin) > LONGEST:
            return False
        return origin in self.allowed or any(_covers(entry, origin) for entry in self.allowed)


def allowed_origins(environ: Mapping[str, str]) -> frozenset[str]:
    """Read the list from a function's environment.

    Raises:
        SettingsError: If an entry is not written as a browser writes an origin.
    """
    entries = environment.texts(environ, "ALLOWED_ORIGINS")
    if not all(ENTRY.fullmatch(entry) for entry in entries):
        raise SettingsError(
            "ALLOWED_ORIGINS must be origins as a browser sends them, or https://*.example.com"
        )
    return frozenset(entries)


def _covers(entry: str, origin: str) -> bool:
    """Say whether the entry has a wildcard, and the origin at least one label in its place."""
    scheme, wildcard, domain = entry.partition("*.")
    if not (wildcard and origin.startswith(scheme) and origin.endswith(domain)):
        return False
    return _LABELS.fullmatch(origin[len(scheme) : -len(domain)]) is not None
