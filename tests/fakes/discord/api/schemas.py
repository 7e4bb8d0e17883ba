"""A small validator of JSON Schema: what Discord's description uses of it, and quick.

Unlike the description, it takes ids as numbers, as Discord does and discord.py relies on, and it
refuses fields that the description does not know: a misspelt one does
nothing at Discord, which no test would see.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

Json = dict[str, Any]
Fault = tuple[str, str]
"""A dotted path and what is wrong there."""

UNKNOWN = "is not known to Discord"

_REF = "#/components/schemas/"
_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
    "null": type(None),
}
_SCHEMES = {"http", "https", "attachment", "discord"}


@dataclass(frozen=True, slots=True)
class Schemas:
    """The named schemas that others refer to."""

    named: dict[str, Json]

    def faults(self, schema: Json, value: Any, path: str = "") -> list[Fault]:
        """Everything that is wrong with `value`."""
        return list(self._all(schema, value, path))

    def _all(self, schema: Json, value: Any, path: str) -> Iterator[Fault]:
        if "$ref" in schema:
            yield from self._all(self.named[schema["$ref"].removeprefix(_REF)], value, path)
        if schema.get("format") == "snowflake" and type(value) is int:
            value = str(value)
        if not _is_type(schema.get("type"), value):
            yield path, f"is no {schema['type']}: {value!r:.60}"
            return
        for each in schema.get("allOf", ()):
            yield from self._all(each, value, path)
        union = schema.get("oneOf") or schema.get("anyOf")
        if union:
            yield from self._union(union, value, path)
        if "enum" in schema and value not in schema["enum"]:
            yield path, f"{value!r:.60} is none of {schema['enum']}"
        yield from self._inside(schema, value, path)

    def _inside(self, schema: Json, value: Any, path: str) -> Iterator[Fault]:
        if isinstance(value, str):
            yield from _text(schema, value, path)
        elif isinstance(value, list):
            yield from self._list(schema, value, path)
        elif isinstance(value, dict):
            yield from self._object(schema, value, path)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield from _size(value, schema, "minimum", "maximum", path)

    def _list(self, schema: Json, value: list[Any], path: str) -> Iterator[Fault]:
        yield from _size(len(value), schema, "minItems", "maxItems", path)
        if schema.get("uniqueItems") and any(value.count(one) > 1 for one in value):
            yield path, "has something twice"
        for index, one in enumerate(value):
            yield from self._all(schema.get("items", {}), one, f"{path}.{index}".lstrip("."))

    def _object(self, schema: Json, value: Json, path: str) -> Iterator[Fault]:
        properties = schema.get("properties")
        for name in schema.get("required", ()):
            if name not in value:
                yield f"{path}.{name}".lstrip("."), "is required"
        if properties is None:
            return
        for name, one in value.items():
            place = f"{path}.{name}".lstrip(".")
            if name in properties:
                yield from self._all(properties[name], one, place)
            else:
                yield place, UNKNOWN

    def _union(self, union: list[Json], value: Any, path: str) -> Iterator[Fault]:
        """Of the alternatives, the faults of the one that is meant: the least wrong of those
        whose `type` field, where they have one, is that of the value."""
        tried = [
            list(self._all(each, value, path)) for each in union if self._is_meant(each, value)
        ]
        if not tried:
            yield path, f"is none of the {len(union)} things that may stand here"
        elif [] not in tried:
            yield from min(tried, key=len)

    def _is_meant(self, schema: Json, value: Any) -> bool:
        resolved = self.named[schema["$ref"].removeprefix(_REF)] if "$ref" in schema else schema
        if value is None or resolved.get("type") == "null":
            return value is None and _is_type(resolved.get("type"), None)
        kind = resolved.get("properties", {}).get("type", {}).get("enum")
        return not kind or not isinstance(value, dict) or value.get("type") in kind


def _is_type(types: str | list[str] | None, value: Any) -> bool:
    if types is None:
        return True
    listed = [types] if isinstance(types, str) else types
    if isinstance(value, bool):
        return "boolean" in listed
    return any(isinstance(value, _TYPES[one]) for one in listed)


def _size(size: float, schema: Json, low: str, high: str, path: str) -> Iterator[Fault]:
    if low in schema and size < schema[low]:
        yield path, f"{size} is below {schema[low]} ({low})"
    if high in schema and size > schema[high]:
        yield path, f"{size} is above {schema[high]} ({high})"


def _text(schema: Json, value: str, path: str) -> Iterator[Fault]:
    yield from _size(len(value), schema, "minLength", "maxLength", path)
    pattern = schema.get("pattern")
    if pattern and not re.search(pattern, value):
        yield path, f"{value!r:.60} does not match {pattern}"
    if schema.get("format") == "uri" and urlsplit(value).scheme not in _SCHEMES:
        yield path, f"{value!r:.60} is no URL"
