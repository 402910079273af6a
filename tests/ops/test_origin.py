"""A team's profile from a real https server: pinned, checked, shown, stored, asked for again, removed."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import own, parts
from tests.sandbox import PROGRAM, Sandbox
from tests.terminal import talk
from tests.verifier.lab import Answer, Authority, Server

ACME = b'schema = 1\nname = "acme"\n[pip]\nindex-url = "https://pip.acme.example/simple"\n'
NEWER = ACME.replace(b"/simple", b"/v2/simple")
PATH = "/profiles/acme.toml"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture
def server(authority: Authority) -> Iterator[Server]:
    with Server(authority.context(), {PATH: Answer(200, ACME)}) as running:
        yield running


@pytest.fixture
def box(box: Sandbox, authority: Authority) -> Sandbox:
    box.environ["SSL_CERT_FILE"] = str(authority.file)
    return box


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def stored(box: Sandbox, name: str = "acme") -> Path:
    return box.home / f".config/mirrorcfg/profiles/{name}.toml"


def add(box: Sandbox, server: Server, data: bytes = ACME, *more: str, code: int = 0) -> dict[str, Any]:
    return box.json("profile", "add", server.url + PATH, "--sha256", digest(data), *more, code=code)


def test_with_its_hash_it_is_stored_byte_for_byte(box: Sandbox, server: Server) -> None:
    answer = add(box, server)
    assert (answer["status"], answer["data"]["action"]) == ("ok", "created")
    assert stored(box).read_bytes() == ACME
    origin = json.loads(stored(box).with_name("acme.origin.json").read_bytes())
    assert (origin["url"], origin["sha256"]) == (server.url + PATH, digest(ACME))
    [listed] = [each for each in box.json("ls")["data"]["profiles"] if each["name"] == "acme"]
    assert (listed["layer"], listed["origin"]) == ("user", {**origin, "edited": False})
    assert server.url in box.run("ls", code=0).out
    assert add(box, server)["status"] == "unchanged"
    assert server.seen[0].headers["user-agent"].startswith("mirrorcfg/")


def test_without_one_it_is_shown_with_the_command_that_stores_it(box: Sandbox, server: Server) -> None:
    done = box.run("profile", "add", server.url + PATH, code=2)
    assert '+index-url = "https://pip.acme.example/simple"' in done.out
    assert "note[pin-missing]" in done.err
    assert not stored(box).exists()
    [hint] = [line.removeprefix("hint: mirrorcfg ") for line in done.err.splitlines() if "hint: " in line]
    box.run(*hint.split(), code=0)
    assert stored(box).read_bytes() == ACME


@pytest.mark.parametrize("pin", [digest(NEWER), digest(ACME)[:-1], "x" * 64])
def test_another_hash_stores_nothing(box: Sandbox, server: Server, pin: str) -> None:
    done = box.run("profile", "add", server.url + PATH, "--sha256", pin)
    assert (done.code, "error[pin-differs]" in done.err) in ((1, True), (2, False))
    assert done.code == (1 if pin == digest(NEWER) else 2)
    assert not stored(box).parent.exists()


WRONG = {
    "unknown-key": ACME + b'index_url = "https://x.example/simple"\n',
    "credentials-in-url": ACME.replace(b"//pip", b"//joe:hunter2@pip"),
    "not-https": ACME.replace(b"https:", b"http:"),
    "profile-name": ACME.replace(b'"acme"', b'"../acme"'),
    "missing-key": ACME.replace(b'name = "acme"\n', b""),
    "profile-syntax": b"<html>log in</html>",
    "profile-encoding": b"\xff\xfe" + ACME,
}


@pytest.mark.parametrize("code", WRONG)
def test_one_that_is_wrong_is_refused_with_the_address_and_line(
    box: Sandbox, server: Server, code: str
) -> None:
    server.routes[PATH] = Answer(200, WRONG[code])
    error = add(box, server, WRONG[code], code=1)["error"]
    assert (error["code"], error["path"]) == (code, server.url + PATH)
    assert not stored(box).parent.exists()
    assert "hunter2" not in json.dumps(error)


def test_a_large_one_is_not_read_to_its_end(box: Sandbox, server: Server) -> None:
    server.routes[PATH] = Answer(200, ACME + b"#" * (64 << 10))
    assert add(box, server, code=1)["error"]["code"] == "too-large"
    server.routes[PATH] = Answer(200, ACME + b"#" * ((64 << 10) - len(ACME)))
    assert add(box, server, server.routes[PATH].body)["data"]["action"] == "created"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("location", "code"),
    [("http://localhost:9/acme.toml", "redirect-insecure"), (PATH, "redirect-loop"), ("/moved", None)],
)
def test_redirects_stay_on_https(box: Sandbox, server: Server, location: str, code: str | None) -> None:
    server.routes["/moved"] = Answer(200, ACME)
    server.routes[PATH] = Answer(302, b"", {"location": location})
    answer = add(box, server, code=1 if code else 0)
    assert (answer["error"] or {}).get("code") == code


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://localhost/acme.toml", "not-https"),
        ("https://joe:hunter2@localhost/acme.toml", "credentials-in-url"),
        ("https://localhost/acme.toml?private_token=hunter2", "credentials-in-url"),
        ("file:///etc/passwd", "not-https"),
        ("nowhere/acme.toml", "unknown-profile"),
    ],
)
def test_other_addresses_are_refused(box: Sandbox, url: str, code: str) -> None:
    done = box.run("profile", "add", url, "--sha256", digest(ACME), "--json")
    assert done.json["error"]["code"] == code
    assert "hunter2" not in done.out + done.err


def test_tls_is_verified_and_ca_file_adds_to_what_is_trusted(
    box: Sandbox, server: Server, authority: Authority
) -> None:
    del box.environ["SSL_CERT_FILE"]
    error = add(box, server, code=1)["error"]
    assert (error["code"], "--ca-file" in error["hint"]) == ("tls-untrusted-ca", True)
    add(box, server, ACME, "--ca-file", str(authority.file))
    server.routes[PATH] = Answer(200, NEWER)
    box.run("profile", "update", "acme", "--sha256", digest(NEWER), code=0)
    assert stored(box).read_bytes() == NEWER


def test_credentials_come_from_netrc(box: Sandbox, server: Server) -> None:
    server.routes[PATH] = lambda request: (
        Answer(200, ACME) if request.headers.get("authorization") == "Basic am9lOmh1bnRlcjI=" else Answer(401)
    )
    assert add(box, server, code=1)["error"]["code"] == "http-401"
    box.write(box.home / ".netrc", "machine localhost login joe password hunter2\n")
    (box.home / ".netrc").chmod(0o600)
    add(box, server)


def test_an_update_takes_what_is_there_by_its_hash_alone(box: Sandbox, server: Server) -> None:
    add(box, server)
    assert box.json("profile", "update")["status"] == "unchanged"
    server.routes[PATH] = Answer(200, NEWER)
    for more in ((), ("--yes",)):
        left = box.json("profile", "update", "acme", *more, code=3)
        assert (left["status"], left["data"]["profiles"][0]["action"]) == ("failed", "none")
        assert digest(NEWER) in left["findings"][0]["hint"]
        assert stored(box).read_bytes() == ACME
    wrong = box.json("profile", "update", "acme", "--sha256", digest(b"other"), code=1)
    assert wrong["error"]["code"] == "pin-differs"
    box.run("profile", "update", "acme", "--sha256", digest(NEWER), code=0)
    assert stored(box).read_bytes() == NEWER
    assert box.json("profile", "update")["status"] == "unchanged"


def test_on_a_terminal_a_person_may_say_yes(box: Sandbox, server: Server) -> None:
    add(box, server)
    server.routes[PATH] = Answer(200, NEWER)
    refused = talk(box, "profile", "update", answers=[("from now on?", "n")])
    assert (refused.code, stored(box).read_bytes()) == (3, ACME)
    taken = talk(box, "profile", "update", answers=[("from now on?", "y")])
    assert "+index-url" in taken.out.partition("from now on?")[0]
    assert (taken.code, stored(box).read_bytes()) == (0, NEWER)


def test_an_edit_of_the_users_is_not_given_up_unasked(box: Sandbox, server: Server) -> None:
    add(box, server)
    edited = ACME + b"# mine\n"
    stored(box).write_bytes(edited)
    assert "edited since" in box.run("ls", code=0).out
    server.routes[PATH] = Answer(200, NEWER)
    for argv in (("update", "acme"), ("add", server.url + PATH, "--yes")):
        answer = box.json("profile", *argv, "--sha256", digest(NEWER), code=4)
        assert answer["error"]["code"] == "profile-edited"
        assert stored(box).read_bytes() == edited
    talk(box, "profile", "update", "acme", answers=[("from now on?", "y")])
    assert stored(box).read_bytes() == NEWER


def test_one_with_another_name_is_no_update(box: Sandbox, server: Server) -> None:
    add(box, server)
    other = ACME.replace(b'"acme"', b'"other"')
    server.routes[PATH] = Answer(200, other)
    answer = box.json("profile", "update", "acme", "--sha256", digest(other), code=1)
    assert answer["error"]["code"] == "origin-renamed"
    assert not stored(box, "other").exists()


def test_a_file_needs_no_hash(box: Sandbox) -> None:
    source = box.folder / "team profiles/acme.toml"
    box.write(source, ACME)
    assert box.json("profile", "add", "team profiles/acme.toml")["data"]["action"] == "created"
    box.write(source, NEWER)
    box.run("profile", "update", code=3)
    box.run("profile", "update", "acme", "--sha256", digest(NEWER), code=0)
    assert stored(box).read_bytes() == NEWER
    source.unlink()
    assert box.json("profile", "update", code=1)["error"]["code"] == "unknown-profile"


def test_what_a_terminal_would_act_on_is_spelt_out(box: Sandbox) -> None:
    box.write(box.folder / "acme.toml", ACME + "# \u202eevil\n".encode())
    shown = box.run("profile", "add", "acme.toml", code=0).out
    assert "\u202e" not in shown
    assert "\\u202eevil" in shown


def test_a_name_that_is_taken_elsewhere_is_told(box: Sandbox) -> None:
    box.write(box.folder / "x.toml", ACME.replace(b'"acme"', b'"nju"'))
    assert box.json("profile", "add", "x.toml", code=2)["error"]["code"] == "profile-is-builtin"
    answer = box.json("profile", "add", "x.toml", "--force")
    assert [finding["code"] for finding in answer["findings"]] == ["profile-hides"]


def test_what_is_in_use_is_not_removed_unless_it_must_be(box: Sandbox, server: Server) -> None:
    add(box, server)
    box.run("use", "acme", "--tool", "pip", code=0)
    assert box.json("profile", "remove", "acme", code=1)["error"]["code"] == "profile-in-use"
    conf = box.pip_conf.read_bytes()
    done = box.run("profile", "remove", "acme", "--force", code=0)
    assert '-index-url = "https://pip.acme.example/simple"' in done.out
    assert f"profile add {server.url}{PATH} --sha256 {digest(ACME)}" in done.err
    assert list(stored(box).parent.iterdir()) == []
    assert box.pip_conf.read_bytes() == conf
    box.run("undo", code=0)


@pytest.mark.parametrize(
    ("name", "code"), [("nju", "profile-elsewhere"), ("nope", "unknown-profile"), ("../x", "unknown-profile")]
)
def test_only_ones_own_can_be_removed(box: Sandbox, name: str, code: str) -> None:
    assert box.json("profile", "remove", name, code=1)["error"]["code"] == code


def test_an_image_has_profiles_of_its_own(box: Sandbox) -> None:
    box.write(box.folder / "acme.toml", ACME)
    box.run("profile", "add", "acme.toml", "--root", str(box.root), code=0)
    assert (box.root / "etc/mirrorcfg/profiles/acme.toml").read_bytes() == ACME
    used = box.json("use", "acme", "--tool", "pip", "--root", str(box.root))
    assert used["data"]["tools"]["pip"]["effective"] == ["https://pip.acme.example/simple"]
    box.run("undo", "--root", str(box.root), code=0)
    box.run("profile", "remove", "acme", "--root", str(box.root), code=0)
    assert not (box.root / "etc/mirrorcfg/profiles/acme.toml").exists()


def test_an_images_links_don_t_lead_out_of_it(box: Sandbox) -> None:
    outside = box.folder / "outside"
    outside.mkdir()
    (box.root / "etc").mkdir()
    (box.root / "etc/mirrorcfg").symlink_to(outside)
    box.write(box.folder / "acme.toml", ACME)
    box.run("profile", "add", "acme.toml", "--root", str(box.root))
    assert list(outside.iterdir()) == []


def test_under_sudo_the_users_files_stay_theirs(tmp_path: Path) -> None:
    parts.root()
    with tempfile.TemporaryDirectory() as name:  # others may not enter pytest's own
        box = Sandbox(Path(name))
        box.write(box.folder / "acme.toml", ACME)
        for folder in (box.folder, box.home):
            os.chown(folder, 1234, 1234)
        sudo = {"SUDO_UID": "1234", "SUDO_GID": "1234", "MIRRORCFG_STATE": str(tmp_path / "state")}
        box.run("profile", "add", "acme.toml", environ=sudo, code=0)
        for path in (stored(box), stored(box).with_name("acme.origin.json"), stored(box).parent):
            assert (path.stat().st_uid, path.stat().st_gid) == (1234, 1234)
        box.run("profile", "remove", "acme", environ=sudo, code=0)
        secret = box.folder / "secret.toml"
        box.write(secret, ACME.replace(b"acme", b"root"))
        secret.chmod(0o600)
        box.run("profile", "add", "secret.toml", environ=sudo, code=5)


def test_the_system_s_is_for_all_users_and_needs_root(box: Sandbox) -> None:
    parts.mounts()
    parts.others(PROGRAM)
    box.write(box.folder / "acme.toml", ACME)
    script = (
        f"{own.ETC}umask 077 && "
        '"$1" profile add acme.toml --scope system --yes && setpriv --reuid 65534 --clear-groups '
        '"$1" profile check acme && setpriv --reuid 65534 --clear-groups "$1" profile remove acme --scope system'
    )
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", script, "sh", PROGRAM],
        env=box.environ | {"HOME": "/nonexistent", "MIRRORCFG_STATE": "/nonexistent/state"},
        cwd=box.folder,
        capture_output=True,
        text=True,
    )
    assert "acme is well formed" in done.stdout, done.stderr
    assert done.returncode == 5, done.stderr
