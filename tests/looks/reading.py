"""HTML as a browser would read it, for tests of what is drawn."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass(frozen=True, slots=True)
class Element:
    """One start tag, and the text up to its end."""

    name: str
    attributes: dict[str, str | None]
    said: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All that can be read in it."""
        return "".join(self.said)

    @property
    def classes(self) -> set[str]:
        return set((self.attributes.get("class") or "").split())


class Reading(HTMLParser):
    """`elements` in their order; `text` is all that can be read."""

    _VOID = ("br", "hr", "img", "input", "link", "meta")

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.text = ""
        self.feed(html)
        self.close()
        assert not self._open, f"not closed: {[one.name for one in self._open]}"

    def all(self, name: str = "", class_: str = "") -> list[Element]:
        """Those of that tag and class."""
        return [
            one
            for one in self.elements
            if name in ("", one.name) and (not class_ or class_ in one.classes)
        ]

    def one(self, name: str = "", class_: str = "") -> Element:
        """The only one of them."""
        (found,) = self.all(name, class_)
        return found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs))
        self.elements.append(element)
        if tag not in self._VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop().name == tag

    def handle_data(self, data: str) -> None:
        self.text += data
        for element in self._open:
            element.said.append(data)
