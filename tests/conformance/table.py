"""`python -m tests.conformance.table [NAME…]`: what is broken, what we say, what the real client says."""

from __future__ import annotations

import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.conformance.cases import CASES
from tests.conformance.conftest import WORKERS
from tests.conformance.lab import Lab, Outcome


def line(outcome: Outcome) -> str:
    """A row of the table."""
    case, verdict, client = outcome.case, outcome.verdict, outcome.client
    ours = (
        verdict["code"]
        if not verdict["warnings"]
        else f"{verdict['code']} ({', '.join(verdict['warnings'])})"
    )
    says = f"{client.client}: {client.says}".replace("|", "·")
    mark = f" **{'; '.join(outcome.problems)}**" if outcome.problems else ""
    return f"| {case.name} | {case.tool} | {case.broken} | {ours}{mark} | {verdict['level']} | {says[:160]} |"


def main(names: list[str]) -> int:
    cases = [case for case in CASES if not names or case.name in names]
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="lab-") as folder:
        lab = Lab(Path(folder) / "lab", cases)
        try:
            lab.start()
            print(
                "| case | tool | what is broken | we say | level | the real client says |\n|---|---|---|---|---|---|"
            )
            with ThreadPoolExecutor(WORKERS) as pool:
                for outcome in pool.map(lab.outcome, cases):
                    wrong += bool(outcome.problems)
                    print(line(outcome), flush=True)
        finally:
            lab.stop()
    agree = sum(case.code == "ok" for case in cases)
    print(f"\n{agree} sound, {len(cases) - agree} broken; {wrong} not as they should be")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
