from __future__ import annotations

from bot.store import Store


async def test_a_value_is_what_was_put_last(store: Store) -> None:
    async with store.write() as unit:
        assert await unit.key_values.get("node") is None
        await unit.key_values.put("node", "a")
        await unit.key_values.put("node", "b")
        assert await unit.key_values.get("node") == "b"
        assert await unit.key_values.get("other") is None
