"""Secrets that every run of the program can find, and the proof that none of them gets out.

They stand where users keep theirs: netrc, docker's config.json, variables. Whatever a mirrorcfg that a test starts
prints is searched for them, by whichever helper it is run; so is all that pytest captures, logs too, and what is
left in a sandbox's state.
"""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SECRET = "planted-secret"
LOGIN = f"robot:{SECRET}-of-the-sandbox"
_MARKS = (SECRET, base64.b64encode(b"robot:planted-secr").decode())  # as it stands, and as HTTP sends it
_PROGRAMS = {"mirrorcfg", "mirrorcfg.pyz", "tests.conformance.ask"}


def plant(home: Path) -> dict[str, str]:
    """Put them into a home; the variables that hold some more."""
    user, _, password = LOGIN.partition(":")
    netrc, docker = home / ".netrc", home / ".docker/config.json"
    netrc.write_text(f"default login {user} password {password}\n")
    docker.parent.mkdir()
    auth = {"auth": base64.b64encode(LOGIN.encode()).decode()}
    docker.write_text(json.dumps({"auths": {"mirror.acme.example": auth, "harbor.acme.example": auth}}))
    for path in (netrc, docker):
        path.chmod(0o600)
    # No source is asked over plain http, so this one is in reach and changes nothing.
    return {"HTTP_PROXY": f"http://{LOGIN}@127.0.0.1:1", "UV_INDEX_ACME_PASSWORD": password}


def leaks(text: str | bytes) -> bool:
    """Whether a secret stands in it."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    return any(mark in text for mark in _MARKS)


def left_open(folder: Path) -> list[Path]:
    """The files below a folder that hold a secret and that others may read."""
    found = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    return [path for path in found if path.stat().st_mode & 0o077 and leaks(path.read_bytes())]


@contextmanager
def watched() -> Iterator[None]:
    """From here on a mirrorcfg that prints a secret ends the test that started it."""
    before = subprocess.Popen.communicate

    def communicate(process: subprocess.Popen[Any], *args: Any, **kwargs: Any) -> tuple[Any, Any]:
        out, err = before(process, *args, **kwargs)
        words = process.args if isinstance(process.args, list | tuple) else [process.args]
        if not _PROGRAMS.isdisjoint(Path(str(word)).name for word in words):
            assert not leaks(out or b""), f"{words} prints a secret: {out}"
            assert not leaks(err or b""), f"{words} prints a secret: {err}"
        return out, err

    subprocess.Popen.communicate = communicate  # type: ignore[method-assign]
    try:
        yield
    finally:
        subprocess.Popen.communicate = before  # type: ignore[method-assign]
