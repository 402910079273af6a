"""A disk in memory that counts every step, can stop at any, and loses what was not made durable.

The model, on purpose harsher than any file system in use:

- What a process has done is seen by the next one if only the process dies (`kill`). If the power goes
  (`cut`), all that was not fsynced may be lost, each part by itself and in no order.
- The bytes of a file: each block is as after one of the writes since the file's last fsync, or as before
  all of them, whatever its neighbours are; each cut to a length and each change of mode survives or not. What
  was never written reads as zeros.
- The names in a directory: each create, link, unlink, mkdir, rmdir and rename since the directory's last
  fsync survives or not. A rename is one step: both of its names, or none. An fsync of a file doesn't make
  its name durable.
- A write is two steps, so that a process can die in the middle of it.
"""

from __future__ import annotations

import errno
import itertools
import os
import random
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from mirrorcfg.files.disk import LIMIT, Kind, Stat, Way
from mirrorcfg.model.plan import User
from mirrorcfg.store.replace import BLOCK

_STORE = str(Path("mirrorcfg", "store"))
_TOPS = ("recovery.run", "transaction._attempt")


class Crash(BaseException):
    """The process is dead."""


@dataclass
class Node:
    """A file, directory or link: what is durable, and what has happened since."""

    kind: Kind
    mode: int = 0o644
    data: bytes = b""
    links: int = 1
    names: dict[str, Node] = field(default_factory=dict)
    safe_mode: int = 0o644
    safe_data: bytes = b""
    safe_names: dict[str, Node] = field(default_factory=dict)
    pending: list[tuple[object, ...]] = field(default_factory=list)

    def settle(self) -> None:
        self.safe_mode, self.safe_data, self.safe_names = self.mode, self.data, dict(self.names)
        self.pending.clear()


def written(data: bytes, offset: int, piece: bytes) -> bytes:
    data = data.ljust(offset, b"\0")
    return data[:offset] + piece + data[offset + len(piece) :]


class MemoryDisk:
    def __init__(self, root: Node | None = None) -> None:
        self.root = root or Node("directory", 0o755)
        self.step = 0
        self.stop: int | None = None
        self.dead = False
        self.ignore: str | None = None
        self.sites: dict[str, int] = {}
        self.exchanges = True
        self.busy: set[Path] = set()
        self.locked = False
        self._open: dict[int, Node] = {}

    # What a test does to it.

    def put(self, path: str, data: bytes | None = None, *, mode: int = 0o644) -> Node:
        """A durable file, or a directory where `data` is None, with the directories above it."""
        at = self.root
        for part in Path(path).parts[1:-1]:
            at = at.names.setdefault(part, Node("directory", 0o755))
        node = Node("directory", 0o755) if data is None else Node("file", mode, data)
        at.names[Path(path).name] = node
        self.settle()
        return node

    def link(self, path: str, target: str) -> None:
        self.put(path, target.encode()).kind = "link"

    def hard_link(self, path: str, other: str) -> None:
        node = self._get(Path(other))
        node.links += 1
        self._get(Path(path).parent).names[Path(path).name] = node
        self.settle()

    def settle(self) -> None:
        for node in self.nodes():
            node.settle()

    def nodes(self) -> list[Node]:
        found: dict[int, Node] = {}
        todo = [self.root]
        while todo:
            node = todo.pop()
            if id(node) not in found:
                found[id(node)] = node
                todo += [*node.names.values(), *node.safe_names.values()]
                for item in node.pending:
                    if item[0] == "names":
                        todo += [n for n in item[1].values() if n is not None]  # type: ignore[attr-defined]
        return list(found.values())

    def tree(self) -> dict[str, tuple[bytes, int]]:
        """Every file by path."""
        walk = self._walk("", self.root)
        return {path: (node.data, node.mode) for path, node in walk if node.kind == "file"}

    def durable(self) -> frozenset[tuple[object, ...]] | None:
        """All that a process can find here, None if something of it may still be lost."""
        nodes = self.nodes()
        if any(node.pending for node in nodes):
            return None
        names: dict[int, str] = {}  # two names of one file are another thing than two files
        return frozenset(
            (path, node.kind, node.mode, node.data, node.links, names.setdefault(id(node), path))
            for path, node in self._walk("", self.root)
        )

    def directories(self) -> set[str]:
        return {path for path, node in self._walk("", self.root) if node.kind == "directory"}

    def _walk(self, prefix: str, node: Node) -> Iterator[tuple[str, Node]]:
        for name, child in node.names.items():
            yield f"{prefix}/{name}", child
            if child.kind == "directory":
                yield from self._walk(f"{prefix}/{name}", child)

    def kill(self) -> MemoryDisk:
        """The process is gone; the machine goes on."""
        disk = self.cut(None)
        for old, new in disk.copies:
            new.pending = [_moved(item, disk.twins) for item in old.pending]
            new.safe_mode, new.safe_data = old.safe_mode, old.safe_data
            new.safe_names = {name: disk.twins[id(node)] for name, node in old.safe_names.items()}
        return disk

    def cut(self, kept: frozenset[int] | None) -> MemoryDisk:
        """The power went: of what is pending, numbered through, `kept` survived; None: everything."""
        nodes = self.nodes()
        twins = {id(node): Node(node.kind, node.mode, node.data, node.links) for node in nodes}
        numbers = itertools.count()
        for node in nodes:
            twin = twins[id(node)]
            names = dict(node.names)
            if kept is not None:
                twin.mode, twin.data, names = node.safe_mode, node.safe_data, dict(node.safe_names)
                for item in node.pending:
                    if next(numbers) in kept:
                        _survive(twin, names, item)
            twin.names = {name: twins[id(child)] for name, child in names.items()}
        disk = MemoryDisk(twins[id(self.root)])
        disk.exchanges, disk.busy, disk.ignore = self.exchanges, self.busy, self.ignore
        disk.twins, disk.copies = twins, [(node, twins[id(node)]) for node in nodes]
        if kept is not None:
            disk.settle()
        return disk

    twins: dict[int, Node]
    copies: list[tuple[Node, Node]]

    def losses(self, most: int, seed: int) -> Iterator[frozenset[int]]:
        """What may survive a power cut: every subset if they are few, else a sample."""
        count = range(sum(len(node.pending) for node in self.nodes()))
        if 2 ** len(count) <= most:
            for size in range(len(count) + 1):
                yield from map(frozenset, itertools.combinations(count, size))
            return
        dice = random.Random(seed)
        everything = frozenset(count)
        yield frozenset()
        yield everything
        near = [frozenset({at}) for at in count] + [everything - {at} for at in count]
        dice.shuffle(near)
        yield from near[: most // 2]
        for _ in range(most - 2 - len(near[: most // 2])):
            yield frozenset(at for at in count if dice.random() < 0.5)

    # What the store does.

    def uid(self) -> int:
        return 0

    def acting_as(self, user: User | None) -> AbstractContextManager[None]:
        return nullcontext()

    def lstat(self, path: Path) -> Stat | None:
        self._alive()
        node = self._find(path)
        if node is None:
            return None
        return Stat(node.kind, node.mode, 0, 0, node.links, 1)

    def readlink(self, path: Path) -> Path:
        return Path(self._get(path).data.decode())

    def read(self, path: Path, limit: int = LIMIT) -> bytes:
        self._alive()
        node = self._get(path)
        if node.kind != "file":
            raise OSError(errno.EINVAL, "no file", str(path))
        return node.data

    def attributes(self, path: Path) -> dict[str, bytes]:
        return {}

    def names(self, path: Path) -> list[str]:
        return list(self._get(path).names)

    def create(self, path: Path, mode: int) -> int:
        self._step()
        if self._find(path) is not None:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
        node = Node("file", mode & ~0o022, safe_mode=mode & ~0o022)
        self._name(path.parent, {path.name: node})
        return self._handle(node)

    def open(self, path: Path) -> int:
        self._alive()
        return self._handle(self._get(path))

    def close(self, handle: int) -> None:
        if handle == -1:
            self.locked = False
        else:
            self._open.pop(handle)

    def fstat(self, handle: int) -> Stat:
        node = self._open[handle]
        return Stat(node.kind, node.mode, 0, 0, 1, 1)

    def write(self, handle: int, data: bytes) -> None:
        node = self._open[handle]
        for piece in (data[: len(data) // 2], data):
            self._step()
            node.data = written(node.data, 0, piece)
            for at in range(0, len(piece), BLOCK):
                node.pending.append(("block", at, node.data[at : at + BLOCK]))

    def truncate(self, handle: int, size: int) -> None:
        self._step()
        node = self._open[handle]
        node.data = node.data[:size]
        node.pending.append(("truncate", size))

    def chown(self, handle: int, uid: int, gid: int) -> None:
        self._step()

    def chmod(self, handle: int, mode: int) -> None:
        self._step()
        self._open[handle].mode = mode
        self._open[handle].pending.append(("mode", mode))

    def attribute(self, handle: int, name: str, value: bytes | None) -> None:
        self._step()

    def sync(self, handle: int) -> None:
        self._step()
        self._sync(self._open[handle])

    def sync_directory(self, path: Path) -> None:
        self._step()
        self._sync(self._get(path))

    def rename(self, source: Path, target: Path, way: Way = "replace") -> None:
        self._step()
        one, other = self._get(source), self._find(target)
        if target in self.busy or source in self.busy:
            raise OSError(errno.EBUSY, os.strerror(errno.EBUSY), str(source))
        if way == "exchange" and not self.exchanges:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL), str(source))
        if way == "new" and other is not None:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
        if way == "exchange" and other is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(target))
        left = other if way == "exchange" else None
        assert source.parent == target.parent
        self._name(source.parent, {target.name: one, source.name: left})

    def unlink(self, path: Path) -> None:
        self._step()
        self._get(path)
        self._name(path.parent, {path.name: None})

    def mkdir(self, path: Path, mode: int = 0o777) -> None:
        self._step()
        if self._find(path) is not None:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
        self._name(path.parent, {path.name: Node("directory", mode & ~0o022, safe_mode=mode & ~0o022)})

    def rmdir(self, path: Path) -> None:
        self._step()
        if self._get(path).names:
            raise OSError(errno.ENOTEMPTY, os.strerror(errno.ENOTEMPTY), str(path))
        self._name(path.parent, {path.name: None})

    def lock(self, path: Path) -> int | None:
        if self._find(path) is None:
            self.close(self.create(path, 0o600))
        if self.locked:
            return None
        self.locked = True
        return -1

    # How.

    def _alive(self) -> None:
        if self.dead:
            raise Crash

    def _step(self) -> None:
        self._alive()
        if self.step == self.stop:
            self.dead = True
            raise Crash
        self.step += 1

    def _sync(self, node: Node) -> None:
        site = call_site()
        self.sites[site] = self.sites.get(site, 0) + 1
        if site != self.ignore:
            node.settle()

    def _find(self, path: Path) -> Node | None:
        node = self.root
        for part in path.parts[1:]:
            if part not in node.names:
                return None
            node = node.names[part]
        return node

    def _get(self, path: Path) -> Node:
        if (node := self._find(path)) is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
        return node

    def _handle(self, node: Node) -> int:
        handle = max(self._open, default=10) + 1
        self._open[handle] = node
        return handle

    def _name(self, directory: Path, names: dict[str, Node | None]) -> None:
        node = self._get(directory)
        node.pending.append(("names", names))
        _rename(node.names, names)


def call_site() -> str:
    """Which fsync of the store this is: the functions that led there, the innermost first."""
    frame: FrameType | None = sys._getframe(2)
    chain: list[str] = []
    while frame is not None and len(chain) < 3 and not (chain and chain[-1] in _TOPS):
        code = frame.f_code
        if _STORE in code.co_filename:
            chain.append(f"{Path(code.co_filename).stem}.{code.co_name}")
        frame = frame.f_back
    return " < ".join(chain)


def _rename(names: dict[str, Node], changed: dict[str, Node | None]) -> None:
    for name, node in changed.items():
        if node is None:
            names.pop(name, None)
        else:
            names[name] = node


def _survive(twin: Node, names: dict[str, Node], item: tuple[object, ...]) -> None:
    if item[0] == "names":
        _rename(names, item[1])  # type: ignore[arg-type]
    elif item[0] == "mode":
        twin.mode = item[1]  # type: ignore[assignment]
    elif item[0] == "truncate":
        twin.data = twin.data[: item[1]]  # type: ignore[misc]
    else:
        twin.data = written(twin.data, item[1], item[2])  # type: ignore[arg-type]


def _moved(item: tuple[object, ...], twins: dict[int, Node]) -> tuple[object, ...]:
    if item[0] != "names":
        return item
    names: dict[str, Node | None] = item[1]  # type: ignore[assignment]
    return ("names", {name: node and twins[id(node)] for name, node in names.items()})
