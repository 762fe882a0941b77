"""Which pages may talk to us."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.shared.setting_rules import Switch
from functions.shared.setting_texts import Text, Texts
from functions.shared.settings import Options, setting

if TYPE_CHECKING:
    from collections.abc import Collection

LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_LABELS = re.compile(rf"(?:{LABEL}\.)+")
# A wildcard needs TLS and a domain of at least two labels, which is no address.
_HOST = rf"(?:{LABEL}\.)*{LABEL}|(?<=https://)\*\.(?:{LABEL}\.)+(?=[a-z]){LABEL}"
ORIGIN = Text(
    "an origin exactly as a browser sends it: http:// or https://, a lower-case host, a port unless it is "
    "the scheme's own, and nothing after it; or https://*. and a domain, for all its sub-domains",
    rf"(?:http://(?!.*:80$)|https://(?!.*:443$))(?:{_HOST})(?::[1-9][0-9]{{0,4}})?",
    max_bytes=100,
)
LONGEST = 300
"""A host has at most 253 characters (RFC 1035 §2.3.4); scheme and port come on top."""


@dataclass(frozen=True, kw_only=True)
class OriginOptions(Options, section="admission"):
    """The pages that a deployment allows."""

    allowed_origins: tuple[str, ...] = setting(
        ("http://localhost:5173",),
        Texts(ORIGIN, at_least=1),
        "the pages that may open sockets and call the HTTP API; see [Origins](#origins)",
    )
    allow_missing_origin: bool = setting(
        False,  # noqa: FBT003 - the name is on the left.
        Switch(),
        "whether a handshake without an Origin header, which no browser sends, is accepted, and "
        "gets a ticket",
    )


@dataclass(frozen=True, slots=True)
class OriginAllowList:
    """The pages that may open a socket or call the HTTP API.

    An Origin is compared whole with each entry. Browsers send exactly one serialisation of an origin
    (RFC 6454 §6.2: lower-case scheme and host, no default port, no path), so anything else is not a page of
    ours, whatever it might be normalised to. An entry `https://*.example.com` stands for all sub-domains,
    however deep, but not for `https://example.com` itself.
    """

    allowed: Collection[str]
    missing_is_allowed: bool = False

    def allows(self, origin: str | None) -> bool:
        """Say whether a request with this Origin header (None: without one) may go on."""
        if origin is None:
            return self.missing_is_allowed
        if "*" in origin or len(origin) > LONGEST:
            return False
        return origin in self.allowed or any(_covers(entry, origin) for entry in self.allowed)


def _covers(entry: str, origin: str) -> bool:
    """Say whether the entry has a wildcard, and the origin at least one label in its place."""
    scheme, wildcard, domain = entry.partition("*.")
    if not (wildcard and origin.startswith(scheme) and origin.endswith(domain)):
        return False
    return _LABELS.fullmatch(origin[len(scheme) : -len(domain)]) is not None
