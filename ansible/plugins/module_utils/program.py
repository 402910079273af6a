"""mirrorcfg on the host: called with --json, and its answer as Ansible reports one."""

from __future__ import annotations

import json
import sys
import zipfile
from collections.abc import Mapping
from typing import Any, NoReturn

from ansible.module_utils.basic import AnsibleModule

ARGUMENTS: dict[str, Any] = {
    "program": {"type": "str", "default": "mirrorcfg"},
    "root": {"type": "path"},
}
_PLACES = ["/usr/local/bin"]
_CHANGES = ("created", "changed", "removed")
Answer = Mapping[str, Any]


class Program:
    """The program that a module's options name, and one call of it after the other."""

    def __init__(self, module: AnsibleModule) -> None:
        self.module = module
        self._argv = self._find()

    def ask(self, command: str, *words: str) -> Answer:
        """The envelope of one call, whatever its exit code (mirrorcfg's docs/json.md)."""
        root = self.module.params["root"]
        options = ["--root", root] if root else []
        argv = [*self._argv, command, "--json", *options, *words]
        code, out, err = self.module.run_command(argv, environ_update={"NO_COLOR": "1"})
        try:
            answer: Answer = json.loads(out)
        except ValueError:
            msg = f"mirrorcfg gave no answer: {err.strip() or out.strip()}"
            self.module.fail_json(msg=msg, rc=code, stdout=out, stderr=err)
        return answer

    def end(self, answer: Answer, **more: Any) -> NoReturn:
        """Report an answer: a failure as mirrorcfg says it, else what changed, and where."""
        data, error = answer["data"], answer["error"]
        result = {
            "changed": False,  # where it failed; `data` says it otherwise
            "status": answer["status"],
            "rc": answer["exit_code"],
            "findings": answer["findings"],
            **data,
            **more,
        }
        if error is not None:
            self.module.fail_json(msg=sentence(error), error=error, **result)
        if answer["exit_code"]:
            said = [sentence(finding) for finding in answer["findings"] if finding["code"] != "not-verified"]
            self.module.fail_json(msg=" ".join(said) or f"mirrorcfg: {answer['status']}", **result)
        self.module.exit_json(**result)

    def diff(self, answer: Answer) -> dict[str, Any]:
        """`diff` for `end`, where Ansible asked for one."""
        if not self.module._diff:
            return {}
        data = answer["data"]
        texts = [text for text in data.get("diffs", {}).values() if text]
        return {"diff": {"prepared": "\n".join(texts or _actions(data))}}

    def _find(self) -> list[str]:
        named = self.module.params["program"]
        path = self.module.get_bin_path(named, opt_dirs=_PLACES)
        if path is None:
            msg = f"There is no {named} on this host; the role mirrorcfg.sources.onboard brings it."
            if self.module.check_mode:
                self.module.exit_json(changed=True, msg=msg)
            self.module.fail_json(msg=msg)
        return [sys.executable, path] if zipfile.is_zipfile(path) else [path]


def sentence(said: Mapping[str, Any]) -> str:
    """What an error or a finding says, and where, and what mends it."""
    place = f" ({said['path']})" if said.get("path") else ""
    hint = f" Hint: {said['hint']}" if said.get("hint") else ""
    return f"{said['message']}{place}{hint}"


def _actions(data: Answer) -> list[str]:
    files = [file for tool in data.get("tools", {}).values() for file in tool.get("files", ())]
    return [f"{file['action']}: {file['path']}" for file in files if file["action"] in _CHANGES]
