"""What the screens say at a glance: each sentence here is one that a user missed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sandbox import Sandbox
from tests.terminal import talk
from tests.verifier.lab import Answer, Authority, Server
from tests.verifier.sources import index


@pytest.fixture
def lab(box: Sandbox, tmp_path: Path) -> Iterator[dict[str, Server]]:
    """A mirror that works, one that sends everybody on to another host, and one that lets nobody in."""
    authority = Authority(tmp_path)
    box.environ |= {"HTTPS_PROXY": "http://127.0.0.1:9", "NO_PROXY": "localhost,127.0.0.1"}
    with (
        Server(authority.context(), index()) as good,
        Server(authority.context()) as moved,
        Server(authority.context(), {"*": Answer(403)}) as gone,
    ):
        there = good.url.replace("localhost", "127.0.0.1")
        moved.routes["*"] = lambda request: Answer(302, headers={"location": f"{there}{request.path}"})
        good.routes["/simple"] = Answer(301, headers={"location": f"{good.url}/simple/"})
        tls = f'[tls]\nca-file = "{authority.file}"\n'
        for name, server in (("good", good), ("moved", moved), ("gone", gone)):
            conda = f'[conda]\ndefault-channels = ["{server.url}/a", "{server.url}/b", "{server.url}/c"]\n'
            box.profile(
                name, f'{tls}[pip]\nindex-url = "{server.url}/simple"\n{conda if name == "gone" else ""}'
            )
        yield {"good": good, "moved": moved, "gone": gone}


def test_an_arrow_is_a_redirect_to_another_place(box: Sandbox, lab: dict[str, Server]) -> None:
    out = box.run("verify", "good", "moved", "--tool", "pip").out.splitlines()
    [good], [moved] = ([line for line in out if f" {name} " in line] for name in ("good", "moved"))
    assert good.endswith(f"{lab['good'].url}/simple")
    assert f"{lab['moved'].url}/simple -> https://127.0.0.1:" in moved


def test_sources_of_one_host_that_fail_alike_are_one_row(box: Sandbox, lab: dict[str, Server]) -> None:
    argv = ("verify", "gone", "--tool", "pip", "--tool", "conda")
    host = lab["gone"].url.removeprefix("https://")
    assert [line.split()[1] for line in box.run(*argv, code=3).out.splitlines()[1:]] == ["pip", "conda"]
    assert f"{host} (3 sources)" in box.run(*argv).out
    assert len(box.run(*argv, "--all").out.splitlines()) == 5
    assert len(box.json(*argv, code=3)["data"]["sources"]) == 4


def test_how_many_are_good_is_said_once(box: Sandbox, lab: dict[str, Server]) -> None:
    assert (
        "1 of 2 sources are good, 1 aren't" in box.run("verify", "good", "gone", "--tool", "pip", code=3).err
    )
    assert "All is well: 1 of 1" in box.run("verify", "good", "--tool", "pip", code=0).err


def test_a_tool_that_is_not_here_is_not_asked_for_unless_it_is_wanted(
    box: Sandbox, lab: dict[str, Server]
) -> None:
    (box.folder / "bin").mkdir()
    (box.folder / "bin/pip").write_text("#!/bin/sh\n")
    (box.folder / "bin/pip").chmod(0o755)
    box.environ["PATH"] = str(box.folder / "bin")

    def asked(*argv: str) -> set[str]:
        return {each["tool"] for each in box.run("verify", "gone", *argv, "--json").data["sources"]}

    assert asked() == {"pip"}
    assert asked("--all") == {"pip", "uv", "conda"}
    assert asked("--tool", "conda") == {"conda"}
    assert "Not asked, as they aren't here: conda, uv" in box.run("verify", "gone").err


def test_without_a_network_one_sentence_says_so(box: Sandbox) -> None:
    names = [f"far-{number}" for number in range(9)]
    for name in names:
        box.profile(name, f'[pip]\nindex-url = "https://{name}.invalid/simple"\n')
    done = box.run("verify", *names, "--tool", "pip", code=3)
    assert done.out == ""
    assert done.err.startswith("note[no-network]: There is no network, it seems: none of 9 hosts")
    assert len(done.err.splitlines()) == 2
    assert len(box.run("verify", *names, "--tool", "pip", "--all").out.splitlines()) == 10
    answer = box.json("verify", *names, "--tool", "pip", code=3)
    assert [each["code"] for each in answer["findings"]] == ["no-network"]
    assert len(answer["data"]["sources"]) == 9


def test_of_many_errors_three_are_told_and_json_has_all(box: Sandbox, lab: dict[str, Server]) -> None:
    hosts = ", ".join(f'"https://far-{number}.invalid/c"' for number in range(5))
    gone = lab["gone"].url
    box.environ["NO_PROXY"] += ",.invalid"
    box.profile("many", f'[pip]\nindex-url = "{gone}/simple"\n[conda]\ndefault-channels = [{hosts}]\n')
    argv = ("use", "many", "--tool", "pip", "--tool", "conda", "--yes", "--verify", "--timeout", "5")
    done = box.run(*argv, code=3)
    assert done.err.count("error[") == 1
    assert done.err.count("  also[") == 2
    assert "  and 3 more; --json has all of them" in done.err
    assert done.err.splitlines()[-1].startswith("hint: ")
    error = box.json(*argv, code=3)["error"]
    assert len(error["others"]) == 5


def test_the_question_shows_tools_addresses_files_and_the_difference(
    box: Sandbox, lab: dict[str, Server]
) -> None:
    done = talk(box, "use", "good", "--tool", "pip", answers=[("files?", "d"), ("files?", "y")])
    question, _, after = done.out.partition("Write these files?")
    for said in ("pip     good", f"{lab['good'].url}/simple", str(box.pip_conf), "source was verified in"):
        assert said in question
    assert f"+index-url = {lab['good'].url}/simple" in after
    assert "take it back with" in after


def test_failover_says_what_failed_and_where_it_goes_before_it_asks(
    box: Sandbox, lab: dict[str, Server]
) -> None:
    box.run("use", "gone", "--tool", "pip", "--yes", code=0)
    done = talk(box, "failover", "--chain", "gone,good", "--tool", "pip", answers=[("files?", "n")])
    question = done.out.partition("Write these files?")[0]
    assert "gone -> good: http-403" in question
    assert "(HTTP 403)" in question
    assert f"{lab['good'].url}/simple" in question


def test_use_says_that_it_verified_and_how_fast(box: Sandbox, lab: dict[str, Server]) -> None:
    argv = ("use", "good", "--tool", "pip", "--yes")
    assert "The source was verified in" in box.run(*argv, "--verify", code=0).err
    box.run("undo", "--yes", code=0)
    assert box.json(*argv, "--verify")["data"]["verified"]["sources"] == 1
    box.run("undo", "--yes", code=0)
    assert box.json(*argv)["data"]["verified"] is None


def test_ls_marks_what_is_in_use_and_says_what_to_type(box: Sandbox) -> None:
    box.run("use", "nju", "--tool", "pip", "--yes", code=0)
    done = box.run("ls", code=0)
    assert [line.split()[1] for line in done.out.splitlines() if line.startswith("* ")] == ["nju"]
    assert "in use: nju (pip)" in done.err
    assert "mirrorcfg use NAME" in done.err
    assert "${" not in done.out
    docker = box.json("ls", "--tool", "docker")["data"]["profiles"]
    assert {each["name"] for each in docker} == {"china", "harbor", "official", "offline"}
    assert box.json("ls", "--tool", "dokcer", code=2)["error"]["code"] == "unknown-tool"


def test_history_ends_with_the_latest_in_local_time(box: Sandbox) -> None:
    for name in ("nju", "tsinghua"):
        box.run("use", name, "--tool", "pip", "--yes", code=0)
    entry = box.json("history")["data"]["generations"][0]
    there = box.run("history", environ={"TZ": "Asia/Shanghai"}, code=0).out.splitlines()
    here = box.run("history", environ={"TZ": "UTC"}, code=0).out.splitlines()
    assert there[-1].startswith("* 2 ")
    assert entry["time"][:16].replace("T", " ") in here[-1]
    assert here[-1] != there[-1]


def test_config_has_units_and_says_a_chain_as_it_is_taken(box: Sandbox) -> None:
    box.write(box.home / ".config/mirrorcfg/config.toml", 'chain = ["nju", "official"]\nhold = 90\n')
    out = box.run("config", code=0).out
    assert "90 s" in out
    assert box.run("config", "chain", code=0).out == "nju,official\n"
    assert box.run("config", "hold", code=0).out == "90\n"


def test_explain_marks_what_wins_and_shows_each_line_of_a_value(box: Sandbox) -> None:
    box.write(
        box.pip_conf, "[global]\nextra-index-url =\n    https://one.example/s\n    https://two.example/s\n"
    )
    out = box.run(
        "status", "--explain", "--tool", "pip", environ={"PIP_INDEX_URL": "https://me.example/s"}
    ).out
    assert "✓ PIP_INDEX_URL = https://me.example/s" in out
    assert [line.strip() for line in out.splitlines()].count(
        "https://two.example/s"
    ) == 2  # asked, and in its file
    plain = {"PIP_INDEX_URL": "https://me.example/s", "PYTHONIOENCODING": "ascii"}
    assert "+ PIP_INDEX_URL" in box.run("status", "--explain", "--tool", "pip", environ=plain).out
