"""A user's tree acted upon by root: what a user puts into it leads root no further than the user could go."""

from __future__ import annotations

import json

import pytest
import trustme

from tests.attacks.listener import listening
from tests.attacks.stage import EVE, LI, Stage
from tests.attacks.test_trees import sealed
from tests.sandbox import PROGRAM

USE = ("use", "tsinghua", "--tool", "pip", "--no-verify", "--yes")
PIP = "/home/eve/.config/pip/pip.conf"
VICTIM = "/etc/cron.d/pip.conf"
SUDO = {"SUDO_UID": str(EVE), "SUDO_GID": str(EVE)}


@pytest.fixture
def eves(stage: Stage) -> Stage:
    """A home of the attacker's, with a pip.conf that root has switched."""
    stage.write(PIP, "[global]\ntimeout = 5\n", EVE)
    done = stage.run(*USE, HOME="/home/eve", **SUDO)
    assert done.code == 0, done.err
    return stage


@pytest.mark.parametrize("command", [("undo", "--yes"), ("restore", "0", "--yes"), USE])
@pytest.mark.parametrize("who", [{}, SUDO, {"SUDO_UID": str(LI), "SUDO_GID": str(LI)}])
def test_a_folder_swapped_for_a_link_since(
    eves: Stage, command: tuple[str, ...], who: dict[str, str]
) -> None:
    before = eves.files("/etc/cron.d")
    assert (
        eves.sh(
            "mv ~/.config/pip ~/.config/p; ln -s /etc/cron.d ~/.config/pip", EVE, HOME="/home/eve"
        ).returncode
        == 0
    )
    done = eves.run(*command, HOME="/home/eve", **who)
    assert eves.files("/etc/cron.d") == before
    assert done.code == (5 if command == USE else 0), (done.out, done.err)  # no file is there to take back


def test_failover_through_a_link_swapped_in_since(stage: Stage) -> None:
    for name, port in (("one", 1), ("two", 2)):
        text = f'schema = 1\nname = "{name}"\n[pip]\nindex-url = "https://127.0.0.1:{port}/simple"\n'
        stage.write(f"/etc/mirrorcfg/profiles/{name}.toml", text)
    local = 'schema = 1\nname = "local"\n[pip]\nno-index = true\nfind-links = ["/srv/wheels"]\n'
    stage.write("/etc/mirrorcfg/profiles/local.toml", local)
    stage.write("/srv/wheels/x-1.0-py3-none-any.whl", _wheel())
    stage.write(PIP, "[global]\ntimeout = 5\n", EVE)
    chain = ("--chain", "one,two,local", "--tool", "pip", "--timeout", "2", "--yes")
    assert stage.run("use", "one", "--tool", "pip", "--no-verify", "--yes", HOME="/home/eve").code == 0
    stage.sh("mv ~/.config/pip ~/.config/p; ln -s /etc/cron.d ~/.config/pip", EVE, HOME="/home/eve")
    done = stage.run("failover", *chain, HOME="/home/eve")
    assert stage.files("/etc/cron.d") == {}
    assert done.code in (0, 3, 5), done.err


def _wheel() -> bytes:
    import io
    import zipfile

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as wheel:
        wheel.writestr("x.py", "")
    return out.getvalue()


@pytest.mark.parametrize("command", [("undo", "--yes"), ("restore", "1", "--yes")])
def test_what_was_taken_back_comes_again_through_a_link(stage: Stage, command: tuple[str, ...]) -> None:
    stage.sh("mkdir -m 755 /home/eve; chown 41001:41001 /home/eve")
    for argv in (USE, ("undo", "--yes")):
        assert stage.run(*argv, HOME="/home/eve", **SUDO).code == 0
    stage.sh("mkdir ~/.config; ln -s /etc/cron.d ~/.config/pip", EVE, HOME="/home/eve")
    done = stage.run(*command)
    assert (done.code, stage.files("/etc/cron.d")) == (5, {}), done.err


@pytest.mark.parametrize("command", [("undo", "--yes"), ("restore", "0", "--yes")])
def test_a_file_swapped_for_a_link_to_roots(eves: Stage, command: tuple[str, ...]) -> None:
    left = eves.path(PIP).read_bytes()
    eves.write(VICTIM, left)  # what a restore would put back whole
    eves.sh(f"ln -sf {VICTIM} {PIP}", EVE)
    done = eves.run(*command)
    assert (done.code, eves.path(VICTIM).read_bytes()) == (5, left)
    assert eves.path(VICTIM).stat().st_uid == 0


def test_what_root_takes_back_stays_the_users(eves: Stage) -> None:
    assert eves.run("restore", "0", "--yes").code == 0
    found = eves.path(PIP).stat()
    assert (found.st_uid, eves.path(PIP).read_bytes()) == (EVE, b"[global]\ntimeout = 5\n")


def test_an_interrupted_change_is_recovered_with_the_users_rights(eves: Stage) -> None:
    # The journal of a change that was killed once its file was renamed, as the crash tests leave one.
    state = eves.path("/var/lib/mirrorcfg")
    head = json.loads((state / "head").read_bytes())["content"]["generation"]
    kept = next(iter(head["files"].values()))
    entry = {
        "tool": "pip", "path": PIP, "real": PIP, "before": kept["before"], "after": kept["after"],
        "in_place": False, "made": 0, "look": [0o644, EVE, EVE], "user": [EVE, EVE, EVE], "between": None,
    }  # fmt: skip
    journal = {"version": 1, "generation": 2, "token": "abcdef012345", "entries": [entry]}
    (state / "journal").write_bytes(sealed(journal))
    eves.write(VICTIM, eves.path(PIP).read_bytes())
    eves.sh("mv ~/.config/pip ~/.config/p; ln -s /etc/cron.d ~/.config/pip", EVE, HOME="/home/eve")
    before = eves.files("/etc/cron.d")
    done = eves.run("recover", "--yes")
    assert eves.files("/etc/cron.d") == before
    assert done.code in (0, 5, 6), done.err


@pytest.mark.parametrize(
    ("variable", "value", "tool"),
    [
        ("HOME", "/home/eve", "pip"),
        ("XDG_CONFIG_HOME", "/home/eve/.config", "pip"),
        ("VIRTUAL_ENV", "/home/eve/venv", "pip"),
        ("CONDARC", "/home/eve/.config/.condarc", "conda"),
        ("CONDA_PREFIX", "/home/eve/.config", "conda"),
        ("XDG_CONFIG_HOME", "/home/eve/.config", "uv"),
        ("HOME", "/home/eve", "podman"),
        ("HOME", "/home/eve", "conda"),
    ],
)
def test_a_variable_that_leads_into_a_strangers_tree(
    stage: Stage, variable: str, value: str, tool: str
) -> None:
    stage.sh("mkdir -m 755 /home/eve; chown 41001:41001 /home/eve")
    stage.sh(
        "mkdir -p ~/venv ~/.config; for n in ~/.config/pip ~/.config/uv ~/.config/containers; do "
        "ln -s /etc/cron.d $n; done; for n in ~/.config/.condarc ~/.condarc ~/venv/pip.conf; do "
        "ln -s /etc/cron.d/new $n; done",
        EVE,
        HOME="/home/eve",
    )
    scope = ("--scope", "venv") if variable in ("VIRTUAL_ENV", "CONDA_PREFIX") else ("--scope", "user")
    done = stage.run("use", "china", "--tool", tool, *scope, "--no-verify", "--yes", **{variable: value})
    assert stage.files("/etc/cron.d") == {}
    assert done.code == 5, (done.out, done.err)


def test_plain_root_leaves_a_users_files_the_users(stage: Stage) -> None:
    stage.write("/home/li/.condarc", "channels: [x]\n", LI)
    done = stage.run(*USE, HOME="/home/li")
    assert done.code == 0, done.err
    for path in ("/home/li/.config", "/home/li/.config/pip", "/home/li/.config/pip/pip.conf"):
        assert stage.path(path).stat().st_uid == LI, path
    assert stage.run("undo", "--yes").code == 0
    assert not stage.path("/home/li/.config").exists()


def test_dotfiles_that_are_links_into_a_repository_of_the_users_own(stage: Stage) -> None:
    stage.write("/home/li/dotfiles/pip/pip.conf", "[global]\ntimeout = 5\n", LI)
    stage.sh("mkdir ~/.config; ln -s ../dotfiles/pip ~/.config/pip", LI, HOME="/home/li")
    for who in ({"HOME": "/home/li", "SUDO_UID": str(LI), "SUDO_GID": str(LI)}, {"HOME": "/home/li"}):
        done = stage.run(*USE, **who)
        assert done.code == 0, done.err
        real = stage.path("/home/li/dotfiles/pip/pip.conf")
        assert b"tsinghua" in real.read_bytes()
        assert real.stat().st_uid == LI
        assert stage.run("undo", "--yes").code == 0
        assert real.read_bytes() == b"[global]\ntimeout = 5\n"
    assert stage.path("/home/li/.config/pip").is_symlink()


def test_a_home_that_root_may_not_enter(stage: Stage) -> None:
    """As on NFS with root squashed: root is nobody there, and only the user's own rights open anything."""
    stage.write("/home/li/.config/pip/pip.conf", "[global]\ntimeout = 5\n", LI, 0o600)
    stage.sh("chmod 700 /home/li /home/li/.config /home/li/.config/pip")
    # Without the right to override modes root is, to these folders, what a squashed root is.
    drop = "setpriv --bounding-set=-dac_override,-dac_read_search --inh-caps=-dac_override,-dac_read_search"
    done = stage.sh(
        f"exec {drop} {PROGRAM} {' '.join(USE)}", HOME="/home/li", SUDO_UID=str(LI), SUDO_GID=str(LI)
    )
    assert done.returncode == 0, done.stderr
    assert b"tsinghua" in stage.path("/home/li/.config/pip/pip.conf").read_bytes()


def test_a_login_of_roots_is_not_sent_for_a_user(stage: Stage) -> None:
    stage.write("/srv/root/secret", "machine 127.0.0.1 login root password s3cr3t-of-root\n", mode=0o600)
    stage.sh("mkdir -m 755 /home/eve; chown 41001:41001 /home/eve")
    stage.sh(
        "ln -s /srv/root/secret ~/.netrc; mkdir -p ~/.docker; ln -s /srv/root/secret ~/.docker/config.json",
        EVE,
        HOME="/home/eve",
    )
    with listening() as heard:
        stage.write(
            "/home/eve/.config/pip/pip.conf",
            f"[global]\nindex-url = http://127.0.0.1:{heard.port}/simple\n",
            EVE,
        )
        done = stage.run("verify", "--tool", "pip", "--timeout", "3", HOME="/home/eve", **SUDO)
    assert "cant-tell" in done.out + done.err  # 404 to everything
    assert heard.requests
    assert not any(b"uthorization" in request for request in heard.requests)


@pytest.mark.parametrize(
    "name",
    [".netrc", ".docker/config.json", ".config/pip/pip.conf", "ca.pem", ".config/mirrorcfg/config.toml"],
)
@pytest.mark.parametrize("trap", ["mkfifo {}", "ln -s /dev/zero {}", "mkdir {}", "truncate -s 40G {}"])
def test_what_is_no_file_of_a_sane_size_is_not_waited_for(stage: Stage, name: str, trap: str) -> None:
    stage.sh("mkdir -m 755 /home/eve; chown 41001:41001 /home/eve")
    folders = "mkdir -p ~/.docker ~/.config/pip ~/.config/mirrorcfg; "
    assert stage.sh(folders + trap.format(f"~/{name}"), EVE, HOME="/home/eve").returncode == 0
    table = '[tls]\nca-file = "/home/eve/ca.pem"\n' if name == "ca.pem" else ""
    text = f'schema = 1\nname = "acme"\n{table}[pip]\nindex-url = "https://127.0.0.1:9/simple"\n'
    text += '[docker]\nregistry-mirrors = ["https://127.0.0.1:9"]\n'
    stage.write("/srv/acme.toml", text)
    environ = {"HOME": "/home/eve", **SUDO, "SSL_CERT_FILE": "/home/eve/ca.pem"}
    done = stage.run("verify", "/srv/acme.toml", "--timeout", "2", timeout=20, **environ)
    assert done.code in (1, 3, 5), done.err
    done = stage.run("use", "/srv/acme.toml", "--tool", "pip", "--no-verify", "--yes", timeout=20, **environ)
    assert done.code in (0, 1, 3, 5), done.err


def test_of_a_ca_file_only_certificates_are_copied(stage: Stage) -> None:
    ca = trustme.CA().cert_pem.bytes().decode()
    stage.write("/srv/ca.pem", f"password = hunter2\n{ca}more: hunter2\n", mode=0o600)
    table = '[tls]\nca-file = "/srv/ca.pem"\n[docker]\nregistry-mirrors = ["https://m.example"]\n'
    stage.write("/srv/acme.toml", f'schema = 1\nname = "acme"\n{table}')
    done = stage.run("use", "/srv/acme.toml", "--tool", "docker", "--no-verify", "--yes")
    assert done.code == 0, done.err
    copied = stage.path("/etc/docker/certs.d/m.example/ca.crt").read_text()
    assert "BEGIN CERTIFICATE" in copied
    assert "hunter2" not in copied
