"""Wires the check that a request came through the edge, for the functions that clients reach."""

from __future__ import annotations

import boto3

from functions.shared import aws
from functions.shared.edge import Edge
from functions.shared.secretsmanager import Secret


def edge_behind(secret_arn: str) -> Edge:
    """Wire it; without a secret there is no edge, and nothing to check."""
    if not secret_arn:
        return Edge(words=None)
    secret = Secret(client=boto3.client("secretsmanager", config=aws.CLIENT), arn=secret_arn)
    return Edge(words=lambda now: secret.values(now=now))
