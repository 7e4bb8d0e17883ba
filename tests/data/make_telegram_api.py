"""Cut the compact table of what a bot may send from Telegram's published description.

    python tests/data/make_telegram_api.py PATH_OF_telegram-bot-api.json

The description is `api.json` of github.com/PaulSonOfLars/telegram-bot-api-spec (MIT), made from
core.telegram.org/bots/api. The table beside this file keeps the methods below and the types that
they take: names, types, what is required, and the limits and fixed values that the description
only tells in prose. Nothing that Telegram answers is kept.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

TABLE = Path(__file__).with_name("telegram-api.json")

SOURCE = {
    "from": "github.com/PaulSonOfLars/telegram-bot-api-spec, api.json",
    "license": "MIT",
    "made_by": "tests/data/make_telegram_api.py",
}

METHODS = (
    *("getMe", "getUpdates", "setWebhook", "deleteWebhook", "getWebhookInfo"),
    *("sendMessage", "sendPhoto", "sendAnimation", "sendVideo", "sendChatAction"),
    *("editMessageText", "editMessageCaption", "editMessageMedia", "editMessageReplyMarkup"),
    *("deleteMessage", "deleteMessages", "answerCallbackQuery"),
    *("setMyCommands", "getMyCommands", "deleteMyCommands"),
    *("getChat", "getChatMember", "getChatAdministrators", "getChatMemberCount", "leaveChat"),
    "getFile",
)

_ARRAYS = re.compile(r"^(Array of )+")
_LENGTH = re.compile(r"(\d+)-(\d+) (characters|bytes)( after entit(?:y|ies) parsing)?")
_COUNT = re.compile(r"list of (\d+)-(\d+) ")
_VALUES = re.compile(r"Values between (\d+)-(\d+)")
_FIXED = re.compile(r"(?:must be|always) [“\"]?(\w+)[”\"]?$")


def field(described: dict[str, Any]) -> dict[str, Any]:
    """One parameter, or one field of an object."""
    prose = described["description"]
    kept: dict[str, Any] = {"types": described["types"]}
    if described["required"]:
        kept["required"] = True
    if length := _LENGTH.search(prose):
        low, high, unit, parsed = length.groups()
        kept["length"] = [int(low), int(high), unit]
        if parsed:
            kept["parsed"] = True
    if count := _COUNT.search(prose):
        kept["count"] = [int(each) for each in count.groups()]
    if values := _VALUES.search(prose):
        kept["values"] = [int(each) for each in values.groups()]
    if described["name"] == "type" and (fixed := _FIXED.search(prose)):
        kept["is"] = fixed.group(1)
    return kept


def fields(described: dict[str, Any]) -> dict[str, Any]:
    """All of a method or a type, by name."""
    return {one["name"]: field(one) for one in described.get("fields", [])}


def named(types: list[dict[str, Any]]) -> set[str]:
    """The names of the types that fields may have."""
    return {_ARRAYS.sub("", each) for one in types for each in one["types"]}


def table(description: dict[str, Any]) -> dict[str, Any]:
    """The whole table, with the types that its methods need and no others."""
    methods = {name: fields(description["methods"][name]) for name in METHODS}
    types: dict[str, Any] = {}
    missing = set().union(*(named(list(taken.values())) for taken in methods.values()))
    while missing:
        name = missing.pop()
        described = description["types"].get(name)
        if described is None or name in types:
            continue
        if "subtypes" in described:
            types[name] = {"one_of": described["subtypes"]}
            missing |= set(described["subtypes"])
        else:
            types[name] = fields(described)
            missing |= named(list(types[name].values()))
    # What a file is stands in the request's multipart body.
    types.pop("InputFile", None)
    source = SOURCE | {"version": description["version"], "of": description["release_date"]}
    return {"source": source, "methods": methods, "types": dict(sorted(types.items()))}


def written(value: dict[str, Any]) -> str:
    """JSON with one field a line, so that a change shows in a diff."""
    lines = ["{", f' "source": {json.dumps(value["source"], ensure_ascii=False)},']
    for part in ("methods", "types"):
        lines.append(f' "{part}": {{')
        lines.append(",\n".join(_entry(name, one) for name, one in value[part].items()))
        lines.append(" }," if part == "methods" else " }")
    return "\n".join([*lines, "}", ""])


def _entry(name: str, one: dict[str, Any]) -> str:
    if not one or "one_of" in one:
        return f'  "{name}": {json.dumps(one)}'
    rows = ",\n".join(f'   "{key}": {json.dumps(each)}' for key, each in one.items())
    return f'  "{name}": {{\n{rows}\n  }}'


def main() -> None:
    """Write the table."""
    TABLE.write_text(written(table(json.loads(Path(sys.argv[1]).read_text()))))


if __name__ == "__main__":
    main()
