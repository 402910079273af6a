"""ansible: a playbook that runs the sh script on every host; `-e mirrorcfg_undo=true` takes it back.

Source of the rules: Ansible's documentation, `ansible.builtin.command` and "Advanced playbook syntax".
"""

from __future__ import annotations

from mirrorcfg.model.machine import Scope
from mirrorcfg.scripts import Bootstrap, Standalone, sh
from mirrorcfg.scripts._text import block, comment, scalar

TITLE = "a playbook of Ansible's"
PLATFORM = "linux"
SCOPE: Scope | None = "system"
STYLES = ("bootstrap", "standalone")

# What both scripts, and mirrorcfg, say of a file that they changed.
_CHANGED = r"(?m)^(\w+ +)?(created|changed|removed|restored) "


def standalone(order: Standalone) -> str:
    """Needs nothing on the hosts but what Ansible itself needs."""
    return _playbook(order, sh.standalone(order))


def bootstrap(order: Bootstrap) -> str:
    """The same; the hosts have to have Python 3.11 and its venv module, or uv."""
    return _playbook(order, sh.bootstrap(order))


def _playbook(order: Standalone | Bootstrap, script: str) -> str:
    argv = "{{ ['sh', '-s', '--'] + (['--undo'] if mirrorcfg_undo | bool else []) }}"
    changed = f"mirrorcfg_run.stdout | default('') is search({_quoted(_CHANGED)})"
    return (
        comment("Made by:", f"  {order.command}", "Take it back with -e mirrorcfg_undo=true.")
        + f"- name: {scalar(f'Point the hosts at the mirrors of the profile {order.profile}')}\n"
        + "  hosts: all\n"
        + f"  become: {'true' if order.scope == 'system' else 'false'}\n"
        + "  gather_facts: false\n"
        + "  vars:\n"
        + "    mirrorcfg_undo: false\n"
        + "  tasks:\n"
        + "    - name: Run the script\n"
        + "      ansible.builtin.command:\n"
        + f"        argv: {scalar(argv)}\n"
        + f"        stdin: !unsafe {block(script, 10)}\n"
        + "      environment:\n"
        + "        MIRRORCFG_LANG: en\n"  # what is looked for in what it says
        + "      register: mirrorcfg_run\n"
        + f"      changed_when: {scalar(changed)}\n"
    )


def _quoted(text: str) -> str:
    """A string of Jinja's."""
    return "'" + text.replace("\\", "\\\\") + "'"
