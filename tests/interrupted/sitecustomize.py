"""Put before everything else on a child's PYTHONPATH: raises a signal at its N-th moment, or counts them.

A moment is a call anywhere in the main thread, or a line of mirrorcfg's, from the first on at which mirrorcfg
has taken its signals. MIRRORCFG_TEST_MOMENT has N (0: none), MIRRORCFG_TEST_SIGNAL a signal's number, and
MIRRORCFG_TEST_COUNTED the file that is told, at the end, how many there were, and which belonged to the commit.
"""

import _signal
import os
import sys

wanted = int(os.environ.get("MIRRORCFG_TEST_MOMENT", 0))
number = int(os.environ.get("MIRRORCFG_TEST_SIGNAL", 2))
more = int(os.environ.get("MIRRORCFG_TEST_AGAIN", 0))  # a second one, so many moments later
counted = os.environ.get("MIRRORCFG_TEST_COUNTED")
seen, marks = -1, []
END = os._exit


def on_event(frame, event, argument):
    global seen
    name = frame.f_code.co_filename
    ours = "/mirrorcfg/" in name
    if seen < 0:
        if event == "return" and frame.f_code.co_name == "begin" and name.endswith("interruption.py"):
            seen = 0
        return on_event if ours else None
    seen += 1
    if seen == wanted or (more and seen == wanted + more):
        _signal.raise_signal(number)
    if (
        event in ("call", "return")
        and frame.f_code.co_name == "commit"
        and name.endswith("store/__init__.py")
    ):
        marks.append(seen)
    return on_event if ours else None


def ended(code):
    sys.settrace(None)
    if counted:
        with open(counted, "w") as file:
            print(seen, *marks, file=file)
    END(code)


if "MIRRORCFG_TEST_MOMENT" in os.environ:
    os._exit = ended
    sys.settrace(on_event)
