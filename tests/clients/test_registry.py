"""The verdict on a mirror is the client's: engines pull through mirrors that misbehave, as `verify` has said."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pytest

from tests.clients import registry_worlds as worlds
from tests.clients.hub import HUB, Asked, Server
from tests.clients.place import Place, hub, place
from tests.clients.pulling import IMAGE, NEWEST, PULLERS, WITHOUT_RESOLVE

STRICTER = {
    ("blobs-without-tls", ""): "a redirect to http: nobody else's bytes may come in its place",
    ("index-403", "docker 26.1"): "it asks for the tag once more, which other versions don't",
}
"""Where a world works with a client (whose name begins so) and is no good to us, and why."""

LISTED = (
    "dead",
    "no-image",
    "login",
    "head-403",
    "blobs-403",
    "layer-403",
    "layer-wrong",
    "manifest-404",
    "root-404",
)
"""Worlds of which each has a second mirror, with nothing wrong, for the same image."""
ALLOWED = Server("allowed.lab", "127.0.4.1", images=("library/acme",))
"""A mirror with an allow-list."""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Every world's mirror, and no way to Docker Hub."""
    folder = tmp_path_factory.mktemp("alone")
    with place(folder, *worlds.servers(), *map(worlds.second, LISTED), ALLOWED, names=worlds.NAMES) as found:
        yield found


@pytest.fixture(scope="module")
def with_hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The same, and Docker Hub."""
    folder = tmp_path_factory.mktemp("with-hub")
    with place(folder, *worlds.servers(), *hub(), names=worlds.NAMES) as found:
        yield found


def url(world: str) -> str:
    return f"https://{worlds.host(world)}"


def profile(lab: Place, name: str, tool: str, mirrors: Iterable[str], more: str = "") -> str:
    """The path of a profile with these mirrors."""
    resolve = "resolve = true\n" if tool == "containerd" and "resolve" not in more else ""
    path = lab.folder / f"{name}.toml"
    path.write_text(
        f'schema = 1\nname = "{name}"\n[{tool}]\nregistry-mirrors = {json.dumps(list(mirrors))}\n{resolve}{more}'
    )
    return str(path)


def verified(lab: Place, tool: str, paths: Sequence[str], *more: str) -> list[dict[str, Any]]:
    done = lab.mirrorcfg("verify", *paths, "--tool", tool, "--timeout", "60", "--json", *more)
    sources: list[dict[str, Any]] = json.loads(done.out)["data"]["sources"]
    assert len(sources) >= len(paths), done.out
    return sources


def meant(client: str) -> list[str]:
    patient = client in NEWEST and not client.startswith("podman")
    return [world for world in worlds.WORLDS if patient or world not in worlds.PAUSES]


def stricter(world: str, client: str) -> bool:
    return any(world == name and client.startswith(who) for name, who in STRICTER)


def shown(asked: Iterable[Asked], world: str) -> set[tuple[str, ...]]:
    """What was asked of a world's mirror."""
    return {(each.method, each.path, each.query) for each in asked if each.server == worlds.host(world)}


@pytest.mark.parametrize("client", PULLERS)
def test_the_verdict_is_the_clients(lab: Place, client: str) -> None:
    """What it says works is pulled, what it says doesn't isn't; and of what works the same is asked."""
    tool = client.split()[0]
    wrong = []
    with PULLERS[client](lab) as pull:
        paths = [profile(lab, world, tool, [url(world)]) for world in meant(client)]
        verdicts = dict(zip(meant(client), verified(lab, tool, paths), strict=True))
        start = lab.forget()
        named = dict(zip(meant(client), verified(lab, tool, paths, "--image", IMAGE), strict=True))
        ours = lab.asked()[start:]
        for world, verdict in verdicts.items():
            start = lab.forget()
            pulled = pull([url(world)])
            both = shown(lab.asked()[start:], world), shown(ours, world)
            if pulled != (verdict["code"] == "ok") and not (pulled and stricter(world, client)):
                wrong.append(f"{world}: pulled {pulled}, {verdict['code']}: {verdict['message']}")
            elif named[world]["code"] != verdict["code"]:
                wrong.append(f"{world}: {verdict['code']}, but {named[world]['code']} with --image")
            elif pulled and verdict["ok"] and both[0] != both[1]:
                wrong.append(f"{world}: it asked {both[0] - both[1]}, we {both[1] - both[0]}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("client", NEWEST)
def test_with_docker_hub_a_good_mirror_is_the_one_that_is_used(with_hub: Place, client: str) -> None:
    """A pull goes on to Docker Hub without a word: whether the mirror did anything is what its log says."""
    tool = client.split()[0]
    some = (
        "good",
        "head-403",
        "blobs-403",
        "layer-403",
        "only-with-ns",
        "no-image",
        "harbor",
        "login",
        "root-404",
    )
    with PULLERS[client](with_hub) as pull:
        paths = [profile(with_hub, world, tool, [url(world)]) for world in some]
        for world, verdict in zip(some, verified(with_hub, tool, paths), strict=True):
            start = with_hub.forget()
            pulled = pull([url(world)])
            asked = with_hub.asked()[start:]
            from_hub = any(each.server == HUB and "/library/" in each.path for each in asked)
            assert (verdict["code"] == "ok") == (pulled and not from_hub), (world, verdict, asked)


@pytest.mark.parametrize("client", PULLERS)
def test_a_list_works_if_its_client_gets_to_one_that_does(lab: Place, client: str) -> None:
    tool = client.split()[0]
    wrong = []
    with PULLERS[client](lab) as pull:
        for world in LISTED:
            mirrors = [url(world), f"https://{worlds.second(world).name}"]
            path = profile(lab, f"{world}-and-second", tool, mirrors)
            done = lab.mirrorcfg("verify", path, "--tool", tool, "--image", IMAGE, "--json")
            if pull(mirrors) != (done.code == 0):
                wrong.append((world, done.code, [each["code"] for each in done.json["data"]["sources"]]))
            first, _ = done.json["data"]["sources"]
            over = [each["path"] for each in done.json["findings"] if each["code"] == "mirror-passed-over"]
            assert over == ([url(world)] if done.code == 0 and not first["ok"] else [])
    assert not wrong


@pytest.mark.parametrize("client", WITHOUT_RESOLVE)
def test_without_resolve_a_tag_is_docker_hubs_to_say(lab: Place, with_hub: Place, client: str) -> None:
    for found, where in ((lab, False), (with_hub, True)):
        path = profile(found, "unresolved", "containerd", [url("good")], "resolve = false\n")
        code = verified(found, "containerd", [path])[0]["code"]
        assert code == (
            "image-not-carried" if where else "tag-unresolved"
        )  # what the Hub has is another image
        with WITHOUT_RESOLVE[client](found) as pull:
            start = found.forget()
            assert pull([url("good")]) == where
        assert not any("manifests/1" in each.path for each in found.asked()[start:] if each.server != HUB)


@pytest.mark.parametrize("client", NEWEST)
def test_an_allow_list_is_judged_by_an_image_that_is_on_it(lab: Place, client: str) -> None:
    tool, mirrors = client.split()[0], ["https://allowed.lab"]
    plain, named = (
        profile(lab, name, tool, mirrors, more) for name, more in (("plain", ""), ("named", PROBE))
    )
    with PULLERS[client](lab) as pull:
        assert not pull(mirrors)
        assert pull(mirrors, "library/acme:1")
        assert [each["code"] for each in verified(lab, tool, [plain, named])] == ["image-not-carried", "ok"]
        assert verified(lab, tool, [plain], "--image", "acme:1")[0]["code"] == "ok"
    refused = lab.mirrorcfg("use", plain, "--tool", tool, "--scope", "system", code=3)
    assert "probe = " in refused.err
    lab.mirrorcfg("use", named, "--tool", tool, "--scope", "system", code=0)
    lab.mirrorcfg("undo", code=0)


@pytest.mark.parametrize(
    "client", ["docker 26.1", "docker 28.5", "docker 26.1 store", "docker 28.5 store", "podman 5.4"]
)
def test_a_mirrors_path_is_where_its_client_puts_it(lab: Place, client: str) -> None:
    """Harbor's project; docker 20.10 refuses any path."""
    tool, mirrors = client.split()[0], [f"{url('harbor')}/dockerhub"]
    with PULLERS[client](lab) as pull:
        verdict = verified(lab, tool, [profile(lab, "project", tool, mirrors)])[0]
        assert pull(mirrors) == (verdict["code"] == "ok"), verdict
    assert (verdict["code"] == "ok") == (client in ("docker 26.1 store", "podman 5.4"))


def test_failover_stays_with_a_list_that_works(lab: Place) -> None:
    """A dead mirror before a good one is named, and left alone; one that its client stays with is left."""
    folder = {"MIRRORCFG_PROFILES": str(lab.folder)}
    for first, action in (("dead", "stay"), ("blobs-403", "switch")):
        profile(lab, "both", "podman", [url(first), f"https://{worlds.second(first).name}"])
        profile(lab, "another", "podman", [url("good")])
        lab.mirrorcfg(
            "use", "both", "--tool", "podman", "--scope", "system", "--no-verify", environ=folder, code=0
        )
        done = lab.mirrorcfg("failover", "--chain", "both,another", "--yes", "--json", environ=folder)
        assert done.json["data"]["tools"]["podman"]["action"] == action, done.out
        over = [each["path"] for each in done.json["findings"] if each["code"] == "mirror-passed-over"]
        assert over == ([url(first)] if action == "stay" else [])
        lab.mirrorcfg("restore", "0", "--yes", code=0)


def test_a_mirror_of_another_registry_is_judged_by_an_image_of_that(lab: Place) -> None:
    path = profile(
        lab, "ghcr", "podman", [url("good")], 'registries = { "ghcr.io" = "https://allowed.lab" }\n'
    )
    hub, other = verified(lab, "podman", [path])
    assert (hub["code"], other["code"], other["ok"]) == ("ok", "no-image-named", True)
    only = verified(lab, "podman", [path], "--image", "ghcr.io/library/acme:1")
    assert [(each["url"], each["code"]) for each in only] == [("https://allowed.lab", "ok")]


PROBE = 'probe = "acme:1"\n'


@pytest.mark.parametrize("client", PULLERS)
def test_it_says_who_the_client_is(lab: Place, client: str) -> None:
    """As that one does; with the version of the daemon that is here, where one answers."""
    tool = client.split()[0]
    path = profile(lab, "agents", tool, [url("good")])
    with PULLERS[client](lab) as pull:
        said = []
        for asks in (lambda: pull([url("good")]), lambda: verified(lab, tool, [path])):
            start = lab.forget()
            asks()
            said.append(next(each.agent for each in lab.asked()[start:] if "/manifests/" in each.path))
    theirs, ours = ([word for word in agent.split() if not word.startswith("git-commit/")] for agent in said)
    assert [word.partition("/")[0] for word in theirs] == [word.partition("/")[0] for word in ours]
    if tool == "docker":
        assert theirs[0].startswith(ours[0]), said
