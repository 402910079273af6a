"""A real registry over TLS, with one image in it, and clients that know no way to Docker Hub."""

from __future__ import annotations

import hashlib
import io
import json
import socket
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import trustme

from tests import own, parts
from tests.sandbox import environment

NOWHERE = "http://127.0.0.1:9"  # a proxy that nobody runs: what is not on this machine can't be reached


@dataclass(frozen=True)
class Registry:
    """`place` is its host and port, `ca` what signed it, `digest` the image's."""

    place: str
    ca: Path
    digest: str
    log: Path

    def asked(self) -> str:
        """What it was asked for, so far."""
        return self.log.read_text()

    def push_other(self, folder: Path, name: str) -> str:
        """Another image under `name`; gives its digest."""
        digest = layout(folder, b"other")
        push(folder, self.place, name, self.ca)
        return digest


def offline(host: str = "localhost") -> dict[str, str]:
    """Variables with which a client reaches this machine alone, by that name."""
    return environment() | {"HTTPS_PROXY": NOWHERE, "HTTP_PROXY": NOWHERE, "NO_PROXY": f"{host},127.0.0.1"}


def own_address() -> str:
    """An address of this machine that isn't a loopback one, which docker trusts without a certificate."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        try:
            asked.connect(("192.0.2.1", 9))
        except OSError as error:
            parts.absent(f"this machine has no address but 127.0.0.1: {error}")
        return str(asked.getsockname()[0])


@contextmanager
def registry(
    folder: Path, name: str, host: str = "localhost", content: bytes = b"hello"
) -> Iterator[Registry]:
    """docker-registry with the image under `name` (`dockerhub/library/hello:1`)."""
    program = parts.program("docker-registry")
    folder.mkdir()
    ca = folder / "ca.pem"
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(ca))
    leaf = authority.issue_cert(host)
    leaf.private_key_pem.write_to_path(str(folder / "key.pem"))
    (folder / "chain.pem").write_bytes(b"".join(blob.bytes() for blob in leaf.cert_chain_pems))
    with socket.socket() as free:
        free.bind((host, 0))
        port = free.getsockname()[1]
    tls = f"{{certificate: {folder}/chain.pem, key: {folder}/key.pem}}"
    config = folder / "config.yml"
    config.write_text(
        f"version: 0.1\nstorage: {{filesystem: {{rootdirectory: {folder}/data}}}}\n"
        f'http: {{addr: "{host}:{port}", tls: {tls}}}\n'
    )
    log, place = folder / "log", f"{host}:{port}"
    with (
        log.open("wb") as out,
        subprocess.Popen([program, "serve", str(config)], stdout=out, stderr=out) as server,
    ):
        try:
            until(server, log, "listening on")
            digest = layout(folder / "image", content)
            push(folder / "image", place, name, ca)
            yield Registry(place, ca, digest, log)
        finally:
            server.terminate()


def push(image: Path, place: str, name: str, ca: Path) -> None:
    """An OCI layout to a registry, as it is."""
    argv = [
        *own.client("skopeo"),
        "copy",
        "--preserve-digests",
        f"oci:{image}:1",
        f"docker://{place}/{name}",
    ]
    subprocess.run(
        argv,
        env=offline(place.rpartition(":")[0]) | {"SSL_CERT_FILE": str(ca)},
        check=True,
        capture_output=True,
    )


def until(process: subprocess.Popen[bytes], log: Path, words: str) -> None:
    """Wait until `process` says these words; fails with its log if it ends first."""
    with log.open(errors="replace") as lines:
        said = ""
        while words not in said:
            line = lines.readline()
            said = said[-1000:] + line
            assert line or process.poll() is None, log.read_text(errors="replace")


def layout(folder: Path, content: bytes = b"hello") -> str:
    """An OCI layout of one image with one file, tagged 1; gives its digest."""
    (folder / "blobs/sha256").mkdir(parents=True)

    def put(blob: bytes, kind: str) -> dict[str, object]:
        name = hashlib.sha256(blob).hexdigest()
        (folder / "blobs/sha256" / name).write_bytes(blob)
        return {
            "mediaType": f"application/vnd.oci.image.{kind}",
            "digest": f"sha256:{name}",
            "size": len(blob),
        }

    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as archive:
        entry = tarfile.TarInfo("hello")
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    layer = put(tar.getvalue(), "layer.v1.tar")
    config = {
        "architecture": "amd64",
        "os": "linux",
        "config": {},
        "rootfs": {"type": "layers", "diff_ids": [layer["digest"]]},
    }
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": put(json.dumps(config).encode(), "config.v1+json"),
        "layers": [layer],
    }
    entry_ = put(json.dumps(manifest).encode(), "manifest.v1+json")
    tagged = {**entry_, "annotations": {"org.opencontainers.image.ref.name": "1"}}
    (folder / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [tagged]}))
    (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    return str(entry_["digest"])
