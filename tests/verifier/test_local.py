"""Sources on this machine's own disk, good and damaged."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mirrorcfg.model.verdict import Verdict
from mirrorcfg.verifier import archive
from mirrorcfg.verifier.channel import this_subdir
from tests.asking import probe, verify
from tests.conformance import content

ROLES = {"pip": "find-links", "uv": "find-links", "conda": "default-channels", "docker": "archives"}
Damage = Callable[[Path], object]


def asked(tool: str, path: Path | str, level: int = 3) -> Verdict:
    [verdict] = verify([probe(tool, ROLES[tool], str(path))], level=level, environ={})
    return verdict


def outcome(tool: str, path: Path | str) -> tuple[str, ...]:
    """The codes at level 1, 2 and 3."""
    return tuple(asked(tool, path, level).code for level in (1, 2, 3))


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    folder = tmp_path / "wheels"
    folder.mkdir()
    for project in ("acme-tool", "six"):
        content.wheel(folder, project)
    return folder


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("channel")
    content.channel(root)
    (root / "linux-64").rename(root / this_subdir()) if this_subdir() != "linux-64" else None
    return root


@pytest.fixture
def channel(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "channel"))


def tar(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as made:
        for name, raw in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(raw)
            made.addfile(member, io.BytesIO(raw))
    return out.getvalue()


def sha(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


LAYER = tar({"hello": b"hello\n"})


def saved(style: str = "docker", layer: bytes = LAYER) -> dict[str, bytes]:
    """An image as `docker save` wrote it before 25, and as it does since, and as an OCI layout."""
    config = json.dumps({"rootfs": {"type": "layers", "diff_ids": [f"sha256:{sha(LAYER)}"]}}).encode()
    if style == "docker":
        entry = {"Config": f"{sha(config)}.json", "RepoTags": ["hello:1"], "Layers": ["0123/layer.tar"]}
        return {f"{sha(config)}.json": config, "0123/layer.tar": layer, "manifest.json": _json([entry])}
    blobs = {f"blobs/sha256/{sha(config)}": config, f"blobs/sha256/{sha(LAYER)}": layer}
    if style == "new":
        names = list(blobs)
        entry = {"Config": names[0], "RepoTags": ["hello:1"], "Layers": names[1:]}
        return {**blobs, "manifest.json": _json([entry])}
    digests = [{"digest": name.replace("blobs/sha256/", "sha256:")} for name in blobs]
    manifest = _json({"config": digests[0], "layers": digests[1:]})
    note = {"io.containerd.image.name": "docker.io/library/hello:1"}
    index = {"manifests": [{"digest": f"sha256:{sha(manifest)}", "annotations": note}]}
    return {**blobs, f"blobs/sha256/{sha(manifest)}": manifest, "index.json": _json(index)}


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


@pytest.fixture
def images(tmp_path: Path) -> Path:
    folder = tmp_path / "images"
    folder.mkdir()
    (folder / "hello.tar").write_bytes(tar(saved()))
    return folder


@pytest.mark.parametrize("tool", ["pip", "uv"])
def test_a_good_wheelhouse(tool: str, wheels: Path) -> None:
    assert outcome(tool, wheels) == outcome(tool, f"file://{wheels}") == ("ok", "ok", "ok")
    assert asked(tool, wheels).level == 3


def rewritten(folder: Path, member: str, text: str) -> None:
    """The first wheel with another content of one member, whose checksum is right."""
    path = min(folder.glob("*.whl"))
    with zipfile.ZipFile(path) as wheel:
        parts = {name: wheel.read(name) for name in wheel.namelist()}
    with zipfile.ZipFile(path, "w") as wheel:
        for name, raw in parts.items():
            wheel.writestr(name, text.encode() if name.endswith(member) else raw)


def flipped(path: Path, at: int) -> None:
    raw = bytearray(path.read_bytes())
    raw[at] ^= 0xFF
    path.write_bytes(raw)


WHEELHOUSES: dict[str, tuple[Damage, tuple[str, str, str]]] = {
    "gone": (shutil.rmtree, ("path-missing",) * 3),
    "empty": (lambda f: [p.unlink() for p in f.iterdir()], ("ok", "not-an-index", "not-an-index")),
    "no such names": (
        lambda f: [p.rename(p.with_suffix(".bak")) for p in f.iterdir()],
        ("ok", "not-an-index", "not-an-index"),
    ),
    "cut off": (lambda f: os.truncate(min(f.iterdir()), 200), ("ok", "ok", "hash-mismatch")),
    "nothing in it": (lambda f: os.truncate(min(f.iterdir()), 0), ("ok", "ok", "hash-mismatch")),
    "a flipped bit": (lambda f: flipped(min(f.iterdir()), 60), ("ok", "ok", "hash-mismatch")),
    "another module": (lambda f: rewritten(f, ".py", "evil"), ("ok", "ok", "hash-mismatch")),
    "a web page": (lambda f: min(f.iterdir()).write_text("<html>"), ("ok", "ok", "hash-mismatch")),
    "a broken link": (
        lambda f: [(p.unlink(), p.symlink_to("nowhere")) for p in f.iterdir()],
        ("ok", "path-missing", "path-missing"),
    ),
}


@pytest.mark.parametrize("case", WHEELHOUSES)
def test_a_damaged_wheelhouse(case: str, wheels: Path) -> None:
    damage, codes = WHEELHOUSES[case]
    damage(wheels)
    assert outcome("pip", wheels) == codes


def test_a_page_of_links_is_pips_to_read(tmp_path: Path) -> None:
    (tmp_path / "links.html").write_text("<a href=x></a>")
    assert outcome("pip", tmp_path / "links.html") == ("ok", "ok", "ok")


def test_a_huge_member_is_not_unpacked(wheels: Path) -> None:
    path = wheels / "bomb-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel, wheel.open("bomb.py", "w") as member:
        for _ in range(80):
            member.write(bytes(1 << 20))
    assert asked("pip", wheels).ok


def test_a_good_channel(channel: Path) -> None:
    assert outcome("conda", channel) == outcome("conda", f"file://{channel}") == ("ok", "ok", "ok")


CHANNELS: dict[str, tuple[Damage, tuple[str, str, str]]] = {
    "gone": (shutil.rmtree, ("path-missing",) * 3),
    "no noarch": (lambda f: shutil.rmtree(f / "noarch"), ("ok", "not-a-channel", "not-a-channel")),
    "only noarch": (lambda f: shutil.rmtree(f / this_subdir()), ("ok", "ok", "ok")),
    "no repodata": (
        lambda f: (f / this_subdir() / "repodata.json").write_text("<html>"),
        ("ok", "not-a-channel", "not-a-channel"),
    ),
    "torn repodata": (
        lambda f: os.truncate(f / "noarch/repodata.json", 60),
        ("ok", "not-a-channel", "not-a-channel"),
    ),
    "no package": (
        lambda f: next((f / "noarch").glob("*.tar.bz2")).unlink(),
        ("ok", "ok", "package-missing"),
    ),
    "cut off": (
        lambda f: os.truncate(next((f / this_subdir()).glob("acme*")), 10),
        ("ok", "ok", "hash-mismatch"),
    ),
    "a flipped bit": (
        lambda f: flipped(next((f / this_subdir()).glob("acme*")), 40),
        ("ok", "ok", "hash-mismatch"),
    ),
}


@pytest.mark.parametrize("case", CHANNELS)
def test_a_damaged_channel(case: str, channel: Path) -> None:
    damage, codes = CHANNELS[case]
    damage(channel)
    assert outcome("conda", channel) == codes


@pytest.mark.parametrize("style", ["docker", "new", "oci"])
@pytest.mark.parametrize("packed", [False, True])
def test_a_good_archive(style: str, packed: bool, tmp_path: Path) -> None:
    raw = tar(saved(style))
    file = tmp_path / ("hello.tar.gz" if packed else "hello.tar")
    file.write_bytes(gzip.compress(raw) if packed else raw)
    assert outcome("docker", tmp_path) == ("ok", "ok", "ok")
    assert archive.names(file)[0].endswith("hello:1")


@pytest.mark.parametrize("style", ["docker", "new", "oci"])
def test_another_layer(style: str, tmp_path: Path) -> None:
    (tmp_path / "hello.tar").write_bytes(tar(saved(style, layer=b"another")))
    assert outcome("docker", tmp_path) == ("ok", "ok", "hash-mismatch")


IMAGES: dict[str, tuple[Damage, tuple[str, str, str]]] = {
    "gone": (shutil.rmtree, ("path-missing",) * 3),
    "empty": (lambda f: (f / "hello.tar").unlink(), ("ok", "no-images", "no-images")),
    "no manifest": (lambda f: (f / "hello.tar").write_bytes(LAYER), ("ok", "no-images", "no-images")),
    "no archive": (
        lambda f: (f / "hello.tar").write_text("x" * 9999),
        ("ok", "hash-mismatch", "hash-mismatch"),
    ),
    "no layer": (
        lambda f: (f / "hello.tar").write_bytes(tar({k: v for k, v in saved().items() if "layer" not in k})),
        ("ok", "ok", "hash-mismatch"),
    ),
    "nonsense": (
        lambda f: (f / "hello.tar").write_bytes(tar({"manifest.json": b'[{"Layers": 3}]'})),
        ("ok", "hash-mismatch", "hash-mismatch"),
    ),
    "no JSON": (
        lambda f: (f / "hello.tar").write_bytes(tar({"manifest.json": b"[" * 100_000})),
        ("ok", "hash-mismatch", "hash-mismatch"),
    ),
}


@pytest.mark.parametrize("case", IMAGES)
def test_damaged_archives(case: str, images: Path) -> None:
    damage, codes = IMAGES[case]
    damage(images)
    assert outcome("docker", images) == codes


def test_a_layer_may_be_a_link_to_another(tmp_path: Path) -> None:
    """As older docker wrote images with the same layer twice."""
    parts = saved()
    out = io.BytesIO(tar(parts))
    with tarfile.open(fileobj=out, mode="a") as made:
        link = tarfile.TarInfo("4567/layer.tar")
        link.type, link.linkname = tarfile.SYMTYPE, "../0123/layer.tar"
        made.addfile(link)
    (tmp_path / "hello.tar").write_bytes(out.getvalue())
    assert asked("docker", tmp_path).ok


def test_a_bomb_is_read_so_far_and_no_further(tmp_path: Path) -> None:
    with gzip.open(tmp_path / "bomb.tar.gz", "wb", 1) as packed:
        member = tarfile.TarInfo("zeros")
        member.size = 400 << 20
        packed.write(member.tobuf())
        for _ in range(400):
            packed.write(bytes(1 << 20))
    assert asked("docker", tmp_path).ok
    assert archive.names(tmp_path / "bomb.tar.gz") == ()


@pytest.mark.parametrize("kind", ["a pipe", "a folder"])
def test_what_is_no_file_is_no_wheel(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "acme_tool-1.0-py3-none-any.whl"
    path.mkdir() if kind == "a folder" else os.mkfifo(path)
    assert asked("pip", tmp_path).code == "not-an-index"


def test_a_disk_that_hangs_holds_up_nobody(channel: Path, wheels: Path) -> None:
    """Opening a pipe that nobody writes to hangs, as a dead network disk does."""
    (channel / "noarch/repodata.json").unlink()
    os.mkfifo(channel / "noarch/repodata.json")
    probes = [probe("conda", "default-channels", str(channel)), probe("pip", "find-links", str(wheels))]
    verdicts = verify(probes, timeout=1, environ={})
    assert [verdict.code for verdict in verdicts] == ["not-asked", "ok"]
    writer = os.open(channel / "noarch/repodata.json", os.O_WRONLY)  # let the thread go
    os.close(writer)


def test_an_unreadable_folder_is_ours(wheels: Path) -> None:
    """For root everything can be read, so it becomes somebody else."""
    wheels.chmod(0)
    argv = [sys.executable, "-c", UNREADABLE, str(wheels)]
    done = subprocess.run(argv, capture_output=True, text=True, cwd=Path(__file__).parents[2])
    wheels.chmod(0o700)
    assert done.stdout == "path-unreadable\n", done.stderr


UNREADABLE = """
import os, sys
from pathlib import Path
from mirrorcfg.verifier import archive, channel, local
from mirrorcfg.verifier.codes import Failure
if os.geteuid() == 0: os.setuid(65534)
try: local.check("pip", Path(sys.argv[1]), 3)
except Failure as failure: print(failure.code)
"""
