"""`watch --install`: a real systemd runs it and the real cron takes its line; both are as before in the end."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mirrorcfg.demo import certificates, content
from mirrorcfg.demo.servers import Server
from tests import parts
from tests.e2e.supervisor import Supervisor, eventually
from tests.sandbox import PROGRAM, Sandbox

UNIT = "mirrorcfg-watch.service"


@pytest.fixture
def mirrors(box: Sandbox) -> Iterator[list[Server]]:
    """Two of them, with a profile each; pip uses the first."""
    trust = certificates.make(box.folder / "tls")
    servers = [Server(content.mirror(name), trust) for name in ("first", "second")]
    for name, server in zip(("first", "second"), servers, strict=True):
        server.start()
        text = f'[tls]\nca-file = "{trust.authority}"\n[pip]\nindex-url = "{server.url}/pypi/simple"\n'
        box.profile(name, text)
    box.write(box.pip_conf, "# mine\n[global]\ntimeout = 5\n")
    box.run("use", "first", "--tool", "pip", code=0)
    yield servers
    for server in servers:
        server.stop()


@pytest.fixture
def supervisor(box: Sandbox) -> Iterator[Supervisor]:
    found = Supervisor(box.environ)
    try:
        yield found
    finally:
        found.stop()


def watch(supervisor: Supervisor, *words: str) -> dict[str, object]:
    """`watch` with these words: what it says of the service."""
    done = supervisor.run(PROGRAM, "watch", *words, "--scope", "user", "--yes", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    service: dict[str, object] = json.loads(done.stdout)["data"]["service"]
    return service


INSTALL = ("--install", "--interval", "1", "--chain", "first,second")


def test_systemd_runs_it_and_it_leaves_a_mirror_that_dies(
    box: Sandbox, mirrors: list[Server], supervisor: Supervisor
) -> None:
    before = sorted(path for path in box.home.rglob("*"))
    shown = watch(supervisor, *INSTALL, "--dry-run")
    assert sorted(path for path in box.home.rglob("*")) == before
    made = watch(supervisor, *INSTALL)
    assert made == {**shown, "action": "created", "left_to_do": []}
    assert Path(str(made["path"])).read_text() == made["text"]
    assert supervisor.shows(UNIT, "ActiveState") == "active"  # so it said that it is ready: Type=notify
    assert supervisor.shows(UNIT, "UnitFileState") == "enabled"
    assert watch(supervisor, *INSTALL)["action"] == "unchanged"
    mirrors[0].stop()
    eventually(lambda: mirrors[1].url in box.pip_conf.read_text())
    assert supervisor.shows(UNIT, "NRestarts") == "0"
    assert watch(supervisor, "--uninstall")["action"] == "removed"
    assert supervisor.shows(UNIT, "LoadState") == "not-found"
    assert not list(box.home.rglob("*mirrorcfg-watch*"))
    assert watch(supervisor, "--uninstall")["action"] == "unchanged"
    assert "# mine\n" in box.pip_conf.read_text()


def test_what_root_may_not_do_is_in_nobodys_way(
    box: Sandbox, mirrors: list[Server], supervisor: Supervisor
) -> None:
    """The unit for the machine, its sandbox included, run by the supervisor of root as a user."""
    words = ("watch", *INSTALL, "--scope", "system", "--dry-run", "--json")
    text = json.loads(supervisor.run(PROGRAM, *words).stdout)["data"]["service"]["text"]
    assert "ProtectSystem=" in text
    box.write(box.home / ".config/systemd/user" / UNIT, text)
    started = supervisor.run("systemctl", "--user", "start", UNIT)
    assert started.returncode == 0, started.stderr
    mirrors[0].stop()
    eventually(lambda: mirrors[1].url in box.pip_conf.read_text())


def test_somebody_elses_unit_of_that_name_stays(box: Sandbox) -> None:
    parts.program("systemctl")
    text = box.write(box.home / ".config/systemd/user" / UNIT, "[Service]\nExecStart=/bin/true\n")
    for words in (("--install",), ("--uninstall",)):
        answer = box.json("watch", *words, "--scope", "user", "--yes", code=1)
        assert answer["error"]["code"] == "not-ours"
    assert (box.home / ".config/systemd/user" / UNIT).read_bytes() == text


def test_where_systemd_is_asleep_the_commands_are_said(box: Sandbox) -> None:
    parts.program("systemctl")
    if Path("/run/systemd/system").exists():
        pytest.skip("systemd runs here")
    answer = box.json("watch", "--install", "--scope", "user", "--yes")
    assert answer["status"] == "partial"
    assert answer["data"]["service"]["left_to_do"][-1] == f"systemctl --user restart {UNIT}"
    assert answer["findings"][-1]["code"] == "manager-not-running"
    box.json("watch", "--uninstall", "--scope", "user", "--yes")
    assert not list(box.home.rglob("*mirrorcfg-watch*"))


def test_a_secret_isnt_copied(box: Sandbox) -> None:
    parts.program("systemctl")
    proxy = {
        "https_proxy": "http://joe:hunter2@proxy.example:3128",
        "DOCKER_HOST": "tcp://joe:hunter2@docker.example:2376",
    }
    answer = box.json("watch", "--install", "--scope", "user", "--dry-run", environ=proxy)
    assert "hunter2" not in json.dumps(answer)
    said = {each["message"].split()[0] for each in answer["findings"] if each["code"] == "variable-left-out"}
    assert said >= {"https_proxy", "DOCKER_HOST"}


def test_a_program_that_somebody_else_can_change_isnt_given_to_root(box: Sandbox, pyz: Path) -> None:
    parts.root()
    parts.program("systemctl")
    own = box.folder / "mirrorcfg.pyz"
    shutil.copy(pyz, own)
    argv = [sys.executable, own, "watch", "--install", "--scope", "system", "--dry-run", "--json"]
    variables = box.environ | {"XDG_CACHE_HOME": str(box.folder / "cache")}

    def answer() -> dict[str, Any]:
        done = subprocess.run(argv, env=variables, cwd=box.folder, capture_output=True, text=True)
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    assert f'"-I" "{own}" "watch"' in answer()["data"]["service"]["text"]
    os.chown(own, 65534, 65534)
    refused = answer()["error"]
    assert (refused["code"], refused["path"]) == ("program-not-roots", str(own))


CRONTABS = """\
mount --make-rprivate / && mount -t tmpfs -o mode=1730,gid=$(stat -c %g /var/spool/cron/crontabs) tmpfs \
/var/spool/cron/crontabs
"$@"
"""
JOBS = "# mine\nMAILTO=joe\n5 4 * * *  /bin/echo \u00e9 50\\%   \n"
STORY = """\
export PATH="$CRON_ONLY"
run() { "$PROGRAM" watch "$@" --yes >>said 2>&1; }
run --install --interval 90; /usr/bin/crontab -l >alone
run --uninstall; /usr/bin/crontab -l >nothing 2>&1 || true
/usr/bin/crontab mine
run --install --interval 90; run --install --interval 90; /usr/bin/crontab -l >both
run --install --interval 600; /usr/bin/crontab -l >later
run --uninstall; /usr/bin/crontab -l >after
"""


def test_cron_takes_its_line_and_keeps_every_other(box: Sandbox) -> None:
    parts.mounts()
    only = box.folder / "bin"
    only.mkdir()
    (only / "crontab").symlink_to(parts.program("crontab"))
    box.write(box.folder / "mine", JOBS)
    argv = [parts.program("unshare"), "-m", "sh", "-ec", CRONTABS, "sh", "sh", "-euc", STORY]
    variables = box.environ | {"CRON_ONLY": str(only), "PROGRAM": PROGRAM}
    done = subprocess.run(argv, env=variables, cwd=box.folder, capture_output=True, text=True)
    said = {path.name: path.read_text() for path in box.folder.iterdir() if path.is_file()}
    assert done.returncode == 0, done.stderr + said["said"]
    assert " watch" not in said["nothing"]
    assert "no crontab" in said["nothing"]
    assert said["both"].startswith(JOBS + "# >>> mirrorcfg watch >>>")
    assert said["both"] == JOBS + said["alone"]
    assert "*/2 * * * * " in said["both"]
    assert "*/10 * * * * " in said["later"]
    assert said["after"] == JOBS
