"""Reads a report as a browser would, and lists what it holds. Every tag must be closed, as HTML asks."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = {"meta", "link", "img", "br", "hr", "input"}


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    parent: "Element | None"
    text: list[str] = field(default_factory=list)

    @property
    def words(self) -> str:
        return " ".join(" ".join(self.text).split())


class Page(HTMLParser):
    """Parse a document: its elements in order, each with all the text inside it."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.feed(text)
        self.close()
        assert [] == self._open, f"not closed: {[one.tag for one in self._open]}"

    def handle_starttag(self, tag, attrs):
        one = Element(tag, {name: value or "" for name, value in attrs}, self._open[-1] if self._open else None)
        self.elements.append(one)
        if tag not in _VOID:
            self._open.append(one)

    def handle_endtag(self, tag):
        assert tag == self._open.pop().tag, f"</{tag}> closes something else"

    def handle_data(self, data):
        for one in self._open:
            one.text.append(data)

    def all(self, tag: str) -> list[Element]:
        return [one for one in self.elements if one.tag == tag]

    def part(self, name: str) -> str:
        """Return the words of the section with this id."""
        (found,) = [one for one in self.elements if one.attributes.get("id") == name]
        return found.words
