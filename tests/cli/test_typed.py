"""What people type: other names, an address, several tools with commas, an address where a host is meant."""

from __future__ import annotations

import pytest

from tests.sandbox import Sandbox

TUNA = "https://pypi.tuna.tsinghua.edu.cn/simple"
INDEX = "https://mirror.lab:8443/simple"


@pytest.mark.parametrize(
    ("alias", "name"),
    [("tuna", "tsinghua"), ("pypi", "official"), ("default", "official"), ("reset", "official")],
)
def test_an_alias(box: Sandbox, alias: str, name: str) -> None:
    entry = box.json("use", alias, "--tool", "pip")["data"]["tools"]["pip"]
    assert entry["profile"] == name
    assert box.json("profile", "show", alias)["data"]["name"] == name


def test_an_alias_for_one_tool_and_in_a_chain(box: Sandbox) -> None:
    tools = box.json("use", "nju", "--tool", "pip", "--with", "conda=tuna")["data"]["tools"]
    assert tools["conda"]["profile"] == "tsinghua"
    box.run("use", "tsinghua", "--tool", "pip", code=0)
    answer = box.run(
        "failover", "--chain", "tuna,tsinghua,official", "--tool", "pip", "--timeout", "0.5", "--dry-run", "--json",
        environ={"HTTPS_PROXY": "http://127.0.0.1:9"},
    )  # fmt: skip
    asked = [each["profile"] for each in answer.data["tools"]["pip"]["asked"]]
    assert len(asked) == len(set(asked)), asked


def test_a_profile_of_that_name_wins(box: Sandbox) -> None:
    box.profile("tuna", f'[pip]\nindex-url = "{INDEX}"\n')
    assert box.json("use", "tuna", "--tool", "pip")["data"]["tools"]["pip"]["effective"] == [INDEX]


def test_ones_own_alias_wins_and_two_are_an_error(box: Sandbox) -> None:
    box.profile("mine", f'aliases = ["tuna"]\n[pip]\nindex-url = "{INDEX}"\n')
    assert box.json("use", "tuna", "--tool", "pip")["data"]["tools"]["pip"]["profile"] == "mine"
    box.profile("other", f'aliases = ["tuna"]\n[pip]\nindex-url = "{INDEX}"\n')
    error = box.json("use", "tuna", "--tool", "pip", code=1)["error"]
    assert (error["code"], error["hint"]) == ("ambiguous-profile", "mirrorcfg ls --tool pip")
    assert "mine, other" in error["message"]


def test_aliases_are_listed_and_completed(box: Sandbox) -> None:
    listed = {each["name"]: each["aliases"] for each in box.json("ls")["data"]["profiles"]}
    assert listed["tsinghua"] == ["tuna"]
    assert listed["nju"] == []
    assert "tuna" in box.run("ls").out
    assert "\ntuna\t" in box.run("complete", "--line", "mirrorcfg use tu", code=0).out


def test_what_builds_upon_an_alias_builds_upon_the_profile(box: Sandbox) -> None:
    box.run("profile", "new", "mine", "--from", "tuna", code=0)
    assert 'extends = "tsinghua"' in box.run("profile", "show", "mine", code=0).out
    assert box.json("use", "mine", "--tool", "pip")["data"]["tools"]["pip"]["effective"] == [TUNA]


def test_an_address(box: Sandbox) -> None:
    answer = box.json("use", INDEX)
    assert {tool: entry["effective"] for tool, entry in answer["data"]["tools"].items()} == {
        "pip": [INDEX], "uv": [INDEX],
    }  # fmt: skip
    [note] = [each for each in answer["findings"] if each["code"] == "address-taken"]
    assert "pip, uv" in note["message"]
    assert note["hint"] == f"mirrorcfg profile new mirror-lab-8443 --from {INDEX}"
    box.run(*note["hint"].split()[1:], code=0)
    kept = box.json("use", "mirror-lab-8443", "--tool", "pip")["data"]["tools"]["pip"]
    assert kept["effective"] == [INDEX]


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("http://mirror.lab/simple", "not-https"),
        ("https://joe:planted-pw@mirror.lab/simple", "credentials-in-url"),
        ("https://mirror.lab/simple?x=1", "url-query"),
        (
            'https://mirror.lab/"\n[conda]\ndefault = true\n#',
            "bad-url",
        ),  # nothing but an address gets into a profile
        ("https://mirror.lab/team.toml", "profile-is-an-address"),
    ],
)
def test_an_address_that_will_not_do(box: Sandbox, address: str, code: str) -> None:
    answer = box.json("use", address, "--tool", "pip", code=1)
    assert answer["error"]["code"] == code
    assert "planted-pw" not in str(answer)
    assert not box.pip_conf.exists()


def test_tools_with_commas(box: Sandbox) -> None:
    answer = box.json("use", "tsinghua", "--tool", "pip,conda", "--tool", "uv")
    assert list(answer["data"]["tools"]) == ["pip", "conda", "uv"]
    assert list(box.json("status", "--tool", "pip,uv")["data"]["tools"]) == ["pip", "uv"]
    assert box.json("use", "tsinghua", "--tool", "pip,", code=2)["error"]["code"] == "bad-option"


def test_an_address_where_a_host_is_meant(box: Sandbox) -> None:
    box.profile("team", '[variables]\nhost = ""\n[pip]\nindex-url = "https://${host}/simple"\n')
    for given in ("https://mirror.lab:8443/", "https://mirror.lab:8443"):
        answer = box.json("use", "team", "--set", f"host={given}", "--tool", "pip")
        assert answer["data"]["tools"]["pip"]["effective"] == [INDEX]
        assert "host-taken" in [each["code"] for each in answer["findings"]]
    made = box.json("profile", "new", "mine", "--from", "team", "--set", "host=https://mirror.lab:8443/")
    assert 'host = "mirror.lab:8443"' in made["data"]["text"]
    assert "host-taken" in [each["code"] for each in made["findings"]]
    for given in ("http://mirror.lab:8443/", "https://mirror.lab:8443/simple"):
        error = box.json("use", "team", "--set", f"host={given}", "--tool", "pip", code=1)["error"]
        assert (error["code"], error["hint"]) == ("not-a-host", "--set host=mirror.lab:8443")


def test_an_address_where_one_is_meant_stays_one(box: Sandbox) -> None:
    box.profile("team", '[variables]\nindex = ""\n[pip]\nindex-url = "${index}"\n')
    answer = box.json("use", "team", "--set", f"index={INDEX}", "--tool", "pip")
    assert answer["data"]["tools"]["pip"]["effective"] == [INDEX]


def test_a_variable_of_one_of_several_profiles(box: Sandbox) -> None:
    box.profile("team", '[variables]\nhost = ""\n[pip]\nindex-url = "https://${host}/simple"\n')
    argv = ("use", "team", "--set", "host=mirror.lab:8443", "--tool", "pip", "--with", "conda=tsinghua")
    assert set(box.json(*argv)["data"]["tools"]) == {"pip", "conda"}
    argv = ("use", "tsinghua", "--set", "host=mirror.lab:8443", "--tool", "conda", "--with", "pip=team")
    assert set(box.json(*argv)["data"]["tools"]) == {"pip", "conda"}
    assert box.json(*argv, "--set", "nobodys=x", code=1)["error"]["code"] == "unknown-variable"


def test_a_profile_by_its_path_is_called_what_it_says(box: Sandbox) -> None:
    text = f'schema = 1\nname = "acme"\n[pip]\nindex-url = "{INDEX}"\n'
    path = box.folder / "My Profile 2.toml"
    path.write_text(text)
    assert box.json("use", str(path), "--tool", "pip")["data"]["tools"]["pip"]["profile"] == "acme"
    assert box.json("profile", "check", str(path))["data"]["name"] == "acme"
    box.write(box.home / ".config/mirrorcfg/profiles/other.toml", text)
    assert box.json("use", "other", code=1)["error"]["code"] == "profile-name"  # by name it has to be its own
