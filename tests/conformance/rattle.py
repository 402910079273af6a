"""Installs packages from one channel with rattler: `rattle.py URL PREFIX NAME…`."""

from __future__ import annotations

import asyncio
import os
import sys
import traceback
from datetime import timedelta
from pathlib import Path

from rattler import Client, Gateway, install, solve


async def main(url: str, prefix: str, names: list[str]) -> None:
    client = Client.default_client(max_retries=0, timeout=5)
    cache = Path(prefix).with_name("rattler")
    gateway = Gateway(cache_dir=cache, client=client)
    records = await solve(
        [url], names, gateway=gateway, platforms=["linux-64", "noarch"], timeout=timedelta(seconds=5)
    )
    await install(records, prefix, cache_dir=cache, show_progress=False, client=client)


def run() -> int:
    try:
        asyncio.run(asyncio.wait_for(main(sys.argv[1], sys.argv[2], sys.argv[3:]), 11))
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    code = run()
    sys.stderr.flush()
    os._exit(code)  # rattler's threads don't always survive the interpreter's end
