"""`python -m tools.drill`."""

import sys

from tools.drill.command import main

sys.exit(main(sys.argv[1:]))
