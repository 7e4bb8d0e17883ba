"""What people read is in plain words, and in one word for one thing. The table says which."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXTS = ROOT / "bot" / "texts"
ELSEWHERE = [ROOT / "bot" / folder for folder in ("config", "demo", "model")]
"""Code that has a few sentences among texts that nobody reads."""
PAGE = ROOT / "bot" / "platforms" / "local" / "page" / "scripts" / "words.js"
GUIDES = [
    *(ROOT / name for name in ("README.md", "SECURITY.md", "CHANGELOG.md", "config.example.toml")),
    *(
        ROOT / "docs" / f"{name}.md"
        for name in ("discord", "docker", "http", "network", "proxy", "running", "telegram")
    ),
]
"""What is written for people who use Mintcast or run it, not for those who change it."""

# `…` stands for anything within the same sentence.
BETTER = {
    # One word for one thing
    "watching": "viewers",
    "not live": "offline",
    "Copy mint": "Copy address",
    "State of things": "Status",
    "As usual": "Default",
    "Asked for by": "Clipped by",
    "whoever": "the bot's operator, or who is meant",
    "who runs this bot": "the bot's operator",
    "who subscribed": "the subscriber",
    "mend": "fix",
    "mended": "fixed",
    "say /": "run /",
    "Say it like this": "Usage",
    "In the night": "Overnight",
    "in the night": "at night",
    "all along": "leave it out",
    # What is our own design's, and nobody else's
    "target": "channel, group or chat",
    "targets": "channels, groups or chats",
    "delivery": "alert, clip or message",
    "deliveries": "alerts, clips or messages",
    "sender": "Discord, Telegram or the page",
    "outbox": "alerts and clips",
    "the platform": "the chat service, or its name",
    # Plain English
    "please": "the bare imperative: “Try again.”",
    "Please": "the bare imperative: “Try again.”",
    "so that": "so",
    "to be seen": "“no video yet”",
    "is no more": "no longer exists",
    "do not hold": "invalid",
    "does not hold": "invalid",
    "for want of": "without, or what is missing",
    "afresh": "again, or fresh",
    "by itself": "leave it out",
    "say for example": "try",
    "say at most": "the most is",
    "I know no": "there's no",
    "neither … nor": "no … or",
    "(any more)": "leave it out",
    "of no use": "pointless, or why",
    "KiB": "bot.texts.units.size",
    "MiB": "bot.texts.units.size",
    "GiB": "bot.texts.units.size",
    "’": "'",
}

LONGEST = 200

_BLANK = "\N{OBJECT REPLACEMENT CHARACTER}"
"""Where an f-string has a value."""


def sentences(source: str) -> Iterator[tuple[str, str]]:
    """Every text that `source` can tell, and its line. Docstrings and keys are told to nobody."""
    told = ast.parse(source)
    untold: set[ast.AST] = set()
    for node in ast.walk(told):
        if isinstance(node, ast.Expr):
            untold.add(node.value)
        elif isinstance(node, ast.Dict):
            untold.update(key for key in node.keys if key is not None)
        elif isinstance(node, ast.JoinedStr):
            untold.update(node.values)
    for node in ast.walk(told):
        if node in untold:
            continue
        if isinstance(node, ast.JoinedStr):
            yield str(node.lineno), "".join(_part(value) for value in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield str(node.lineno), node.value


def _part(value: ast.expr) -> str:
    return str(value.value) if isinstance(value, ast.Constant) else _BLANK


def pattern(worse: str) -> re.Pattern[str]:
    """Finds the words as whole words."""
    words = re.escape(worse).replace("…", r"[^.!?]*?")
    before, after = (r"\b" if edge.isalnum() else "" for edge in (worse[0], worse[-1]))
    return re.compile(f"{before}{words}{after}")


def found(worse: str, told: Iterable[tuple[str, str]]) -> list[str]:
    words = pattern(worse)
    return [f"{where}: {text}" for where, text in told if words.search(text)]


def _of_code(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*.py")):
        for line, text in sentences(path.read_text()):
            yield f"{path.relative_to(ROOT)}:{line}", text


def paragraphs(text: str) -> Iterator[tuple[str, str]]:
    """Each paragraph of a guide in one line, without what is code; and the line it starts at."""
    prose = _CODE.sub(lambda code: "\n" * code[0].count("\n"), text)
    for block in re.finditer(r"\S.*?(?=\n\s*\n|\Z)", prose, re.DOTALL):
        yield str(prose.count("\n", 0, block.start()) + 1), " ".join(block[0].split())


_CODE = re.compile(r"^ *```.*?^ *```|`[^`]+`", re.MULTILINE | re.DOTALL)


@functools.cache
def every_sentence() -> tuple[tuple[str, str], ...]:
    """Of bot/texts, each with its file and line."""
    return tuple(_of_code(TEXTS))


@functools.cache
def every_word() -> tuple[tuple[str, str], ...]:
    """The same, and what else people read: in other code, on the page, in guides."""
    code = (told for folder in ELSEWHERE for told in _of_code(folder))
    page = enumerate(PAGE.read_text().splitlines(), 1)
    return (
        *every_sentence(),
        *((where, text) for where, text in code if re.search(r"\w \w", text)),
        *((f"{PAGE.name}:{line}", text) for line, text in page),
        *(
            (f"{guide.relative_to(ROOT)}:{line}", text)
            for guide in GUIDES
            for line, text in paragraphs(guide.read_text())
        ),
    )


@pytest.mark.parametrize("worse", BETTER)
def test_what_people_read_is_in_the_better_words(worse: str) -> None:
    assert not found(worse, every_word()), f"instead of “{worse}”: {BETTER[worse]}"


def test_no_sentence_takes_a_second_look() -> None:
    long = [f"{where}: {text}" for where, text in every_sentence() if len(text) > LONGEST]
    assert not [text for text in long if "\n" not in text], "only what lists may be longer"


def test_sentences_are_found_at_all() -> None:
    assert len(every_sentence()) > 300
    told = {where.split(":")[0] for where, _ in every_word()}
    assert {"bot/config/settings.py", "bot/demo/run.py", "bot/model/network.py"} <= told
    assert {PAGE.name, *(str(guide.relative_to(ROOT)) for guide in GUIDES)} <= told


@pytest.mark.parametrize("worse", BETTER)
def test_worse_words_are_found_wherever_they_are_told(worse: str) -> None:
    words = worse.replace("…", "picture")
    told = (
        f"TITLE = {f'Well, {words}'!r}",
        f"WORDS = {{'key': ({f'{words} is what it was'!r},)}}",
        f"def one(count: int) -> str:\n    return f'There {{count}}' {f' it is {words} so'!r}",
    )
    assert [len(found(worse, sentences(source))) for source in told] == [1, 1, 1]


@pytest.mark.parametrize(
    "source",
    [
        '"""A target, as a docstring says."""',
        'NAME = 1\n"""What a target is."""',
        'WORDS = {"target": "channel"}',
        'NAME = "targeted"',
    ],
)
def test_what_nobody_reads_may_have_any_words(source: str) -> None:
    assert not found("target", sentences(source))


def test_a_guide_is_read_across_its_lines_and_without_its_code() -> None:
    guide = "# One\n\n* It is so\n  that `target` is\n\n```sh\ntarget\n\ntarget\n```\n\nA target"
    told = list(paragraphs(guide))
    assert [where for where, _ in told] == ["1", "3", "12"]
    assert found("so that", told) == ["3: * It is so that is"]
    assert found("target", told) == ["12: A target"]
