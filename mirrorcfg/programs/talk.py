"""What a process says until it ends, for a time and up to a length; and its end, with all its group's."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from typing import IO, Any, NamedTuple

from mirrorcfg import interruption
from mirrorcfg.errors import ProgramError
from mirrorcfg.sentence import sentence

_PULSE = 0.05  # seconds between two looks whether it has ended, where the kernel doesn't tell
_PIECE = 1 << 16  # bytes

Process = subprocess.Popen[bytes]


class Bounds(NamedTuple):
    """How many seconds it may take, and how many bytes it may say; None: what it says goes to our stderr."""

    seconds: float
    limit: int | None


def talk(
    argv: Sequence[str],
    environ: Mapping[str, str],
    rights: Mapping[str, Any],
    stdin: bytes,
    bounds: Bounds,
    starting: AbstractContextManager[None],
) -> tuple[int, bytes, bytes]:
    """Start it and give it `stdin`; its exit code, and what it wrote though others may hold its pipes still.

    `rights` are subprocess' words for giving up some; `starting` is held until it is known here. A signal
    that ends us ends it first. Raises ProgramError.
    """
    with interruption.held():
        return _talked(argv, environ, rights, stdin, bounds, starting)


def _talked(
    argv: Sequence[str],
    environ: Mapping[str, str],
    rights: Mapping[str, Any],
    stdin: bytes,
    bounds: Bounds,
    starting: AbstractContextManager[None],
) -> tuple[int, bytes, bytes]:
    heard = None if bounds.limit is None else subprocess.PIPE
    process = None
    try:
        with starting:
            process = subprocess.Popen(
                argv,
                env=environ,
                cwd="/",
                stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
                stdout=heard or sys.stderr,
                stderr=heard,
                start_new_session=True,
                **rights,
            )
        with interruption.heeded():
            out, err = _said(process, stdin, bounds)
        return _ended(process), out, err
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        why = getattr(error, "strerror", None) or error
        what = sentence("{program} can't be run: {why}.", program=argv[0], why=why)
        raise ProgramError("program-not-run", what) from None
    finally:
        if process is not None:
            _ended(process)


def _said(process: Process, stdin: bytes, bounds: Bounds) -> tuple[bytes, bytes]:
    seconds, limit = bounds
    if sys.platform == "win32":  # no pipe can be waited for
        out, err = process.communicate(stdin or None, seconds)
        return out or b"", err or b""
    end = time.monotonic() + seconds
    with _Talk(process, stdin, limit) as talk:
        while not talk.over():
            if time.monotonic() > end:
                name = _name(process)
                what = sentence(
                    "{program} took more than {seconds:g} seconds.", program=name, seconds=seconds
                )
                raise ProgramError("program-too-slow", what)
            talk.step(end - time.monotonic())
        return talk.heard


def _ended(process: Process) -> int:
    """Its exit code, once it and all that is left of its session has been killed."""
    if process.returncode is None:
        # Until it is waited for its number is nobody else's, nor is that of its group.
        with suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL) if hasattr(os, "killpg") else process.kill()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()
    return process.wait()


def _name(process: Process) -> str:
    return str(process.args[0])  # type: ignore[index]


class _Talk:
    """The pipes of a process, all at once."""

    def __init__(self, process: Process, stdin: bytes, limit: int | None) -> None:
        self._process, self._rest, self._limit = process, stdin, limit
        self._heard = {stream: bytearray() for stream in (process.stdout, process.stderr) if stream}
        self._ready = selectors.DefaultSelector()
        self._handle = _handle(process)
        self._over = False
        self._quiet = False  # nothing was to be read at the last look

    def __enter__(self) -> _Talk:
        for stream in self._heard:
            self._ready.register(stream, selectors.EVENT_READ, self._read)
        if self._process.stdin:
            os.set_blocking(self._process.stdin.fileno(), False)
            self._ready.register(self._process.stdin, selectors.EVENT_WRITE, self._write)
        if self._handle is not None:
            self._ready.register(self._handle, selectors.EVENT_READ, lambda stream: None)
        return self

    def __exit__(self, *_: object) -> None:
        self._ready.close()
        if self._handle is not None:
            os.close(self._handle)

    @property
    def heard(self) -> tuple[bytes, bytes]:
        """What came on its standard output, and on its standard error."""
        out, err = self._process.stdout, self._process.stderr
        return bytes(self._heard[out]) if out else b"", bytes(self._heard[err]) if err else b""

    def over(self) -> bool:
        """Has it ended, and is all read that it left in its pipes?"""
        self._over = _is_over(self._process)
        return self._over and self._quiet

    def step(self, seconds: float) -> None:
        """Read and write what can be, or wait for that, or for the end."""
        wait = 0 if self._over else seconds if self._handle is not None else min(seconds, _PULSE)
        found = [(key.data, key.fileobj) for key, _ in self._ready.select(wait)]
        self._quiet = self._over and not any(stream in self._heard for _, stream in found)
        for act, stream in found:
            act(stream)

    def _read(self, stream: IO[bytes]) -> None:
        piece = os.read(stream.fileno(), _PIECE)
        self._heard[stream] += piece
        if not piece:
            self._ready.unregister(stream)
        if self._limit is not None and sum(map(len, self._heard.values())) > self._limit:
            name = _name(self._process)
            what = sentence("{program} said more than {most} bytes.", program=name, most=self._limit)
            raise ProgramError("program-too-loud", what)

    def _write(self, stream: IO[bytes]) -> None:
        try:
            self._rest = self._rest[os.write(stream.fileno(), self._rest) :]
        except BrokenPipeError:  # it wants no more
            self._rest = b""
        if not self._rest:
            self._ready.unregister(stream)
            stream.close()


def _handle(process: Process) -> int | None:
    """What tells of its end, where the kernel has that (Linux)."""
    try:
        return os.pidfd_open(process.pid)
    except (AttributeError, OSError):
        return None


def _is_over(process: Process) -> bool:
    """Has it? Not waited for, where that can be: its number must stay its own while its group is killed."""
    if hasattr(os, "waitid"):
        return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    return process.poll() is not None
