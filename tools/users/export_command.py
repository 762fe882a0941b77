"""Write all that is stored of one user to a file, one JSON object per line: prompts and answers too."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from tools import command_line
from tools.output import printable, say, say_json
from tools.users.command_data import nothing_is_stored, user_data

if TYPE_CHECKING:
    import argparse


def main(arguments: list[str]) -> int:
    """Do what was asked. Returns 0, or 1 if it could not be done."""
    parser = command_line.parser_for("export", __doc__, parents=[command_line.common_options()])
    parser.add_argument("user", metavar="USER", help="the user's id, as tokens name it")
    parser.add_argument(
        "--output", type=Path, required=True, metavar="FILE", help="a new file, which only you may read"
    )
    parser.set_defaults(run=export)
    return command_line.run(parser, arguments)


def export(options: argparse.Namespace) -> bool:
    """Write the file.

    Raises:
        Impossible: If nothing is stored of the user.
    """
    data = user_data(command_line.deployment_of(options), options.user)
    number = 0
    with os.fdopen(_new(options.output), "w", encoding="utf-8") as file:
        for document in data.documents():
            file.write(json.dumps(document, ensure_ascii=False) + "\n")
            number += 1
    if not number:
        options.output.unlink()
        raise nothing_is_stored(options.user)
    if options.json:
        say_json({"user_id": options.user, "documents": number, "file": str(options.output)})
    else:
        say(f"{number} documents of {printable(options.user)} are in {options.output}.")
    return True


def _new(path: Path) -> int:
    """Make the file; one that is there already is not overwritten."""
    try:
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        reason = f"{path} cannot be made ({error.strerror}): name another --output."
        raise command_line.Impossible(reason) from None
