"""Pull an image by containerd's CRI plugin, as a kubelet does; `python -m tests.clients.cri SOCKET IMAGE [USER:PASSWORD]`.

Source of the rules: cri-api's runtime.v1 (ImageService.PullImage), gRPC over HTTP/2.
"""

from __future__ import annotations

import socket
import struct
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, ResponseReceived, StreamEnded, TrailersReceived

if TYPE_CHECKING:
    from tests.clients.place import Place

_METHOD = "/runtime.v1.ImageService/PullImage"


def pull(place: Place, at: str, image: str, login: str = "") -> tuple[bool, str]:
    """Did it come, and what gRPC says: the image's reference or the error."""
    words = [sys.executable, "-m", "tests.clients.cri", at, image, *([login] if login else [])]
    done = place.run(*words, environ={"PYTHONPATH": str(Path(__file__).parents[2])})
    return done.returncode == 0, (done.stdout + done.stderr).strip()


def _field(number: int, value: bytes) -> bytes:
    """A field of bytes, in protobuf."""
    size, rest = b"", len(value)
    while rest > 0x7F:
        size, rest = size + bytes([rest & 0x7F | 0x80]), rest >> 7
    return bytes([number << 3 | 2]) + size + bytes([rest]) + value


def _ask(at: str, image: str, login: str) -> tuple[int, str]:
    """gRPC's status, and its message or the answer."""
    message = _field(1, _field(1, image.encode()))
    if login:
        user, _, password = login.partition(":")
        message += _field(2, _field(1, user.encode()) + _field(2, password.encode()))
    headers = [
        (":method", "POST"), (":scheme", "http"), (":path", _METHOD), (":authority", "localhost"),
        ("content-type", "application/grpc"), ("te", "trailers"),
    ]  # fmt: skip
    told, body = dict[str, str](), b""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(50)
        sock.connect(at)
        http = H2Connection(H2Configuration(client_side=True, header_encoding="utf-8"))
        http.initiate_connection()
        http.send_headers(1, headers)
        http.send_data(1, struct.pack(">BI", 0, len(message)) + message, end_stream=True)
        sock.sendall(http.data_to_send())
        while True:
            for event in http.receive_data(sock.recv(1 << 16)):
                if isinstance(event, ResponseReceived | TrailersReceived):
                    told |= {str(name): str(value) for name, value in event.headers}
                elif isinstance(event, DataReceived):
                    body += event.data
                    http.acknowledge_received_data(event.flow_controlled_length, 1)
                elif isinstance(event, StreamEnded):
                    return int(told.get("grpc-status", "2")), told.get("grpc-message") or body[7:].decode()
            sock.sendall(http.data_to_send())


if __name__ == "__main__":
    code, said = _ask(sys.argv[1], sys.argv[2], "".join(sys.argv[3:4]))
    print(said)
    sys.exit(min(code, 1))
