"""What all tests rely on."""

from __future__ import annotations

import signal


def pytest_configure() -> None:
    """End in good order whoever asks for it, so that everything which tests started ends with them.

    Shells let background jobs ignore Ctrl-C, and whatever a suite starts would ignore it too. SIGTERM would
    end us without any clearing up.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
