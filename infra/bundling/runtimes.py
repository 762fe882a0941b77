"""Which Python runs the zips of a target, which wheels it takes, and what compiles for it."""

import shutil
import subprocess
import sys
from dataclasses import dataclass

HERE = sys.version_info[:2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """The Python that will run a zip, how to choose wheels for it, and whether the way there is long."""

    python: tuple[int, int]
    wheels: tuple[str, ...] = ()
    compressed: bool

    @property
    def compiler(self) -> str | None:
        """A Python of this machine whose bytecode the runtime reads; None if there is none."""
        if self.python == HERE:
            return sys.executable
        found = shutil.which("python{}.{}".format(*self.python))
        # The shims of version managers are there for every version, and most only complain.
        works = found and subprocess.run([found, "-c", ""], capture_output=True, check=False).returncode == 0  # noqa: S603
        return found if works else None


RUNTIMES = {
    # Lambda's Python 3.14 runs on Amazon Linux 2023, whose glibc is 2.34.
    "aws": Runtime(
        python=(3, 14),
        wheels=("--python-version", "3.14", "--python-platform", "aarch64-manylinux_2_28"),
        compressed=True,
    ),
    # The emulator runs functions with the Python that its virtual environment was made from: this one.
    "local": Runtime(python=HERE, compressed=False),
}
