"""How a finding of cdk-nag is accepted on purpose: beside the thing it is about, with the reason."""

from aws_cdk import Acknowledgment, Validations
from constructs import Construct


def acknowledge(construct: Construct, finding: str, *, reason: str) -> None:
    """Accept one finding about a construct, or about anything within it."""
    Validations.of(construct).acknowledge(
        Acknowledgment(id=f"AwsSolutions::AwsSolutions-{finding}", reason=reason)
    )
