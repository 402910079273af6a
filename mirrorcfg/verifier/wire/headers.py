"""Header fields of an answer, by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping


class Headers(Mapping[str, str]):
    """Fields by their names in lower case; those of one name are joined (RFC 9110, section 5.2)."""

    def __init__(self, fields: Iterable[tuple[bytes, bytes]] = ()) -> None:
        self._fields: dict[str, list[str]] = {}
        for name, value in fields:
            self._fields.setdefault(name.decode("latin-1").lower(), []).append(_text(value))

    def all(self, name: str) -> list[str]:
        """Each field of that name."""
        return self._fields.get(name, [])

    def __getitem__(self, name: str) -> str:
        return ", ".join(self._fields[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)


def _text(value: bytes) -> str:
    """RFC 9110 knows ASCII and opaque bytes; servers send UTF-8, and Latin-1 of old."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")
