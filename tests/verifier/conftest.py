"""What the verifier's tests may ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from mirrorcfg.model.verdict import Verdict
from tests.asking import verify
from tests.verifier.lab import Authority, Server, probe


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture
def serve(authority: Authority) -> Iterator[Callable[..., Server]]:
    """Starts a server for the length of the test."""
    with ExitStack() as stack:

        def start(routes: Any = None, **more: Any) -> Server:
            context = more.pop("context", None) or authority.context()
            return stack.enter_context(Server(context, routes, **more))

        yield start


@pytest.fixture
def ask(authority: Authority) -> Callable[..., Verdict]:
    """Asks one source, with the lab's CA trusted and no proxy."""

    def one(url: str, tool: str = "pip", **more: Any) -> Verdict:
        options = {key: more.pop(key) for key in ("level", "timeout", "environ", "subdir") if key in more}
        more.setdefault("ca_file", str(authority.file))
        [verdict] = verify([probe(url, tool, **more)], **{"environ": {}, "subdir": "linux-64", **options})
        return verdict

    return one
