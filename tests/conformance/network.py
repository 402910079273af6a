"""A machine of its own, as a network and mount namespace: addresses, names and links that do as they are told."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from tests import parts

ADDRESS = "10.77.0.1"
HOSTS = f"""\
127.0.0.1 localhost
{ADDRESS} mirror.lab.example xn--o1q148n.lab.example
2001:db8::1 dual.lab.example
{ADDRESS} dual.lab.example
"""


class Network:
    """Lives as long as its holder, a process that sleeps."""

    def __init__(self, folder: Path) -> None:
        parts.mounts()
        folder.mkdir(parents=True)
        argv = [parts.program("unshare"), "--net", "--mount", "sleep", "infinity"]
        self.holder = subprocess.Popen(argv, start_new_session=True)
        self._wait()
        (folder / "hosts").write_text(HOSTS)
        (folder / "resolv.conf").write_text(f"nameserver {ADDRESS}\noptions timeout:2 attempts:1\n")
        for name in ("hosts", "resolv.conf"):
            self.run("mount", "--bind", str(folder / name), f"/etc/{name}")
        self.run("ip", "link", "set", "lo", "mtu", "1500", "up")
        self.run("ip", "address", "add", f"{ADDRESS}/24", "dev", "lo")

    def _wait(self) -> None:
        """Until the holder has left this process's network."""
        ours, end = Path("/proc/self/ns/net").readlink(), time.monotonic() + 5
        while not self._named("sleep") or Path(f"/proc/{self.holder.pid}/ns/net").readlink() == ours:
            assert time.monotonic() < end, "no namespace"
            time.sleep(0.01)

    def _named(self, name: str) -> bool:
        return Path(f"/proc/{self.holder.pid}/comm").read_text().strip() == name

    @property
    def prefix(self) -> list[str]:
        """What goes before a command that runs in there."""
        return [parts.program("nsenter"), "-t", str(self.holder.pid), "-n", "-m"]

    def run(self, *argv: str) -> None:
        done = subprocess.run(
            [*self.prefix, *argv], capture_output=True, text=True, timeout=20, stdin=subprocess.DEVNULL
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(argv)}: {done.stderr.strip()}")

    def rules(self, *rules: Sequence[str]) -> None:
        """Rules of iptables, and of ip6tables where the first word is 6."""
        for rule in rules:
            program = "ip6tables" if rule[0] == "6" else "iptables"
            self.run(program, *rule[rule[0] == "6" :])

    def slow(self, rate: str) -> None:
        """A link of that rate."""
        self.run(*f"tc qdisc replace dev lo root tbf rate {rate} burst 8kb latency 2s".split())

    def stop(self) -> None:
        self.holder.kill()
        self.holder.wait()
