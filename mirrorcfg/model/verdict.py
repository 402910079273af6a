"""What the verifier is asked, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from mirrorcfg.model.client import HUB, Client


@dataclass(frozen=True)
class Probe:
    """One source to ask, as a tool's client would ask it.

    `role` is the profile key that names it (`index-url`, `default-channels`, `registry-mirrors` …).
    `ca_file` is a CA that this tool trusts for it besides the system's store; so are `certs`, files too.
    `authorization` is the
    value of that header, where the tool would send credentials of the user's; it is never shown. Of a mere
    folder `files` are those below it to ask for, none where they aren't known.

    An index that is a company's `own` may have nothing but the company's projects. `project` is one that the
    profile says is there; where the source is the `only` one, it has to be in this one. Of a mirror of a
    `registry` it is an image; one that doesn't `resolve` isn't asked what a tag means.
    """

    client: Client
    role: str
    url: str
    profile: str | None = None
    ca_file: str | None = None
    authorization: str | None = field(default=None, repr=False)
    files: tuple[str, ...] | None = None
    own: bool = False
    project: str | None = None
    only: bool = False
    registry: str = HUB
    resolves: bool = True
    certs: tuple[str, ...] = ()

    @property
    def tool(self) -> str:
        """The tool whose client it is."""
        return self.client.tool


class Phases(NamedTuple):
    """How long each part of the first exchange took, in milliseconds; None where it wasn't reached."""

    dns: float | None = None
    connect: float | None = None
    tls: float | None = None
    first_byte: float | None = None


@dataclass(frozen=True)
class Verdict:
    """What came of a probe.

    `code` is stable (docs/verifier.md lists them), `level` the deepest that passed (0: none), `ms` the time
    that all of it took. `fetched` names what was fetched to judge, `files_from` the host that its files come
    from where that is another than its own. `warnings` are codes that don't make a source bad: a mirror that
    works and lists no file that could be tried. One of which nothing can be told (`cant-tell`) isn't bad
    either, and hasn't passed. Where its client `stays` with a source that fails it, it asks none after it.
    """

    probe: Probe
    ok: bool
    code: str
    level: int
    message: str
    hint: str | None = None
    final_url: str | None = None
    ms: float = 0.0
    phases: Phases = Phases()  # noqa: RUF009 — a tuple can't be changed
    certificate_days: int | None = None
    fetched: tuple[str, ...] = ()
    files_from: str | None = None
    warnings: tuple[str, ...] = ()
    stays: bool = False
