"""A process that calls itself dockerd, and isn't one: it is neither run, nor told, nor asked, nor waited for."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from mirrorcfg.activation import docker, process
from tests import own, parts
from tests.sandbox import PROGRAM, Sandbox

STRANGER = 65534
FILE = "/etc/docker/daemon.json"
URL = "https://mirror.invalid"
USE = ("use", "acme", "--tool", "docker", "--no-verify", "--json")
# It writes down that it was told, and goes on.
SCRIPT = 'trap "echo told >>$0" HUP; echo; while :; do sleep 0.1; done'
# The container: a root directory of its own, in which /x leads to the machine's /etc/docker.
CONTAINER = (
    'mkdir -p "$1/usr" "$1/proc" && ln -s usr/bin "$1/bin" && ln -s usr/lib "$1/lib" && ln -s usr/lib64 "$1/lib64" && '
    'ln -s /etc/docker "$1/x" && mount --bind /usr "$1/usr" && root="$1" && shift && exec chroot "$root" "$@"'
)


class Den:
    """A mount namespace with an /etc/docker of its own, where mirrorcfg and its enemies run."""

    def __init__(self, box: Sandbox, stack: ExitStack) -> None:
        parts.mounts()
        self.box, self._stack = box, stack
        box.open()
        box.profile("acme", f'[docker]\nregistry-mirrors = ["{URL}"]\n')
        self.lair = box.folder / "lair"
        self.lair.mkdir()
        self.marker = self.lair / "told"
        self.program = Path(shutil.copy("/bin/sh", self.lair / "dockerd"))
        for path in (self.lair, self.program):
            os.chown(path, STRANGER, STRANGER)
        line = ["unshare", "-m", "sh", "-c", f"{own.FRESH}echo '{{}}' >{FILE}; echo; exec sleep 600"]
        self._holder = self._begin(line)
        self._inside = ["nsenter", "-t", str(self._holder.pid), "-m"]

    def _begin(self, line: list[str]) -> subprocess.Popen[bytes]:
        pipe = subprocess.PIPE
        quiet = subprocess.DEVNULL
        process = subprocess.Popen(
            line, stdin=pipe, stdout=pipe, stderr=quiet, cwd="/", start_new_session=True
        )
        self._stack.callback(process.wait)
        self._stack.callback(_kill, process)
        assert process.stdout is not None
        assert process.stdin is not None
        self._stack.callback(process.stdin.close)
        self._stack.callback(process.stdout.close)
        process.stdout.readline()
        return process

    def start(
        self, *words: str, uid: int = STRANGER, prefix: tuple[str, ...] = ()
    ) -> subprocess.Popen[bytes]:
        """Start it there, as that account; it has said a line when this returns."""
        rights = ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups"]
        return self._begin([*self._inside, *rights, *prefix, *words])

    def fake(self, *flags: str, **how: Any) -> subprocess.Popen[bytes]:
        return self.start(
            str(self.program), "-c", SCRIPT, str(self.marker), f"--config-file={FILE}", *flags, **how
        )

    def run(self, *argv: str, code: int = 0, prefix: tuple[str, ...] = ()) -> dict[str, Any]:
        """mirrorcfg as root, where all of that is; it takes no more than a minute."""
        line = [*self._inside, *prefix, PROGRAM, *argv]
        done = subprocess.run(line, env=self.box.environ, capture_output=True, text=True, timeout=60)
        assert done.returncode == code, (done.stdout, done.stderr)
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    def text(self) -> str:
        return subprocess.run([*self._inside, "cat", FILE], capture_output=True, text=True, check=True).stdout


@pytest.fixture
def den(box: Sandbox) -> Iterator[Den]:
    with ExitStack() as stack:
        yield Den(box, stack)


def _kill(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def codes(answer: dict[str, Any]) -> list[str]:
    """What is said of a daemon."""
    return [each["code"] for each in answer["findings"] if each["code"].startswith("daemon")]


def untouched(den: Den, fake: subprocess.Popen[bytes]) -> None:
    """The switch took place as if the fake weren't there, and the fake knows nothing of it."""
    answer = den.run(*USE)
    assert answer["status"] == "ok"
    assert codes(answer) == ["daemon-not-running"]
    assert str(fake.pid) not in json.dumps(answer)
    assert URL in den.text()
    assert fake.poll() is None
    assert not den.marker.exists()


def test_another_users_process_of_that_name_is_not_told_nor_waited_for(den: Den) -> None:
    untouched(den, den.fake("-H", "unix:///nowhere/no.sock"))


def test_another_users_program_is_never_run(den: Den) -> None:
    fake = den.fake("-H", "unix:///nowhere/no.sock")
    log = den.box.folder / "execs"
    strace = (parts.program("strace"), "-f", "-qq", "-e", "trace=execve", "-o", str(log))
    den.run(*USE, prefix=strace)
    assert "/proc/" not in log.read_text()
    assert str(den.lair) not in log.read_text()
    assert fake.poll() is None


def test_flags_of_another_users_process_are_no_reason_to_refuse(den: Den) -> None:
    untouched(den, den.fake("--registry-mirror=https://evil.invalid"))


def test_one_in_a_user_namespace_of_its_own_is_still_another_users(den: Den) -> None:
    unshare = ("unshare", "--user", "--map-root-user", "--mount")
    line = ["setpriv", f"--reuid={STRANGER}", f"--regid={STRANGER}", "--clear-groups", *unshare, "true"]
    if subprocess.run(line, capture_output=True).returncode:
        parts.absent("ordinary users may not make user namespaces here")
    untouched(den, den.fake("--rootless", prefix=unshare))


def test_roots_process_in_a_container_is_not_the_machines(den: Den) -> None:
    """uid 0 all right, but its root is another, and /x in it leads out of it when followed from here."""
    root = den.box.folder / "container"
    root.mkdir()
    shutil.copy("/bin/sh", root / "dockerd")
    prefix = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", CONTAINER, "sh", str(root))
    words = ("/dockerd", "-c", 'trap "echo told >/told" HUP; echo; while :; do sleep 0.1; done')
    fake = den.start(*words, "--config-file=/x/daemon.json", uid=0, prefix=prefix)
    untouched(den, fake)
    assert not (root / "told").exists()


def test_a_container_of_ones_own_is_not_ones_rootless_daemon(den: Den) -> None:
    """What runs in a container has the user's own uid: it has another root directory, and other numbers."""
    root = den.box.folder / "container"
    root.mkdir()
    shutil.copy("/bin/sh", root / "dockerd")
    for path in (root, root / "dockerd"):
        os.chown(path, STRANGER, STRANGER)
    home = den.lair / "home/.config/docker"
    home.mkdir(parents=True)
    subprocess.run(["chown", "-R", f"{STRANGER}:{STRANGER}", den.lair], check=True)
    prefix = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", CONTAINER, "sh", str(root))
    rights = ("setpriv", f"--reuid={STRANGER}", f"--regid={STRANGER}", "--clear-groups")
    file = home / "daemon.json"
    (root / "y").symlink_to(home)
    den.start(*rights, "/dockerd", "-c", SCRIPT, "--config-file=/y/daemon.json", uid=0, prefix=prefix)
    assert process.reading(file) == []


def test_a_link_of_that_name_to_a_program_of_roots_is_none(den: Den) -> None:
    """sudo waits for a password as root, under the name and with the arguments that its caller chose."""
    link = den.lair / "bin/dockerd"
    link.parent.mkdir()
    link.symlink_to(parts.program("sudo"))
    words = ("sh", "-c", 'echo; exec "$@"', "sh", str(link), "-S", "true", f"--config-file={FILE}")
    fake = den.start(*words)
    status = Path(f"/proc/{fake.pid}/status")
    end = time.monotonic() + 10
    while status.read_text().partition("Uid:")[2].split()[1] != "0" or "dockerd" not in status.read_text():
        assert time.monotonic() < end
        if fake.poll() is not None:
            parts.absent("sudo doesn't wait for a password here")
    untouched(den, fake)


def test_a_process_that_names_itself_so_is_none(den: Den) -> None:
    """Any program of root's can be made to bear the name: comm is the process's own to write."""
    script = f"echo dockerd >/proc/$$/comm; {SCRIPT}"
    untouched(den, den.start("/bin/sh", "-c", script, str(den.marker), f"--config-file={FILE}", uid=0))


def test_a_number_that_is_another_process_by_now_gets_no_signal(den: Den) -> None:
    file = den.box.folder / "daemon.json"
    file.write_text("{}")
    mine = den.box.folder / "dockerd"
    shutil.copy("/bin/sh", mine)
    pipe = subprocess.PIPE
    line = [str(mine), "-c", "echo; read go; exec sleep 600", f"--config-file={file}"]
    with subprocess.Popen(line, stdin=pipe, stdout=pipe) as victim:
        assert victim.stdin is not None
        assert victim.stdout is not None
        try:
            victim.stdout.readline()
            daemon = process.reading(file)[0]
            victim.stdin.write(b"go\n")
            victim.stdin.flush()
            end = time.monotonic() + 10
            while Path(f"/proc/{victim.pid}/comm").read_text() != "sleep\n":
                assert time.monotonic() < end
            finding = docker._told(daemon, file, ())
            assert finding is not None
            assert finding.code == "daemon-not-running"
            assert victim.poll() is None
        finally:
            victim.kill()


ENDLESS = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"


def silent(sock: socket.socket, over: threading.Event) -> None:
    over.wait(60)


def dripping(sock: socket.socket, over: threading.Event) -> None:
    sock.sendall(ENDLESS)
    while not over.wait(0.3):
        sock.sendall(b" ")


def headers_without_end(sock: socket.socket, over: threading.Event) -> None:
    sock.sendall(b"HTTP/1.1 200 OK\r\n")
    while not over.wait(0.3):
        sock.sendall(b"X: y\r\n")


def deep(sock: socket.socket, over: threading.Event) -> None:
    sock.sendall(ENDLESS + b"[" * 100_000)


@contextmanager
def listening(path: Path, behave: Callable[[socket.socket, threading.Event], None]) -> Iterator[None]:
    """A socket of root's that answers so."""
    over = threading.Event()

    def serve() -> None:
        while not over.is_set():
            with suppress(OSError), server.accept()[0] as sock:
                sock.recv(1000)
                behave(sock, over)

    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()
        server.settimeout(0.2)
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()


@pytest.mark.parametrize("behave", [silent, dripping, headers_without_end, deep])
def test_a_daemon_s_socket_holds_nobody(
    tmp_path: Path, behave: Callable[[socket.socket, threading.Event], None]
) -> None:
    mine = Path(shutil.copy("/bin/sh", tmp_path / "dockerd"))
    file = tmp_path / "daemon.json"
    file.write_text("{}")
    with listening(tmp_path / "s", behave):
        pipe = subprocess.PIPE
        words = ["-c", "trap : HUP; echo; read go", f"--config-file={file}", "-H", f"unix://{tmp_path}/s"]
        with subprocess.Popen([mine, *words], stdin=pipe, stdout=pipe) as fake:
            try:
                assert fake.stdout is not None
                fake.stdout.readline()
                began = time.monotonic()
                answer: list[object] = []
                asking = threading.Thread(
                    target=lambda: answer.append(docker.astray(file, b"{}", 1.0)), daemon=True
                )
                asking.start()
                asking.join(10)
                assert not asking.is_alive()
                assert answer == [None]
                assert time.monotonic() - began < 5
            finally:
                fake.kill()


ANSWERS = """
import os, socket, sys
server = socket.socket(socket.AF_UNIX)
server.bind(sys.argv[1]); os.chmod(sys.argv[1], 0o666); server.listen(); print(flush=True)
body = b'{"ServerVersion": "1.0.0", "RegistryConfig": {"Mirrors": ["https://evil.invalid/"]}}'
while True:
    sock = server.accept()[0]
    if sock.recv(1000): open(sys.argv[1] + ".asked", "w").close()
    try: sock.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: %d\\r\\n\\r\\n" % len(body) + body)
    except OSError: pass
    sock.close()
"""


def test_a_socket_on_which_somebody_else_listens_is_not_asked(den: Den) -> None:
    """root's own daemon says where it would listen; another has come before it."""
    place = den.lair / "s"
    den.start("/usr/bin/python3", "-c", ANSWERS, str(place))
    mine = Path(shutil.copy("/bin/sh", den.box.folder / "dockerd"))
    words = ("-c", SCRIPT, str(den.marker), f"--config-file={FILE}", "-H", f"unix://{place}")
    den.start(str(mine), *words, uid=0)
    answer = den.run(*USE)
    assert codes(answer) == ["daemon-not-asked"]
    assert not Path(f"{place}.asked").exists()
    assert "evil" not in json.dumps(answer)


def test_root_that_asks_another_users_daemon_changes_no_file_of_its_own_for_it(den: Den) -> None:
    """It says that root's file is its own, and where it listens it really does."""
    place = den.lair / "s"
    program = Path(shutil.copy("/usr/bin/python3", den.lair / "dockerd"))
    den.start(str(program), "-c", ANSWERS, str(place), f"--config-file={FILE}", "-H", f"unix://{place}")
    den.box.environ["DOCKER_HOST"] = f"unix://{place}"
    answer = den.run(*USE, code=3)
    assert answer["error"]["code"] == "daemon-elsewhere"
    assert den.text() == "{}\n"


def test_a_listener_in_a_place_that_is_not_its_own_is_neither_asked_nor_passed_over(den: Den) -> None:
    """A folder of root's that anybody may write to: that root named it makes nobody there root's daemon."""
    place = den.box.folder / "open"
    place.mkdir()
    place.chmod(0o1777)
    den.start("/usr/bin/python3", "-c", ANSWERS, str(place / "s"))
    den.box.environ["DOCKER_HOST"] = f"unix://{place}/s"
    assert den.run(*USE, code=3)["error"]["code"] == "daemon-elsewhere"
    assert not Path(f"{place}/s.asked").exists()


def test_ones_own_rootless_daemon_is_still_told(den: Den) -> None:
    """A neighbour: dockerd as rootlesskit runs it, in user and mount namespaces of its own, for its user."""
    config = den.lair / "home/.config/docker"
    config.mkdir(parents=True)
    (config / "daemon.json").write_text("{}")
    subprocess.run(["chown", "-R", f"{STRANGER}:{STRANGER}", den.lair], check=True)
    unshare = ("unshare", "--user", "--map-root-user", "--mount")
    line = ["setpriv", f"--reuid={STRANGER}", f"--regid={STRANGER}", "--clear-groups", *unshare]
    if subprocess.run([*line, "true"], capture_output=True).returncode:
        parts.absent("ordinary users may not make user namespaces here")
    words = (str(den.program), "-c", SCRIPT, str(den.marker), "--rootless")
    environ = ("env", f"HOME={den.lair}/home", f"XDG_RUNTIME_DIR={den.lair}")
    pid = den._begin([*line, *environ, *words]).pid
    file = config / "daemon.json"
    for uid in (
        0,
        STRANGER,
    ):  # root acts for the account that the file belongs to; and that account for itself
        os.seteuid(uid)
        try:
            assert [(daemon.pid, daemon.seen) for daemon in process.reading(file)] == [(pid, True)]
            process.hang_up(process.reading(file)[0])
        finally:
            os.seteuid(0)
    end = time.monotonic() + 10
    while not den.marker.exists():
        assert time.monotonic() < end
    assert process.reading(file)[0].sockets == (f"{den.lair}/docker.sock",)
