"""Small things by name."""

from __future__ import annotations

from sqlalchemy import delete, select

from bot.store.backends import insert
from bot.store.rows.base import Rows
from bot.store.tables import key_values


class KeyValues(Rows):
    """What must outlive a restart and is worth no table."""

    async def get(self, name: str) -> str | None:
        """None: never put."""
        value = await self._value(select(key_values.c.value).where(key_values.c.name == name))
        return None if value is None else str(value)

    async def of(self, prefix: str) -> dict[str, str]:
        """All whose names begin so, each by the rest of its name."""
        begins = key_values.c.name.startswith(prefix, autoescape=True)
        rows = await self._all(select(key_values.c.name, key_values.c.value).where(begins))
        return {str(row.name).removeprefix(prefix): str(row.value) for row in rows}

    async def put(self, name: str, value: str) -> None:
        """In place of what was there."""
        new = insert(key_values).values(name=name, value=value)
        await self._change(
            new.on_conflict_do_update(
                index_elements=[key_values.c.name], set_={"value": new.excluded.value}
            )
        )

    async def remove(self, name: str) -> None:
        """It is as if it had never been put."""
        await self._change(delete(key_values).where(key_values.c.name == name))
