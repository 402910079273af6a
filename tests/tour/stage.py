"""Where the tour is played: three mirrors on loopback, and for each kind of terminal a home of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from itertools import product, repeat
from pathlib import Path
from string import ascii_lowercase
from typing import NamedTuple

from tests import parts
from tests.sandbox import PROGRAM
from tests.tour.play import play
from tests.verifier.lab import Answer, Authority, Server
from tests.verifier.sources import index

FIGURES = 5  # of a port: each has as many, so that columns are as wide in every run
HISTORY = """
import sys
from mirrorcfg.host import Host
from mirrorcfg.ops.switch.planning import Request
from mirrorcfg.ops.switch.use import use
for number in range(30):
    use(Host.here(), Request(("campus", "backup")[number % 2]), command="mirrorcfg use")
"""


class Kind(NamedTuple):
    """A kind of terminal."""

    columns: int
    language: str
    colour: bool = False

    @property
    def name(self) -> str:
        return f"{self.columns}-{self.language}{'-colour' if self.colour else ''}"


KINDS = (Kind(80, "en"), Kind(140, "en"), Kind(80, "zh"), Kind(140, "zh"), Kind(80, "en", True))


class Stage:
    """One home; its folder is as long as any other's."""

    def __init__(self, home: Path, thirty: Path, kind: Kind, ports: dict[str, int]) -> None:
        self.home, self.thirty, self.kind, self.ports = home, thirty, kind, ports
        self.environ = {
            "HOME": str(self.home),
            "PATH": str(self.home / "bin"),
            "LC_ALL": "C.UTF-8",
            "TZ": "UTC",
            "TERM": "xterm-256color",
            "MIRRORCFG_LANG": kind.language,
            "MIRRORCFG_STATE": str(self.home / "state"),
            "XDG_CONFIG_DIRS": str(self.home / "xdg"),
            "DOCKER_HOST": "unix:///nowhere",
            **({"FORCE_COLOR": "1"} if kind.colour else {"NO_COLOR": "1"}),
        }
        self.write("bin/pip", "#!/bin/sh\nexit 1\n").chmod(0o755)

    def write(self, name: str, text: str) -> Path:
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def without_dns(self) -> tuple[str, ...]:
        """What comes before a program that shall find no name but this machine's, at once; only root can."""
        file = self.write("nsswitch.conf", "hosts: files\n")
        script = f'{parts.program("mount")} --bind "$0" /etc/nsswitch.conf && exec "$@"'
        return (
            (parts.program("unshare"), "-m", "/bin/sh", "-c", script, str(file)) if os.geteuid() == 0 else ()
        )

    def profile(self, name: str, zh: str, text: str) -> None:
        en = {"campus": "The campus mirror", "backup": "The other campus", "dead": "A mirror that is down"}
        title = f'{{ en = "{en.get(name, name)}", zh = "{zh}" }}'
        self.write(
            f".config/mirrorcfg/profiles/{name}.toml",
            f'schema = 1\nname = "{name}"\ntitle = {title}\n{text}',
        )

    def run(self, *argv: str) -> None:
        """Something that is not shown."""
        subprocess.run([PROGRAM, *argv], env=self.environ, cwd=self.home, check=True, capture_output=True)

    def show(
        self,
        *argv: str,
        answers: tuple[str, ...] = (),
        within: tuple[str, ...] = (),
        **environ: str,
    ) -> str:
        shown = play(self.home, self.environ | environ, self.kind.columns, argv, answers, within)
        for number, port in enumerate(self.ports.values(), 1):
            shown = shown.replace(f":{port}", f":4000{number}").replace(f" {port}", f" 4000{number}")
        return shown


@contextmanager
def stages() -> Iterator[list[Stage]]:
    """The homes, with the profiles and a CA in each; nothing is left of them."""
    with ExitStack() as stack:
        folders = [stack.enter_context(_folder()) for _ in KINDS]
        authority = Authority(folders[0])
        servers = {
            name: stack.enter_context(_server(authority, routes))
            for name, routes in (("campus", index()), ("backup", index()), ("dead", {"*": Answer(403)}))
        }
        ports = {name: server.port for name, server in servers.items()}
        ca = authority.file.read_text()
        thirty = folders[0] / "thirty"
        made = [_made(Stage(home, thirty, *about), ca) for home, *about in zip(folders, KINDS, repeat(ports))]
        environ = made[0].environ | {"MIRRORCFG_STATE": str(thirty)}
        subprocess.run([sys.executable, "-c", HISTORY], env=environ, cwd=folders[0], check=True)
        (folders[0] / ".config/pip/pip.conf").unlink()
        yield made


@contextmanager
def _folder() -> Iterator[Path]:
    """A home whose path is as long as any other's, in a place that is as long everywhere."""
    for letters in product(ascii_lowercase, repeat=2):
        folder = Path(f"/tmp/xiaom{''.join(letters)}")
        with suppress(FileExistsError):
            folder.mkdir(0o700)
            break
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@contextmanager
def _server(authority: Authority, routes: dict[str, object]) -> Iterator[Server]:
    while True:
        with Server(authority.context(), routes) as server:  # type: ignore[arg-type]
            if len(str(server.port)) == FIGURES:
                yield server
                return


def _made(stage: Stage, ca: str) -> Stage:
    file = stage.write("ca.pem", ca)
    for name, zh in (("campus", "校园镜像源"), ("backup", "备用镜像源"), ("dead", "停用的镜像源")):
        url = f"https://localhost:{stage.ports[name]}/simple"
        stage.profile(
            name,
            zh,
            f'failover = ["backup"]\n[tls]\nca-file = "{file}"\n[pip]\nindex-url = "{url}"\n',
        )
    for number in range(1, 13):
        stage.profile(
            f"far-{number:02}", "", f'[pip]\nindex-url = "https://far-{number:02}.invalid/simple"\n'
        )
    return stage
