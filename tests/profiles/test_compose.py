from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from mirrorcfg.errors import ProfileError
from mirrorcfg.model.profile import Profile
from mirrorcfg.profiles import Catalogue, Directory, load, names, template
from mirrorcfg.profiles.compose import new
from mirrorcfg.profiles.search import builtin

Write = Callable[..., Path]
Make = Callable[..., str]


@pytest.fixture
def make(directories: tuple[Directory, ...], catalogue: Catalogue, user: Path) -> Make:
    """A new profile's text, written where it belongs."""

    def _make(name: str, base: str | None = None, sets: Mapping[str, str] | None = None) -> str:
        text = new(name, base, sets or {}, catalogue, directories).text
        (user / f"{name}.toml").write_text(text, "utf-8")
        return text

    return _make


@pytest.fixture
def read(directories: tuple[Directory, ...], catalogue: Catalogue) -> Callable[[str], Profile]:
    return lambda name: load(name, {}, catalogue, directories)


def test_a_start(make: Make, read: Callable[[str], Profile]) -> None:
    assert "[odd]" not in make("acme")
    assert read("acme").offers["docker"].settings == {"registry-mirrors": ("https://mirror.example.com",)}
    make("acme", None, {"host": "m.acme.example"})
    assert read("acme").offers["pip"].settings == {"index-url": "https://m.acme.example/pypi/simple"}


def test_one_that_extends(make: Make, read: Callable[[str], Profile]) -> None:
    text = make("acme", "harbor", {"host": "h.acme.example", "mirror-host": "hub.acme.example"})
    assert text == (
        'schema = 1\nname = "acme"\ntitle = { en = "acme" }\nextends = "harbor"\n\n'
        '[variables]\nhost = "h.acme.example"\nmirror-host = "hub.acme.example"\n'
    )
    profile = read("acme")
    assert profile.offers["docker"].settings == {"registry-mirrors": ("https://hub.acme.example",)}
    assert profile.failure_domain == "acme"


def test_a_template_may_stay_one(
    make: Make, directories: tuple[Directory, ...], catalogue: Catalogue
) -> None:
    make("acme", "harbor", {"mirror-host": "hub.acme.example"})
    assert template("acme", catalogue, directories).needs == ("host",)


def test_one_over_a_builtin_of_the_same_name(make: Make, read: Callable[[str], Profile]) -> None:
    make("tsinghua", "tsinghua")
    assert read("tsinghua").layer == "user"
    assert "index-url" in read("tsinghua").offers["pip"].settings
    make("tsinghua", "tsinghua")


def test_one_in_the_place_of_a_broken_one(make: Make, user: Path, read: Callable[[str], Profile]) -> None:
    (user / "tsinghua.toml").write_bytes(b"\xff")
    make("tsinghua", "tsinghua")
    assert read("tsinghua").extends == "tsinghua"


@pytest.mark.parametrize("name", sorted(path.stem for path in builtin().glob("*.toml")))
def test_a_copy_says_the_same(
    name: str, make: Make, directories: tuple[Directory, ...], catalogue: Catalogue
) -> None:
    make("copy", str(builtin() / f"{name}.toml"))
    original, copy = (template(each, catalogue, directories) for each in (name, "copy"))
    assert copy.offers == original.offers
    assert (copy.variables, copy.needs, copy.ca_file) == (
        original.variables,
        original.needs,
        original.ca_file,
    )
    assert (copy.homepage, copy.checked, copy.extends) == (original.homepage, original.checked, None)


def test_a_copy_with_odd_texts(
    write: Write, make: Make, directories: tuple[Directory, ...], catalogue: Catalogue
) -> None:
    path = write(
        "odd",
        "[pip]\nunavailable = 'a \"b\" \\ 清华　'\n[conda]\nshow-channel-urls = true\n"
        'custom-channels = { "a/b" = "https://a.example", c_d = "https://b.example" }\n'
        '[odd]\npath = "C:\\\\x"',
        "else",
    )
    text = make("copy", str(path))
    assert tomllib.loads(text)["pip"] == {"unavailable": 'a "b" \\ 清华　'}
    assert (
        template("copy", catalogue, directories).offers == template(str(path), catalogue, directories).offers
    )


@pytest.mark.parametrize(
    ("name", "base", "sets", "code"),
    [
        ("Acme", None, {}, "profile-name"),
        ("../acme", None, {}, "profile-name"),
        ("acme", "nothing", {}, "unknown-profile"),
        ("acme", "acme", {}, "unknown-profile"),
        ("acme", "tsinghua", {"host": "a"}, "unknown-variable"),
        ("acme", "harbor", {"hots": "a"}, "unknown-variable"),
        ("acme", "harbor", {"host": "joe@a.example"}, "credentials-in-url"),
        ("acme", "harbor", {"host": "a\nb"}, "bad-text"),
        ("acme", None, {"host": "a b"}, "bad-url"),
        ("acme", "harbor", {"ca-file": "ca.pem"}, "bad-path"),
    ],
)
def test_what_is_refused(
    name: str,
    base: str | None,
    sets: Mapping[str, str],
    code: str,
    directories: tuple[Directory, ...],
    catalogue: Catalogue,
) -> None:
    with pytest.raises(ProfileError) as caught:
        new(name, base, sets, catalogue, directories)
    assert caught.value.code == code
    if code == "profile-name":  # before it becomes part of a path
        assert caught.value.path is None
    assert "acme" not in names(directories)
