"""podman and skopeo of two versions: what they ask of whom, and whether mirrorcfg says just that."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import pytest

from mirrorcfg.activation import services
from mirrorcfg.errors import FormatError
from mirrorcfg.formats import text as texts
from mirrorcfg.model.layer import Layer, Reading
from mirrorcfg.model.machine import Machine
from mirrorcfg.writers import podman as writer
from tests import parts
from tests.clients import engines
from tests.clients.hub import HUB, TOKENS, Server, image
from tests.clients.place import Place, hub, place
from tests.clients.podman_worlds import World, world
from tests.clients.registries import TEXTS

CONF = "/etc/containers/registries.conf"
OURS = f"{CONF}.d/50-mirrorcfg.conf"
IMAGE = "docker.io/library/hello:1"
VERSIONS = [*engines.PODMAN]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Docker Hub, two mirrors, one that has nothing, a project of a registry, and a registry of the user's own."""
    servers = [
        Server("mirror.lab", "127.0.0.5"),
        Server("two.lab", "127.0.0.6"),
        Server("bare.lab", "127.0.0.7", images=()),
        Server("harbor.lab", "127.0.0.8", project="dockerhub"),
        Server("user.lab", "127.0.0.9"),
        Server("mirror", "127.0.0.10"),
        Server("nexus.lab", "127.0.0.11", path="/repository/docker-hub"),
    ]
    with place(tmp_path_factory.mktemp("place"), *hub(), *servers, names={"dead.lab": "127.0.0.99"}) as found:
        yield found


@pytest.fixture(autouse=True)
def fresh(lab: Place) -> None:
    """No file of containers', and no history."""
    lab.file(CONF).unlink(missing_ok=True)
    for folder in (lab.file(f"{CONF}.d"), lab.file("/var/lib/mirrorcfg"), lab.folder / "home"):
        shutil.rmtree(folder, ignore_errors=True)


class Pulled(NamedTuple):
    """Did it work, and which servers were asked, in their order, Hub's token service left out."""

    worked: bool
    asked: list[str]
    said: str


def pulled(lab: Place, version: str, name: str = IMAGE, environ: Mapping[str, str] | None = None) -> Pulled:
    before = lab.forget()
    done = engines.podman(lab, version, "pull", "-q", name, environ=environ)
    servers = [each.server for each in lab.asked()[before:] if each.server != TOKENS]
    return Pulled(done.returncode == 0, list(dict.fromkeys(servers)), done.stderr)


def inspected(lab: Place, version: str, name: str = IMAGE) -> Pulled:
    before = lab.forget()
    done = engines.skopeo(lab, version, "inspect", "--raw", f"docker://{name}")
    servers = [each.server for each in lab.asked()[before:] if each.server != TOKENS]
    return Pulled(done.returncode == 0, list(dict.fromkeys(servers)), done.stderr)


def profile(lab: Place, *mirrors: str, more: str = "") -> str:
    """A profile of these mirrors, for podman alone but for `more`."""
    path = lab.folder / "lab.toml"
    listed = ", ".join(f'"{each}"' for each in mirrors)
    path.write_text(
        f'schema = 1\nname = "lab"\ntitle = {{ en = "The lab" }}\n[podman]\nregistry-mirrors = [{listed}]\n{more}'
    )
    return str(path)


def use(lab: Place, path: str, *argv: str, code: int = 0, environ: Mapping[str, str] | None = None) -> Any:
    named = argv or ("--tool", "podman")
    done = lab.mirrorcfg("use", path, "--json", "--no-verify", "--yes", *named, environ=environ)
    assert done.code == code, done
    return done.json


def status(lab: Place, code: int = 0, environ: Mapping[str, str] | None = None) -> Any:
    done = lab.mirrorcfg("status", "--json", "--tool", "podman", environ=environ)
    assert done.code == code, done
    return done.json


def codes(answer: Any) -> list[str]:
    return [each["code"] for each in answer["findings"]]


def table(location: str = "docker.io", *mirrors: str, **more: str) -> str:
    lines = [f"{key.replace('_', '-')} = {value}\n" for key, value in more.items()]
    listed = ", ".join(f'{{ location = "{each}" }}' for each in mirrors)
    lines += [f"mirror = [{listed}]\n"] if mirrors else []
    return f'[[registry]]\nprefix = "docker.io"\nlocation = "{location}"\n{"".join(lines)}'


# What is written, podman can use: the address, and what becomes of it, or None where it is refused.
ADDRESSES = {
    "https://mirror.lab": "mirror.lab",
    "https://mirror.lab/": "mirror.lab",
    "https://mirror.lab:443/": "mirror.lab",
    "https://MIRROR.lab": "mirror.lab",
    "https://harbor.lab/dockerhub/": "harbor.lab",
    "https://mirror:443": "mirror",
    "https://mirror": None,
    "https://mirror.lab.": None,
    "https://mir_ror.lab": None,
    "https://[::1]:443": None,
    "https://harbor.lab/Dockerhub": None,
    "https://harbor.lab//dockerhub": None,
    "https://harbor.lab/docker%20hub": None,
    "https://harbor.lab/-hub": None,
}


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_is_written_as_podman_can_use_it_or_refused(lab: Place, address: str) -> None:
    server = ADDRESSES[address]
    if server is None:
        assert use(lab, profile(lab, address), code=1)["error"]["code"] == "cannot-say"
        assert not lab.file(OURS).exists()
    else:
        assert use(lab, profile(lab, address))["status"] == "ok"
        assert use(lab, profile(lab, address))["status"] == "unchanged"
        assert codes(status(lab)) == []
    for version in VERSIONS:
        assert pulled(lab, version)[:2] == (True, [server or HUB])
        assert inspected(lab, version)[:2] == (True, [server or HUB])


@pytest.mark.parametrize("address", [each for each, server in ADDRESSES.items() if server is None])
def test_what_is_refused_podman_could_not_use(lab: Place, address: str) -> None:
    lab.write(OURS, table("docker.io", address.removeprefix("https://")))
    for version in VERSIONS:
        assert pulled(lab, version).asked in ([], [HUB])


def test_a_tool_that_cannot_say_it_is_skipped_with_the_reason(lab: Place) -> None:
    more = '[containerd]\nregistry-mirrors = ["https://mirror.lab"]\n'
    lab.write("/etc/containerd/certs.d/docker.io/hosts.toml", "")
    lab.write("/etc/containerd/config.toml", engines.CRI["1.6"])
    path = profile(lab, "https://mirror", more=more)
    answer = use(lab, path, "--scope", "system")
    assert (answer["status"], answer["exit_code"]) == ("partial", 0)
    assert "mirror.lab" in lab.file("/etc/containerd/certs.d/docker.io/hosts.toml").read_text()
    skipped = next(each for each in answer["findings"] if each["tool"] == "podman")
    assert (skipped["code"], skipped["hint"]) == ("cannot-say", "write it as https://mirror:443")
    assert use(lab, path, "--with", f"podman={path}", code=1)["error"]["code"] == "cannot-say"
    lab.mirrorcfg("undo", "--yes", code=0)


@pytest.mark.parametrize(
    "address", ["https://nexus.lab/repository/docker-hub", "https://harbor.lab/dockerhub"]
)
def test_a_path_that_this_docker_cannot_have_leaves_the_others_to_be_switched(
    lab: Place, address: str
) -> None:
    """docker 20.10 takes none at all, and no docker finds a project of Harbor's."""
    more = f'[docker]\nregistry-mirrors = ["{address}"]\n'
    lab.write("/etc/docker/daemon.json", "{}")
    path = profile(lab, "https://mirror.lab", more=more)
    code = "harbor-path" if "harbor" in address else "mirror-with-path"
    answer = use(lab, path, "--scope", "system")
    assert (answer["status"], answer["exit_code"]) == ("partial", 0)
    assert next(each["code"] for each in answer["findings"] if each["tool"] == "docker") == code
    assert lab.file("/etc/docker/daemon.json").read_text() == "{}"
    assert pulled(lab, VERSIONS[0]).asked == ["mirror.lab"]
    assert use(lab, path, "--tool", "docker", code=1)["error"]["code"] == code
    lab.file("/etc/docker/daemon.json").unlink()


# The user's own table, whether Hub can still be had once the mirror has nothing, and what is noted of it.
KEPT = {
    "blocked": (table(blocked="true"), [], ["registry-blocked"]),
    "a location": (table("user.lab"), ["user.lab"], ["asked-beside"]),
    "both": (table("user.lab", blocked="true"), ["user.lab"], ["asked-beside"]),
    "blocked, with mirrors": (table("docker.io", "two.lab", blocked="true"), [], ["registry-blocked"]),
    "a wildcard": ('[[registry]]\nprefix = "*.io"\nlocation = "user.lab"\n', ["user.lab"], ["asked-beside"]),
    "a wildcard that blocks": ('[[registry]]\nprefix = "*.io"\nblocked = true\n', [], ["registry-blocked"]),
    "the first form": ('[registries.block]\nregistries = ["docker.io"]\n', [], ["registry-blocked"]),
    "a slash": ('[[registry]]\nprefix = "docker.io/"\nlocation = "user.lab/"\n', ["user.lab"], ["asked-beside"]),
    "capitals": ('[[registry]]\nPrefix = "docker.io"\nLocation = "user.lab"\n', ["user.lab"], ["asked-beside"]),
    "none": (table("docker.io", "two.lab"), [HUB], []),
}  # fmt: skip


@pytest.mark.parametrize("world", KEPT)
def test_the_users_own_table_is_kept_in_force(lab: Place, world: str) -> None:
    theirs, last, noted = KEPT[world]
    lab.write(CONF, theirs)
    assert codes(use(lab, profile(lab, "https://bare.lab"))) == [*noted, "not-verified"]
    assert use(lab, profile(lab, "https://bare.lab"))["status"] == "unchanged"
    found = status(lab)
    assert found["data"]["tools"]["podman"]["effective"] == [
        "https://bare.lab",
        *(f"https://{each}" for each in last if each != HUB),
    ]
    for version in VERSIONS:
        assert pulled(lab, version)[:2] == (bool(last), ["bare.lab", *last])
        assert inspected(lab, version)[:2] == (bool(last), ["bare.lab", *last])
    use(lab, profile(lab, "https://mirror.lab"))
    for version in VERSIONS:
        assert pulled(lab, version)[:2] == (True, ["mirror.lab"])
    lab.mirrorcfg("restore", "0", "--yes", code=0)
    assert not lab.file(OURS).exists()


# A mirror, or the registry itself, is blocked by the table of its own name.
BARRED = {
    "the mirror": '[[registry]]\nlocation = "mirror.lab"\nblocked = true\n',
    "by a wildcard": '[[registry]]\nprefix = "*.lab"\nblocked = true\n',
}


@pytest.mark.parametrize("world", BARRED)
def test_a_mirror_that_is_blocked_itself_is_not_in_effect(lab: Place, world: str) -> None:
    lab.write(CONF, BARRED[world])
    answer = use(lab, profile(lab, "https://mirror.lab"), code=3)
    assert answer["data"]["tools"]["podman"]["shadowed_by"] == [CONF]
    assert answer["data"]["tools"]["podman"]["effective"] == []
    for version in VERSIONS:
        assert pulled(lab, version)[:2] == inspected(lab, version)[:2] == (True, [HUB])


def test_a_wildcard_in_a_later_file_is_kept_too(lab: Place) -> None:
    """Its prefix is the shorter one, so that ours takes its place wherever it stands."""
    lab.write(f"{CONF}.d/60.conf", '[[registry]]\nprefix = "*.io"\nlocation = "user.lab"\n')
    use(lab, profile(lab, "https://bare.lab"))
    assert pulled(lab, VERSIONS[0])[:2] == (True, ["bare.lab", "user.lab"])


def test_what_was_taken_along_goes_when_the_user_takes_it_back(lab: Place) -> None:
    lab.write(CONF, table("user.lab", blocked="true"))
    use(lab, profile(lab, "https://bare.lab"))
    lab.write(CONF, "")
    assert use(lab, profile(lab, "https://bare.lab"))["status"] == "ok"
    assert pulled(lab, VERSIONS[0])[:2] == (True, ["bare.lab", HUB])


def test_what_the_user_says_afterwards_is_missed(lab: Place) -> None:
    use(lab, profile(lab, "https://bare.lab"))
    lab.write(CONF, table(blocked="true"))
    assert pulled(lab, VERSIONS[0])[:2] == (True, ["bare.lab", HUB])
    assert codes(status(lab)) == ["table-replaced"]


REFUSING = {
    "insecure": table("user.lab", insecure="true"),
    "mixed": '[[registry]]\nlocation = "docker.io"\nmirror = [{ location = "two.lab", pull-from-mirror = "digest-only" }, '
    '{ location = "mirror.lab" }]\n',
    "no name": table("user.lab:"),
}  # fmt: skip


@pytest.mark.parametrize("world", REFUSING)
def test_what_ours_could_not_say_refuses_the_switch(lab: Place, world: str) -> None:
    lab.write(CONF, f"\n\n{REFUSING[world]}")
    error = use(lab, profile(lab, "https://mirror.lab"), code=1)["error"]
    assert (error["code"], error["line"]) == ("cannot-keep", 3)
    assert not lab.file(OURS).exists()


# What mirrors are asked for: by tag, by digest.
PARTS = {
    "mirror-by-digest-only": (table("docker.io", "two.lab", mirror_by_digest_only="true"), HUB, "mirror.lab"),
    "digest-only": (f'{table()}mirror = [{{ location = "two.lab", pull-from-mirror = "digest-only" }}]\n', HUB, "mirror.lab"),
    "tag-only": (f'{table()}mirror = [{{ location = "two.lab", pull-from-mirror = "tag-only" }}]\n', "mirror.lab", HUB),
}  # fmt: skip


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("world", PARTS)
def test_what_the_users_mirrors_are_asked_for_ours_are(lab: Place, version: str, world: str) -> None:
    theirs, tag, digest = PARTS[world]
    lab.write(CONF, theirs)
    assert codes(use(lab, profile(lab, "https://mirror.lab"))) == ["mirrors-in-part", "not-verified"]
    assert codes(status(lab)) == ["mirrors-in-part"]
    first = pulled(lab, version)
    assert first.worked
    assert first.asked[0] == tag
    known = image("of the hub" if digest == HUB else "hello")[0].digest
    second = pulled(lab, version, f"docker.io/library/hello@{known}")
    assert second.worked
    assert second.asked[0] == digest


def test_a_users_file_that_hides_ours_is_said_by_status_too(lab: Place) -> None:
    own = lab.folder / "home/.config/containers/registries.conf"
    use(lab, profile(lab, "https://mirror.lab"))
    assert codes(status(lab)) == []
    own.parent.mkdir(parents=True)
    own.write_text("")
    answer = status(lab, code=3)
    assert answer["data"]["tools"]["podman"]["shadowed_by"] == [str(own)]
    assert answer["data"]["tools"]["podman"]["effective"] == []
    for version in VERSIONS:
        assert pulled(lab, version).asked == inspected(lab, version).asked == [HUB]
    assert use(lab, profile(lab, "https://mirror.lab"), code=3)["data"]["tools"]["podman"]["shadowed_by"] == [
        str(own)
    ]


@pytest.mark.parametrize("variable", ["CONTAINERS_REGISTRIES_CONF", "REGISTRIES_CONFIG_PATH"])
def test_a_file_that_a_variable_names(lab: Place, variable: str) -> None:
    """It takes the place of registries.conf, and podman fails without it; the drop-ins are read all the same."""
    other = lab.folder / "other.conf"
    other.write_text(table("docker.io", "two.lab"))
    environ = {variable: str(other)}
    lab.write(CONF, table("docker.io", "mirror.lab"))
    said = status(lab, environ=environ)["data"]["tools"]["podman"]
    assert (said["effective"], said["layer"]) == (["https://two.lab"], str(other))
    for version in VERSIONS:
        assert pulled(lab, version, environ=environ).asked == ["two.lab"]
    use(lab, profile(lab, "https://mirror.lab"), environ=environ)
    for version in VERSIONS:
        assert pulled(lab, version, environ=environ).asked == ["mirror.lab"]
    other.unlink()
    assert codes(status(lab, code=1, environ=environ)) == ["no-such-file"]
    for version in VERSIONS:
        assert pulled(lab, version, environ=environ)[:2] == (False, [])


def refuses(text: str | bytes, *, drop_in: bool) -> str | None:
    """What mirrorcfg says of a file that podman would refuse."""
    path = PurePosixPath(OURS.replace("50", "60") if drop_in else CONF)
    try:
        decoded = texts.decode(text if isinstance(text, bytes) else text.encode())[0]
        writer.effective([Reading(Layer("", path), writer.read(decoded))])
    except FormatError as error:
        return error.code
    return None


@pytest.mark.parametrize("drop_in", [False, True], ids=["registries.conf", "drop-in"])
def test_what_podman_refuses_is_refused_and_nothing_else(lab: Place, drop_in: bool) -> None:
    wrong = []
    for name, text in TEXTS.items():
        shutil.rmtree(lab.file(f"{CONF}.d"), ignore_errors=True)
        lab.file(CONF).unlink(missing_ok=True)
        lab.write(f"{CONF}.d/60.conf" if drop_in else CONF, text)
        said = [engines.skopeo(lab, version, "inspect", "--raw", f"docker://{IMAGE}") for version in VERSIONS]
        refused = [each.stderr for each in said if "loading" in each.stderr and each.returncode]
        if bool(refused) != bool(found := refuses(text, drop_in=drop_in)):
            wrong.append((name, found, refused))
    assert wrong == []


@pytest.mark.parametrize(
    "name", ["v1+v2", "https loc", "blocked str", "unq path", "snm bad", "wild path", "aliases bad"]
)
def test_a_file_that_podman_refuses_is_said_with_its_line(lab: Place, name: str) -> None:
    lab.write(CONF, b"# mine\n" + str(TEXTS[name]).encode())
    error = use(lab, profile(lab, "https://mirror.lab"), code=1)["error"]
    assert (error["code"], error["path"]) == ("podman-refuses", CONF)
    assert error["line"] > 1
    assert codes(status(lab, code=1)) == ["podman-refuses"]
    assert not lab.file(OURS).exists()


@contextmanager
def service(
    lab: Place, version: str, *argv: str, user: int | None = None
) -> Iterator[Callable[[], list[str]]]:
    """podman's API service; gives what asks whom it asks, when it is to pull."""
    mnt = f"/mnt/service-{version}-{user or 0}-{len(list(lab.file('/mnt').iterdir()))}"
    lab.file(mnt).mkdir()
    flags = ["--root", f"{mnt}/store", "--runroot", f"{mnt}/run", "--storage-driver", "vfs"]
    flags += ["--cgroup-manager", "cgroupfs", "--events-backend", "none", *argv]
    line = [
        *engines.line(version, "podman"),
        *flags,
        "system",
        "service",
        "-t",
        "0",
        f"unix://{mnt}/api.sock",
    ]
    url = f"http://d/v4.0.0/libpod/images/pull?reference={IMAGE}&policy=always"

    def asked() -> list[str]:
        before = lab.forget()
        lab.run(parts.program("curl"), "-s", "--unix-socket", f"{mnt}/api.sock", "-X", "POST", url)
        return list(dict.fromkeys(each.server for each in lab.asked()[before:] if each.server != TOKENS))

    with lab.daemon("service.log", line) as pid:
        while not lab.file(f"{mnt}/api.sock").exists():
            assert Path(f"/proc/{pid}/exe").exists(), (lab.folder / "service.log").read_text()
            time.sleep(0.01)
        yield asked


def test_a_service_that_runs_reads_its_files_again(lab: Place) -> None:
    with service(lab, "4.3") as asked:
        assert asked() == [HUB]
        assert codes(use(lab, profile(lab, "https://mirror.lab"))) == ["not-verified"]
        assert asked() == ["mirror.lab"]
        lab.mirrorcfg("undo", "--yes", code=0)
        assert asked() == [HUB]


def test_what_only_calls_itself_so_is_left_alone(lab: Place) -> None:
    """A program of that name, with a service's words, which listens to nobody: SIGHUP would end it."""
    program = lab.folder / "podman"
    shutil.copy(parts.program("sh"), program)
    with lab.daemon("impostor.log", [program, "-c", "sleep infinity & wait", "system", "service"]) as pid:
        assert codes(use(lab, profile(lab, "https://mirror.lab"))) == ["not-verified"]
        assert Path(f"/proc/{pid}/exe").exists()


WORDS = {
    "system service": True,
    "--log-level=info system service -t 0 unix:///x": True,
    "--root /x --log-level info system service": True,
    "run alpine system service": False,
    "--root /x run alpine system service": False,
    "system connection list": False,
    "": False,
}


@pytest.mark.parametrize("words", WORDS)
def test_which_words_are_a_services(words: str) -> None:
    assert services.is_service(words.split()) is WORDS[words]


def test_each_engine_pulls_the_name_that_is_its_own(lab: Place) -> None:
    """What is in effect for podman, also where it was used with --set; and no name for Nexus by its path."""
    own = lab.folder / "nexus.toml"
    own.write_text(
        'schema = 1\nname = "nexus"\ntitle = { en = "Nexus" }\n'
        '[docker]\nregistry-mirrors = ["https://nexus.lab/repository/docker-hub"]\n'
    )
    lab.write("/etc/docker/daemon.json", '{"registry-mirrors": ["https://nexus.lab/repository/docker-hub"]}')
    answer = lab.mirrorcfg("image", "hello:1", "--json", code=0).json["data"]
    assert answer["candidates"] == ["hello:1"]
    wrong = "nexus.lab/repository/docker-hub/library/hello:1"
    assert not any(pulled(lab, version, wrong).worked for version in VERSIONS)
    where = ("--set", "host=harbor.lab", "--tool", "podman", "--no-verify", "--yes")
    lab.mirrorcfg("use", "harbor", *where, code=0)
    name = lab.mirrorcfg("image", "hello:1", code=0).out.strip()
    assert name == "harbor.lab/dockerhub/library/hello:1"
    for version in VERSIONS:
        assert pulled(lab, version, name)[:2] == (True, ["harbor.lab"])
        assert pulled(lab, version)[:2] == (True, ["harbor.lab"])
    docker = lab.mirrorcfg("image", "--engine", "docker", "hello:1", code=0).out.strip()
    assert docker == name  # way 4 of docs/harbor.md: docker has no name of its own for it
    ours = lab.mirrorcfg(
        "image", "--engine", "docker", "--json", "hello:1", "--profile", str(own), code=0
    ).json
    assert ours["data"]["candidates"] == ["hello:1"]


class Foreseen(NamedTuple):
    """What mirrorcfg makes of the files: refused, or the places that are asked by tag, in their order."""

    refused: bool
    mirrors: Sequence[str] = ()
    last: Sequence[str] = ()

    @property
    def pull(self) -> tuple[bool, list[str]]:
        """Does a pull work, and which servers are asked until then?"""
        asked = []
        for location in (*self.mirrors, *self.last):
            server = location.partition("/")[0].partition(":")[0].lower()
            asked += [] if server == "dead.lab" else [HUB if server == "docker.io" else server]
            if server in SERVING and (server != "harbor.lab" or "/" in location):
                return True, list(dict.fromkeys(asked))
        return False, list(dict.fromkeys(asked))


SERVING = ("mirror.lab", "two.lab", "user.lab", "docker.io", "harbor.lab")


def foreseen(lab: Place, variables: Mapping[str, str]) -> Foreseen:
    machine = Machine(
        "linux",
        lab.folder / "home",
        environ=variables,
        root_user=True,
        is_file=lambda path: lab.file(str(path)).is_file(),
        names=lambda path: tuple(each.name for each in _entries(lab.file(str(path)))),
    )
    readings = []
    try:
        for layer in writer.layers(machine):
            file = lab.file(str(layer.path))
            if layer.required and not file.is_file():
                return Foreseen(True)
            text = file.read_bytes().decode() if file.is_file() and not layer.ignored else ""
            readings.append(Reading(layer, writer.read(text)))
        effective = writer.effective(readings)
    except FormatError:
        return Foreseen(True)
    noted = [each.code for each in effective.doubts if "docker.io/" not in each.message]
    if "bad-location" in noted:
        return Foreseen(False)
    told = effective.settings.get("registry-mirrors", ())
    by_digest = any("by digest" in each.message for each in effective.doubts)
    mirrors = [*told] if isinstance(told, tuple) and not by_digest else []
    moved = effective.settings.get("locations", {})
    other = moved.get("docker.io") if isinstance(moved, Mapping) else None
    last = [] if "registry-blocked" in noted else [other or "https://docker.io"]
    return Foreseen(False, *([each.partition("://")[2] for each in urls] for urls in (mirrors, last)))


def _entries(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []


def laid(lab: Place, found: World) -> dict[str, str]:
    """The files of a world, and its variables."""
    home = str(lab.folder / "home")
    for path, text in found.files.items():
        lab.write(path.replace("~", home), text)
    (lab.folder / "home").mkdir(exist_ok=True)
    return {name: value.replace("~", home) for name, value in found.variables.items()}


def really(lab: Place, environ: Mapping[str, str], version: str) -> tuple[bool, bool, list[str]]:
    """Does it refuse its files, does it pull, and whom did it ask?"""
    # skopeo knows no variable
    found = pulled(lab, version, environ=environ) if environ else inspected(lab, version)
    refused = not found.worked and not found.asked and "loading" in found.said
    return refused, found.worked, found.asked


def differing(lab: Place, number: int) -> list[str]:
    """Where mirrorcfg's word on a world, before and after a switch, isn't what podman does."""
    found, wrong = world(number), []
    environ = laid(lab, found)
    before = foreseen(lab, environ)
    for version in VERSIONS:
        if (did := really(lab, environ, version)) != (before.refused, *before.pull):
            wrong.append(f"{number} {version} before: {before} but {did}")
    argv = ("--tool", "podman", "--json", "--no-verify", "--yes")
    path = profile(lab, *(f"https://{each}" for each in found.mirrors))
    done = lab.mirrorcfg("use", path, *argv, environ=environ)
    after, meant = foreseen(lab, environ), [*found.mirrors]
    if done.code == 1:
        codes_ = {"podman-refuses", "parse-error", "cannot-keep", "no-such-file"}
        if done.json["error"]["code"] not in codes_ or after != before:
            wrong.append(f"{number} refused: {done.json['error']}")
        return wrong
    inside = any(each["code"] == "mirrors-in-part" and each["path"] == OURS for each in done.json["findings"])
    if (done.code == 0) != (list(after.mirrors) == meant or inside):
        wrong.append(f"{number} use: exit {done.code} but {after}")
    if done.code == 0 and before.last not in ((), after.last):  # (): podman could pull nothing
        wrong.append(f"{number} kept: {before} but {after}")
    for version in VERSIONS:
        if (did := really(lab, environ, version)) != (after.refused, *after.pull):
            wrong.append(f"{number} {version} after: {after} but {did}")
    return wrong


@pytest.mark.parametrize("number", range(16))
def test_generated_worlds(lab: Place, number: int) -> None:
    assert differing(lab, number) == []


def test_a_crio_that_runs_is_named(lab: Place) -> None:
    program = lab.folder / "crio"
    shutil.copy(parts.program("sh"), program)
    with lab.daemon("crio.log", [program, "-c", "sleep infinity & wait"]) as pid:
        noted = use(lab, profile(lab, "https://mirror.lab"))["findings"]
        assert [each["hint"] for each in noted if each["code"] == "service-not-told"] == [
            "sudo systemctl reload crio"
        ]
        assert Path(f"/proc/{pid}/exe").exists()


def test_what_is_asked_in_hubs_place_is_verified_too(lab: Place) -> None:
    lab.write(CONF, table("user.lab"))
    use(lab, profile(lab, "https://mirror.lab"))
    answer = lab.mirrorcfg("verify", "--tool", "podman", "--json", code=0).json
    assert [each["url"] for each in answer["data"]["sources"]] == ["https://mirror.lab", "https://user.lab"]


def test_a_script_leaves_out_what_has_no_words_for_it(lab: Place) -> None:
    more = '[containerd]\nregistry-mirrors = ["https://mirror.lab"]\n'
    path = profile(lab, "https://mirror", more=more)
    done = lab.mirrorcfg("script", path, "--format", "sh", "--style", "standalone", "--json", code=0).json
    assert [each["code"] for each in done["findings"] if each["tool"] == "podman"] == ["cannot-say"]
    one = lab.mirrorcfg(
        "script", path, "--tool", "podman", "--format", "sh", "--style", "standalone", "--json", code=1
    )
    assert one.json["error"]["code"] == "cannot-say"
