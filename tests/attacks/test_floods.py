"""Servers that never come to an end: none of them holds the command, or keeps it from a sound one."""

from __future__ import annotations

import json
import signal
import socket
import ssl
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest
import trustme

from tests.sandbox import PROGRAM, Sandbox
from tests.verifier.lab import Answer, Authority, Server, html, ranged

TIMEOUT, CEILING = 2, 9  # seconds: what the command is given, and what it may take with its start and its end

Flood = Callable[[ssl.SSLSocket], Iterator[bytes]]
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


def early_hints(sock: ssl.SSLSocket) -> Iterator[bytes]:
    while True:
        yield b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 500


def go_ons(sock: ssl.SSLSocket) -> Iterator[bytes]:
    while True:
        yield b"HTTP/1.1 100 Continue\r\n\r\n" * 1000


def small_chunks(sock: ssl.SSLSocket) -> Iterator[bytes]:
    yield CHUNKED
    while True:
        yield b"1;extension=some\r\n<\r\n" * 1000


def empty_body_pieces(sock: ssl.SSLSocket) -> Iterator[bytes]:
    yield CHUNKED
    while True:
        yield b"1;" + b"x" * 60 + b"\r\n \r\n"
        time.sleep(0.001)


def long_chunk_size(sock: ssl.SSLSocket) -> Iterator[bytes]:
    yield CHUNKED
    while True:
        yield b"0" * 65536


def endless_headers(sock: ssl.SSLSocket) -> Iterator[bytes]:
    yield OK
    while True:
        yield b"X-A: b\r\n" * 1000


def endless_trailers(sock: ssl.SSLSocket) -> Iterator[bytes]:
    yield CHUNKED + b"0\r\n"
    while True:
        yield b"X-A: b\r\n" * 1000


def endless_page(sock: ssl.SSLSocket) -> Iterator[bytes]:
    yield OK + b"\r\n"
    while True:
        yield b'<a href="x">' * 5000


def dripped(sock: ssl.SSLSocket) -> Iterator[bytes]:
    yield OK + b"\r\n"
    while True:
        yield b" "
        time.sleep(0.05)


def redirects_with_bodies(sock: ssl.SSLSocket) -> Iterator[bytes]:
    yield b"HTTP/1.1 302 Found\r\nLocation: /again\r\n\r\n"
    while True:
        yield b"x" * 65536


def gzip_bomb(sock: ssl.SSLSocket) -> Iterator[bytes]:
    import zlib

    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = packer.compress(bytes(1 << 26)) + packer.flush(zlib.Z_FULL_FLUSH)
    yield OK + b"Content-Encoding: gzip\r\n\r\n" + bomb
    while True:
        yield packer.compress(bytes(1 << 24)) + packer.flush(zlib.Z_FULL_FLUSH)


def tiny_tls_records(sock: ssl.SSLSocket) -> Iterator[bytes]:
    yield OK + b"\r\n"
    while True:
        for _ in range(2000):
            sock.send(b"<")
        yield b"<"


def frame(kind: int, flags: int, stream: int, body: bytes) -> bytes:
    return struct.pack(">I", len(body))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + body


SETTINGS = frame(4, 0, 0, b"")
HEADERS = frame(1, 4, 1, b"\x88")  # :status 200


def h2(*floods: bytes, before: bytes = b"") -> Flood:
    def flood(sock: ssl.SSLSocket) -> Iterator[bytes]:
        yield SETTINGS + before
        while True:
            yield b"".join(floods) * 500

    return flood


ONE = [
    early_hints,
    go_ons,
    small_chunks,
    empty_body_pieces,
    long_chunk_size,
    endless_headers,
    endless_trailers,
]
ONE += [endless_page, dripped, redirects_with_bodies, gzip_bomb, tiny_tls_records]
TWO = {
    "settings": h2(SETTINGS),
    "ping": h2(frame(6, 0, 0, bytes(8))),
    "empty-data": h2(frame(0, 0, 1, b""), before=HEADERS),
    "padding": h2(frame(0, 8, 1, b"\xff" + bytes(255)), before=HEADERS),
    "window-update": h2(frame(8, 0, 0, struct.pack(">I", 1))),
    "continuation": h2(frame(9, 0, 1, b""), before=frame(1, 0, 1, b"\x88")),
    "unknown": h2(frame(99, 0, 0, bytes(20))),
    "priority": h2(frame(2, 0, 1, bytes(5))),
    "early-hints": h2(frame(1, 4, 1, b"\x08\x03103"), before=b""),
}


class Rogue:
    """A TLS server that answers every connection with a flood."""

    def __init__(self, authority: trustme.CA, flood: Flood, protocol: str) -> None:
        self._flood = flood
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.set_alpn_protocols([protocol])
        authority.issue_cert("127.0.0.1").configure_cert(self._context)
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        self._over = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while not self._over.is_set():
            try:
                raw, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(raw,), daemon=True).start()

    def _answer(self, raw: socket.socket) -> None:
        raw.settimeout(5)
        with suppress(OSError), self._context.wrap_socket(raw, server_side=True) as sock:
            sock.recv(65536)
            for piece in self._flood(sock):
                sock.sendall(piece)
                if self._over.is_set():
                    return

    def close(self) -> None:
        self._over.set()
        self._server.close()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@contextmanager
def rogue(authority: trustme.CA, flood: Flood, protocol: str = "http/1.1") -> Iterator[Rogue]:
    server = Rogue(authority, flood, protocol)
    try:
        yield server
    finally:
        server.close()


@pytest.fixture
def box(box: Sandbox, authority: trustme.CA) -> Sandbox:
    authority.cert_pem.write_to_path(box.folder / "ca.pem")
    box.environ["SSL_CERT_FILE"] = str(box.folder / "ca.pem")
    return box


def command(box: Sandbox, *argv: str) -> tuple[int, str]:
    """It ends by itself, and in time."""
    done = subprocess.run(
        [PROGRAM, *argv], env=box.environ, cwd=box.folder, capture_output=True, text=True, timeout=CEILING
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout + done.stderr


def profile(box: Sandbox, name: str, tool: str, url: str) -> None:
    key = {"conda": "default-channels", "docker": "registry-mirrors"}.get(tool, "index-url")
    value = f'"{url}"' if key == "index-url" else f'["{url}"]'
    box.profile(name, f"[{tool}]\n{key} = {value}\n")


@pytest.mark.parametrize("flood", ONE)
@pytest.mark.parametrize("tool", ["pip", "conda", "docker"])
def test_over_http_1(box: Sandbox, authority: trustme.CA, flood: Flood, tool: str) -> None:
    with rogue(authority, flood) as server:
        profile(
            box,
            "bad",
            tool,
            f"https://127.0.0.1:{server.port}/simple"
            if tool != "docker"
            else f"https://127.0.0.1:{server.port}",
        )
        code, said = command(box, "verify", "bad", "--tool", tool, "--timeout", str(TIMEOUT))
    assert code == 3, said


@pytest.mark.parametrize("flood", TWO)
@pytest.mark.parametrize("tool", ["uv", "docker"])
def test_over_http_2(box: Sandbox, authority: trustme.CA, flood: str, tool: str) -> None:
    with rogue(authority, TWO[flood], "h2") as server:
        profile(box, "bad", tool, f"https://127.0.0.1:{server.port}" + ("/simple" if tool == "uv" else ""))
        code, said = command(box, "verify", "bad", "--tool", tool, "--timeout", str(TIMEOUT))
    assert code == 3, said


@pytest.mark.parametrize("flood", [early_hints, small_chunks, endless_trailers, tiny_tls_records])
def test_failover_comes_to_the_sound_one(box: Sandbox, authority: trustme.CA, flood: Flood) -> None:
    wheels = box.folder / "wheels"
    wheels.mkdir()
    import zipfile

    with zipfile.ZipFile(wheels / "x-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("x.py", "")
    box.profile("sound", f'[pip]\nno-index = true\nfind-links = ["{wheels}"]\n')
    with rogue(authority, flood) as server:
        profile(box, "bad", "pip", f"https://127.0.0.1:{server.port}/simple")
        box.run("use", "bad", "--tool", "pip", code=0)
        argv = ("failover", "--chain", "bad,sound", "--tool", "pip", "--timeout", str(TIMEOUT), "--yes")
        code, said = command(box, *argv)
    assert code == 0, said
    assert "sound" in said
    assert str(wheels) in box.pip_conf.read_text()


@pytest.mark.parametrize("flood", [early_hints, endless_page, dripped, small_chunks])
def test_a_profile_from_there(box: Sandbox, authority: trustme.CA, flood: Flood) -> None:
    with rogue(authority, flood) as server:
        url = f"https://127.0.0.1:{server.port}/acme.toml"
        code, said = command(box, "profile", "add", url, "--sha256", "0" * 64, "--timeout", str(TIMEOUT))
    assert code == 1, said


@pytest.mark.parametrize("flood", [early_hints, go_ons, endless_headers])
@pytest.mark.parametrize("scheme", ["http", "https", "socks5"])
def test_a_proxy_that_never_ends(box: Sandbox, authority: trustme.CA, flood: Flood, scheme: str) -> None:
    profile(box, "bad", "pip", "https://pip.example.invalid/simple")
    with rogue(authority, flood) as server:
        box.environ["HTTPS_PROXY"] = f"{scheme}://127.0.0.1:{server.port}"
        code, said = command(box, "verify", "bad", "--tool", "pip", "--timeout", str(TIMEOUT))
    assert code == 3, said


@pytest.mark.parametrize("flood", [early_hints, small_chunks, tiny_tls_records])
def test_the_first_interrupt_ends_it(box: Sandbox, authority: trustme.CA, flood: Flood) -> None:
    with rogue(authority, flood) as server:
        profile(box, "bad", "pip", f"https://127.0.0.1:{server.port}/simple")
        argv = [PROGRAM, "verify", "bad", "--tool", "pip", "--timeout", "60"]
        with subprocess.Popen(
            argv, env=box.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as running:
            _busy(running.pid)
            running.send_signal(signal.SIGINT)
            assert running.wait(CEILING) == 130


def _busy(pid: int) -> None:
    """Wait until it has a connection."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        with suppress(FileNotFoundError):  # one that it has closed meanwhile
            if any(str(path.readlink()).startswith("socket:") for path in Path(f"/proc/{pid}/fd").iterdir()):
                return
        time.sleep(0.02)
    raise AssertionError("it never asked")


SPACES = "Bearer " + " " * 2000 + 'a="' + "x" * 2000  # each line took the square of its length
DEAR = {
    "challenge": ("docker", "/v2/", Answer(401, b"", {"www-authenticate": "\r\nwww-authenticate: ".join([SPACES] * 24)})),
    "attributes": ("pip", "/simple/six/", html(("<a " + "b=c " * 31) * 2000)),
    "entities": ("pip", "/simple/six/", html(("<a " + "b=&am " * 20) * 2000)),
}  # fmt: skip


@contextmanager
def sound(box: Sandbox, stack: ExitStack) -> Iterator[Authority]:
    """A sound index, as the profile "sound", and the CA of it and of whoever is beside it."""
    authority = Authority(box.folder)
    box.environ["SSL_CERT_FILE"] = str(authority.file)
    page = '<!DOCTYPE html><title>Links for six</title><a href="/six-1.0-py3-none-any.whl">six</a>'
    routes = {"/simple/six/": html(page), "/six-1.0-py3-none-any.whl": ranged(b"PK" + bytes(100))}
    server = stack.enter_context(Server(authority.context(), routes))
    profile(box, "sound", "pip", f"{server.url}/simple")
    yield authority


def found(box: Sandbox, *names: str) -> dict[str, str]:
    """The codes by profile, of one call."""
    code, said = command(box, "verify", *names, "--timeout", str(TIMEOUT), "--json")
    assert code == 3, said
    return {each["profile"]: each["code"] for each in json.loads(said)["data"]["sources"]}


@pytest.mark.parametrize("what", DEAR)
def test_an_answer_that_is_dear_to_read_holds_up_nobody_beside_it(box: Sandbox, what: str) -> None:
    tool, path, answer = DEAR[what]
    with ExitStack() as stack, sound(box, stack) as authority:
        bad = stack.enter_context(
            Server(authority.context(), {path: answer, path.replace("six", "pip"): answer})
        )
        for number in range(2):
            url = bad.url.replace("localhost", ("localhost", "127.0.0.1")[number])
            profile(box, f"bad{number}", tool, url + ("/simple" if tool == "pip" else ""))
        codes = found(box, "bad0", "bad1", "sound")
    assert codes["sound"] == "ok"
    assert not {"deadline", "read-timeout", "not-asked"} & set(codes.values())


@pytest.mark.parametrize("flood", ["settings", "ping", "empty-data", "window-update", "early-hints"])
def test_frames_without_an_answer_hold_up_nobody_beside_them(box: Sandbox, flood: str) -> None:
    with ExitStack() as stack, sound(box, stack) as authority:
        names = [f"bad{number}" for number in range(6)]
        for name in names:
            server = stack.enter_context(rogue(authority.ca, TWO[flood], "h2"))
            profile(box, name, "uv", f"https://127.0.0.1:{server.port}/simple")
        codes = found(box, *names, "sound")
    assert codes["sound"] == "ok"
    assert {codes[name] for name in names} == {"malformed"}


@pytest.mark.parametrize("flood", [early_hints, go_ons])
def test_answers_that_are_only_announced_hold_up_nobody_beside_them(box: Sandbox, flood: Flood) -> None:
    with ExitStack() as stack, sound(box, stack) as authority:
        names = [f"bad{number}" for number in range(6)]
        for name in names:
            server = stack.enter_context(rogue(authority.ca, flood))
            profile(box, name, "pip", f"https://127.0.0.1:{server.port}/simple")
        codes = found(box, *names, "sound")
    assert codes["sound"] == "ok"
    assert {codes[name] for name in names} == {"malformed"}
