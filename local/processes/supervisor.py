"""Runs one command, and ends everything it started as soon as the process that asked for it is gone.

The asker holds the other end of our standard input. However it ends, even by SIGKILL, the system closes that
end, and that is the only sign we wait for: nothing needs to be told, so nothing can forget to tell it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

from local.processes.process import Process, kill_group


def run(record: Path, command: list[str]) -> int:
    """Run the command as the leader of a group of its own, and leave nothing of that group behind."""
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    Process.of(child.pid).record(record)
    threading.Thread(target=_end_with_the_asker, args=[child], daemon=True).start()
    try:
        return child.wait()
    finally:
        kill_group(child.pid)
        record.unlink(missing_ok=True)


def _end_with_the_asker(child: subprocess.Popen[bytes]) -> None:
    os.read(sys.stdin.fileno(), 1)  # Nothing is ever said, so this returns at the end.
    kill_group(child.pid)


if __name__ == "__main__":
    sys.exit(run(Path(sys.argv[1]), sys.argv[2:]))
