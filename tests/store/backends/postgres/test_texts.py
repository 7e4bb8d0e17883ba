"""What people and other programs wrote, as PostgreSQL takes it."""

from __future__ import annotations

from bot.store import Store
from tests.store.make_rows import NOW
from tests.store.raw_sql import ask


async def test_a_nul_is_left_out_of_what_is_kept_and_of_what_is_sought(store: Store) -> None:
    async with store.write() as unit:
        await unit.key_values.put("na\0me", "va\0lue")
        await unit.page.add("message", None, "{\0}", NOW, nonce="\0")
        assert await unit.key_values.get("nam\0e") == "value"
        assert await unit.page.find("") == await unit.page.find("\0") is not None


async def test_text_is_sorted_by_its_bytes_though_the_server_sorts_as_english_does(
    store: Store,
) -> None:
    names = ["a", "B", "Z", "_", "z", "é", "\U0001f431"]
    async with store.write() as unit:
        for name in names:
            await unit.key_values.put(name, "")
    as_english = ask(store.name, 'SELECT name FROM facts ORDER BY name COLLATE "default"')
    by_itself = ask(store.name, "SELECT name FROM facts ORDER BY name")
    assert [name for (name,) in by_itself] == sorted(names, key=str.encode)
    assert as_english != by_itself
