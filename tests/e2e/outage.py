"""Hosts of their own, each a network namespace behind a cable: two mirrors of everything, and a bystander.

A host can be killed, fall silent, slow down, refuse one program, show an expired certificate, fall behind its
upstream, or lose its name; and the cable of this machine can be cut.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests import parts
from tests.conformance import content, servers
from tests.conformance.certificates import Authority, Pair
from tests.conformance.network import Network
from tests.sandbox import PROGRAM, Done, Sandbox

TOOLS = ("pip", "conda", "docker")
MIRRORS = ("first", "second")
NAMES = (*(f"{tool}.{mirror}.example" for mirror in MIRRORS for tool in TOOLS), "control.example")
KEYS = {
    "pip": 'index-url = "https://{host}/simple"',
    "conda": 'default-channels = ["https://{host}/conda"]',
    "docker": 'registry-mirrors = ["https://{host}"]',
}
BLOCKED, EXPIRED, BEHIND = 4431, 4432, 4433
STORE = Path("/etc/ssl/certs/ca-certificates.crt")
REFUSE = 'if ($http_user_agent ~* "pip/|conda/|docker/") { return 403; }'
REGISTRY = "location /v2/ { proxy_pass http://127.0.0.1:5000; proxy_set_header Host $http_host; }"


@dataclass
class Server:
    """One host: its name, its network, and its nginx."""

    name: str
    network: Network
    start: Callable[[], subprocess.Popen[bytes]]
    process: subprocess.Popen[bytes] = field(init=False)

    def __post_init__(self) -> None:
        self.process = self.start()

    def kill(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def revive(self) -> None:
        if self.process.poll() is not None:
            self.process = self.start()

    def redirect(self, port: int) -> None:
        """What comes for https goes to another of its sites."""
        rule = f"-A PREROUTING -p tcp --dport 443 -j REDIRECT --to-ports {port}"
        self.network.run("iptables", "-t", "nat", *rule.split())


class Internet:
    """The hosts, and the machine that mirrorcfg and the tools run on."""

    def __init__(self, folder: Path) -> None:
        for name in ("ip", "iptables", "tc", "nginx", "docker-registry", "skopeo"):
            parts.program(name)
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self.authority = Authority(folder / "certificates")
        self.processes = servers.Processes(folder / "processes")
        self.networks: list[Network] = []
        self.servers: dict[str, Server] = {}
        self._unnamed: set[str] = set()
        try:
            self._build()
        except BaseException:
            self.stop()
            raise

    # -- what is there

    def _build(self) -> None:
        self.root = self._content()
        self.client = self._network("client")
        self.hosts = self.folder / "client/hosts"
        (self.folder / "client/resolv.conf").write_text(
            "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n"
        )
        bundle = self.folder / "bundle.pem"  # no daemon runs that could be given variables of its own
        bundle.write_bytes(STORE.read_bytes() + self.authority.ca.read_bytes())
        self.client.run("mount", "--bind", str(bundle), str(STORE))
        argv = [*self.client.prefix, sys.executable, "-m", "tests.e2e.nowhere"]
        self.processes.start("nowhere", argv)
        for number, name in enumerate(NAMES, 1):
            self._cable(number, name)
        self.mend()

    def _content(self) -> Path:
        """What all sites serve: an index at two times, a channel, an image."""
        root = self.folder / "content"
        (root / "files").mkdir(parents=True)
        old = [content.wheel(root / "files", project) for project in content.PROJECTS]
        new = [content.wheel(root / "files", project, "2.0") for project in content.PROJECTS]
        content.index(root / "behind", old, base="/files", serial=100)
        content.index(root, new, base="/files", serial=200)
        content.channel(root / "conda")
        (port,) = servers.ports(1)
        servers.registry(self.processes, "registry", port, None)
        content.push(f"http://127.0.0.1:{port}", "library/hello-world")
        return root

    def _network(self, name: str) -> Network:
        network = Network(self.folder / name)
        self.networks.append(network)
        return network

    def _cable(self, number: int, name: str) -> None:
        host = self._network(name)
        cable = f"to-{number}"
        peer = ["peer", "name", "eth0", "netns", str(host.holder.pid)]
        self.client.run("ip", "link", "add", cable, "type", "veth", *peer)
        for network, device, last in ((self.client, cable, 2), (host, "eth0", 1)):
            network.run("ip", "address", "add", f"10.78.{number}.{last}/24", "dev", device)
            network.run("ip", "link", "set", device, "up")
        if name.startswith("docker"):
            self._registry(name, host)
        good, expired = (self.authority.save(f"{kind}-{name}", leaf) for kind, leaf in self._leaves(name))
        self.servers[name] = Server(name, host, lambda: self._nginx(name, host, good, expired))

    def _leaves(self, name: str) -> list[tuple[str, object]]:
        from datetime import UTC, datetime, timedelta

        now = datetime.now(UTC)
        ended = {"not_before": now - timedelta(days=60), "not_after": now - timedelta(days=5)}
        issue = self.authority.root.issue_cert
        return [("good", issue(name)), ("expired", issue(name, **ended))]

    def _nginx(self, name: str, host: Network, good: Pair, expired: Pair) -> subprocess.Popen[bytes]:
        body = servers.INDEX + REGISTRY
        sites = [
            servers.Site("443", body, good, self.root),
            servers.Site(str(BLOCKED), body, good, self.root, REFUSE),
            servers.Site(str(EXPIRED), body, expired, self.root),
            servers.Site(
                str(BEHIND), f"{body}\nlocation /files/ {{ root {self.root}; }}", good, self.root / "behind"
            ),
        ]
        folder = self.processes.folder / name
        for left in folder.glob("*"):
            if left.is_file():
                left.unlink()
        servers.nginx(self.processes, name, sites, prefix=host.prefix)
        return self.processes.running[-1]

    def _registry(self, name: str, host: Network) -> None:
        config = {
            "version": 0.1,
            "log": {"level": "info"},
            "storage": {"filesystem": {"rootdirectory": str(self.processes.folder / "registry")}},
            "http": {"addr": "127.0.0.1:5000", "secret": "lab"},
        }
        path = self.folder / f"{name}.json"
        path.write_text(json.dumps(config))
        argv = [*host.prefix, parts.program("docker-registry"), "serve", str(path)]
        log = self.processes.folder / f"registry-{name}.log"
        self.processes.start(f"registry-{name}", argv, lambda: b"listening on" in log.read_bytes())

    # -- what goes wrong, and is mended again

    def fail(self, fault: str, tool: str) -> None:
        """The first mirror's host for this tool gets that fault."""
        server = self.servers[f"{tool}.first.example"]
        match fault:
            case "killed":
                server.kill()
            case "black hole":
                server.network.run("iptables", "-A", "INPUT", "-i", "eth0", "-j", "DROP")
            case "slow":
                server.network.run(
                    *[
                        "tc",
                        "qdisc",
                        "replace",
                        "dev",
                        "eth0",
                        "root",
                        "tbf",
                        "rate",
                        "2kbit",
                        "burst",
                        "1600",
                        "latency",
                        "2s",
                    ]
                )
            case "403":
                server.redirect(BLOCKED)
            case "expired":
                server.redirect(EXPIRED)
            case "stale":
                server.redirect(BEHIND)
            case "no name":
                self._unnamed.add(server.name)
                self._write_names()

    def cut(self) -> None:
        """This machine's own cable."""
        for number in range(1, len(NAMES) + 1):
            self.client.run("ip", "link", "set", f"to-{number}", "down")

    def mend(self) -> None:
        """Everything works again."""
        self._unnamed.clear()
        self._write_names()
        for number, server in enumerate(self.servers.values(), 1):
            network = server.network
            network.run("iptables", "-F", "INPUT")
            network.run("iptables", "-t", "nat", "-F", "PREROUTING")
            with suppress(RuntimeError):
                network.run("tc", "qdisc", "delete", "dev", "eth0", "root")
            self.client.run("ip", "link", "set", f"to-{number}", "up")
            server.revive()

    def _write_names(self) -> None:
        lines = [f"10.78.{n}.1 {name}\n" for n, name in enumerate(NAMES, 1) if name not in self._unnamed]
        self.hosts.write_text("127.0.0.1 localhost\n" + "".join(lines))

    def stop(self) -> None:
        self.processes.stop()
        for network in self.networks:
            with suppress(OSError):
                network.stop()

    # -- who uses it

    def profiles(self, box: Sandbox) -> None:
        """The two mirrors, and one that nobody uses."""
        trust = f'[tls]\nca-file = "{self.authority.ca}"\n'
        for mirror in MIRRORS:
            tables = [
                f"[{tool}]\n{keys}\n".replace("{host}", f"{tool}.{mirror}.example")
                for tool, keys in KEYS.items()
            ]
            box.profile(mirror, f'failover = ["second"]\n{trust}{"".join(tables)}')
        box.profile("control", f'{trust}[pip]\nindex-url = "https://control.example/simple"\n')

    def start(
        self, box: Sandbox, *argv: str, environ: Mapping[str, str] | None = None
    ) -> subprocess.Popen[str]:
        """mirrorcfg on that machine, still running."""
        return subprocess.Popen(
            [*self.client.prefix, PROGRAM, *argv],
            env=box.environ | dict(environ or {}),
            cwd=box.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            stdin=subprocess.DEVNULL,
        )

    def run(self, box: Sandbox, *argv: str) -> Done:
        """mirrorcfg, on that machine."""
        done = subprocess.run(
            [*self.client.prefix, PROGRAM, *argv],
            env=box.environ,
            cwd=box.folder,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return Done(done.returncode, done.stdout, done.stderr)
