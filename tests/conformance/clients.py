"""The real clients, asked for something small from one source."""

from __future__ import annotations

import base64
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from mirrorcfg.model.verdict import Probe
from tests import own, parts
from tests.conformance.content import NATIVE, NOARCH

SECONDS = 5  # that a client is told to wait for an answer
PATIENCE, LONG = (
    12.0,
    60.0,
)  # for one that is to fail, and for one that is to work however busy the machine is
MEMORY = 1_500_000_000  # pip reads to the end, whatever comes


@dataclass(frozen=True)
class Answer:
    """What a real client made of a source."""

    client: str
    works: bool
    says: str


def ask(
    probe: Probe,
    *,
    prefix: Sequence[str] = (),
    environ: Mapping[str, str] | None = None,
    what: str = "",
    patience: float = PATIENCE,
) -> Answer:
    """Download through the tool's own client."""
    with tempfile.TemporaryDirectory(prefix="client-") as name:
        folder = Path(name)
        argv = CLIENTS[probe.tool](probe, folder, what)
        variables = {
            "PATH": os.environ["PATH"],
            "HOME": name,
            "LANG": "C.UTF-8",
            "PIP_CONFIG_FILE": os.devnull,
        }
        variables |= {
            "UV_HTTP_TIMEOUT": str(SECONDS),
            "UV_HTTP_RETRIES": "0",
            "UV_CACHE_DIR": f"{name}/cache",
        }
        if probe.ca_file:
            variables |= {"SSL_CERT_FILE": probe.ca_file}
        try:
            done = subprocess.run(
                [*prefix, *argv],
                env=variables | dict(environ or {}),
                cwd=folder,
                capture_output=True,
                text=True,
                errors="replace",
                stdin=subprocess.DEVNULL,
                timeout=patience,
            )
        except subprocess.TimeoutExpired:
            return Answer(NAMES[probe.tool], False, "still waits when it is stopped")
        got = done.returncode == 0 and any(path.is_file() for path in (folder / "got").rglob("*"))
        return Answer(
            NAMES[probe.tool],
            got,
            _gist(f"exit code {done.returncode}\n{done.stdout}{done.stderr}", got).replace(name, "…"),
        )


def _gist(text: str, works: bool) -> str:
    """The line that says why."""
    if works:
        return "downloads it"
    lines = [line.strip() for line in re.sub(r"\x1b\[[0-9;]*m", "", text).splitlines() if line.strip()]
    for pattern in TELLING:
        telling = [
            re.sub(r'^time="[^"]*" level=fatal msg=', "", line) for line in lines if pattern.search(line)
        ]
        if telling:
            return " ".join(dict.fromkeys(telling[-2:]))
    return lines[-1] if lines else "fails without a word"


TELLING = (
    re.compile(r"could not fetch url|connection error|skipping page", re.IGNORECASE),
    re.compile(
        r"level=fatal|^exceptions\.|^Caused by|^(╰|│|├)─▶|^[a-zA-Z_.]+(Error|Redirects|Schema|Exception): "
    ),
    re.compile(r"^error: [a-z-]+|^ERROR: (?!Exception|No matching)"),
    re.compile(r"error", re.IGNORECASE),
)


def _with_login(probe: Probe) -> str:
    """The address as a user writes it who has an account there."""
    if not probe.authorization:
        return probe.url
    parts_ = urlsplit(probe.url)
    return urlunsplit(parts_._replace(netloc=f"{quote(_login(probe), safe=':')}@{parts_.netloc}"))


def _login(probe: Probe) -> str:
    return base64.b64decode(str(probe.authorization).split()[1]).decode()


def _pip(probe: Probe, folder: Path, what: str) -> list[str]:
    argv = [
        parts.program("prlimit"),
        f"--as={MEMORY}",
        sys.executable,
        "-m",
        "pip",
        "-vv",
        "--disable-pip-version-check",
        "download",
        "--no-deps",
        "--no-cache-dir",
    ]
    argv += ["--retries", "0", "--timeout", str(SECONDS), "--no-input", "-d", str(folder / "got")]
    argv += ["--cert", probe.ca_file] if probe.ca_file else []
    return [*argv, "--index-url", _with_login(probe), what or "six"]


def _uv(probe: Probe, folder: Path, what: str) -> list[str]:
    argv = [parts.program("uv"), "pip", "install", "--no-config", "--no-deps", "--color", "never"]
    argv += ["--python", sys.executable, "--target", str(folder / "got")]
    return [*argv, "--index-url", _with_login(probe), what or "six"]


def _rattler(probe: Probe, folder: Path, what: str) -> list[str]:
    names = [what] if what else [NATIVE, NOARCH]
    script = str(Path(__file__).with_name("rattle.py"))
    return [sys.executable, script, probe.url, str(folder / "got"), *names]


def _skopeo(probe: Probe, folder: Path, what: str) -> list[str]:
    trust = folder / "certs"
    trust.mkdir()
    if probe.ca_file:
        shutil.copy(probe.ca_file, trust / "ca.crt")
    argv = [*own.client("skopeo"), "--insecure-policy", "--command-timeout", f"{SECONDS}s", "copy", "-q"]
    argv += ["--src-cert-dir", str(trust), *(["--src-creds", _login(probe)] if probe.authorization else [])]
    where = probe.url.partition("://")[2].rstrip("/")
    return [*argv, f"docker://{where}/{what or 'library/hello-world:latest'}", f"dir:{folder / 'got'}"]


CLIENTS = {"pip": _pip, "uv": _uv, "conda": _rattler, "docker": _skopeo}
NAMES = {"pip": "pip", "uv": "uv", "conda": "rattler", "docker": "skopeo"}
