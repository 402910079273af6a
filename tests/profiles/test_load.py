from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from mirrorcfg.cli.screen import clean
from mirrorcfg.errors import ProfileError
from mirrorcfg.model.profile import Profile
from mirrorcfg.model.settings import Offer
from mirrorcfg.profiles import Catalogue, Directory, load, template

Write = Callable[..., Path]
Read = Callable[..., Profile]


@pytest.fixture
def read(directories: tuple[Directory, ...], catalogue: Catalogue) -> Read:
    def _read(wanted: str, variables: Mapping[str, str] | None = None) -> Profile:
        return load(wanted, variables or {}, catalogue, directories)

    return _read


def test_everything_a_profile_may_say(write: Write, read: Read) -> None:
    path = write(
        "acme",
        """
title = { en = "Acme's mirror", zh = "Acme　镜像" }
homepage = "https://wiki.acme.example/mirror?page=1#top"
failure-domain = "acme-1"
checked = 2026-08-08
[variables]
host = "nexus.${domain}:8443"
domain = "acme.example"
[tls]
ca-file = "/etc/ssl/certs/${domain}.pem"
[pip]
index-url = "https://${host}/pypi/simple"
extra-index-urls = ["https://a.example/~x/@y;z=%20,(1)", "https://[2001:db8::1]:1/"]
find-links = ["https://a.example/x", "/srv/wheels", "file:///srv/wheels", "C:/wheels", 'C:\\wheels']
no-index = true
[conda]
channels = ["conda-forge", "pytorch/label/nightly", "https://a.example/x"]
custom-channels = { conda-forge = "https://${host}/cloud" }
[docker]
registry-mirrors = ["https://mirror.acme.example/path/"]
[odd]
url = "https://a.example/?x=1#y"
path = "C:\\\\Program Files\\\\x"
""",
    )
    profile = read("acme")
    host = "https://nexus.acme.example:8443"
    assert profile == Profile(
        name="acme",
        titles={"en": "Acme's mirror", "zh": "Acme　镜像"},
        origin=str(path),
        layer="user",
        offers={
            "pip": Offer(
                {
                    "index-url": f"{host}/pypi/simple",
                    "extra-index-urls": ("https://a.example/~x/@y;z=%20,(1)", "https://[2001:db8::1]:1/"),
                    "find-links": (
                        "https://a.example/x",
                        "/srv/wheels",
                        "file:///srv/wheels",
                        "C:/wheels",
                        "C:\\wheels",
                    ),
                    "no-index": True,
                }
            ),
            "conda": Offer(
                {
                    "channels": ("conda-forge", "pytorch/label/nightly", "https://a.example/x"),
                    "custom-channels": {"conda-forge": f"{host}/cloud"},
                }
            ),
            "docker": Offer({"registry-mirrors": ("https://mirror.acme.example/path/",)}),
            "odd": Offer({"url": "https://a.example/?x=1#y", "path": "C:\\Program Files\\x"}),
        },
        homepage="https://wiki.acme.example/mirror?page=1#top",
        failure_domain="acme-1",
        checked=date(2026, 8, 8),
        ca_file="/etc/ssl/certs/acme.example.pem",
        variables={"host": "nexus.acme.example:8443", "domain": "acme.example"},
    )


def test_what_is_not_said(write: Write, read: Read) -> None:
    write("acme", "")
    profile = read("acme")
    assert (profile.titles, profile.failure_domain, profile.offers) == ({"en": "acme"}, "acme", {})


def test_keys_replace_keys_one_by_one(write: Write, read: Read) -> None:
    base = """title = { en = "Base" }
homepage = "https://base.example"
[tls]
ca-file = "/base.pem"
[variables]
host = "base.example"
[pip]
index-url = "https://${host}/simple"
no-index = true
[conda]
unavailable = "none there"
[docker]
default = true"""
    write("base", base, "system")
    write("acme", 'extends = "base"')
    plain = read("acme")
    assert (plain.titles, plain.homepage) == ({"en": "acme"}, "https://base.example")
    assert (plain.ca_file, plain.extends) == ("/base.pem", "base")
    assert plain.failure_domain == "acme"
    assert plain.offers == read("base").offers
    write(
        "acme",
        """extends = "base"
[variables]
host = "acme.example"
[pip]
no-index = false
[conda]
channels = ["a"]
[docker]
registry-mirrors = ["https://m.example"]
[odd]
path = "/a"
""",
    )
    assert read("acme").offers == {
        "pip": Offer({"index-url": "https://acme.example/simple", "no-index": False}),
        "conda": Offer({"channels": ("a",)}),
        "docker": Offer({"registry-mirrors": ("https://m.example",)}),
        "odd": Offer({"path": "/a"}),
    }
    write("acme", 'extends = "base"\n[pip]\nunavailable = "a"\n[conda]\ndefault = true')
    assert read("acme").offers["pip"] == Offer(unavailable="a")
    assert read("acme").offers["conda"] == Offer(default=True)


def test_an_error_in_what_is_extended_names_that_file(write: Write, read: Read) -> None:
    base = write("base", '[pip]\nindex-url = "https://${host}"\n[variables]\nhost = "base.example"', "system")
    write("acme", 'extends = "base"\n[variables]\nhost = "joe@evil.example"')
    with pytest.raises(ProfileError) as caught:
        read("acme")
    assert (caught.value.code, caught.value.place) == ("credentials-in-url", f"{base}:4")


def test_ones_own_name_means_the_next_one_of_that_name(write: Write, read: Read) -> None:
    write("tsinghua", 'extends = "tsinghua"\n[docker]\nregistry-mirrors = ["https://m.example"]')
    profile = read("tsinghua")
    assert profile.layer == "user"
    assert profile.offers["docker"].settings == {"registry-mirrors": ("https://m.example",)}
    assert "index-url" in profile.offers["pip"].settings
    assert read("china").offers["pip"] == profile.offers["pip"]


def test_a_file_given_by_path_may_extend_one_beside_it(write: Write, read: Read) -> None:
    path = write("acme", 'extends = "base"', "repository")
    write("base", "[pip]\ndefault = true", "repository")
    assert read(str(path)).offers["pip"].default
    write("base", '[pip]\nunavailable = "the user\'s comes first"')
    assert read(str(path)).offers["pip"].unavailable


def test_a_loop_is_shown(write: Write, read: Read) -> None:
    write("a", 'extends = "b"')
    write("b", 'extends = "c"', "system")
    path = write("c", 'extends = "a"')
    with pytest.raises(ProfileError, match="another: a -> b -> c -> a\\.") as caught:
        read("a")
    assert (caught.value.code, caught.value.place) == ("extends-loop", f"{path}:3")


def test_too_many_extend_one_another(write: Write, read: Read) -> None:
    for number in range(9):
        write(f"p{number}", f'extends = "p{number + 1}"')
    write("p8", "")
    assert read("p1").name == "p1"
    with pytest.raises(ProfileError) as caught:
        read("p0")
    assert caught.value.code == "extends-too-deep"


def test_all_missing_variables_are_named_at_once(write: Write, read: Read) -> None:
    write(
        "acme",
        '[pip]\nindex-url = "https://${host}:${port}"\n[odd]\npath = "/${dir}/${host}"\n'
        '[variables]\nhost = "${name}"\nname = ""\nport = ""\ndir = ""',
    )
    with pytest.raises(ProfileError) as caught:
        read("acme")
    assert caught.value.what == "The profile 'acme' needs a value for dir, name, port."
    assert caught.value.hint == "--set dir=… --set name=… --set port=…"
    with pytest.raises(ProfileError, match="a value for dir, port\\."):
        read("acme", {"name": "a", "dir": ""})
    profile = read("acme", {"name": "a.example", "port": "1", "dir": "b"})
    assert profile.offers["pip"].settings == {"index-url": "https://a.example:1"}
    assert profile.variables["host"] == "a.example"


def test_a_template_stands_as_it_is_written(
    write: Write, directories: tuple[Directory, ...], catalogue: Catalogue
) -> None:
    write(
        "acme", '[pip]\nindex-url = "https://${host}/"\n[variables]\nhost = "a"\n[tls]\nca-file = "/${host}"'
    )
    raw = template("acme", catalogue, directories)
    assert raw.offers["pip"].settings == {"index-url": "https://${host}/"}
    assert (raw.ca_file, raw.variables, raw.needs) == ("/${host}", {"host": "a"}, ())


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("joe@evil.example", "credentials-in-url"),
        ("joe:pw@evil.example", "credentials-in-url"),
        ("evil.example/?x=", "url-query"),
        ("evil.example/#", "url-query"),
        ("evil.example\\", "bad-url"),
        ("a b", "bad-url"),
        ("a\nindex-url = https://evil.example", "bad-text"),
        ("a\u2028b", "bad-text"),
        ("${other}", "unknown-variable"),
        ("${host}", "variable-loop"),
        ("${", "variable-syntax"),
        ("a" * 5000, "variable-too-long"),
        ("-a", "bad-url"),
        ("[", "bad-url"),
    ],
)
def test_a_value_can_not_smuggle(value: str, code: str, write: Write, read: Read) -> None:
    write("acme", '[pip]\nindex-url = "https://${host}/simple"\n[variables]\nhost = ""')
    with pytest.raises(ProfileError) as caught:
        read("acme", {"host": value})
    assert caught.value.code == code
    if code == "bad-text":  # it is about the value, not about a line of the file
        assert (caught.value.key, caught.value.line) == ("host", None)
    assert "pw" not in caught.value.what
    assert "\n" not in caught.value.what


def test_a_value_may_be_a_host_a_port_and_a_path(write: Write, read: Read) -> None:
    write("acme", '[pip]\nindex-url = "https://${host}/simple"\n[variables]\nhost = ""')
    for value in ("a.example", "a.example:1/x/y@z", "[::1]:8443"):
        assert read("acme", {"host": value}).offers["pip"].settings == {
            "index-url": f"https://{value}/simple"
        }


def test_a_variable_that_is_not_there_can_not_be_set(write: Write, read: Read) -> None:
    write("acme", 'homepage = "https://${host}"\n[variables]\nhost = "a"')
    with pytest.raises(ProfileError, match=r"no variable 'hots'\. Did you mean 'host'") as caught:
        read("acme", {"hots": "a"})
    assert (caught.value.code, caught.value.hint) == ("unknown-variable", "the variables are host")


def test_unavailable_beside_keys_holds_while_they_lack_a_value(write: Write, read: Read) -> None:
    write(
        "acme",
        '[docker]\nregistry-mirrors = ["https://${a}", "https://${b}"]\nunavailable = "no ${c}"\n'
        '[tls]\nca-file = "${d}"\n[variables]\na = ""\nb = ""\nc = "mirror"\nd = ""',
    )
    assert read("acme").offers["docker"] == Offer(unavailable="no mirror")
    assert read("acme", {"a": "a.example"}).offers["docker"] == Offer(unavailable="no mirror")
    both = read("acme", {"a": "a.example", "b": "b.example", "d": "/ca.pem"})
    assert both.offers["docker"].settings == {"registry-mirrors": ("https://a.example", "https://b.example")}
    assert both.ca_file == "/ca.pem"
    assert read("acme").ca_file is None


def test_variables_that_double_one_another_are_stopped(write: Write, read: Read) -> None:
    lines = [f'v{n} = "${{v{n + 1}}}${{v{n + 1}}}"' for n in range(60)]
    write("acme", "\n".join(['homepage = "https://${v0}"', "[variables]", *lines, 'v60 = "aaaa"']))
    with pytest.raises(ProfileError) as caught:
        read("acme")
    assert caught.value.code in ("variable-too-long", "variable-loop")


KEYS = (
    "schema name title homepage checked extends variables tls pip conda docker index-url registry-mirrors en "
    "custom-channels channels default unavailable ca-file no-index find-links"
)
VALUES = 'true 1 1e9 2026-08-08 "acme" "tsinghua" "https://a.example" "https://${host}" "${" "" host é'
words = st.sampled_from(
    [*KEYS.split(), *VALUES.split(), *"=[]{},.\"'#\n\\", "[[", "]]", "'''", '"""', "\r\n"]
)
texts = st.lists(words, max_size=30).map(" ".join)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=400, deadline=None)
@given(data=st.one_of(st.binary(max_size=200), texts.map(str.encode), st.text(max_size=100).map(str.encode)))
@example(data=b"title." + b".".join([b"a"] * 5000) + b" = 1")
@example(data=b"[variables." + b".".join([b"a"] * 5000) + b"]")
@example(data=b"pip.index-url = " + b"[" * 200 + b"]" * 200)
def test_garbage_raises_nothing_but_a_profile_error(
    data: bytes, user: Path, directories: tuple[Directory, ...], catalogue: Catalogue
) -> None:
    for head in (b"", b'schema = 1\nname = "acme"\n'):
        (user / "acme.toml").write_bytes(head + data)
        try:
            load("acme", {}, catalogue, directories)
        except ProfileError as error:
            assert clean(error.what).isprintable()  # noqa: PT017
