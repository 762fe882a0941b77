"""Names that are made out of the stack's, within what AWS allows."""

from aws_cdk import Aws, Fn

_API_NAME_MAX = 128


def api_name(stack_name: str, kind: str) -> str:
    """Name an API so that two stacks can be told apart; a very long name loses its end."""
    suffix = f"-{kind}"
    return stack_name[: _API_NAME_MAX - len(suffix)] + suffix


def delivered_log_group_name(stack_name: str, kind: str) -> str:
    """Name the group that an AWS service delivers a log to.

    With this prefix the group needs no entry of its own in the account's resource policy, which may have
    5,120 characters and is full in accounts with many such logs. The end is the stack's own id: a log that
    is kept must not be in the way of the next stack with this name.
    """
    stack_id = Fn.select(2, Fn.split("/", Aws.STACK_ID))
    return f"/aws/vendedlogs/{stack_name}/{kind}-{stack_id}"
