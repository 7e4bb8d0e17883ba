from __future__ import annotations

from bot.store import Store


async def test_a_fact_is_what_was_put_last(store: Store) -> None:
    async with store.write() as unit:
        assert await unit.facts.get("node") is None
        await unit.facts.put("node", "a")
        await unit.facts.put("node", "b")
        assert await unit.facts.get("node") == "b"
        assert await unit.facts.get("other") is None
