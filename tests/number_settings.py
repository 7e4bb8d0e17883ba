"""The settings that are numbers, or lists of some; a new one is among them without being named."""

from __future__ import annotations

from typing import Any

from bot.config import Settings


def numbers() -> dict[str, dict[str, Any]]:
    """Each of them, with its bounds as the schema of the settings has them."""
    schema = Settings.model_json_schema()
    found: dict[str, dict[str, Any]] = {}
    for section, table in schema["properties"].items():
        tables = [table, *table.get("allOf", [])]
        (name,) = (one["$ref"].rpartition("/")[2] for one in tables if "$ref" in one)
        for key, field in schema["$defs"][name]["properties"].items():
            inner = field.get("items", field)
            if inner.get("type") in ("number", "integer"):
                found[f"{section}.{key}"] = inner
    return found
