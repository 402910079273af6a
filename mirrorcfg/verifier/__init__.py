"""Asks sources over the network for what their tools will ask them for, and names what is wrong.

The verifier knows no profile and no tool: it is handed addresses, and the clients that would ask them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mirrorcfg.model.client import Client
from mirrorcfg.model.verdict import Probe, Verdict
from mirrorcfg.verifier.codes import CODES, Code, Kind

__all__ = ["CODES", "Code", "Kind", "fetch", "trusts", "verify"]


def verify(
    probes: Sequence[Probe],
    *,
    level: int = 3,
    timeout: float = 10.0,
    subdir: str | None = None,
    on_verdict: Callable[[Verdict], None] | None = None,
) -> list[Verdict]:
    """What came of asking each source, in the order of `probes`; within `timeout` seconds, whatever they do.

    `subdir` is the machine's, in the words of channels. `on_verdict` gets each verdict as soon as there is
    one; that in the result counts, as it knows of the other sources. Certificates are verified; nothing turns
    that off.
    """
    from mirrorcfg.verifier.ending import ended
    from mirrorcfg.verifier.engine import Call

    call = Call(probes, level, timeout, subdir, on_verdict)
    return ended(call.run, timeout, call.cut)


def trusts(client: Client, ca_file: str) -> bool:
    """Whether a client trusts the CAs in a file without being told of it; no, where that can't be read."""
    from mirrorcfg.verifier.codes import Failure
    from mirrorcfg.verifier.trust import trusts as look

    try:
        return look(client, ca_file)
    except Failure:
        return False


def fetch(probe: Probe, *, limit: int, timeout: float = 10.0) -> bytes:
    """What stands at an https address, after redirects that are https too; within `timeout` seconds.

    Raises MirrorcfgError with a code of `CODES`: `too-large` for more than `limit` bytes.
    """
    from mirrorcfg.verifier.download import fetched, overtaken
    from mirrorcfg.verifier.ending import ended

    def late() -> bytes:
        raise overtaken(probe)

    return ended(lambda: fetched(probe, limit, timeout), timeout, late)
