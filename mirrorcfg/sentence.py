"""A sentence is a template and its facts: its reader's language is chosen where it is drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Self

_ENDS = ".。"
_WIDE = "\u3000"  # from here on characters are Chinese, as good as all of them


class Sentence(str):
    """English for everybody who asks for nothing: a `str` that remembers what it was made of.

    Without facts the template is the text, whatever is in it. A `clause` goes without the full stop, to stand
    within another sentence.
    """

    __slots__ = ("clause", "facts", "template")
    template: str
    facts: Mapping[str, object]
    clause: bool

    def __new__(cls, template: str, facts: Mapping[str, object], clause: bool = False) -> Self:
        """`template` with its facts, as `str.format` fills them in."""
        text = template.format_map(facts) if facts else template
        made = super().__new__(cls, text.rstrip(_ENDS) if clause else text)
        made.template, made.facts, made.clause = template, facts, clause
        return made

    def of(self, change: Callable[[str], str]) -> Sentence:
        """The same with what `change` makes of the text of each fact; numbers stay.

        One without facts is changed itself: it may have come from anywhere.
        """
        facts = {name: _changed(fact, change) for name, fact in self.facts.items()}
        return Sentence(self.template if facts else change(self.template), facts, self.clause)

    def into(self, translate: Callable[[str], str]) -> str:
        """It in another language, with its facts that are sentences: `translate` has each template."""
        template, facts = translate(self.template), dict(self.facts)
        for name, fact in self.facts.items():
            if isinstance(fact, Sentence):
                facts[name] = said = fact.into(translate)
                if template != self.template:
                    template = _closed(template, name, said)
        return str(Sentence(template, facts, self.clause))


class Bilingual(Sentence):
    """A text that somebody else wrote, in Chinese too: it is in no catalog."""

    __slots__ = ("chinese",)
    chinese: str

    def __new__(cls, english: str, chinese: str) -> Self:
        """The same in both languages."""
        made = super().__new__(cls, english, {})
        made.chinese = chinese
        return made

    def of(self, change: Callable[[str], str]) -> Bilingual:
        """The same with what `change` makes of both."""
        return Bilingual(change(str(self)), change(self.chinese))

    def into(self, translate: Callable[[str], str]) -> str:
        """In Chinese, whatever the catalog has."""
        return self.chinese


def told(texts: Mapping[str, str]) -> str:
    """A text by language: English, and Chinese where it is drawn for a reader of it."""
    return Bilingual(texts["en"], texts["zh"]) if "zh" in texts else texts["en"]


def _closed(template: str, name: str, said: str) -> str:
    """No space between Chinese and a fact in Chinese, as there is one between Chinese and Latin letters."""
    before, field, after = template.partition(f"{{{name}}}")
    if said[:1] >= _WIDE and before[-1:] == " " and before[-2:-1] >= _WIDE:
        before = before[:-1]
    if said[-1:] >= _WIDE and after[:1] == " " and after[1:2] >= _WIDE:
        after = after[1:]
    return before + field + after


def _changed(fact: object, change: Callable[[str], str]) -> object:
    if isinstance(fact, Sentence):
        return fact.of(change)
    return fact if isinstance(fact, int | float) else change(str(fact))


def sentence(template: str, /, **facts: object) -> str:
    """`sentence("There is no tool called {tool}.", tool=name)`, to be translated where it is drawn.

    The template is written out where it is used: a catalog is made of those. A fact that is worded itself is
    a sentence too; any other is drawn as it is.
    """
    return Sentence(template, facts)


def clause(text: str) -> str:
    """`text` to stand within another sentence."""
    made = text if isinstance(text, Sentence) else Sentence(text, {})
    return Sentence(made.template, made.facts, clause=True)
