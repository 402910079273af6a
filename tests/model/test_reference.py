"""References against the grammar of the distribution project, a case a line; the docker client judges them too."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirrorcfg.errors import UsageError
from mirrorcfg.model.reference import Reference, parse, placed, within
from tests import parts
from tests.sandbox import environment

A, B, C = "sha256:" + "a" * 64, "sha384:" + "b" * 96, "sha512:" + "0" * 128

# What is said: registry, path, tag, digest.
GOOD: dict[str, tuple[str, str, str | None, str | None]] = {
    "hello-world": ("docker.io", "library/hello-world", None, None),
    "hello-world:latest": ("docker.io", "library/hello-world", "latest", None),
    f"hello-world@{A}": ("docker.io", "library/hello-world", None, A),
    f"hello-world:1@{A}": ("docker.io", "library/hello-world", "1", A),
    f"alpine@{B}": ("docker.io", "library/alpine", None, B),
    f"alpine@{C}": ("docker.io", "library/alpine", None, C),
    "pytorch/pytorch:2.1.0-cuda12.1": ("docker.io", "pytorch/pytorch", "2.1.0-cuda12.1", None),
    "library/alpine": ("docker.io", "library/alpine", None, None),
    "docker.io/alpine": ("docker.io", "library/alpine", None, None),
    "docker.io/alpine:3": ("docker.io", "library/alpine", "3", None),
    "docker.io/library/alpine": ("docker.io", "library/alpine", None, None),
    "index.docker.io/alpine": ("docker.io", "library/alpine", None, None),
    "index.docker.io/a/b:1": ("docker.io", "a/b", "1", None),
    "a/b/c": ("docker.io", "a/b/c", None, None),
    "docker.io/a/b/c/d:1": ("docker.io", "a/b/c/d", "1", None),
    "ghcr.io/astral-sh/uv:0.9": ("ghcr.io", "astral-sh/uv", "0.9", None),
    "nvcr.io/nvidia/pytorch:24.01-py3": ("nvcr.io", "nvidia/pytorch", "24.01-py3", None),
    "quay.io/coreos/etcd": ("quay.io", "coreos/etcd", None, None),
    "quay.io/etcd": ("quay.io", "etcd", None, None),
    "registry.k8s.io/pause:3.9": ("registry.k8s.io", "pause", "3.9", None),
    "localhost/a": ("localhost", "a", None, None),
    "localhost:5000/a": ("localhost:5000", "a", None, None),
    "localhost:5000/a/b:tag": ("localhost:5000", "a/b", "tag", None),
    "localhost": ("docker.io", "library/localhost", None, None),
    "localhost:5000": ("docker.io", "library/localhost", "5000", None),
    "registry:5000/a": ("registry:5000", "a", None, None),
    "registry/a": ("docker.io", "registry/a", None, None),
    "Registry/a": ("Registry", "a", None, None),
    "REGISTRY.example/a": ("REGISTRY.example", "a", None, None),
    "127.0.0.1/a": ("127.0.0.1", "a", None, None),
    "127.0.0.1:5000/a:1": ("127.0.0.1:5000", "a", "1", None),
    "[::1]/a": ("[::1]", "a", None, None),
    "[::1]:5000/a/b:1": ("[::1]:5000", "a/b", "1", None),
    "[2001:db8::1]:5000/a": ("[2001:db8::1]:5000", "a", None, None),
    f"[fe80::1]/a@{A}": ("[fe80::1]", "a", None, A),
    "a_b": ("docker.io", "library/a_b", None, None),
    "a__b": ("docker.io", "library/a__b", None, None),
    "a.b": ("docker.io", "library/a.b", None, None),
    "a---b": ("docker.io", "library/a---b", None, None),
    "a-b_c.d__e--f": ("docker.io", "library/a-b_c.d__e--f", None, None),
    "1/2:3": ("docker.io", "1/2", "3", None),
    "a:_": ("docker.io", "library/a", "_", None),
    "a:A.b-C_d": ("docker.io", "library/a", "A.b-C_d", None),
    "a:" + "t" * 128: ("docker.io", "library/a", "t" * 128, None),
    "x-y.example/a": ("x-y.example", "a", None, None),
    "xn--n3h.example/a": ("xn--n3h.example", "a", None, None),
    "a" * 63: ("docker.io", "library/" + "a" * 63, None, None),
    "a" * 64 + "/b": ("docker.io", "a" * 64 + "/b", None, None),
    "harbor.example/dockerhub/library/hello-world:1": ("harbor.example", "dockerhub/library/hello-world", "1", None),
}  # fmt: skip

BAD = [
    "", ":1", "@" + A, "a:", "a@", "a:1:2", "a@sha256:", "a@sha256:" + "a" * 63, "a@sha256:" + "A" * 64,
    "a@md5:" + "a" * 32, f"a@{A}:1", f"a@{A}@{A}", "A", "Hello-World", "a/B", "ghcr.io/A/b", "a//b", "/a", "a/",
    "a b", " a", "a\n", "a:b c", "a:-x", "a:.x", "a:" + "t" * 129, "a..b", "a___b", "a_-b", "-a", "a-", "_a", "a.",
    "https://docker.io/a", "docker.io//a", "-x.example/a", "x-.example/a",  "a?b", "a#b", "a%20b", "ä",
    "[::1/a", "[::1]a/b", "[fe80::1%25eth0]/a", "x.example:port/a", "docker.io/", "a" * 64, "0" * 64, "a:ä",
]  # fmt: skip


def test_the_table_is_long_enough() -> None:
    assert len(GOOD) + len(BAD) >= 60


@pytest.mark.parametrize("text", GOOD)
def test_a_reference(text: str) -> None:
    assert parse(text) == Reference(*GOOD[text])
    assert parse(str(parse(text))) == parse(text)


@pytest.mark.parametrize("text", BAD)
def test_no_reference(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(text)
    assert caught.value.code == "bad-reference"


@pytest.mark.parametrize("text", [*GOOD, *BAD])
def test_the_docker_client_thinks_so_too(text: str) -> None:
    """It reads the name before it looks for its daemon, and here it finds none."""
    argv = [parts.program("docker"), "-H", "unix:///nonexistent/docker.sock", "pull", "--", text]
    said = subprocess.run(argv, env=environment(), capture_output=True, text=True).stderr.lower()
    accepted = "connect to the docker daemon" in said or "failed to connect" in said
    assert accepted == (text in GOOD), said


COMPONENT = st.from_regex("[a-z0-9]{1,5}((__|[._]|-{1,3})[a-z0-9]{1,5}){0,2}", fullmatch=True)
DOMAIN = st.from_regex(r"([a-z0-9]{1,6}\.){0,2}[a-z]{1,6}(:[0-9]{1,5})?", fullmatch=True)
TAG = st.none() | st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.\-]{0,12}", fullmatch=True)
PATH = st.lists(COMPONENT, min_size=1, max_size=4).map("/".join)
DIGEST = st.none() | st.sampled_from([A, B, C])


@given(PATH, TAG, DIGEST, DOMAIN, PATH | st.just("") | st.just("/p/"))
def test_what_comes_out_parses_and_keeps_tag_and_digest(
    name: str, tag: str | None, digest: str | None, place: str, path: str
) -> None:
    text = name + (f":{tag}" if tag else "") + (f"@{digest}" if digest else "")
    try:
        reference = parse(text)
    except UsageError:
        return  # the first part looks like a registry, or all of it like an ID
    prefix = reference.domain
    assert within(reference, prefix)
    moved = placed(reference, prefix, place, path)
    assert moved is not None
    again = parse(str(moved))
    assert again == moved
    assert (again.tag, again.digest) == (tag, digest) == (reference.tag, reference.digest)
    assert again.domain in (place, f"{place}:443")
    assert again.path.endswith(reference.path)


@given(st.text(alphabet="aA0.:/@-_[] \n", max_size=20))
def test_any_text_is_a_reference_or_a_usage_error(text: str) -> None:
    try:
        reference = parse(text)
    except UsageError:
        return
    assert parse(str(reference)) == reference


def test_a_registry_with_an_underscore_is_refused() -> None:
    """The docker client takes it for a path without any registry, which no registry serves."""
    with pytest.raises(UsageError):
        parse("x_y.example/a")


def test_a_host_that_reads_as_a_path_gets_its_port() -> None:
    assert str(placed(parse("hello"), "docker.io", "harbor", "/hub")) == "harbor:443/hub/library/hello"


def test_a_path_that_no_name_may_have_is_no_place() -> None:
    assert placed(parse("hello"), "docker.io", "harbor.example", "/Hub") is None
