"""Run with a pip on its path: what `pip install` would ask in each world, by pip's own code.

A line of JSON for each world comes in (variables, folder, prefix), one for each answer goes out: the addresses in
pip's order, or the word that it stops at. The world's own prefix stands in the place of this interpreter's.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys

from pip._internal.commands import create_command
from pip._internal.index.collector import LinkCollector
from pip._internal.models.index import PyPI
from pip._internal.models.search_scope import SearchScope
from pip._internal.network.session import PipSession


def asked(command: str) -> list[str] | str:
    try:
        parser = create_command(command).parser  # type: ignore[attr-defined]
        options = parser.get_default_values()
    except (SystemExit, ValueError):  # pip 26.3 has a traceback for PIP_NO_COLOR=x
        return "stops"
    urls = [] if options.no_index else [options.index_url, *options.extra_index_urls]
    scope = SearchScope.create(options.find_links, [url for url in urls if url], options.no_index)
    sources = LinkCollector(PipSession(), scope).collect_sources("six", lambda link: [])
    indexes = [each.link.url for each in sources.index_urls if each and each.link]
    links = [each.link.url for each in sources.find_links if each and each.link]
    default = PyPI.simple_url + "/six/"
    return [url.removesuffix("six/") for url in indexes if url != default] + links


for line in sys.stdin:
    world = json.loads(line)
    os.environ.clear()
    os.environ.update(world["environ"])
    os.chdir(world["folder"])
    sys.prefix = world["prefix"]
    with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
        answer = asked(world["command"])
    print(json.dumps(answer), flush=True)
