"""Everything a profile may not say, with the code, the line and the key that the error names."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema
import pytest

from mirrorcfg.errors import ProfileError
from mirrorcfg.profiles import Catalogue, Directory, load, template
from mirrorcfg.profiles.schema import schema

HEAD = 'schema = 1\nname = "acme"\n'


class Case(NamedTuple):
    text: str
    code: str
    line: int | None
    key: str | None
    schema: bool = True  # does the JSON schema refuse it too


def url(value: str, code: str, schema: bool = True) -> Case:
    return Case(f'[pip]\nindex-url = "{value}"', code, 4, "pip.index-url", schema)


CASES = {
    # keys
    "unknown key": Case('\nfailure_domain = "a"', "unknown-key", 4, "failure_domain"),
    "unknown tool": Case('[pips]\nindex-url = "https://a.example"', "unknown-key", 3, "pips"),
    "unknown key of a tool": Case(
        '[pip]\nindex_url = "https://a.example"', "unknown-key", 4, "pip.index_url"
    ),
    "unknown quoted key": Case('[pip]\n"index url" = "https://a"', "unknown-key", 4, "pip.index url"),
    "unknown dotted key": Case('pip.index_url = "https://a.example"', "unknown-key", 3, "pip.index_url"),
    "unknown inline key": Case('\npip = { index_url = "https://a" }', "unknown-key", 4, "pip.index_url"),
    "unknown key of tls": Case('[tls]\nca = "/a"', "unknown-key", 4, "tls.ca"),
    "verification turned off": Case("[tls]\nverify = false", "unknown-key", 4, "tls.verify"),
    "a command": Case('[pip]\ncommand = "rm"', "unknown-key", 4, "pip.command"),
    # partners for failover
    "one partner as a string": Case('failover = "nju"', "wrong-type", 3, "failover"),
    "a number as a partner": Case("failover = [1]", "wrong-type", 3, "failover"),
    "no partner": Case("failover = []", "empty-value", 3, "failover"),
    "a partner twice": Case('failover = ["nju", "nju"]', "duplicate-value", 3, "failover"),
    "an address as a partner": Case('failover = ["https://a.example"]', "profile-name", 3, "failover"),
    "a variable as a partner": Case('failover = ["${host}"]', "profile-name", 3, "failover"),
    # types
    "number for a string": Case("homepage = 1", "wrong-type", 3, "homepage"),
    "date as a string": Case('checked = "yesterday"', "wrong-type", 3, "checked"),
    "date with a time": Case("checked = 2026-08-08T00:00:00Z", "wrong-type", 3, "checked"),
    "string for a title": Case('title = "Acme"', "wrong-type", 3, "title"),
    "number in a title": Case("[title]\nen = 1", "wrong-type", 4, "title.en"),
    "string for a tool": Case('pip = "https://a.example"', "wrong-type", 3, "pip"),
    "array of tables": Case('[[pip]]\nindex-url = "https://a.example"', "wrong-type", 3, "pip"),
    "list for a string": Case('[pip]\nindex-url = ["https://a"]', "wrong-type", 4, "pip.index-url"),
    "string for a list": Case(
        '[docker]\nregistry-mirrors = "https://a"', "wrong-type", 4, "docker.registry-mirrors"
    ),
    "number in a list": Case(
        "[docker]\nregistry-mirrors = [\n 1]", "wrong-type", 5, "docker.registry-mirrors"
    ),
    "string for a flag": Case('[pip]\nno-index = "true"', "wrong-type", 4, "pip.no-index"),
    "list for a map": Case(
        '[conda]\ncustom-channels = ["https://a"]', "wrong-type", 4, "conda.custom-channels"
    ),
    "number in a map": Case("[conda.custom-channels]\na = 1", "wrong-type", 4, "conda.custom-channels.a"),
    "number for a variable": Case("[variables]\nport = 1", "wrong-type", 4, "variables.port"),
    "default as a string": Case('[pip]\ndefault = "true"', "wrong-type", 4, "pip.default"),
    "default = false": Case("[pip]\ndefault = false", "wrong-type", 4, "pip.default"),
    "number in unavailable": Case("[pip]\nunavailable = { en = 1 }", "wrong-type", 4, "pip.unavailable.en"),
    "unavailable without English": Case(
        '[pip]\nunavailable = { zh = "a" }', "missing-key", 4, "pip.unavailable"
    ),
    "unavailable = true": Case("[pip]\nunavailable = true", "wrong-type", 4, "pip.unavailable"),
    # titles and names
    "title without English": Case('[title]\nzh = "a"', "missing-key", 3, "title"),
    "odd language": Case('[title]\nen = "a"\n"z h" = "b"', "bad-text", 5, "title.z h"),
    "line break in a title": Case('title = { en = "a\\nb" }', "bad-text", 3, "title.en"),
    "escape sequence in a title": Case('title = { en = "a\\u001b[2J" }', "bad-text", 3, "title.en"),
    "text turned around": Case('title = { en = "a\\u202eb" }', "bad-text", 3, "title.en", False),
    "line break in a reason": Case('[pip]\nunavailable = "a\\nb"', "bad-text", 4, "pip.unavailable"),
    "bad failure domain": Case('failure-domain = "A b"', "profile-name", 3, "failure-domain"),
    "bad extends": Case('extends = "../a"', "profile-name", 3, "extends"),
    "extends of nothing": Case('extends = "tsinghau"', "unknown-profile", 3, "extends", False),
    "extends of itself": Case('extends = "acme"', "extends-loop", 3, "extends", False),
    # addresses
    "http": url("http://a.example/simple", "not-https"),
    "ftp": url("ftp://a.example/simple", "not-https"),
    "no scheme": url("a.example/simple", "not-https"),
    "scheme in capitals": url("HTTPS://a.example", "not-https"),
    "empty": url("", "empty-value"),
    "user": url("https://joe@a.example/simple", "credentials-in-url"),
    "user and password": url("https://joe:pw@a.example/simple", "credentials-in-url"),
    "password with a slash": url("https://joe:p/w@a.example/simple", "credentials-in-url", False),
    "no host": url("https:///simple", "bad-url", False),
    "bad host": url("https://-a.example/simple", "bad-url", False),
    "host with two dots": url("https://a..example/simple", "bad-url", False),
    "bad port": url("https://a.example:66000/simple", "bad-url", False),
    "empty port": url("https://a.example:/simple", "bad-url", False),
    "bad address": url("https://[::g]/simple", "bad-url", False),
    "space": url("https://a.example/a b", "bad-url"),
    "line break": url("https://a.example/\\nx", "bad-text"),
    "tab": url("https://a.example/\\tx", "bad-text"),
    "quote": url('https://a.example/\\"x', "bad-url"),
    "single quote": url("https://a.example/'x", "bad-url"),
    "backslash": url("https://a.example\\\\x", "bad-url"),
    "dollar": url("https://a.example/$HOME", "bad-url"),
    "angle bracket": url("https://a.example/<x>", "bad-url"),
    "not ASCII": url("https://镜像.example/", "bad-url"),
    "percent": url("https://a.example/%zz", "bad-url", False),
    "encoded line break": url("https://a.example/%0Ax", "bad-url", False),
    "query": url("https://a.example/?x=1", "url-query"),
    "fragment": url("https://a.example/#x", "url-query"),
    "mirror with a query": Case(
        '[docker]\nregistry-mirrors = [\n  "https://a.example",  # [one,\n\n  "https://b.example?x",\n]',
        "url-query",
        7,
        "docker.registry-mirrors",
    ),
    "mirror twice": Case(
        '[docker]\nregistry-mirrors = ["https://a",\n"https://a"]',
        "duplicate-value",
        5,
        "docker.registry-mirrors",
    ),
    "http homepage": Case('homepage = "http://a.example"', "not-https", 3, "homepage"),
    "http in a map": Case(
        '[conda]\ncustom-channels = { a = "https://a", b = "http://b" }',
        "not-https",
        4,
        "conda.custom-channels.b",
    ),
    "http in channels": Case('[conda]\nchannels = ["http://a"]', "not-https", 4, "conda.channels"),
    "bad channel": Case('[conda]\nchannels = ["a b"]', "bad-channel", 4, "conda.channels"),
    "channel like an option": Case('[conda]\nchannels = ["-a"]', "bad-channel", 4, "conda.channels"),
    "bad name of a channel": Case(
        '[conda.custom-channels]\n"../a" = "https://a"', "bad-channel", 4, "conda.custom-channels.../a"
    ),
    "http in links": Case('[pip]\nfind-links = ["http://a"]', "not-https", 4, "pip.find-links"),
    "relative path in links": Case('[pip]\nfind-links = ["wheels"]', "not-https", 4, "pip.find-links"),
    "link to another host's file": Case(
        '[pip]\nfind-links = ["file://a/b"]', "bad-url", 4, "pip.find-links", False
    ),
    "space in a link's path": Case('[pip]\nfind-links = ["/a b"]', "bad-path", 4, "pip.find-links", False),
    "relative ca-file": Case('[tls]\nca-file = "ca.pem"', "bad-path", 4, "tls.ca-file"),
    "ca-file of the home": Case('[tls]\nca-file = "~/ca.pem"', "bad-path", 4, "tls.ca-file"),
    "ca-file with a dollar": Case('[tls]\nca-file = "/$HOME/ca.pem"', "bad-path", 4, "tls.ca-file"),
    "ca-file that is not ASCII": Case('[tls]\nca-file = "/证书.pem"', "bad-path", 4, "tls.ca-file"),
    "ca-file with a backslash": Case('[tls]\nca-file = "/a\\\\b"', "bad-path", 4, "tls.ca-file", False),
    "relative path": Case('[odd]\npath = "a/b"', "bad-path", 4, "odd.path"),
    # what a tool's table is
    "default with keys": Case(
        '[pip]\ndefault = true\nindex-url = "https://a"', "default-with-keys", 5, "pip.index-url"
    ),
    "default and unavailable": Case(
        '[pip]\ndefault = true\nunavailable = "a"', "default-and-unavailable", 5, "pip.unavailable"
    ),
    "unavailable with keys": Case(
        '[pip]\nunavailable = "a"\nindex-url = "https://a"',
        "unavailable-with-keys",
        5,
        "pip.index-url",
        False,
    ),
    "empty table": Case("\n[pip]", "empty-value", 4, "pip"),
    "empty list": Case("[docker]\nregistry-mirrors = []", "empty-value", 4, "docker.registry-mirrors"),
    "empty map": Case("[conda]\ncustom-channels = {}", "empty-value", 4, "conda.custom-channels"),
    # variables
    "never closed": url("https://${host/simple", "variable-syntax"),
    "no name": url("https://${}/simple", "variable-syntax"),
    "bad name": url("https://${Host}/simple", "variable-syntax"),
    "undeclared": url("https://${host}/simple", "unknown-variable", False),
    "bad name of a variable": Case('[variables]\nHost = "a"', "variable-name", 4, "variables.Host"),
    "unused": Case('[variables]\nhost = "a"', "unused-variable", 4, "variables.host", False),
    "without a value": Case(
        '[pip]\nindex-url = "https://${host}"\n[variables]\nhost = ""',
        "variable-missing",
        6,
        "variables.host",
        False,
    ),
    "loop": Case(
        'homepage = "${a}"\n[variables]\na = "${b}"\nb = "${a}"', "variable-loop", 5, "variables.a", False
    ),
    "value that injects": Case(
        'homepage = "https://${a}/"\n[variables]\na = "joe@evil.example"',
        "credentials-in-url",
        3,
        "homepage",
        False,
    ),
    "value that breaks the line": Case(
        'homepage = "https://${a}/"\n[variables]\na = "a\\nb"', "bad-text", 5, "variables.a"
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_it_is_refused_with_its_place(
    case: Case, user: Path, directories: tuple[Directory, ...], catalogue: Catalogue
) -> None:
    path = user / "acme.toml"
    path.write_text(HEAD + case.text, "utf-8")
    with pytest.raises(ProfileError) as caught:
        load("acme", {}, catalogue, directories)
    error = caught.value
    assert (error.code, error.line, error.key) == (case.code, case.line, case.key)
    assert error.path == str(path)
    assert error.what[-1] in ".?"
    assert "pw" not in error.what
    if case.code != "variable-missing":
        with pytest.raises(ProfileError) as caught:
            template("acme", catalogue, directories)
        assert caught.value.code == case.code


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_schema_refuses_it_where_it_can(case: Case, catalogue: Catalogue) -> None:
    validator = jsonschema.Draft7Validator(schema(catalogue))
    assert validator.is_valid(as_json(tomllib.loads(HEAD + case.text))) is not case.schema


def as_json(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_json(item) for item in value]
    return value if isinstance(value, str | bool | int) else value.isoformat()


@pytest.mark.parametrize(
    ("text", "code", "line", "column", "says"),
    [
        ("", "profile-schema", None, None, "begins with schema = 1"),
        ('name = "acme"\nschema = 2', "profile-schema", 2, None, "schema 2; this mirrorcfg reads schema 1"),
        ('schema = "1"', "profile-schema", 1, None, "a"),
        ("schema = true", "profile-schema", 1, None, "a switch"),
        ("schema = 1", "missing-key", None, None, "name = 'acme'"),
        ('schema = 1\nname = "Acme"', "profile-name", 2, None, "lower-case"),
        ('schema = 1\nname = "other"', "profile-name", 2, None, "'acme.toml'"),
        ("schema = 1\nname = 1", "wrong-type", 2, None, "must be a string, not a number"),
        ("schema = 1\nname acme", "profile-syntax", 2, 6, "not valid TOML"),
        ("schema = 1\nschema = 1", "profile-syntax", 2, None, "Cannot overwrite"),
        ('schema = 1\nname = "ac\nme"', "profile-syntax", 2, None, "not valid TOML"),
        ("schema = 1\n\n[pip", "profile-syntax", 3, None, "not valid TOML"),
        ("x = " + "9" * 5000, "profile-syntax", 1, 5, "can't be read"),
        ("x = " + "[" * 5000, "profile-syntax", 1, 69, "nested too deeply"),
        ("x = 2026-13-45", "profile-syntax", 1, None, "not valid TOML"),
        ("#" * 300_000, "profile-too-large", None, None, "256 KiB"),
        ("schema = 1\r\nname = 'acme'\r\nx = 1\r\n", "unknown-key", 3, None, "'x'"),
        ("\ufeffschema = 1\nname = 'acme'\nx = 1", "unknown-key", 3, None, "'x'"),
    ],
)
def test_what_is_no_profile_at_all(
    text: str,
    code: str,
    line: int | None,
    column: int | None,
    says: str,
    user: Path,
    directories: tuple[Directory, ...],
    catalogue: Catalogue,
) -> None:
    (user / "acme.toml").write_bytes(text.encode())
    with pytest.raises(ProfileError, match=says) as caught:
        load("acme", {}, catalogue, directories)
    assert (caught.value.code, caught.value.line) == (code, line)
    if column is not None:
        assert caught.value.column == column


def test_bytes_that_are_no_text(user: Path, directories: tuple[Directory, ...], catalogue: Catalogue) -> None:
    (user / "acme.toml").write_bytes("schema = 1\nname = 'acme'\n# 清华".encode("gbk"))
    with pytest.raises(ProfileError) as caught:
        load("acme", {}, catalogue, directories)
    assert (caught.value.code, caught.value.line) == ("profile-encoding", 3)


def test_the_nearest_right_word_is_named(
    user: Path, directories: tuple[Directory, ...], catalogue: Catalogue
) -> None:
    for text, near in [
        ('[pip]\nindex_url = "https://a"', "index-url"),
        ('[dokcer]\nregistry-mirrors = ["https://a"]', "docker"),
        ('extends = "tsingua"', "tsinghua"),
        (
            'homepage = "https://${hots}"\n[variables]\nhost = "a"\n[pip]\nindex-url = "https://${host}"',
            "host",
        ),
    ]:
        (user / "acme.toml").write_text(HEAD + text)
        with pytest.raises(ProfileError, match=f"Did you mean '{near}'\\?"):
            load("acme", {}, catalogue, directories)
