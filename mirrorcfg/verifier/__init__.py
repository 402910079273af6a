"""Asks sources over the network for what their tools will ask them for, and names what is wrong.

The verifier knows no profile and no file of a tool's: it is handed addresses, and what the tool trusts.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence

from mirrorcfg.model.verdict import Probe, Verdict
from mirrorcfg.verifier.codes import CODES, Code, Kind

__all__ = ["CODES", "Code", "Kind", "verify"]


def verify(
    probes: Sequence[Probe],
    *,
    level: int = 3,
    timeout: float = 10.0,
    environ: Mapping[str, str] | None = None,
    subdir: str | None = None,
    on_verdict: Callable[[Verdict], None] | None = None,
) -> list[Verdict]:
    """What came of asking each source, in the order of `probes`; within `timeout` seconds, whatever they do.

    `environ` has the proxies and SSL_CERT_FILE (this process's environment without it); `subdir` is the
    machine's in conda's words. `on_verdict` gets each verdict as soon as there is one; that in the result
    counts, as it knows of the other sources. Certificates are verified; nothing turns that off.
    """
    from mirrorcfg.verifier.ending import ended
    from mirrorcfg.verifier.engine import Call

    environment = dict(os.environ if environ is None else environ)
    call = Call(probes, level, timeout, environment, subdir, on_verdict)
    return ended(call.run, timeout, call.cut)


def fetch(
    url: str,
    *,
    limit: int,
    timeout: float = 10.0,
    environ: Mapping[str, str] | None = None,
    ca_file: str | None = None,
    authorization: str | None = None,
) -> bytes:
    """What stands at an https address, after redirects that are https too; within `timeout` seconds.

    Trust, proxies and retries are those of `verify`; `authorization` goes to the address's own origin alone.
    Raises MirrorcfgError with a code of `CODES`: `too-large` for more than `limit` bytes.
    """
    from mirrorcfg.verifier.download import fetched, overtaken
    from mirrorcfg.verifier.ending import ended

    environment = dict(os.environ if environ is None else environ)

    def late() -> bytes:
        raise overtaken(url)

    return ended(lambda: fetched(url, limit, timeout, environment, ca_file, authorization), timeout, late)
