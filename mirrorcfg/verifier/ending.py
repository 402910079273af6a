"""The end of a call of the verifier's, whatever its event loop is held up by."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

_GRACE = 1.0  # seconds beyond the call's own time: it ends by itself, or something keeps it from that


def ended(work: Callable[[], Coroutine[Any, Any, T]], timeout: float, late: Callable[[], T]) -> T:
    """What `work` comes to, or what `late` makes of it where it doesn't end in time.

    It runs beside us, so that we can leave it: a sender that keeps the loop from its clock keeps nobody else,
    and a signal reaches whoever waits here at once. Raises what either raises.
    """
    done: list[T] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            done.append(asyncio.run(work()))
        except BaseException as error:
            failed.append(error)

    beside = threading.Thread(target=run, name="verifier", daemon=True)
    beside.start()
    beside.join(timeout + _GRACE)
    if failed:
        raise failed[0]
    return done[0] if done else late()
