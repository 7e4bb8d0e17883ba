"""From words in any order to what was meant by them. Pure.

A person types `/clip 30s 2m ago <link>`, `/clip <link> last 30 seconds` or `/clip ago 2m 30s`, and
means what is plain to see. Where `ago` stands between two durations (`2m ago 30s` as well as
`30s ago 2m`), the longer one is how far back: a clip is short. `ago=2m` and `-2m` leave no doubt.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from bot.errors import DurationError, MintError
from bot.kit.timing.durations import HOURS, MINUTES, SECONDS, parse_duration
from bot.model import SHORTEST_CLIP_SECONDS
from bot.pumpfun import is_mint, parse_mint

LONGEST_TEXT = 8000
MOST_WORDS = 40
"""Of a command that does not take many coins: no command means more, and each word is looked up."""

_BETWEEN = re.compile(r"[\s,;]+")
_UNSEEN = re.compile(
    "[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]+"
)
"""Copied along with an address from chats and web pages, and seen by nobody."""

_DECIMAL_COMMA = re.compile(r"(?<!\S)(-?\d{1,4}),(\d{1,2})(?=\s*[a-zA-Z]*(?!\S))", re.ASCII)
_MINUS = re.compile(r"(?<!\S)[\u2212\u2013\u2014](?=\d)")
"""What a phone makes of a hyphen."""

_UNITS = frozenset(HOURS + MINUTES + SECONDS)
_NUMBER = re.compile(r"-?(?=.)(?:\d+(?:[.:]\d+)*)?[½¼¾]?", re.ASCII)
_GOES_ON = re.compile(rf".*\d(?:{'|'.join(HOURS + MINUTES)})", re.ASCII | re.IGNORECASE)
_TIME_LIKE = re.compile(r"[\d:.½¼¾]+", re.ASCII)
_AGO = frozenset({"ago", "back", "earlier"})
_FILLERS = frozenset({"last", "the", "past", "for", "of", "from", "please"})
_NAMED = re.compile(
    r"(?P<name>duration|seconds|length|ago|mint|coin)[=:](?P<value>.+)", re.IGNORECASE
)
_LINK_LIKE = re.compile(
    r"(?=.*[/\\:]).{4,}|.*\w\.[a-z]{2}.*|0x[0-9a-f]{6,}|[1-9A-HJ-NP-Za-km-z]{20,}", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class ParsedWords:
    """What the words said. `rest` is what is left over, as it was typed; `refused` are those that
    look like an address or a link and name no coin. Durations are seconds, not yet bounded."""

    mints: tuple[str, ...] = ()
    refused: tuple[MintError, ...] = ()
    seconds: float | None = None
    ago: float | None = None
    rest: tuple[str, ...] = ()


def split(texts: Iterable[str]) -> tuple[str, ...]:
    """Single words, of texts that may hold several: white space and commas part them. Without
    what cannot be seen. The comma of `1,5 min` parts nothing."""
    return tuple(w for text in texts for w in _BETWEEN.split(_plain(text)) if w)


def _plain(text: str) -> str:
    return _MINUS.sub("-", _DECIMAL_COMMA.sub(r"\1.\2", without_unseen(text)))


def without_unseen(text: str) -> str:
    """`text` without what nobody sees, and nobody has typed."""
    return _UNSEEN.sub("", text)


def command_of(text: str) -> tuple[str, tuple[str, ...]]:
    """The command's name, small, without a slash and without `@bot`; and its words."""
    words = split([text])
    if not words:
        return "", ()
    name = words[0].removeprefix("/").partition("@")[0].lower()
    return name, words[1:]


def nearest(word: str, choices: Iterable[str], closeness: float = 0.55) -> str | None:
    """The choice that `word` most likely meant; None if none is near. `closeness` is from 0 to 1,
    for the same word."""
    known = list(choices)
    found = difflib.get_close_matches(word.lower(), known, n=1, cutoff=closeness)
    begun = [choice for choice in known if len(word) > 1 and choice.startswith(word.lower())]
    return next(iter(found or begun), None)


def parse_mints(words: Iterable[str]) -> ParsedWords:
    """The mints and links among `words`, each once, in their order."""
    parser = _Parser()
    for word in words:
        named = _NAMED.fullmatch(word)
        is_named = named is not None and named["name"].lower() in ("mint", "coin")
        parser.take_mint(named["value"] if named is not None and is_named else word)
    return parser.result()


def mints_in(text: str) -> tuple[str, ...]:
    """The mints that stand in a text, as such or in links, each once."""
    return parse_mints(split([text])).mints


def parse_words(words: Iterable[str]) -> ParsedWords:
    """Mints, links, a duration and an `ago` among `words`."""
    parser = _Parser()
    tokens = _compounded(_joined(tuple(words)))
    while tokens:
        tokens = tokens[parser.take(tokens) :]
    return parser.result()


def coin_option(value: str | None) -> str | None:
    """The coin that an option names, as one word, whatever that means elsewhere (`THE`); as it was
    typed where it is several."""
    return f"mint={value}" if value and len(split([value])) == 1 else value


def duration_option(value: str | None) -> str | None:
    """The length that an option names, as a word that joins no other; as it was typed where it is
    something else."""
    words = _compounded(_joined(split([value or ""])))
    is_one = len(words) == 1 and not words[0].startswith("-") and _seconds(words[0]) is not None
    return f"duration={words[0]}" if is_one else value


def ago_option(value: str | None) -> str | None:
    """The same for how far back."""
    words = _compounded(_joined(split([value or ""])))
    if len(words) > 1 and words[-1].lower() in _AGO:
        words = words[:-1]
    is_one = len(words) == 1 and _seconds(words[0]) is not None
    return f"ago={words[0]}" if is_one else value and f"{value} ago"


def bounded(text: str, seconds: float, longest: float) -> float:
    """`seconds`, if that is no shorter than any clip and at most `longest`. Raises DurationError
    for `text`."""
    if not SHORTEST_CLIP_SECONDS <= seconds <= longest:
        raise DurationError(text, longest, seconds=seconds)
    return seconds


@dataclass(slots=True)
class _Parser:
    mints: dict[str, None] = field(default_factory=dict)
    refused: list[MintError] = field(default_factory=list)
    lengths: list[tuple[str, float]] = field(default_factory=list)
    agos: list[tuple[str, float]] = field(default_factory=list)
    rest: list[str] = field(default_factory=list)

    def take(self, tokens: tuple[str, ...]) -> int:
        """Understand the first of `tokens`, and return how many of them that took."""
        token = tokens[0]
        if _seconds(token) is not None:
            return self._take_duration(tokens)
        if token.lower() in _AGO:
            return self._take_ago(tokens)
        named = _NAMED.fullmatch(token)
        if named is not None:
            self._take_named(token, named["name"].lower(), named["value"])
        elif token.lower() not in _FILLERS:
            self.take_mint(token)
        return 1

    def take_mint(self, token: str) -> None:
        looks_like_one = _LINK_LIKE.fullmatch(token.strip("<>")) and not _is_time_like(token)
        if not is_mint(token) and not looks_like_one:
            self.rest.append(token)
            return
        try:
            self.mints[parse_mint(token)] = None
        except MintError as error:
            self.refused.append(error)

    def result(self) -> ParsedWords:
        # A second duration says how far back; whatever is more than that is left over.
        agos = self.agos + self.lengths[1:]
        rest = [*self.rest, *(text for text, _ in agos[1:])]
        return ParsedWords(
            mints=tuple(self.mints),
            refused=tuple(self.refused),
            seconds=self.lengths[0][1] if self.lengths else None,
            ago=agos[0][1] if agos else None,
            rest=tuple(rest),
        )

    def _take_duration(self, tokens: tuple[str, ...]) -> int:
        text, seconds = tokens[0], _seconds(tokens[0]) or 0.0
        if text.startswith("-"):
            self.agos.append((text, seconds))
            return 1
        if len(tokens) == 1 or tokens[1].lower() not in _AGO:
            self.lengths.append((text, seconds))
            return 1
        after = _seconds(tokens[2]) if _stands_alone(tokens[2:]) else None
        if after is None:
            self.agos.append((text, seconds))
            return 2
        short, far = sorted([(text, seconds), (tokens[2], after)], key=lambda pair: pair[1])
        self.lengths.append(short)
        self.agos.append(far)
        return 3

    def _take_ago(self, tokens: tuple[str, ...]) -> int:
        seconds = _seconds(tokens[1]) if len(tokens) > 1 else None
        if seconds is None:
            self.rest.append(tokens[0])
            return 1
        self.agos.append((tokens[1], seconds))
        return 2

    def _take_named(self, token: str, name: str, value: str) -> None:
        if name in ("mint", "coin"):
            self.take_mint(value)
            return
        seconds = _seconds(value)
        if seconds is None:
            self.rest.append(token)
        else:
            (self.agos if name == "ago" else self.lengths).append((token, seconds))


def _joined(words: tuple[str, ...]) -> tuple[str, ...]:
    """`30 seconds` is one word, and so is the `ago` of an option whose value has one, too."""
    joined: list[str] = []
    for word in words:
        if joined and word.lower() in _AGO and joined[-1].lower() in _AGO:
            continue
        if joined and word.lower() in _UNITS and _NUMBER.fullmatch(joined[-1]):
            joined[-1] += word
        else:
            joined.append(word)
    return tuple(joined)


def _compounded(words: tuple[str, ...]) -> tuple[str, ...]:
    """`1m 30s` and `1 min and 30` are one duration; `30s 2m` are two, and so are those of
    `ago 2m 30s`."""
    joined: list[str] = []
    for word in words:
        is_free = len(joined) < 2 or joined[-2].lower() not in _AGO
        if joined and word.lower() == "and" and _GOES_ON.fullmatch(joined[-1]):
            continue
        if joined and is_free and _is_continued(joined[-1], word):
            joined[-1] += word
        else:
            joined.append(word)
    return tuple(joined)


def _is_continued(first: str, second: str) -> bool:
    is_part = second[:1].isdigit() and ":" not in second and not first.startswith("-")
    return is_part and bool(_GOES_ON.fullmatch(first)) and _seconds(first + second) is not None


def _is_time_like(token: str) -> bool:
    """`1:75` is a slip of the finger, and no link."""
    return bool(_TIME_LIKE.fullmatch(token)) and ":" in token


def _stands_alone(tokens: tuple[str, ...]) -> bool:
    """Whether the first token is no part of an `ago` of its own (`2m ago` or `-2m`)."""
    if not tokens or tokens[0].startswith("-"):
        return False
    return len(tokens) == 1 or tokens[1].lower() not in _AGO


def _seconds(token: str) -> float | None:
    """How long `2min`, `-30s`, `1:30` or `1m30s` is, whatever its sign; None for any other text."""
    if is_mint(token):
        return None
    try:
        return parse_duration(token.removeprefix("-"), 1e9)
    except DurationError as error:
        return error.seconds
