"""A profile counts for the file that was set: in its own place, for its own scope, and in whose history it is."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import parts
from tests.attacks.stage import LI, Stage, staged
from tests.sandbox import PROGRAM, Done, Sandbox
from tests.store.test_history import as_before

HOME = "/home/li"
SYSTEM, USER = "/etc/pip.conf", f"{HOME}/.config/pip/pip.conf"
SUDO = {"SUDO_UID": str(LI), "SUDO_GID": str(LI), "HOME": HOME}


class Machine:
    """A machine with root and one user, two environments of the user's, and profiles for everybody."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        _open(stage)
        stage.sh(f"mkdir -p {HOME}; chown {LI}:{LI} {HOME}")
        for name in ("lab", "other", "third"):
            text = f'schema = 1\nname = "{name}"\n[pip]\nindex-url = "https://{name}.example/simple"\n'
            stage.write(f"/etc/mirrorcfg/profiles/{name}.toml", text)
        for name in ("A", "B"):
            folder = f"{HOME}/{name}"
            stage.write(f"{folder}/pyvenv.cfg", "home = /usr/bin\n", LI)
            stage.write(f"{folder}/bin/pip", f"#!{folder}/bin/python\n", LI, 0o755)
            stage.sh(f"ln -s {sys.executable} {folder}/bin/python")

    @staticmethod
    def within(name: str) -> dict[str, str]:
        folder = f"{HOME}/{name}"
        return {"VIRTUAL_ENV": folder, "PATH": f"{folder}/bin:/usr/bin:/bin"}

    def root(self, *argv: str, **environ: str) -> Done:
        """mirrorcfg as root, from a root shell or by sudo; no pip is on its PATH."""
        return self.stage.run(*argv, **({"PATH": "/usr/bin:/bin"} | environ))

    def li(self, *argv: str, **environ: str) -> Done:
        """The same as the user."""
        line = shlex.join([PROGRAM, *argv])
        done = self.stage.sh(line, LI, **({"PATH": "/usr/bin:/bin", "HOME": HOME} | environ))
        assert "Traceback" not in done.stderr, done.stderr
        return Done(done.returncode, done.stdout, done.stderr)


def _open(stage: Stage) -> None:
    """Let the user run this very Python, where it is installed in root's home."""
    place = Path(sys.base_prefix)
    if place.is_relative_to("/root"):
        stage.sh(
            f"mkdir /srv/python; mount --bind {place} /srv/python; mount -t tmpfs -o mode=755 tmpfs /root; "
            f"mkdir -p {place}; mount --move /srv/python {place}"
        )
    if stage.sh(f"{PROGRAM} --version", LI).returncode:
        parts.absent("other users can't run the program")


@pytest.fixture
def machine() -> Any:
    with staged() as stage:
        yield Machine(stage)


def pip(done: Done, code: int = 0) -> dict[str, Any]:
    """What a `status --tool pip --json` says."""
    assert done.code == code, (done.out, done.err)
    entry: dict[str, Any] = done.data["tools"]["pip"]
    return entry


def codes(done: Done) -> list[str]:
    return [each["code"] for each in done.json["findings"]]


STATUS = ("status", "--tool", "pip", "--json")


def use(name: str, *scope: str) -> tuple[str, ...]:
    return ("use", name, "--tool", "pip", "--no-verify", "--yes", *(("--scope", *scope) if scope else ()))


def test_the_systems_file_is_ours(machine: Machine) -> None:
    assert machine.root(*use("lab", "system")).code == 0
    entry = pip(machine.root(*STATUS))
    assert (entry["profile"], entry["file"], entry["scope"]) == ("lab", SYSTEM, "system")
    assert not entry["drifted"]
    machine.stage.write(SYSTEM, "[global]\nindex-url = https://theirs.example/simple\n")
    entry = pip(machine.root(*STATUS), code=3)
    assert (entry["profile"], entry["drifted"]) == ("lab", True)


def test_an_environment_has_a_profile_of_its_own(machine: Machine) -> None:
    assert machine.li(*use("lab", "venv"), **machine.within("A")).code == 0
    entry = pip(machine.li(*STATUS, **machine.within("A")))
    assert (entry["profile"], entry["scope"], entry["drifted"]) == ("lab", "venv", False)
    for environ in (machine.within("B"), {}):
        entry = pip(machine.li(*STATUS, **environ))
        assert (entry["profile"], entry["file"], entry["drifted"], entry["effective"]) == (
            None,
            None,
            False,
            [],
        )


def test_a_file_that_the_pip_on_path_does_not_read(machine: Machine) -> None:
    machine.li(*use("other", "user"))
    beside = machine.within("A") | {"PATH": machine.within("B")["PATH"]}
    assert machine.li(*use("lab", "venv"), **beside).code == 3
    done = machine.li(*STATUS, **beside)
    assert (pip(done)["profile"], pip(done)["scope"], codes(done)) == ("other", "user", ["not-read"])


def test_of_two_files_of_ours_it_is_said_which_wins(machine: Machine) -> None:
    machine.root(*use("lab", "user"))
    assert machine.root(*use("other", "system")).code == 3
    done = machine.root(*STATUS)
    entry = pip(done)
    assert (entry["profile"], entry["scope"], entry["layer"]) == ("lab", "user", entry["file"])
    assert codes(done) == ["overruled"]
    message = done.json["findings"][0]["message"]
    assert all(word in message for word in (SYSTEM, "other", "lab"))
    left = machine.stage.path(entry["file"]).read_bytes()
    machine.stage.write(entry["file"], "")
    assert (pip(machine.root(*STATUS), code=3)["profile"], codes(machine.root(*STATUS))[-1]) == (
        "lab",
        "drifted",
    )
    machine.stage.write(entry["file"], left)
    assert machine.root("undo", "--yes").code == 0
    entry = pip(machine.root(*STATUS))
    assert entry["profile"] == "lab"
    machine.root("undo", "--yes")
    machine.root("restore", "1", "--yes")
    machine.root(*use("other", "system"))
    machine.root("restore", "0", "--yes")
    assert pip(machine.root(*STATUS))["profile"] is None


def test_a_file_that_says_nothing_leaves_it_to_the_next(machine: Machine) -> None:
    machine.root(*use("lab", "user"))
    machine.root(*use("official", "user"))
    assert pip(machine.root(*STATUS))["profile"] == "official"
    assert machine.root(*use("other", "system")).code == 0
    entry = pip(machine.root(*STATUS))
    assert (entry["profile"], entry["scope"]) == ("other", "system")


def test_undo_of_the_users_leaves_the_systems(machine: Machine) -> None:
    machine.root(*use("other", "system"))
    machine.root(*use("lab", "user"))
    done = machine.root("undo", "--yes", "--json")
    assert done.data["tools"]["pip"]["profile"] == "other"
    entry = pip(machine.root(*STATUS))
    assert (entry["profile"], entry["scope"], entry["drifted"]) == ("other", "system", False)


def test_failover_writes_the_file_that_counts(machine: Machine) -> None:
    """The user's was taken back: what is left to move is the system's."""
    machine.stage.write("/srv/wheels/x-1.0-py3-none-any.whl", _wheel())
    local = 'schema = 1\nname = "local"\n[pip]\nno-index = true\nfind-links = ["/srv/wheels"]\n'
    machine.stage.write("/etc/mirrorcfg/profiles/local.toml", local)
    machine.stage.write(
        "/etc/mirrorcfg/profiles/dead.toml",
        'schema = 1\nname = "dead"\n[pip]\nindex-url = "https://127.0.0.1:1/simple"\n',
    )
    machine.root(*use("lab", "user"))
    machine.root("undo", "--yes")
    assert machine.root(*use("dead", "system")).code == 0
    done = machine.root("failover", "--chain", "dead,local", "--timeout", "3", "--yes", "--json")
    entry = pip(done)
    assert (entry["action"], entry["from"], entry["to"]) == ("switch", "dead", "local")
    assert [each["path"] for each in entry["files"]] == [SYSTEM]
    assert not machine.stage.path("/srv/root/.config/pip/pip.conf").exists()


def test_failover_leaves_an_environment_that_it_is_not_in_alone(machine: Machine) -> None:
    dead = 'schema = 1\nname = "dead"\nfailover = ["lab"]\n[pip]\nindex-url = "https://127.0.0.1:1/simple"\n'
    machine.stage.write("/etc/mirrorcfg/profiles/dead.toml", dead)
    assert machine.li(*use("dead", "venv"), **machine.within("A")).code == 0
    done = machine.li("failover", "--tool", "pip", "--timeout", "1", "--dry-run", "--json")
    assert done.data["tools"]["pip"]["from"] is None
    done = machine.li("verify", "--tool", "pip", "--timeout", "1", "--json")
    assert "dead" not in [each["profile"] for each in done.data["sources"]]


def test_a_history_of_an_earlier_version(machine: Machine) -> None:
    machine.li(*use("lab", "user"))
    machine.li(*use("other", "venv"), **machine.within("A"))
    as_before(machine.stage.path(f"{HOME}/.local/state/mirrorcfg"))
    for environ, name in ((machine.within("A"), "other"), (machine.within("B"), "lab"), ({}, "lab")):
        entry = pip(machine.li(*STATUS, **environ))
        assert (entry["profile"], entry["drifted"]) == (name, False)
    assert machine.li("undo", "--yes", **machine.within("A")).code == 0
    assert pip(machine.li(*STATUS, **machine.within("A")))["profile"] == "lab"


def test_a_root_of_an_image(box: Sandbox) -> None:
    box.profile("lab", '[pip]\nindex-url = "https://lab.example/simple"\n')
    root = ("--root", str(box.root))
    box.run("use", "lab", "--tool", "pip", *root, code=0)
    entry = box.json("status", "--tool", "pip", *root)["data"]["tools"]["pip"]
    assert (entry["profile"], entry["scope"], entry["drifted"]) == ("lab", "system", False)
    assert entry["file"] == str(box.root / "etc/pip.conf")
    box.run("undo", *root, code=0)
    assert box.json("status", "--tool", "pip", *root)["data"]["tools"]["pip"]["profile"] is None


def test_sudo_after_the_user_is_no_drift(machine: Machine) -> None:
    machine.li(*use("lab"))
    assert machine.root(*use("other"), **SUDO).code == 0
    done = machine.li(*STATUS)
    entry = pip(done)
    assert (entry["profile"], entry["drifted"]) == ("other", False)
    assert [(each["code"], each["hint"]) for each in done.json["findings"]] == [
        ("other-history", 'sudo "$(command -v mirrorcfg)" history')
    ]
    note = machine.stage.path(f"{HOME}/.local/state/mirrorcfg/root")
    assert note.stat().st_uid == LI
    # What nobody's mirrorcfg wrote is drift as before.
    machine.stage.write(USER, "[global]\nindex-url = https://theirs.example/simple\n", LI)
    assert pip(machine.li(*STATUS), code=3)["drifted"]


def test_the_user_after_sudo_is_no_drift(machine: Machine) -> None:
    machine.root(*use("lab"), **SUDO)
    machine.li(*use("other"))
    done = machine.root(*STATUS, **SUDO)
    entry = pip(done)
    assert (entry["profile"], entry["drifted"]) == ("other", False)
    assert [(each["code"], each["hint"]) for each in done.json["findings"]] == [
        ("other-history", "mirrorcfg history")
    ]


def test_a_users_history_that_root_may_not_enter(machine: Machine) -> None:
    """As on NFS with root squashed: only the user's own rights open anything."""
    machine.stage.sh(f"chmod 700 {HOME}")
    machine.root(*use("lab"), **SUDO)
    machine.li(*use("other"))
    drop = "setpriv --bounding-set=-dac_override,-dac_read_search --inh-caps=-dac_override,-dac_read_search"
    done = machine.stage.sh(f"exec {drop} {PROGRAM} {shlex.join(STATUS)}", PATH="/usr/bin:/bin", **SUDO)
    entry = pip(Done(done.returncode, done.stdout, done.stderr))
    assert (entry["profile"], entry["drifted"]) == ("other", False)


def test_undo_says_in_whose_history_it_is(machine: Machine) -> None:
    machine.li(*use("lab"))
    done = machine.root("undo", "--yes", "--json", **SUDO)
    error = done.json["error"]
    assert (done.code, error["code"], error["hint"]) == (1, "nothing-to-undo", "mirrorcfg undo")
    assert "generation 1" in error["message"]
    machine.root(*use("other", "system"), **SUDO)
    machine.stage.sh("sleep 1.1")  # the history counts in seconds
    machine.li(*use("third"))
    done = machine.root("undo", "--yes", "--json", **SUDO)
    assert done.code == 0
    found = next(each for each in done.json["findings"] if each["code"] == "other-history")
    assert "generation 2" in found["message"]
    assert found["hint"] == "mirrorcfg undo"
    assert not machine.stage.path(SYSTEM).exists()
    assert "third" in machine.stage.path(USER).read_text()


def test_what_root_set_for_all_is_said_to_be_none_of_the_users(machine: Machine) -> None:
    machine.root(*use("lab", "system"))
    done = machine.li(*STATUS)
    entry = pip(done)
    assert (entry["profile"], entry["drifted"], entry["layer"]) == (None, False, SYSTEM)
    assert [(each["code"], each["hint"]) for each in done.json["findings"]] == [
        ("not-in-history", 'sudo "$(command -v mirrorcfg)" history')
    ]
    done = machine.li("undo", "--json")
    assert (done.json["error"]["code"], done.json["error"]["hint"]) == (
        "nothing-to-undo",
        'sudo "$(command -v mirrorcfg)" undo',
    )
    assert codes(machine.li("history", "--json")) == ["other-history"]


@pytest.mark.parametrize(
    "plant",
    [
        "rm -rf {state}; ln -s /srv/root/secret {state}",
        "rm {state}/head; ln -s /srv/root/secret/head {state}/head",
        "rm {state}/head; mkfifo {state}/head",
        "rm {state}/head; head -c 3000000 /dev/zero > {state}/head",
        "chmod 777 {state}",
    ],
)
def test_root_looks_at_a_users_history_as_that_user(machine: Machine, plant: str) -> None:
    """What is planted there leads root nowhere, and stops nothing."""
    state = f"{HOME}/.local/state/mirrorcfg"
    machine.root(*use("lab"), **SUDO)
    machine.li(*use("other"))
    machine.stage.sh(f"cp -a {state} /srv/root/secret; chown -R 0:0 /srv/root/secret")
    machine.stage.sh(plant.format(state=state), LI)
    entry = pip(machine.root(*STATUS, **SUDO), code=3)
    assert (entry["profile"], entry["drifted"]) == ("lab", True)
    assert machine.root(*use("third", "system"), **SUDO).code in (0, 3)
    assert not machine.stage.path("/srv/root/secret/root").exists()


def test_a_users_record_says_nothing_of_others_files(machine: Machine) -> None:
    machine.root(*use("lab", "system"))
    machine.li(*use("lab"))
    machine.stage.write(SYSTEM, "[global]\nindex-url = https://theirs.example/simple\n")
    state = f"{HOME}/.local/state/mirrorcfg"
    forged = (
        "import sys, json; from pathlib import Path; from hashlib import sha256; from mirrorcfg.store import sealed\n"
        f"head = Path('{state}/head'); said = sealed.unseal(head.read_bytes())\n"
        f"kept = next(iter(said['generation']['files'].values()))\n"
        f"kept |= {{'profile': 'evil', 'after': sha256(Path('{SYSTEM}').read_bytes()).hexdigest()}}\n"
        f"said['generation']['files'] = {{'{SYSTEM}': kept}}\n"
        "head.write_bytes(sealed.seal(said))\n"
    )
    done = machine.stage.sh(f"{sys.executable} -c {shlex.quote(forged)}", LI)
    assert done.returncode == 0, done.stderr
    entry = pip(machine.root(*STATUS, **SUDO), code=3)
    assert entry["profile"] == "lab"
    assert "evil" not in json.dumps(machine.root(*STATUS, **SUDO).json)


def _wheel() -> bytes:
    import io
    import zipfile

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as wheel:
        wheel.writestr("x.py", "")
        wheel.writestr("x-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: x\nVersion: 1.0\n")
        wheel.writestr("x-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr("x-1.0.dist-info/RECORD", "")
    return out.getvalue()
