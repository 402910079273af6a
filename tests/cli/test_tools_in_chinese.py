"""What a tool would refuse is said in Chinese, each fact of a sentence too, and the same in English in JSON."""

from __future__ import annotations

import re

import pytest

from tests.sandbox import Sandbox

ZH = {"MIRRORCFG_LANG": "zh"}
WORDS = re.compile(r"[A-Za-z']{2,}(?: [A-Za-z']+){2,}")
"""Three words of Latin letters in a row: what is English, and no name, address or command."""

CASES = {
    "pip": (
        ".config/pip/pip.conf",
        "[global]\nno-index = maybe\n",
        "no-index 既不是 yes 也不是 no，pip 会因此报错退出。",
    ),
    "conda": (".condarc", "channels: a\n", "conda 拒绝不是列表的 channels。"),
    "uv": (
        ".config/uv/uv.toml",
        "find-links = 'a'\n",
        "find-links 不符合要求（字符串列表），uv 会因此拒绝整个文件。",
    ),
    "podman": (
        ".config/containers/registries.conf.d/50-mirrorcfg.conf",
        "[[registry]]\nprefix = 'a'\n",
        "这个文件有一个 registry 没有 location，podman 会因此拒绝它的全部内容。",
    ),
    "buildkit": (
        "etc/buildkit/buildkitd.toml",
        "registry = 1\n",
        "registry 不是表，buildkitd 会因此无法启动。",
    ),
    "containerd": (
        "etc/containerd/certs.d/docker.io/hosts.toml",
        "[host.'https://a.invalid']\ncapabilities = ['put']\n",
        "host.https://a.invalid.capabilities 含有无效的 put（有效的是 pull, resolve, push），containerd 会因此忽略整个文件。",
    ),
    "k3s": ("etc/rancher/k3s/registries.yaml", "mirrors: a\n", "mirrors 不是映射，k3s 会因此无法启动。"),
    "docker": (
        "etc/docker/daemon.json",
        '{"registry-mirrors": "a"}',
        "registry-mirrors 不是地址列表，dockerd 会因此无法启动。",
    ),
}


OWN = """
[pip]
index-url = "https://a.invalid/simple"
[conda]
default-channels = ["https://a.invalid/main"]
[docker]
registry-mirrors = ["https://a.invalid"]
"""


@pytest.mark.parametrize("tool", CASES)
def test_a_file_that_its_tool_refuses(box: Sandbox, tool: str) -> None:
    place, text, said = CASES[tool]
    below = ("--root", str(box.root)) if place.startswith("etc/") else ()
    box.profile("own", OWN)
    box.write((box.root if below else box.home) / place, text)
    command = ("use", "own", "--tool", tool, *below)
    done = box.run(*command, environ=ZH, code=1)
    assert said in done.err
    assert not WORDS.findall(done.err)
    message = box.json(*command, environ=ZH, code=1)["error"]["message"]
    assert message.isascii()
    assert WORDS.findall(message)


def test_what_keeps_a_tool_from_asking_and_its_mend(box: Sandbox) -> None:
    """A sentence within a sentence."""
    box.profile("own", OWN)
    file = box.root / "etc/containerd/config.toml"
    box.write(file, 'version = 2\n[plugins."io.containerd.grpc.v1.cri".registry.mirrors."a.invalid"]\n')
    done = box.run("use", "own", "--tool", "containerd", "--root", str(box.root), environ=ZH, code=3)
    assert f"{file} 中有 registry.mirrors，containerd 因此不查找任何目录。" in done.err
    assert f"从 {file} 中去掉它们；接着在 {file} 的 [" in done.err
    assert "，然后执行 sudo systemctl restart containerd\n" in done.err


def test_a_tool_that_there_is_not(box: Sandbox) -> None:
    done = box.run("status", "--tool", "dokcer", environ=ZH, code=2)
    assert "没有名为 dokcer 的工具。" in done.err
    assert "是不是想说 docker？" in done.err
    assert not WORDS.findall(done.err)
