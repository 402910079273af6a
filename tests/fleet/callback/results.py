"""Ansible's callback that writes each host's results, as they come, one a line."""

from __future__ import annotations

import json
import os
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: results
type: notification
short_description: The results as JSON
description: Appends each host's results to the file that $RESULTS names.
"""


class CallbackModule(CallbackBase):
    """What Ansible calls."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "results"
    CALLBACK_NEEDS_ENABLED = True

    def v2_runner_on_ok(self, result: Any, **more: Any) -> None:
        """A result of any kind."""
        with open(os.environ["RESULTS"], "a") as file:
            print(json.dumps([result._host.get_name(), result._result], default=str), file=file)

    v2_runner_on_failed = v2_runner_on_unreachable = v2_runner_on_ok
