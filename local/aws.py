"""How a program is made to talk to the emulator, and to nothing else of AWS."""

from __future__ import annotations

import os

ACCOUNT = "000000000000"
REGION = "us-east-1"

# Kept for the emulator and so for the functions: what finds programs, homes, certificates and proxies.
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "SSL_CERT_FILE", "SSL_CERT_DIR", "HTTP_PROXY", "HTTPS_PROXY")


def client_environ(endpoint: str) -> dict[str, str]:
    """Return our environment with its AWS parts replaced, so that no real account can be meant by mistake."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "CDK_"))}
    return inherited | {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "CDK_DEFAULT_ACCOUNT": ACCOUNT,
        "CDK_DEFAULT_REGION": REGION,
        "CDK_DISABLE_CLI_TELEMETRY": "true",
        **_no_proxy(),
    }


def bare_environ() -> dict[str, str]:
    """Return as much of our environment as the emulator needs: every function inherits it."""
    names = {*_KEPT, *map(str.lower, _KEPT)}
    kept = {name: os.environ[name] for name in sorted(names & os.environ.keys())}
    return kept | {
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        **_no_proxy(),
    }


def _no_proxy() -> dict[str, str]:
    given = os.environ.get("NO_PROXY") or os.environ.get("no_proxy")
    hosts = ",".join(filter(None, [given, "127.0.0.1", "localhost"]))
    return {"NO_PROXY": hosts, "no_proxy": hosts}
