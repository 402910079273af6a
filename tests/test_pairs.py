"""The English and the Chinese pages say the same, in the same places, and lead somewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import pages
from tests.pages import ROOT, chinese

PAIRS = [pytest.param(page, id=page.name) for page in pages.pages()]
ALL = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]


@pytest.mark.parametrize("page", PAIRS)
def test_a_page_and_its_pair_are_made_alike(page: Path) -> None:
    assert chinese(page).is_file(), f"{page.name} has no Chinese page"
    found = pages.differences(page.read_text(), chinese(page).read_text(), page)
    assert not found, "\n".join([f"{page.name} and {chinese(page).name} differ:", *found])


@pytest.mark.parametrize("page", PAIRS)
def test_each_leads_to_the_other_at_its_top(page: Path) -> None:
    assert page.read_text().split("\n")[2] == f"[简体中文]({chinese(page).name})"
    assert chinese(page).read_text().split("\n")[2] == f"[English]({page.name})"


@pytest.mark.parametrize("page", PAIRS)
def test_a_chinese_page_leads_to_chinese_ones(page: Path) -> None:
    here = chinese(page)
    paired = {each.resolve() for each in pages.pages()}
    links = [part for part in pages.parts(here.read_text()) if part.kind == "link"][1:]
    english = [part for part in links if (here.parent / part.what.partition("#")[0]).resolve() in paired]
    assert not english


@pytest.mark.parametrize("page", PAIRS)
def test_chinese_is_written_as_chinese_is_written(page: Path) -> None:
    found = pages.slips(chinese(page).read_text())
    assert not found, "\n".join([f"{chinese(page).name}:", *found])


@pytest.mark.parametrize("page", [pytest.param(page, id=page.name) for page in sorted(ALL)])
def test_every_link_leads_somewhere(page: Path) -> None:
    assert not pages.dead(page, page.read_text())


def test_no_chinese_page_is_without_its_english_one() -> None:
    lone = [page.name for page in ALL if not pages.english(page).is_file()]
    assert not lone


ENGLISH = """# One
A [link](docs/pip.md), another [one](docs/run.md).
## Two
```console
$ mirrorcfg ls     # which there are
pip  switched
```
| a | b |
|---|---|
| `x|y` | 2 |

- first
- second
"""
HAN = """# 一
一个[链接](docs/pip.zh-CN.md)，另[一个](docs/run.zh-CN.md)。
## 二
```console
$ mirrorcfg ls     # 有哪些
pip  已切换
```
| 甲 | 乙 |
|---|---|
| `x|y` | 2 |

- 其一
- 其二
"""


def test_a_pair_that_is_alike_is_alike() -> None:
    assert not pages.differences(ENGLISH, HAN, ROOT / "README.md")
    assert not pages.slips(HAN)


@pytest.mark.parametrize(
    ("there", "instead"),
    [
        ("## 二", "### 二"),
        ("## 二\n", ""),
        ("# 一\n", "# 一\n## 多\n"),
        ("```console", "```sh"),
        ("$ mirrorcfg ls ", "$ mirrorcfg 列出 "),
        ("pip  已切换", "pip  switched over"),
        ("pip  已切换\n", ""),
        ("| `x|y` | 2 |\n", "| `x|y` | 2 |\n| 丙 | 丁 |\n"),
        ("| 甲 | 乙 |", "| 甲 | 乙 | 丙 |"),
        ("- 其二\n", ""),
        ("- 其二", "  - 其二"),
        ("- 其二", "1. 其二"),
        ("docs/pip.zh-CN.md", "docs/uv.zh-CN.md"),
        (
            "[链接](docs/pip.zh-CN.md)，另[一个](docs/run.zh-CN.md)",
            "[一](docs/run.zh-CN.md)[二](docs/pip.zh-CN.md)",
        ),
        ("另[一个](docs/run.zh-CN.md)", "另一个"),
        ("。\n", "。\n\n还有一段。\n"),
    ],
)
def test_what_one_page_changed_alone_is_seen(there: str, instead: str) -> None:
    assert there in HAN
    assert pages.differences(ENGLISH, HAN.replace(there, instead, 1), ROOT / "README.md")


@pytest.mark.parametrize(
    ("rule", "slip"),
    [
        ("half-width punctuation beside Chinese", "可用,"),
        ("half-width punctuation beside Chinese", "可用(`pip`)"),
        ("half-width punctuation beside Chinese", "没有网络."),
        ("half-width punctuation in a Chinese sentence", "工具是 `pip`, `conda`"),
        ("no space between Chinese and Latin", "用pip 安装"),
        ("no space between Chinese and Latin", "运行`pip`"),
        ("no space between Chinese and Latin", "等 3秒"),
        ("no space between Chinese and Latin", "见[CI](run.md)"),
        ("a space beside full-width punctuation", "用 pip ，再用 uv"),
        ("a space beside full-width punctuation", "用 pip， 再用 uv"),
        ("quotation marks that aren't 「」", "所谓“切回”"),
        ("镜像 that is neither 镜像源 nor 容器镜像", "换一个镜像站"),
        ("镜像 that is neither 镜像源 nor 容器镜像", "拉取镜像"),
        ("profile for 配置方案", "换一个 profile"),
        ("a line break between Chinese characters, which shows as a space", "配置\n方案"),
    ],
)
def test_a_slip_of_the_pen_is_seen(rule: str, slip: str) -> None:
    assert rule in pages.RULES
    (found,) = {each.split(": ")[1] for each in pages.slips(f"# 甲\n\n{slip}\n")}
    assert found == rule


@pytest.mark.parametrize(
    "right",
    [
        "**要么全改，要么不改。** 一次切换",
        "写 `a, b`（见 [ci.zh-CN.md](ci.zh-CN.md)）：3 秒",
        "配置方案（profile）写明镜像源，容器镜像从那里来。",
        "| `a`, `b` | only English, here |",
        "用 .condarc，或 3.11",
        "这一行\n\n那一行",
    ],
)
def test_what_is_right_is_let_be(right: str) -> None:
    assert not pages.slips(f"# 甲\n\n{right}\n")


def test_an_anchor_that_no_heading_has_is_seen(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# 一个：`env` 和 `run`\n\n## 同名\n\n## 同名\n")
    assert pages.anchors(page) == ["一个env-和-run", "同名", "同名-1"]
    text = "[甲](#同名) [乙](#同名-1) [丙](#不在) [丁](nosuch.md) [戊](https://docs.ansible.com)"
    assert pages.dead(page, text) == ["line 1: #不在", "line 1: nosuch.md"]
