"""A name server that knows no name: it answers NXDOMAIN to everything."""

from __future__ import annotations

import socket

PORT = 53


def main() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", PORT))
        print("ready", flush=True)
        while True:
            question, client = sock.recvfrom(4096)
            # The question comes back with QR, RD and RA set, and response code 3 (RFC 1035, 4.1.1).
            sock.sendto(
                question[:2] + b"\x81\x83" + question[4:6] + b"\0\0\0\0\0\0" + _asked(question), client
            )


def _asked(question: bytes) -> bytes:
    """The question section alone: labels, type and class."""
    end = question.index(0, 12) + 5
    return question[12:end]


if __name__ == "__main__":
    main()
