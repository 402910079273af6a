"""What is fuzzed: each reader of files that others wrote. None may take long, fall over, or lose a byte."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from mirrorcfg import formats, writers
from mirrorcfg.errors import FormatError, ProfileError
from mirrorcfg.formats import Changes, Format, keys, patch, pem
from mirrorcfg.formats.past import Past
from mirrorcfg.profiles.origin import judged, load
from mirrorcfg.profiles.search import Directory, builtin

if TYPE_CHECKING:
    from collections.abc import Iterator

ROUND = 4.0  # seconds of the processor for reading, editing and undoing 64 KiB, coverage being counted
URL = "https://mirror.example/simple"
CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"
SOUND: Mapping[str, tuple[str, Changes]] = {
    "ini": ("[global]\ntimeout = 5\n", {("global", "index-url"): URL, ("global", "find-links"): [URL, "/x"]}),
    "toml": ('[pip]\nx = 1\n[[index]]\nurl = "u"\n', {("pip", "index-url"): URL, ("find-links",): [URL]}),
    "yaml": ("channels:\n  - defaults # x\n", {("channels",): ["a", "b"], ("custom_channels", "x"): URL}),
    "json": ('{\n  "labels": ["x"]\n}\n', {("registry-mirrors",): [URL, "https://b"]}),
}


@contextmanager
def _in_time() -> Iterator[None]:
    start = time.process_time()
    yield
    assert time.process_time() - start < ROUND


def _round(name: str, data: bytes) -> None:
    """Read, edited and undone; and found in the place of what was left there."""
    fmt: Format = getattr(formats, name)
    sound, changes = SOUND[name]
    text = data.decode("utf-8", "replace")
    with _in_time():
        with suppress(FormatError):
            fmt.read(text)
            after = fmt.edit(text, changes)
            assert keys.revert(fmt, after, after, text, list(changes)) == text
            assert fmt.edit(after, changes) == after
        with suppress(FormatError):
            keys.revert(fmt, text, fmt.edit(sound, changes), sound, list(changes))


def pipconf(data: bytes) -> None:
    """A pip.conf."""
    _round("ini", data)


def uvtoml(data: bytes) -> None:
    """A uv.toml, and a containerd's hosts.toml."""
    _round("toml", data)
    text = data.decode("utf-8", "replace")
    with _in_time(), suppress(FormatError):
        tables = formats.toml_tables
        after = tables.put(text, "host", {"a": '[host."a"]\nx = 1\n'})
        tables.revert(after, after, text, "host")


def condarc(data: bytes) -> None:
    """A .condarc."""
    _round("yaml", data)


def daemon(data: bytes) -> None:
    """A daemon.json."""
    _round("json", data)


def certificates(data: bytes) -> None:
    """A file of CAs: all of it, and ours behind it."""
    text = data.decode("utf-8", "replace")
    with _in_time(), suppress(FormatError):
        after = pem.edit(text, CERTIFICATE)
        assert pem.holds(after, CERTIFICATE)
        assert pem.revert(after, after, text) == text
        pem.edit(text, text, Past(CERTIFICATE, after))
        pem.check(text)


def profile(data: bytes) -> None:
    """A profile from elsewhere, and what is known of where it came from."""
    directory = Directory("user", Path("/nonexistent"))
    with _in_time():
        for judge in (
            lambda: judged(
                data, "source", directory, writers.catalogue(), (directory, Directory("builtin", builtin()))
            ),
            lambda: load(data, Path("/nonexistent/x.toml")),
        ):
            with suppress(ProfileError):
                judge()


def difference(data: bytes) -> None:
    """Two texts compared, one above a line of dashes and one below."""
    old, new = (part.decode("latin-1").split("\n") for part in data.partition(b"\n--\n")[::2])
    with _in_time():
        assert patched(old, patch.unified(old, new, "a", "b")) == new


def patched(old: list[str], diff: str) -> list[str]:
    """What a patch makes of these lines."""
    new: list[str] = []
    at = 0
    for line in diff.split("\n")[2:]:
        if line.startswith("@@"):
            start, _, many = line.split()[1][1:].partition(",")
            first = int(start) - (many != "0")
            new += old[at:first]
            at = first
        elif line.startswith("+"):
            new.append(line[1:])
        else:
            assert old[at] == line[1:]
            new += [line[1:]] if line.startswith(" ") else []
            at += 1
    return new + old[at:]


TARGETS: dict[str, Callable[[bytes], None]] = {
    "pipconf": pipconf,
    "uvtoml": uvtoml,
    "condarc": condarc,
    "daemon": daemon,
    "certificates": certificates,
    "profile": profile,
    "difference": difference,
}


def _seeds(name: str, *others: str) -> Callable[[], list[bytes]]:
    def make() -> list[bytes]:
        sound, changes = SOUND[name]
        fmt: Format = getattr(formats, name)
        return [text.encode() for text in (sound, fmt.edit(sound, changes), *others)]

    return make


SEEDS: dict[str, Callable[[], list[bytes]]] = {
    "pipconf": _seeds("ini", "[DEFAULT]\na = b\n[s]\n# x\nc =\n  d\n\n  e\n", "[a]\r\nx: y\r\n"),
    "uvtoml": _seeds(
        "toml", "a.b.'c'.\"d\" = {e.f = [1, {g = 2}]}\n", '[host."a"]\nx = """\n"""\n', "a = 0xff_ff\n"
    ),
    "condarc": _seeds(
        "yaml", "a: &a [x]\nb: [*a, *a]\nc: &c {d: e}\nf:\n  <<: *c\n", "a: |+\n  x\n\n? b\n: c\n"
    ),
    "daemon": _seeds("json", '{"a": {"b": [1e5, "\\ud83d\\ude00"]}, "c": null}'),
    "certificates": lambda: [CERTIFICATE.encode(), f"# CA\r\n{CERTIFICATE * 3}".encode()],
    "profile": lambda: [
        b'schema = 1\nname = "acme"\n[variables]\na = "b"\n[pip]\nindex-url = "https://${a}.example/"\n',
        b'{"url": "https://x", "sha256": "' + b"a" * 64 + b'", "time": "2026-01-01T00:00:00Z"}',
    ],
    "difference": lambda: [b"a\nb\nc\n--\na\nc\nd", b"x\n" * 20 + b"--\n" + b"y\nx\n" * 9],
}
