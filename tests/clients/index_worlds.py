"""Worlds for an index: what a server does, made from a number, and the real client that goes there.

`python -m tests.clients.index_worlds FIRST LAST [PIP…]` runs many, and with every pip in those folders too.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import random
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from mirrorcfg.model.client import Times
from mirrorcfg.model.verdict import Verdict
from mirrorcfg.verifier import verify
from tests import parts
from tests.verifier.lab import Answer, Authority, Request, Route, Server, html, probe, ranged

JSON = "application/vnd.pypi.simple.v1+json"
OWN = "acme-lib"
VERSION = "1.17.0"
STORE = b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>'  # S3's, of what isn't there
GONE = {
    "404": Answer(404),
    "403": Answer(403),
    "store": Answer(403, STORE, {"content-type": "application/xml"}),
}
WELCOME = html("<!DOCTYPE html><html><head><title>Welcome</title></head><body><h1>Hello</h1></body></html>")


class World(NamedTuple):
    """What a server does; everything is as it should be unless it is said otherwise."""

    kind: str = "json"  # html, json, both
    media: str | None = None  # another type than its own
    page: str = "sound"  # listing, folder, 404, 403, welcome, empty
    root: str = "names"  # listing, folder, 404, 403, welcome
    hash: str = "right"  # absent, wrong, empty
    size: object = "right"  # absent, wrong, or what stands there
    time: object = "right"  # absent, or what stands there
    serial: object = "absent"
    promise: str = "none"  # true, hash, wrong
    key: str = "core"  # dist, both
    metadata: str = "sound"  # 404, 403, version, garbage, welcome, gzip, packed, moved
    file: str = "sound"  # 404, 403, welcome, packed, elsewhere
    moved: bool = False  # by a redirect
    block: int = 0  # the status that this client gets, and no other
    option: bool = False  # the client's, that needs the times
    company: str = ""  # what it answers for six, if it has nothing but its own
    named: str = ""  # the project that the profile names


def world(number: int) -> World:
    """The one of that number: sound but for a few things."""
    dice = random.Random(number)
    said: dict[str, Any] = {"kind": dice.choice(["html", "json", "both"])}
    for name in dice.sample(sorted(MODES), dice.choice([0, 1, 1, 2, 2, 3])):
        said[name] = dice.choice(MODES[name])
    if "metadata" in said or dice.random() < 0.3:
        said["promise"] = dice.choice(["true", "hash", "hash", "wrong"])
        said["key"] = dice.choice(["core", "dist", "both"])
    if dice.random() < 0.3:
        said["company"] = dice.choice(["404", "403", "store"])
        said["named"] = dice.choice(["", OWN, OWN, "acme-gone"])
        said["root"] = dice.choice(["404", "403", "store", "names", "welcome", "folder"])
    return World(**said)


MODES: Mapping[str, tuple[Any, ...]] = {
    "media": ("application/json", "text/plain", "", "text/html", "application/vnd.pypi.simple.v1+html"),
    "page": ("listing", "folder", "404", "403", "welcome", "empty"),
    "root": ("listing", "folder", "404", "403", "welcome"),
    "hash": ("absent", "wrong", "empty"),
    "size": ("absent", "wrong", "", "746", None, -1),
    "time": ("absent", "", None, "yesterday", "2024-01-01T00:00:00", 7),
    "serial": (5, "5", "", "x", None, True),
    "metadata": ("404", "403", "version", "garbage", "welcome", "gzip", "packed", "moved"),
    "file": ("404", "403", "welcome", "packed", "elsewhere"),
    "moved": (True,),
    "block": (403, 405, 406, 418, 429),
    "option": (True,),
}


@cache
def wheel(project: str) -> bytes:
    """One with nothing in it."""
    out, name = io.BytesIO(), project.replace("-", "_")
    info = f"{name}-{VERSION}.dist-info"
    with zipfile.ZipFile(out, "w") as archive:
        for path, data in {
            f"{name}.py": b"",
            f"{info}/METADATA": about(project),
            f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: lab\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            f"{info}/RECORD": f"{name}.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n".encode(),
        }.items():
            archive.writestr(zipfile.ZipInfo(path), data)
    return out.getvalue()


def about(project: str) -> bytes:
    """Its metadata."""
    return f"Metadata-Version: 2.1\nName: {project}\nVersion: {VERSION}\n".encode()


def routes(told: World, port: str = "@") -> dict[str, Route]:
    """What the server answers; `@` in an address is its port."""
    project = OWN if told.company else "six"
    name = f"{project.replace('-', '_')}-{VERSION}-py3-none-any.whl"
    data, text = wheel(project), about(project)
    packed = {"content-encoding": "gzip"}
    files: dict[str, Route] = {
        "sound": ranged(data),
        "elsewhere": ranged(data),
        "welcome": WELCOME,
        "packed": Answer(200, gzip.compress(data), packed),
        **GONE,
    }
    beside: dict[str, Route] = {
        "sound": Answer(200, text),
        "version": Answer(200, text.replace(VERSION.encode(), b"1.18.0")),
        "garbage": Answer(200, b"\0\1nothing"),
        "welcome": WELCOME,
        "gzip": Answer(200, gzip.compress(text)),
        "packed": Answer(200, gzip.compress(text), packed),
        "moved": Answer(302, b"", {"location": "/metadata"}),
        **GONE,
    }
    page = _page(told, project, name, port)
    roots = {
        "names": html(f'<title>Simple index</title><a href="{project}/">{project}</a>'),
        "welcome": WELCOME,
    }
    roots |= {"listing": _listing(f"{project}/"), "folder": _listing(), **GONE}
    found: dict[str, Route] = {
        f"/simple/{project}/": Answer(302, b"", {"location": "/moved/"}) if told.moved else page,
        "/moved/": page,
        "/simple/": roots[told.root],
        f"/files/{name}": files[told.file],
        f"/simple/{project}/{name}": files[told.file],
        f"/files/{name}.metadata": beside[told.metadata],
        "/metadata": Answer(200, text),
        "*": GONE[told.company or "404"],
    }
    if told.block:
        found = {path: _blocked(route, told.block) for path, route in found.items()}
    return found


def _blocked(route: Route, status: int) -> Route:
    def answer(request: Request) -> Answer:
        if request.headers.get("user-agent", "").startswith(("pip/", "uv/")):
            return Answer(status)
        return route(request) if callable(route) else route

    return answer


def _listing(*names: str) -> Answer:
    links = "".join(f'<a href="{name}">{name}</a>\n' for name in ("../", *names))
    return html(
        f"<html><head><title>Index of /pypi/simple/</title></head><body><h1>Index of</h1>{links}</body>"
    )


def _page(told: World, project: str, name: str, port: str) -> Route:
    pages: dict[str, Route] = {"listing": _listing(name), "folder": _listing(), "welcome": WELCOME, **GONE}
    pages["empty"] = html("")
    if told.page in pages:
        return pages[told.page]
    base = f"https://127.0.0.1:{port}/files" if told.file == "elsewhere" else "/files"
    answers = {"html": _html(told, project, name, base), "json": _json(told, project, name, base)}
    if told.kind != "both":
        return answers[told.kind]
    return lambda request: answers["json" if JSON in request.headers.get("accept", "") else "html"]


def _html(told: World, project: str, name: str, base: str) -> Answer:
    value = {"true": "true", "hash": f"sha256={_sha(about(project))}", "wrong": f"sha256={'0' * 64}"}
    keys = {"core": ["core"], "dist": ["dist-info"], "both": ["core", "dist-info"]}[told.key]
    attributes = " ".join(
        f'data-{key}-metadata="{value[told.promise]}"' for key in keys if told.promise in value
    )
    fragment = {"right": f"#sha256={_sha(wheel(project))}", "wrong": f"#sha256={'0' * 64}"}.get(told.hash, "")
    text = f'<!DOCTYPE html><title>Links for {project}</title><a href="{base}/{name}{fragment}" {attributes}>{name}</a>'
    return Answer(200, text.encode(), {"content-type": "text/html" if told.media is None else told.media})


def _json(told: World, project: str, name: str, base: str) -> Answer:
    data = wheel(project)
    hashes = {"right": {"sha256": _sha(data)}, "wrong": {"sha256": "0" * 64}, "empty": {"sha256": ""}}
    file: dict[str, Any] = {"filename": name, "url": f"{base}/{name}", "hashes": hashes.get(told.hash, {})}
    if told.size != "absent":
        file["size"] = {"right": len(data), "wrong": 5}.get(str(told.size), told.size)
    if told.time != "absent":
        file["upload-time"] = "2024-01-01T00:00:00Z" if told.time == "right" else told.time
    value: dict[str, object] = {
        "true": True,
        "hash": {"sha256": _sha(about(project))},
        "wrong": {"sha256": "0" * 64},
    }
    if told.promise in value:
        keys = {"core": ["core-metadata"], "dist": ["dist-info-metadata"]}
        file |= dict.fromkeys(
            keys.get(told.key, ["core-metadata", "dist-info-metadata"]), value[told.promise]
        )
    meta = {"api-version": "1.1"} | ({} if told.serial == "absent" else {"_last-serial": told.serial})
    text = json.dumps({"meta": meta, "name": project, "versions": [VERSION], "files": [file]})
    return Answer(200, text.encode(), {"content-type": JSON if told.media is None else told.media})


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class Seen(NamedTuple):
    """What came of a world: what we say, and whether the client got its file, with its last words."""

    verdict: Verdict
    works: bool
    says: str
    asked: list[str]


def seen(told: World, tool: str, authority: Authority, pip: str = "") -> Seen:
    """Run the real client, then ask ourselves."""
    with Server(authority.context(), {}) as server:
        server.routes = routes(told, str(server.port))
        works, says = client(tool, f"{server.url}/simple", told, authority, pip)
        asked = server.paths()
        role = probe(f"{server.url}/simple", tool, ca_file=str(authority.file))
        option = {"pip": Times("uploaded-prior-to", every=True), "uv": Times("exclude-newer")}[tool]
        one = replace(role, own=bool(told.company), project=told.named or None, only=True)
        if told.option:
            one = replace(one, client=one.client._replace(times=option))
        [verdict] = verify([one], timeout=20)
    return Seen(verdict, works, says, asked)


def client(tool: str, url: str, told: World, authority: Authority, pip: str = "") -> tuple[bool, str]:
    """Whether the tool itself gets the project, and its last words."""
    project = OWN if told.company else "six"
    with tempfile.TemporaryDirectory(prefix="client-") as name:
        environ = {
            "PATH": os.environ["PATH"],
            "HOME": name,
            "LANG": "C.UTF-8",
            "PIP_CONFIG_FILE": os.devnull,
            "UV_HTTP_RETRIES": "0",
            "UV_CACHE_DIR": f"{name}/cache",
            "SSL_CERT_FILE": str(authority.file),
        }
        if told.option:
            environ |= {"PIP_UPLOADED_PRIOR_TO": "2025-01-01", "UV_EXCLUDE_NEWER": "2025-01-01"}
        if pip:
            environ["PYTHONPATH"] = pip
        got = f"{name}/got"
        argv = {
            "pip": [
                sys.executable,
                "-m",
                "pip",
                "--disable-pip-version-check",
                "download",
                "--no-deps",
                "-d",
                got,
                "--no-cache-dir",
                "--retries",
                "0",
                "--timeout",
                "5",
                "--no-input",
                "--cert",
                str(authority.file),
            ],
            "uv": [
                parts.program("uv"),
                "pip",
                "install",
                "--no-config",
                "--color",
                "never",
                "--target",
                got,
                "--python",
                sys.executable,
            ],
        }[tool]
        line = [*argv, "--index-url", url, project]
        done = subprocess.run(
            line, env=environ, cwd=name, capture_output=True, text=True, errors="replace", timeout=90
        )
        works = done.returncode == 0 and any(path.is_file() for path in Path(got).rglob("*"))
        return works, " / ".join((done.stdout + done.stderr).strip().splitlines()[-3:])


def meant(told: World, tool: str, came: Seen) -> str | None:
    """Why a disagreement is meant: the table, with its reasons; None where it isn't."""
    if came.verdict.code == "cant-tell" and told.company and not told.named:
        return "no project is named, so nothing is said"
    if came.verdict.code == "http-403" and told.company in ("403", "store") and not told.named:
        return "all but one project is forbidden, and nobody says which: 403 is about who asks"
    if came.verdict.code == "probe-missing" and told.named == "acme-gone":
        return "the profile names a project that isn't there; the client was asked for another"
    if tool == "uv" and came.verdict.code == "metadata-wrong" and told.metadata == "version":
        return "uv believes metadata of another version, and installs what it didn't resolve"
    return None


def disagreement(told: World, tool: str, came: Seen) -> str | None:
    """What doesn't hold, if anything."""
    if (came.verdict.code == "ok") == came.works or meant(told, tool, came):
        return None
    said = {key: value for key, value in told._asdict().items() if value != World._field_defaults[key]}
    words = f"{came.verdict.code} ({came.verdict.message}), and {tool} {'works' if came.works else 'fails'}"
    return f"{said}: {words}: {came.asked} {came.says[:300]}"


def main(first: str, last: str, *pips: str) -> int:
    """Every world between these numbers, by both tools."""
    wrong = count = 0
    authority = Authority(Path(tempfile.mkdtemp(prefix="ca-")))
    for number in range(int(first), int(last)):
        told = world(number)
        for tool, pip in [("uv", ""), ("pip", ""), *(("pip", each) for each in pips)]:
            count += 1
            if words := disagreement(told, tool, seen(told, tool, authority, pip)):
                wrong += 1
                print(f"{number} {Path(pip).name or tool}: {words}", flush=True)
    print(f"{count} worlds, {wrong} disagreements")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
