"""The lab: every server of the table, on this machine, with certificates of its own authority."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from mirrorcfg.model.verdict import Probe
from tests import asking, parts
from tests.conformance import clients, content, rogue, servers
from tests.conformance.ask import plain
from tests.conformance.cases import CASES, REGISTRY, Case
from tests.conformance.certificates import Authority
from tests.conformance.network import ADDRESS, Network
from tests.conformance.tokens import ISSUER, PASSWORD, SERVICE, USER

SUBDIR = "linux-64"
NAMED = (
    "files", "files-expired", "plain", "many", "closed", "pypiserver", "registry", "registry-token", "registry-plain",
    "tokens", "proxy", "proxy-login", "proxy-denies", "socks", "socks-login", *rogue.WAYS, *rogue.PLAIN,
)  # fmt: skip
PROGRAMS = ("nginx", "docker-registry", "skopeo", "tinyproxy", "microsocks", "pypi-server", "uv", "faketime")
ROOT_PROGRAMS = ("unshare", "nsenter", "ip", "iptables", "ip6tables", "tc")
EVERYTHING = servers.INDEX + REGISTRY.replace("location /", "location /v2/")
GRACE = 10.0  # seconds beyond a deadline that a busy machine may take; what hangs takes more
NETWORK_PORTS = 9200  # of the sites in a namespace, where every port is free


@dataclass(frozen=True)
class Outcome:
    """What we say about a case, and what the real client says."""

    case: Case
    verdict: dict[str, Any]
    client: clients.Answer

    @property
    def problems(self) -> list[str]:
        """What doesn't hold."""
        case, verdict = self.case, self.verdict
        checks = {
            f"the code is {verdict['code']}, not {case.code}": verdict["code"] != case.code,
            "ok and its code disagree": verdict["ok"] != (verdict["code"] == "ok"),
            f"the real client {'fails' if case.works else 'works'}": self.client.works != case.works,
            "called ok, and the real client fails": verdict["ok"] and not self.client.works,
            "called broken, and the real client works": not verdict["ok"]
            and self.client.works
            and not case.stricter,
            f"the level is {verdict['level']}": case.level not in (None, verdict["level"]),
            f"no warning of {case.warns}": not set(case.warns) <= set(verdict["warnings"]),
            f"{case.says} isn't named": case.says not in f"{verdict['message']} {verdict['hint']}",
            "no sentence": not verdict["message"],
            "no hint": not verdict["ok"] and not verdict["hint"],
            f"it took {verdict['ms']:.0f} ms": verdict["ms"] > (case.seconds + GRACE) * 1000,
        }
        return [problem for problem, holds in checks.items() if holds]


class Lab:
    """Starts what the cases need and asks for verdicts."""

    def __init__(self, folder: Path, cases: Sequence[Case] = CASES) -> None:
        self.folder, self.cases = folder, cases
        self.authority = Authority(folder / "certificates")
        self.processes = servers.Processes(folder / "processes")
        self.networks: dict[str, Network] = {}
        self.ipv6 = servers.ipv6()
        local = [case.name for case in cases if case.site is not None and not case.network]
        found = iter(servers.ports(len(NAMED) + len(local)))
        self.ports = {name: next(found) for name in NAMED}
        self.own = {name: next(found) for name in local}
        self.own |= {
            case.name: NETWORK_PORTS + number
            for number, case in enumerate(cases)
            if case.network and case.site
        }

    # -- what is served

    @cached_property
    def root(self) -> Path:
        """The content of every site."""
        root = self.folder / "content"
        (root / "files").mkdir(parents=True)
        wheels = [content.wheel(root / "files", project) for project in content.PROJECTS]
        files = f"https://127.0.0.1:{self.ports['files']}"
        content.index(root, wheels)
        content.index(root / "absolute", wheels, base=f"{files}/files")
        for name, href in {"base": f"{files}/", "base-relative": "/"}.items():
            content.index(root / name, wheels, base="files", head=f'<base href="{href}">')
        content.index(root / "links", wheels[:2], base="/files", padding=100_000)
        content.index(root / "no-hash", wheels, base="/files", digest=lambda raw: "")
        content.index(
            root / "wrong-hash",
            wheels,
            base="/files",
            digest=lambda raw: hashlib.sha256(raw + b"!").hexdigest(),
        )
        newer = [content.wheel(root / "files", project, "2.0") for project in content.PROJECTS]
        content.index(root / "stale", wheels, base="/files", serial=100)
        content.index(root / "fresh", newer, base="/files", serial=200)
        for name in ("403", "404", "html"):
            content.index(root / f"files-{name}", wheels, base=f"{files}/{name}")
        for name in ("closed", "files-expired"):
            base = f"https://localhost:{self.ports[name]}/files"
            content.index(root / f"files-{name.removeprefix('files-')}", wheels, base=base)
        content.channel(root / "conda")
        for name in ("dists", "pool"):
            (root / "debian" / name).mkdir(parents=True)
        (root / "debian/pool/lab_1.0_amd64.deb").write_bytes(b"!<arch>\n")
        hashed = base64.b64encode(hashlib.sha1(PASSWORD.encode(), usedforsecurity=False).digest()).decode()
        (root / "old.tar.gz").write_bytes(content.OLD)
        (self.folder / "htpasswd").write_text(f"{USER}:{{SHA}}{hashed}\n")
        return root

    def fill(self, text: str, case: Case | None = None) -> str:
        """Put the ports into an address or a configuration."""
        known = {**self.ports, "htpasswd": self.folder / "htpasswd"}
        if case and case.name in self.own:
            known["port"] = self.own[case.name]
        return re.sub(r"@([a-z0-9-]+)@", lambda match: str(known[match[1]]), text)

    # -- what runs

    def start(self) -> Lab:
        """Everything, or nothing."""
        for name in PROGRAMS:
            parts.program(name)
        try:
            self._servers()
            if any(case.network for case in self.cases):
                with suppress(pytest.skip.Exception):  # the cases that need one skip by themselves
                    self._networks()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        self.processes.stop()
        for network in self.networks.values():
            with suppress(OSError):
                network.stop()

    def _servers(self) -> None:
        good, many = self.authority.pair("good"), self.authority.pair("many")
        root, port = self.root, self.ports
        own = [case for case in self.cases if case.site is not None and not case.network]
        own = [case for case in own if self.ipv6 or case.listen != "[::1]"]
        servers.nginx(self.processes, "nginx", [*self._hosts(), *map(self._site, own)])
        servers.pypiserver(self.processes, port["pypiserver"], root / "files")
        servers.module(
            self.processes, "tokens", *map(str, (good.chain, good.key, good.chain, good.key, port["tokens"]))
        )
        tokens = {
            "realm": f"https://localhost:{port['tokens']}/token",
            "service": SERVICE,
            "issuer": ISSUER,
            "rootcertbundle": str(good.chain),
        }
        servers.registry(self.processes, "registry-plain", port["registry-plain"], None)
        servers.registry(self.processes, "registry", port["registry"], good)
        servers.registry(self.processes, "registry-token", port["registry-token"], good, {"token": tokens})
        for image in content.IMAGES:
            content.push(f"http://127.0.0.1:{port['registry-plain']}", image)
        ways = {name: port[name] for name in (*rogue.WAYS, *rogue.PLAIN)}
        servers.module(self.processes, "rogue", str(many.chain), str(many.key), stdin=json.dumps(ways) + "\n")
        servers.proxy(self.processes, "proxy", port["proxy"])
        servers.proxy(self.processes, "proxy-login", port["proxy-login"], f"BasicAuth {USER} {PASSWORD}")
        servers.proxy(self.processes, "proxy-denies", port["proxy-denies"], "ConnectPort 1")
        servers.socks(self.processes, "socks", port["socks"])
        servers.socks(self.processes, "socks-login", port["socks-login"], "-u", USER, "-P", PASSWORD)

    def _hosts(self) -> list[servers.Site]:
        """The hosts that other sites lead to."""
        body = f"""
location ^~ /403/ {{ return 403; }}
location ^~ /404/ {{ return 404; }}
location ^~ /503/ {{ return 503; }}
location ^~ /html/ {{ types {{}} default_type text/html; return 200 '<html>sign in</html>'; }}
{servers.INDEX}"""
        port, pair = self.ports, self.authority.pair
        return [
            servers.Site(f"127.0.0.1:{port['files']}", body, pair("good"), self.root),
            servers.Site(f"127.0.0.1:{port['files-expired']}", "", pair("expired"), self.root),
            servers.Site(f"127.0.0.1:{port['plain']}", servers.INDEX, None, self.root),
            *self._crowd(),
        ]

    def _crowd(self) -> Iterator[servers.Site]:
        """Hundreds of hosts that have everything."""
        for hosts, pair in self.authority.crowd():
            listen = " ".join(f"{host}:{self.ports['many']}" for host in hosts)
            yield servers.Site(listen, self.fill(EVERYTHING), pair, self.root)

    def _site(self, case: Case) -> servers.Site:
        """The case's own server."""
        pair, body = self.authority.pair(case.certificate), self.fill(str(case.site), case)
        return servers.Site(
            f"{case.listen}:{self.own[case.name]}", body, pair, self.root, self.fill(case.extra), case.http2
        )

    def _networks(self) -> None:
        """The namespaces, with an nginx in each."""
        for name in ROOT_PROGRAMS:
            parts.program(name)
        for name in ("dark", "slow"):
            network = self.networks[name] = Network(self.folder / f"network-{name}")
            inside = [
                replace(case, listen=ADDRESS) for case in self.cases if case.network == name and case.site
            ]
            servers.nginx(self.processes, f"nginx-{name}", [*map(self._site, inside)], prefix=network.prefix)
        reject = ["-j", "REJECT", "--reject-with"]
        self.networks["dark"].rules(
            [*["-A", "OUTPUT", "-p", "tcp", "--dport", "9101", "-j", "DROP"]],
            [*["-A", "OUTPUT", "-p", "tcp", "--dport", "9102"], *reject, "tcp-reset"],
            [*["-A", "OUTPUT", "-p", "tcp", "--dport", "9103"], *reject, "icmp-admin-prohibited"],
            [*["-A", "INPUT", "-p", "udp", "--dport", "53", "-j", "DROP"]],
            [*["6", "-A", "OUTPUT", "-d", "2001:db8::1", "-j", "DROP"]],
        )
        if self.ipv6:
            self.networks["dark"].run(*["ip", "address", "add", "2001:db8::2/64", "dev", "lo", "nodad"])
        self.networks["slow"].slow("256kbit")

    # -- what is asked

    def probe(self, case: Case) -> Probe:
        login = f"Basic {base64.b64encode(case.login.encode()).decode()}" if case.login else None
        ca = str(self.authority.ca) if case.trusted else None
        role = {"conda": "default-channels", "docker": "registry-mirrors"}.get(case.tool, "index-url")
        return asking.probe(case.tool, role, self.fill(case.address, case), None, ca, login)

    def environ(self, case: Case) -> dict[str, str]:
        return {key: self.fill(value, case) for key, value in case.environ.items()}

    def prefix(self, case: Case) -> list[str]:
        """What runs before a command, to put it into the case's network or time."""
        if case.listen == "[::1]" and not self.ipv6:
            pytest.skip("this machine has no IPv6")
        if case.network and case.network not in self.networks:
            parts.mounts()
        if case.network:
            return self.networks[case.network].prefix
        return [parts.program("faketime"), "-f", case.clock] if case.clock else []

    def verdict(self, case: Case) -> dict[str, Any]:
        """Ours; in a process of its own if its network or its time is another one."""
        probe, environ = self.probe(case), self.environ(case)
        beside = [replace(probe, url=self.fill(case.beside))] if case.beside else []
        if case.network or case.clock:
            options = {"timeout": case.seconds, "environ": environ, "subdir": SUBDIR}
            return dict(ask([probe], options, prefix=self.prefix(case))["verdicts"][0])
        return plain(asking.verify([probe, *beside], timeout=case.seconds, environ=environ, subdir=SUBDIR)[0])

    def outcome(self, case: Case) -> Outcome:
        answer = clients.ask(
            self.probe(case),
            prefix=self.prefix(case),
            environ={**self.environ(case), "FAKETIME_DONT_FAKE_MONOTONIC": "1"},
            what=case.what,
            patience=clients.LONG if case.works else clients.PATIENCE,
        )
        return Outcome(case, self.verdict(case), answer)


def ask(
    probes: Iterable[Probe],
    options: Mapping[str, Any],
    *,
    prefix: Sequence[str] = (),
    environ: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Run the verifier in a process of its own; its verdicts, seconds and peak of memory."""
    asked = {"probes": [asking.fields(probe) for probe in probes], "options": dict(options)}
    done = subprocess.run(
        [*prefix, sys.executable, "-W", "error", "-m", "tests.conformance.ask"],
        input=json.dumps(asked),
        env={
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "LANG": "C.UTF-8",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            **(environ or {}),
        },
        cwd=servers.REPOSITORY,
        capture_output=True,
        text=True,
        timeout=float(options.get("timeout", 10)) + 30,
    )
    if done.returncode or done.stderr:
        raise RuntimeError(done.stderr)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
