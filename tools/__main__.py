"""The operator's command line: one entry for all commands, each of which says more with --help."""

from __future__ import annotations

import sys
from importlib import import_module

COMMANDS = {
    "budget": "tools.budgets.command",
    "capacity": "tools.capacity.command",
    "connections": "tools.connections.command",
    "cost": "tools.costs.command",
    "dead-letters": "tools.dead_letters.command",
    "drill": "tools.drill.command",
    "erase": "tools.users.erase_command",
    "export": "tools.users.export_command",
    "generation": "tools.generation.command",
    "smoke": "tools.smoke.command",
    "usage": "tools.users.usage_command",
}
"""A command's module has `main(arguments) -> exit status`; the first line of its docstring is its help."""


def main(arguments: list[str]) -> int:
    """Run the command that is named first. Returns its exit status, 2 if there is no such command."""
    if not arguments or arguments[0] in {"-h", "--help"}:
        sys.stdout.write(_help())
        return 0 if arguments else 2
    name, *rest = arguments
    if name not in COMMANDS:
        sys.stderr.write(f"There is no command {name!r}; there are: {', '.join(COMMANDS)}.\n")
        return 2
    status: int = import_module(COMMANDS[name]).main(rest)
    return status


def _help() -> str:
    width = max(map(len, COMMANDS))
    purposes = {
        name: (import_module(module).__doc__ or "").partition("\n")[0] for name, module in COMMANDS.items()
    }
    rows = [f"  {name:<{width}}  {purpose}" for name, purpose in purposes.items()]
    return "\n".join(
        ["usage: python -m tools COMMAND ...", "", *rows, "", "More: python -m tools COMMAND --help", ""]
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
