from __future__ import annotations

from bot.model import Coin, KeptMoving, StoredVideo, StreamState
from bot.store import Store
from tests.store.make_rows import MINT, NOW, OTHER_MINT, broadcast, later


async def test_an_upload_is_known_to_its_own_sender_until_it_is_forgotten(store: Store) -> None:
    async with store.write() as unit:
        await unit.pictures.put_uploaded("telegram", "p-1.jpg", "file-1", NOW)
        await unit.pictures.put_uploaded("telegram", "p-1.jpg", "file-2", later(1))
        assert await unit.pictures.uploaded("telegram", "p-1.jpg") == "file-2"
        assert await unit.pictures.uploaded("discord", "p-1.jpg") is None
        assert await unit.pictures.uploaded("telegram", "p-2.jpg") is None
        await unit.pictures.forget_uploaded("telegram", "p-1.jpg")
        assert await unit.pictures.uploaded("telegram", "p-1.jpg") is None


async def test_pictures_are_in_use_while_they_may_still_be_shown(store: Store) -> None:
    async with store.write() as unit:
        await unit.coins.put(Coin(MINT))
        await unit.coins.set_picture(MINT, "of-the-coin.jpg")
        running = await unit.streams.insert(MINT, broadcast())
        await unit.streams.set_picture(running, "live.jpg")
        moving = StoredVideo("moving.mp4", 4.0, 1, 2, 2)
        await unit.streams.set_moving(running, KeptMoving(moving, NOW))
        over = await unit.streams.insert(OTHER_MINT, broadcast(last_seen_at=later(-100)))
        await unit.streams.set_picture(over, "over.jpg")
        await unit.streams.update(
            over, broadcast(state=StreamState.ENDED, last_seen_at=later(-100))
        )
        assert await unit.pictures.in_use(later(-99)) == {
            "of-the-coin.jpg",
            "live.jpg",
            "moving.mp4",
        }
        assert "over.jpg" in await unit.pictures.in_use(later(-100))
