"""Ansible's module for `mirrorcfg status`."""

from __future__ import annotations

DOCUMENTATION = r"""
module: facts
short_description: What each tool of the host really uses, as facts
description:
  - Calls C(mirrorcfg status) on the host, and changes nothing.
options:
  tools:
    description: Only these tools.
    type: list
    elements: str
    default: []
extends_documentation_fragment:
  - mirrorcfg.sources.program
"""

EXAMPLES = r"""
- name: Ask every host
  mirrorcfg.sources.facts:

- name: Where pip goes
  ansible.builtin.debug:
    var: ansible_facts.mirrorcfg.tools.pip.effective
"""

RETURN = r"""
ansible_facts:
  description: Facts about the sources of the host.
  returned: success
  type: dict
  contains:
    mirrorcfg:
      description:
        - The C(status) of all, the C(generation) that is in force, and C(tools), by tool C(profile),
          C(effective) (the addresses in use), C(layer) (the file or variable that wins), C(shadowed_by),
          C(drifted), and of the file that the profile is in C(file) and C(scope).
      type: dict
      returned: success
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.mirrorcfg.sources.plugins.module_utils.program import ARGUMENTS, Program, sentence


def main() -> None:
    """A tool that is shadowed or drifted is a fact, and no failure."""
    own = {"tools": {"type": "list", "elements": "str", "default": []}}
    module = AnsibleModule({**ARGUMENTS, **own}, supports_check_mode=True)
    words = [word for tool in module.params["tools"] for word in ("--tool", tool)]
    answer = Program(module).ask("status", *words)
    if answer["error"] is not None:
        module.fail_json(msg=sentence(answer["error"]), error=answer["error"])
    found = {**answer["data"], "status": answer["status"]}
    module.exit_json(changed=False, ansible_facts={"mirrorcfg": found}, findings=answer["findings"])


if __name__ == "__main__":
    main()
