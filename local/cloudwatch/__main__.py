"""Keeps metrics and alarms of the local deployment current, for as long as it is up."""

from __future__ import annotations

import argparse
import json
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from infra.config.fields import Config
from local.cloudwatch.alarm_states import AlarmStates
from local.cloudwatch.log_reader import LogReader
from local.cloudwatch.resource_names import names_of
from local.deployment import aws_client

EVERY = 4.0
"""Seconds between two looks, each of which costs some 0.1 s of a processor, the emulator's share included."""


def main(argv: list[str]) -> None:
    """Look again and again, until ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--endpoint", required=True, help="the emulator")
    parser.add_argument(
        "--outputs", required=True, type=Path, help="the stack's outputs, as the CDK wrote them"
    )
    parser.add_argument("--settings", required=True, help="the deployment's settings, as JSON")
    options = parser.parse_args(argv)
    (outputs,) = json.loads(options.outputs.read_text()).values()
    cloudwatch = aws_client("cloudwatch", options.endpoint)
    names = names_of(aws_client("lambda", options.endpoint), outputs)
    reader = LogReader(
        logs=aws_client("logs", options.endpoint),
        cloudwatch=cloudwatch,
        sqs=aws_client("sqs", options.endpoint),
        names=names,
    )
    states = AlarmStates(
        cloudwatch=cloudwatch,
        names=names,
        config=Config.from_context({"framestream": json.loads(options.settings)}),
        topic_arn=outputs["AlarmTopicArn"],
    )
    states.put()
    while True:
        try:
            reader.read()
            states.update(now=datetime.now(UTC) + timedelta(seconds=1))
        except (BotoCoreError, ClientError) as error:
            # Tests make calls fail, and the emulator may be slow; the next look will do.
            print(f"{type(error).__name__}: {error}", flush=True)
        time.sleep(EVERY)


if __name__ == "__main__":
    main(sys.argv[1:])
