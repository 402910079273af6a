"""A fleet on this machine: hosts that are namespaces with an address, files of their own, and an sshd."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests import parts
from tests.fleet.engine import Engine

BOOT = Path(__file__).with_name("boot.sh")
GATEWAY = "10.177.255.254"  # where the machine that runs Ansible is, seen from the hosts
PATIENCE = 20.0  # seconds
PROGRAMS = ("setpriv", "unshare", "nsenter", "ip", "ssh-keygen", "ssh")
SSHD = "/usr/sbin/sshd"
SSHD_CONFIG = """\
HostKey /run/sshd/host_key
AuthorizedKeysFile /run/sshd/user_key.pub
StrictModes no
UsePAM no
UseDNS no
PidFile none
PrintMotd no
MaxStartups 100
Subsystem sftp internal-sftp
"""


class Namespaces:
    """Namespaces of its own that live as long as `holder`; all that runs in there dies with it."""

    def __init__(self, argv: Sequence[str], *kinds: str, prefix: Sequence[str] = ()) -> None:
        last = ["setpriv", "--pdeathsig", "KILL"]  # also where whoever started it is killed
        words = [*prefix, *last, "unshare", *kinds, "--pid", "--fork", "--kill-child", *argv]
        self.holder = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        self.pid = until(self._inner)

    def _inner(self) -> int:
        """The first process in there, once it is."""
        assert self.holder.poll() is None, self.holder.stderr and self.holder.stderr.read().decode()
        pid = self.holder.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        if not children or Path(f"/proc/{children[0]}/ns/pid").readlink() == ours("pid"):
            return 0
        return int(children[0])

    def stop(self) -> None:
        self.holder.kill()
        self.holder.communicate()


class Host(Namespaces):
    """One of them. What it reads at `path` is the file `files / path`."""

    def __init__(self, name: str, address: str, folder: Path, prefix: Sequence[str]) -> None:
        self.name, self.address = name, address
        argv = ["sh", str(BOOT), str(folder), name, address]
        super().__init__(argv, "--net", "--mount", "--uts", prefix=prefix)

    @property
    def files(self) -> Path:
        return Path(f"/proc/{self.pid}/root")

    def boot(self) -> None:
        assert self.holder.stdin
        self.holder.stdin.write(b"\n")
        self.holder.stdin.flush()

    def listens(self) -> bool:
        """Does its sshd?"""
        assert self.holder.poll() is None, self.holder.stderr and self.holder.stderr.read().decode()
        listening = " 00000000:0016 00000000:0000 0A "  # port 22 of any address, in the words of proc(5)
        return listening in Path(f"/proc/{self.pid}/net/tcp").read_text()

    def run(self, *argv: str) -> str:
        """What a command on the host says."""
        enter = ["nsenter", "-t", str(self.pid), "-a", "-r", "-w"]
        return checked([*enter, *argv])

    def freeze(self) -> None:
        """Make its disk read-only."""
        self.run("mount", "-o", "remount,ro", "/")


class Fleet:
    """The hosts `host-1` … on one cable, and at its middle the network that Ansible and the mirrors are in."""

    def __init__(self, count: int, folder: Path) -> None:
        parts.mounts()
        for program in PROGRAMS:
            parts.program(program)
        if not Path(SSHD).exists():
            parts.absent(f"the program {SSHD} is not installed")
        self.folder = folder
        self.hosts: list[Host] = []
        folder.mkdir()
        self._keys()
        self.middle = Namespaces(["sleep", "infinity"], "--net", "--mount", "--mount-proc")
        try:
            self._cable(count)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        for each in (*self.hosts, self.middle):
            each.stop()

    @property
    def network(self) -> list[str]:
        """What goes before a command that is on the cable and otherwise here."""
        return ["nsenter", "-t", str(self.middle.pid), "-n"]

    def engine(self) -> Engine:
        """Ansible, at the middle of the cable."""
        python = Path(sys.executable).resolve()
        lines = ["[all:vars]", "ansible_user=root", f"ansible_python_interpreter={python}", "[all]"]
        lines += [f"{host.name} ansible_host={host.address}" for host in self.hosts]
        ssh = f"-F none -o UserKnownHostsFile={self.folder}/known_hosts -o IdentitiesOnly=yes"
        settings = {
            "FORKS": 20,
            "PIPELINING": 1,
            "TIMEOUT": 5,
            "PRIVATE_KEY_FILE": self.folder / "user_key",
            "SSH_ARGS": f"{ssh} -o ControlMaster=auto -o ControlPersist=60",
            "SSH_CONTROL_PATH_DIR": self.folder / "cp",
        }
        inventory = "\n".join(lines) + "\n"
        prefix = [*self.network, "-m", "-p"]  # so that nothing that it leaves behind outlives the fleet
        return Engine(self.folder / "engine", inventory, prefix=prefix, settings=settings)

    def carried(self) -> int:
        """How many bytes went over the cable so far, either way."""
        links = json.loads(checked([*self.network, "ip", "-json", "-stats", "link", "show", "type", "veth"]))
        return sum(int(link["stats64"][way]["bytes"]) for link in links for way in ("rx", "tx"))

    def _keys(self) -> None:
        """A host's key, which all share, and the user's."""
        inside = self.folder / "ssh"
        inside.mkdir()
        for path in (inside / "host_key", self.folder / "user_key"):
            checked(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "fleet", "-f", str(path)])
        (self.folder / "user_key.pub").rename(inside / "user_key.pub")
        (inside / "sshd_config").write_text(SSHD_CONFIG)
        (self.folder / "known_hosts").write_text(f"* {(inside / 'host_key.pub').read_text()}")

    def _cable(self, count: int) -> None:
        """A bridge with all hosts on it; each is there once its sshd listens."""
        batch = ["link set lo up", "link add bridge type bridge", "link set bridge up"]
        batch.append(f"address add {GATEWAY}/16 dev bridge")
        for number in range(1, count + 1):
            host = Host(f"host-{number}", f"10.177.0.{number}", self.folder, self.network)
            self.hosts.append(host)
            batch.append(f"link add port{number} type veth peer name eth0 netns {host.pid}")
            batch.append(f"link set port{number} master bridge up")
        argv = [*self.network, "ip", "-batch", "-"]
        subprocess.run(argv, input="\n".join(batch), text=True, check=True)
        for host in self.hosts:
            host.boot()
        for host in self.hosts:
            until(host.listens)


def ours(kind: str) -> Path:
    """This process's own namespace of a kind."""
    return Path(f"/proc/self/ns/{kind}").readlink()


def until(found: Callable[[], Any]) -> Any:
    """What `found` gives, once it gives something."""
    end = time.monotonic() + PATIENCE
    while not (value := found()):
        assert time.monotonic() < end, "it takes too long"
        time.sleep(0.01)
    return value


def checked(argv: Sequence[str]) -> str:
    """What a command says on stdout."""
    done = subprocess.run(argv, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, f"{argv}: {done.stdout}{done.stderr}"
    return done.stdout
