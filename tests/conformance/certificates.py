"""The lab's certificates: one authority that is trusted, others that aren't, and leaves with something wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path

import trustme

HOSTS = (
    "localhost",
    "127.0.0.1",
    "::1",
    "mirror.lab.example",
    "dual.lab.example",
    "xn--o1q148n.lab.example",
    "10.77.0.1",
)
CROWD, EACH = 500, 25  # hosts of the crowd, and how many share a certificate: a public one names some ten


def address(number: int) -> str:
    """A host of the crowd; all of it is this machine."""
    return f"127.0.{1 + number // 250}.{1 + number % 250}"


@dataclass(frozen=True)
class Pair:
    """A certificate chain and its key, as files."""

    chain: Path
    key: Path


class Authority:
    """Issues what the lab's servers show; `ca` is the file that a client trusts."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.folder = folder
        self.root = trustme.CA(organization_name="Lab", organization_unit_name="Lab Root CA")
        self.ca = folder / "ca.crt"
        self.root.cert_pem.write_to_path(str(self.ca))
        self.pairs: dict[str, Pair] = {}

    @cached_property
    def stranger(self) -> trustme.CA:
        return trustme.CA(organization_name="Acme Inspection", organization_unit_name="Acme Proxy CA")

    def pair(self, name: str) -> Pair:
        """The chain and key of that kind, made when first asked for."""
        if name not in self.pairs:
            self.pairs[name] = self.save(name, KINDS[name](self))
        return self.pairs[name]

    def crowd(self) -> Iterator[tuple[list[str], Pair]]:
        """Hosts of the crowd, and the pair that they share."""
        for start in range(0, CROWD, EACH):
            hosts = [address(number) for number in range(start, start + EACH)]
            yield hosts, self.save(f"crowd-{start}", _between(-30, 60, *hosts)(self))

    def save(self, name: str, leaf: trustme.LeafCert, *, whole: bool = True) -> Pair:
        pair = Pair(self.folder / f"{name}.pem", self.folder / f"{name}.key")
        blobs = leaf.cert_chain_pems if whole and name != "incomplete" else leaf.cert_chain_pems[:1]
        pair.chain.write_bytes(b"".join(blob.bytes() for blob in blobs))
        leaf.private_key_pem.write_to_path(str(pair.key))
        return pair


def _between(start: int, end: int, *hosts: str) -> Callable[[Authority], trustme.LeafCert]:
    """A leaf that is valid from `start` to `end`, in days from now."""

    def issue(authority: Authority) -> trustme.LeafCert:
        now = datetime.now(UTC)
        first, last = now + timedelta(days=start), now + timedelta(days=end)
        return authority.root.issue_cert(*(hosts or HOSTS), not_before=first, not_after=last)

    return issue


KINDS: dict[str, Callable[[Authority], trustme.LeafCert]] = {
    "good": _between(-30, 60),
    "short": _between(-1, 1),
    "expired": _between(-60, -5),
    "not-yet": _between(5, 60),
    "wrong-host": _between(-30, 60, "other.example"),
    "stranger": lambda authority: authority.stranger.issue_cert(*HOSTS),
    "incomplete": lambda authority: authority.root.create_child_ca().issue_cert(*HOSTS),
    "many": _between(-30, 60, *HOSTS, *map(address, range(CROWD))),
}
