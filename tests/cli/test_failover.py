"""`failover` as its users meet it: what it switches, says, remembers, and leaves alone."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from mirrorcfg.store import sealed
from tests import parts
from tests.cli.test_contract import ENVELOPE, FILES, MAYBE, TEXT, TEXTS, thing
from tests.conformance import content
from tests.sandbox import PROGRAM, Sandbox, environment
from tests.verifier.lab import Answer, Authority, Server, html
from tests.verifier.sources import index

ACTION = {"enum": ["stay", "switch", "return", "hold"]}
DECIDED = {"action": ACTION, "from": MAYBE, "to": MAYBE, "code": TEXT}
ASKED = {"type": "array", "items": thing(profile=MAYBE, ok={"type": "boolean"}, code=TEXT, message=TEXT)}
TOOL = thing(profile=MAYBE, files=FILES, effective=TEXTS, shadowed_by=TEXTS, asked=ASKED, **DECIDED)
DATA = thing(
    changed={"type": "boolean"},
    generation={"type": ["integer", "null"]},
    tools={"type": "object", "additionalProperties": TOOL},
    dry_run={"type": "boolean"},
    **DECIDED,
)
GONE: dict[str, Any] = {"*": Answer(403)}  # nobody is let in
EMPTY: dict[str, Any] = {"/simple/": html('<meta name="pypi:repository-version" content="1.0">')}
NOTHING: dict[str, Any] = {}  # 404 to everything, as of an index of one's own that shows nothing
TROUBLE = {"*": Answer(503)}


class Mirrors:
    """Three of them, and a machine that reaches them and nobody else."""

    def __init__(self, box: Sandbox, authority: Authority, servers: dict[str, Server]) -> None:
        self.box, self.servers = box, servers
        box.environ |= {"HTTPS_PROXY": "http://127.0.0.1:9", "NO_PROXY": "localhost"}
        for name, server in servers.items():
            box.profile(
                name,
                f'failover = ["second"]\n[tls]\nca-file = "{authority.file}"\n'
                f'[pip]\nindex-url = "{server.url}/simple"\n',
            )
        box.write(box.pip_conf, "# mine\n")
        box.run("use", "first", "--tool", "pip", code=0)

    def become(self, name: str, routes: dict[str, Any]) -> None:
        self.servers[name].routes = dict(routes)

    def failover(self, *argv: str, code: int = 0, **environ: str) -> dict[str, Any]:
        answer = self.box.json("failover", "--timeout", "5", *argv, code=code, environ=environ)
        jsonschema.validate(answer, ENVELOPE)
        jsonschema.validate(answer["data"], DATA)
        data: dict[str, Any] = answer["data"]
        return data

    def configure(self, text: str) -> None:
        self.box.write(self.box.home / ".config/mirrorcfg/config.toml", text)

    @property
    def memory(self) -> Path:
        return self.box.folder / "state/failover"

    def written(self) -> set[tuple[Path, int]]:
        """Every file, and which one it is: what is written anew is another one."""
        return {(path, path.lstat().st_ino) for path in self.box.folder.rglob("*") if not path.is_dir()}

    @property
    def used(self) -> str:
        """The mirror that pip.conf names."""
        text = self.box.pip_conf.read_text()
        return next((name for name, server in self.servers.items() if f":{server.port}/" in text), "")


@pytest.fixture
def mirrors(box: Sandbox, tmp_path: Path) -> Iterator[Mirrors]:
    authority = Authority(tmp_path)
    with ExitStack() as stack:
        names = ("first", "second", "third")
        servers = {name: stack.enter_context(Server(authority.context(), index())) for name in names}
        yield Mirrors(box, authority, servers)


def decided(data: dict[str, Any]) -> tuple[Any, ...]:
    return data["action"], data["from"], data["to"], data["code"]


def test_what_works_stays(mirrors: Mirrors) -> None:
    """That it works is written down once."""
    before = mirrors.written()
    data = mirrors.failover()
    assert decided(data) == ("stay", "first", "first", "ok")
    assert (data["changed"], data["generation"]) == (False, None)
    after = mirrors.written()
    assert after - before == {(mirrors.memory, mirrors.memory.stat().st_ino)}
    assert decided(mirrors.failover()) == ("stay", "first", "first", "ok")
    assert mirrors.written() == after


@pytest.mark.parametrize(("routes", "code"), [(GONE, "http-403"), (TROUBLE, "http-5xx")])
def test_what_fails_is_left_and_undo_takes_it_back(
    mirrors: Mirrors, routes: dict[str, Any], code: str
) -> None:
    mirrors.become("first", routes)
    data = mirrors.failover()
    assert decided(data) == ("switch", "first", "second", code)
    assert decided(data["tools"]["pip"]) == decided(data)
    assert data["tools"]["pip"]["profile"] == mirrors.used == "second"
    assert data["changed"] is True
    latest = mirrors.box.json("history")["data"]["generations"][0]
    assert (latest["number"], latest["reason"]) == (data["generation"], f"failover from first: {code}")
    mirrors.box.run("undo", code=0)
    assert mirrors.used == "first"


def test_people_read_why(mirrors: Mirrors) -> None:
    mirrors.become("first", GONE)
    done = mirrors.box.run("failover", "--timeout", "5", code=0)
    assert "switch  first -> second: http-403" in done.out
    assert "(HTTP 403)" in done.out
    assert "mirrorcfg undo" in done.err


def test_a_dry_run_writes_nothing(mirrors: Mirrors) -> None:
    mirrors.become("first", GONE)
    before = {path: path.read_bytes() for path in mirrors.box.folder.rglob("*") if path.is_file()}
    data = mirrors.failover("--dry-run")
    assert decided(data) == ("switch", "first", "second", "http-403")
    assert data["tools"]["pip"]["files"] == [{"path": str(mirrors.box.pip_conf), "action": "changed"}]
    assert {path: path.read_bytes() for path in mirrors.box.folder.rglob("*") if path.is_file()} == before


def test_the_chain_is_the_options_else_the_configurations_else_the_profiles(mirrors: Mirrors) -> None:
    mirrors.become("first", GONE)
    assert mirrors.failover("--dry-run")["to"] == "second"
    mirrors.configure('chain = ["first", "third", "second"]\n')
    assert mirrors.failover("--dry-run")["to"] == "third"
    assert mirrors.failover("--dry-run", "--chain", "second,third")["to"] == "second"


def test_what_can_not_be_tried_is_not_taken(mirrors: Mirrors) -> None:
    mirrors.become("first", GONE)
    mirrors.become("second", EMPTY)
    assert decided(mirrors.failover(code=3)) == ("hold", "first", "first", "all-down")
    mirrors.become("second", NOTHING)
    assert decided(mirrors.failover(code=3)) == ("hold", "first", "first", "all-down")


def test_nothing_works(mirrors: Mirrors) -> None:
    for name in mirrors.servers:
        mirrors.become(name, GONE)
    data = mirrors.failover(code=3)
    assert decided(data) == ("hold", "first", "first", "all-down")
    assert mirrors.used == "first"


def test_who_has_named_nothing_to_go_on_with_is_told_how(mirrors: Mirrors) -> None:
    mirrors.box.profile("alone", f'[pip]\nindex-url = "{mirrors.servers["first"].url}/simple"\n')
    mirrors.box.run("use", "alone", "--tool", "pip", code=0)
    answer = mirrors.box.json("failover", "--timeout", "5", code=3)
    assert answer["data"]["action"] == "hold"
    assert [(finding["code"], finding["tool"]) for finding in answer["findings"]] == [("no-chain", "pip")]
    assert "--chain" in answer["findings"][0]["hint"]


def test_back_to_the_first_choice_once_it_has_been_well_for_long_enough(mirrors: Mirrors) -> None:
    mirrors.become("first", GONE)
    mirrors.failover()
    mirrors.become("first", index())
    assert decided(mirrors.failover()) == ("stay", "second", "second", "ok")
    mirrors.configure("hold = 0\n")
    assert decided(mirrors.failover()) == ("return", "second", "first", "ok")
    assert mirrors.used == "first"
    assert mirrors.box.json("history")["data"]["generations"][0]["reason"] == "return to first"
    assert decided(mirrors.failover()) == ("stay", "first", "first", "ok")


def test_nobody_is_taken_back_from_what_they_chose_themselves(mirrors: Mirrors) -> None:
    mirrors.configure("hold = 0\n")
    mirrors.become("first", GONE)
    mirrors.failover()
    mirrors.box.run("use", "third", "--tool", "pip", code=0)
    mirrors.become("first", index())
    assert decided(mirrors.failover()) == ("stay", "third", "third", "ok")
    assert mirrors.used == "third"


def test_an_address_of_the_users_own_is_left_alone_while_it_works(mirrors: Mirrors) -> None:
    own = f"# mine\n[global]\nindex-url = {mirrors.servers['third'].url}/simple\n"
    mirrors.box.write(mirrors.box.pip_conf, own)
    trust = {"SSL_CERT_FILE": str(mirrors.box.folder / "ca.pem")}
    chain = ("--chain", "first,second")
    assert decided(mirrors.failover(*chain, **trust)) == ("stay", None, None, "ok")
    assert mirrors.box.pip_conf.read_text() == own
    mirrors.become("third", GONE)
    assert decided(mirrors.failover(*chain, **trust)) == ("switch", None, "first", "http-403")
    assert mirrors.failover(*chain, **trust)["action"] == "stay"


def test_what_has_worked_and_shows_nothing_any_more_is_left(mirrors: Mirrors) -> None:
    """Of an index of one's own that answers 404 to everything it is all there is to go by."""
    mirrors.become("first", NOTHING)
    never = ("stay", "first", "first", "cant-tell")
    assert decided(mirrors.failover()) == decided(mirrors.failover()) == never
    mirrors.become("first", index())
    assert mirrors.failover()["code"] == "ok"
    mirrors.become("first", EMPTY)  # there is nothing to try it by, and nothing wrong with it
    assert decided(mirrors.failover()) == ("stay", "first", "first", "ok")
    mirrors.become("first", NOTHING)
    assert decided(mirrors.failover("--dry-run")) == ("switch", "first", "second", "cant-tell")
    assert decided(mirrors.failover()) == ("switch", "first", "second", "cant-tell")
    mirrors.box.run("undo", code=0)  # who takes it back knows better
    assert decided(mirrors.failover()) == never


def test_what_has_just_been_gone_over_to_has_worked(mirrors: Mirrors) -> None:
    mirrors.become("first", GONE)
    mirrors.failover()
    mirrors.become("second", NOTHING)
    moved = mirrors.failover("--chain", "second,third")
    assert decided(moved) == ("switch", "second", "third", "cant-tell")


@pytest.mark.parametrize("profile", [True, False])
def test_what_has_worked_is_an_address(mirrors: Mirrors, profile: bool) -> None:
    """Under the same name, or none, another one is a start."""

    def put(name: str) -> None:
        url = f"{mirrors.servers[name].url}/simple"
        if profile:
            mirrors.box.profile("own", f'[pip]\nindex-url = "{url}"\n')
            mirrors.box.run("use", "own", "--tool", "pip", code=0)
        else:
            mirrors.box.write(mirrors.box.pip_conf, f"[global]\nindex-url = {url}\n")

    trust = {"SSL_CERT_FILE": str(mirrors.box.folder / "ca.pem")}
    using = "own" if profile else None
    put("first")
    assert decided(mirrors.failover("--chain", "second", **trust)) == ("stay", using, using, "ok")
    mirrors.become("third", NOTHING)
    put("third")
    assert decided(mirrors.failover("--chain", "second", **trust)) == ("stay", using, using, "cant-tell")
    mirrors.become("first", NOTHING)
    put("first")
    moved = mirrors.failover("--chain", "second", **trust)
    assert decided(moved) == ("switch", using, "second", "cant-tell")


def test_watch_leaves_it_after_some_looks(mirrors: Mirrors) -> None:
    argv = [PROGRAM, "watch", "--interval", "1", "--timeout", "5", "--json"]
    box = mirrors.box
    with subprocess.Popen(
        argv, env=box.environ, cwd=box.folder, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        events = []
        for line in iter(process.stdout.readline, ""):
            events.append(json.loads(line))
            if len(events) == 1:
                mirrors.become("first", NOTHING)
            elif events[-1]["action"] != "hold":
                break
        process.terminate()
    assert process.returncode == 0
    assert [(each["action"], each["to"], each["code"]) for each in events] == [
        ("stay", "first", "ok"),
        ("hold", "first", "cant-tell"),
        ("switch", "second", "cant-tell"),
    ]
    assert mirrors.used == "second"


def test_a_memory_of_before_there_was_such_a_mark(mirrors: Mirrors) -> None:
    mirrors.become("first", GONE)
    mirrors.failover()
    kept = sealed.unseal(mirrors.memory.read_bytes())
    for tracks in (kept["tracks"], kept["move"]["tracks"]):
        for track in tracks.values():
            del track["proven"]
    mirrors.memory.write_bytes(sealed.seal(kept))
    mirrors.become("first", index())
    mirrors.configure("hold = 0\n")
    answer = mirrors.box.json("failover", "--timeout", "5")
    assert decided(answer["data"]) == ("return", "second", "first", "ok")
    assert answer["findings"] == []


def test_that_it_works_and_can_not_be_written_down_is_no_failure(mirrors: Mirrors) -> None:
    parts.mounts()
    state = mirrors.memory.parent
    unwritable = f'mount --bind "{state}" "{state}" && mount -o remount,bind,ro "{state}" && exec "$@"'
    argv = [parts.program("unshare"), "-m", "sh", "-ec", unwritable, "sh", PROGRAM, "failover", "--json"]
    done = subprocess.run(argv, env=mirrors.box.environ, cwd=state, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert decided(json.loads(done.stdout)["data"]) == ("stay", "first", "first", "ok")
    assert not mirrors.memory.exists()


def test_where_a_variable_wins_a_switch_would_be_in_vain(mirrors: Mirrors) -> None:
    mirrors.become("first", GONE)
    before = mirrors.box.pip_conf.read_bytes()
    answer = mirrors.box.json(
        "failover",
        "--timeout",
        "5",
        code=3,
        environ={"PIP_INDEX_URL": f"{mirrors.servers['first'].url}/simple"},
    )
    assert decided(answer["data"]) == ("hold", "first", "first", "shadowed")
    assert [(finding["code"], finding["hint"]) for finding in answer["findings"]] == [
        ("shadowed", "unset PIP_INDEX_URL")
    ]
    assert mirrors.box.pip_conf.read_bytes() == before


def test_the_disk_is_the_last_resort(mirrors: Mirrors) -> None:
    wheels = mirrors.box.folder / "wheels"
    wheels.mkdir()
    content.wheel(wheels, "six")
    mirrors.box.profile("disk", f'[pip]\nno-index = true\nfind-links = ["{wheels}"]\n')
    chain = ("--chain", "disk,second,first")
    mirrors.become("first", GONE)
    assert mirrors.failover(*chain, "--dry-run")["to"] == "second"
    mirrors.become("second", GONE)
    assert decided(mirrors.failover(*chain)) == ("switch", "first", "disk", "http-403")
    assert f"find-links = {wheels}" in mirrors.box.pip_conf.read_text()


def test_what_was_given_by_set_is_left_and_not_returned_to(mirrors: Mirrors) -> None:
    mirrors.configure("hold = 0\n")
    mirrors.box.profile("asks", '[variables]\nplace = ""\n[pip]\nindex-url = "https://${place}/simple"\n')
    place = mirrors.servers["third"].url.removeprefix("https://")
    mirrors.box.run("use", "asks", "--tool", "pip", "--set", f"place={place}", code=0)
    assert decided(mirrors.failover("--chain", "asks,second")) == (
        "switch",
        "asks",
        "second",
        "tls-untrusted-ca",
    )
    assert decided(mirrors.failover("--chain", "asks,second")) == ("stay", "second", "second", "ok")


def test_a_memory_that_can_not_be_read_is_started_anew(mirrors: Mirrors) -> None:
    mirrors.become("first", GONE)
    mirrors.failover()
    assert mirrors.memory.stat().st_mode & 0o077 == 0
    mirrors.memory.write_bytes(mirrors.memory.read_bytes()[:-9])
    answer = mirrors.box.json("failover", "--timeout", "5")
    assert [finding["code"] for finding in answer["findings"]] == ["track-lost"]
    assert decided(answer["data"]) == ("stay", "second", "second", "ok")


def test_only_what_mirrorcfg_has_switched_is_looked_at(mirrors: Mirrors) -> None:
    mirrors.box.write(mirrors.box.condarc, "channels: [https://gone.invalid/main]\n")
    assert set(mirrors.failover()["tools"]) == {"pip"}


@pytest.mark.parametrize(
    ("argv", "code", "error"),
    [
        (("--chain", "first,tsingua"), 1, "unknown-profile"),
        (("--chain", "first,harbor"), 1, "variable-missing"),
        (("--chain", "first,,second"), 2, "bad-option"),
        (("--tool", "pop"), 2, "unknown-tool"),
    ],
)
def test_what_can_not_be_is_said_before_anybody_is_asked(
    mirrors: Mirrors, argv: tuple[str, ...], code: int, error: str
) -> None:
    asked = {name: len(server.seen) for name, server in mirrors.servers.items()}
    answer = mirrors.box.json("failover", *argv, code=code)
    assert answer["error"]["code"] == error
    assert {name: len(server.seen) for name, server in mirrors.servers.items()} == asked


def test_a_healthy_look_of_watch_asks_only_what_is_in_use(
    mirrors: Mirrors, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In this process, with a clock of its own: after the survey at the start the partners have peace."""
    from mirrorcfg.host import Host
    from mirrorcfg.ops.watching.failover import Way
    from mirrorcfg.ops.watching.watch import Means, Pace, Watch

    for name in set(os.environ) - set(environment()):
        monkeypatch.delenv(name)
    for name in ("HOME", "MIRRORCFG_STATE", "HTTPS_PROXY", "NO_PROXY"):
        monkeypatch.setenv(name, mirrors.box.environ[name])
    told: list[Any] = []
    clock: Callable[[], float] = iter(range(1_800_000_000, 1_900_000_000)).__next__
    way = Way("watch", (), ("pip",))
    watch = Watch(Host.here, lambda host: way, Pace(60, 5), told.append, means=Means(clock, dice=lambda: 0.5))
    assert watch.turn(first=True) == 60
    asked = len(mirrors.servers["second"].seen)
    assert asked > 0
    first = len(mirrors.servers["first"].seen)
    for _ in range(3):
        assert watch.turn() == 60
    assert len(mirrors.servers["second"].seen) == asked
    assert len(mirrors.servers["first"].seen) > first
    assert [event.action for event in told] == ["stay"]
    mirrors.become("first", TROUBLE)
    pauses = [watch.turn() for _ in range(3)]
    assert pauses == [5, 5, 60]
    assert [event.action for event in told] == ["stay", "hold", "switch"]
    mirrors.become("second", GONE)
    pauses = [watch.turn() for _ in range(7)]
    assert pauses == [5, 5, 60, 120, 180, 240, 300]
    assert told[-1].code == "all-down"
