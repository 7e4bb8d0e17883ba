from __future__ import annotations

from bot.store import Store


async def test_a_value_is_what_was_put_last(store: Store) -> None:
    async with store.write() as unit:
        assert await unit.key_values.get("node") is None
        await unit.key_values.put("node", "a")
        await unit.key_values.put("node", "b")
        assert await unit.key_values.get("node") == "b"
        assert await unit.key_values.get("other") is None


async def test_those_that_begin_alike_are_found_by_the_rest_of_their_names(store: Store) -> None:
    async with store.write() as unit:
        for name in ("a_b:1", "a_b:2", "axb:3", "a_b"):
            await unit.key_values.put(name, name.upper())
        assert await unit.key_values.of("a_b:") == {"1": "A_B:1", "2": "A_B:2"}
        assert await unit.key_values.of("%") == {}
