"""mirrorcfg's `verify` in one world after another: variables and tool in, on a line each, and its code out."""

from __future__ import annotations

import json
import os
import sys

from mirrorcfg.errors import MirrorcfgError
from mirrorcfg.host import Host
from mirrorcfg.ops.sources.asking import in_effect
from mirrorcfg.ops.sources.verify import Depth, ask

for line in sys.stdin:
    told = json.loads(line)
    os.environ.clear()
    os.environ.update(told["environ"])
    try:
        verdicts = ask(in_effect(Host.here(), [told["tool"]]), Depth(level=3, timeout=10))
        print(" ".join(verdict.code for verdict in verdicts), flush=True)
    except MirrorcfgError as error:  # what the tool itself refuses
        print(error.code, flush=True)
