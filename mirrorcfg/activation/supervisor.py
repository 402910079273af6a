"""Tells the service manager that started us how we are, where there is one.

Source of the rules: systemd's sd_notify(3) and sd_watchdog_enabled(3), datagrams to $NOTIFY_SOCKET.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from contextlib import suppress

_PATIENCE = 1.0  # seconds for a manager whose queue is full
READY, ALIVE, STOPPING = "READY=1", "WATCHDOG=1", "STOPPING=1"


def tell(environ: Mapping[str, str], state: str) -> None:
    """Say it, if anybody wants to know. A manager that doesn't listen is no reason to stop."""
    address = environ.get("NOTIFY_SOCKET", "")
    if address.startswith("@"):  # in the abstract name space
        address = "\0" + address[1:]
    if not address or not hasattr(socket, "AF_UNIX"):
        return
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.settimeout(_PATIENCE)
        sock.sendto(state.encode(), address)


def patience(environ: Mapping[str, str]) -> float | None:
    """Within how many seconds it wants to hear `ALIVE`; None if it doesn't watch this process."""
    told = environ.get("WATCHDOG_USEC", "")
    mine = environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
    return int(told) / 1_000_000 if mine and told.isdecimal() and int(told) > 0 else None
