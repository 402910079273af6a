"""What dockerd says of a daemon.json when it starts with it.

`python -m tests.clients.daemon_values` asks the dockerd that is here anew for every text of daemon_values.json (one
that is new there has null behind it); with `--later` it asks 26.1 for them, and writes daemon_values_26.json. Each daemon starts with no flags and its default file, in namespaces where
/etc, /run and /var/lib are its own.
"""

from __future__ import annotations

import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests import own, parts
from tests.clients import debian

ANSWERS = Path(__file__).with_suffix(".json")
LATER = Path(__file__).with_name("daemon_values_26.json")
WAITS = "waits"
"""What is said of a daemon that neither listens nor ends within `_PATIENCE`."""

_PATIENCE = 10.0
_WORKERS = 4
_WAY = f"{own.FRESH}mount -t tmpfs tmpfs /run && mount -t tmpfs tmpfs /var/lib && ip link set lo up && cd /run && "
_WAY += 'cat > /etc/docker/daemon.json && exec "$0" "$@"'
_LINE = [
    "setpriv",
    "--pdeathsig",
    "KILL",
    "unshare",
    "-m",
    "-n",
    "-p",
    "--fork",
    "--kill-child",
    "--mount-proc",
]
_PASSING = re.compile(r"\d{6,}|^.*daemon\.json: |^failed to start daemon: ")


def recorded() -> list[tuple[str, str | None]]:
    """Every text with the answer of dockerd 20.10: what it said when it ended, None where it listened."""
    return [(text, said) for text, said in json.loads(ANSWERS.read_text())]


def asked(text: str, *flags: str, program: str | None = None) -> str | None:
    """What dockerd says of a daemon.json when it starts with it and ends; None where it listens in the end."""
    line = [*_LINE, "sh", "-c", _WAY, program or parts.program("dockerd"), *flags]
    pipe = subprocess.PIPE
    with subprocess.Popen(line, stdin=pipe, stdout=subprocess.DEVNULL, stderr=pipe) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdin.write(text.encode())
        process.stdin.close()
        try:
            said = _heard(process.stderr.fileno())
            return None if said == WAITS and _answers(process.pid) else said
        finally:
            process.send_signal(signal.SIGKILL)


def all_asked(texts: Iterable[str], *flags: str, program: str | None = None) -> Iterator[str | None]:
    """The same of many, several daemons at a time."""
    with ThreadPoolExecutor(_WORKERS) as pool:
        yield from pool.map(lambda text: asked(text, *flags, program=program), texts)


def _heard(stream: int) -> str | None:
    said, deadline = b"", time.monotonic() + _PATIENCE
    while (left := deadline - time.monotonic()) > 0 and select.select([stream], [], [], left)[0]:
        more = os.read(stream, 65536)
        said += more
        if b"API listen on" in said:
            return None
        if not more:
            lines = said.decode(errors="replace").strip().splitlines() or ["nothing"]
            last = next((each for each in lines if each.startswith("panic: ")), lines[-1])
            return _PASSING.sub("", last)[:120]
    return WAITS


def _answers(pid: int) -> bool:
    """Does the daemon speak on its socket? One with a low log-level doesn't say so."""
    inner = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0]
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(2)
        try:
            line.connect(f"/proc/{inner}/root/run/docker.sock")
            line.sendall(b"GET /_ping HTTP/1.0\r\n\r\n")
            return line.recv(4096).startswith(b"HTTP/1.0 200")
        except OSError:
            return False


def later() -> dict[str, list[str]]:
    """What 26.1 makes of the texts: those that it starts with, and those that its `--validate` lets through.

    Of these `ends` are refused by mirrorcfg all the same, and `missed` only its start tells.
    """
    told: dict[str, list[str]] = json.loads(LATER.read_text())
    return told


def ask_later() -> None:
    """Ask 26.1 for every text, and sort them."""
    from mirrorcfg.activation import options

    program, staged = (
        str(debian.unpacked(debian.TRIXIE).program("dockerd")),
        Path(tempfile.mkdtemp(), "d.json"),
    )
    texts = [text for text, _ in recorded()]
    told: dict[str, list[str]] = {"taken": [], "ends": [], "missed": []}
    for text, said in zip(texts, all_asked(texts, program=program), strict=True):
        staged.write_text(text)
        line = [program, "--validate", "--config-file", str(staged)]
        content = _object(text)
        if content is None or subprocess.run(line, capture_output=True).returncode:
            continue
        caught = options.lasting_fault(content, {}, tried=True) is not None
        told["taken" if said is None else "ends" if caught else "missed"].append(text)
    LATER.write_text(json.dumps(told, ensure_ascii=False, indent=0) + "\n")


def _object(text: str) -> dict[str, Any] | None:
    try:
        content = json.loads(text)
    except ValueError:
        return None
    return content if isinstance(content, dict) else None


def main() -> None:
    """Ask for every text."""
    texts = [text for text, _ in recorded()]
    lines = []
    for text, said in zip(texts, all_asked(texts), strict=True):
        lines.append(json.dumps([text, said], ensure_ascii=False))
        if len(lines) % 100 == 0:
            print(len(lines), "of", len(texts), file=sys.stderr, flush=True)
    ANSWERS.write_text("[\n" + ",\n".join(lines) + "\n]\n")


if __name__ == "__main__":
    ask_later() if sys.argv[1:] == ["--later"] else main()
