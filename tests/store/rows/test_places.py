from __future__ import annotations

import pytest

from bot.model import (
    Address,
    Chosen,
    DeliveryState,
    Person,
    Preference,
    Priority,
    Scope,
    Target,
)
from bot.store import Store, Unit
from tests.store.make_rows import (
    ANNA,
    MINT,
    NOW,
    OTHER_MINT,
    address,
    broadcast,
    claim,
    later,
    make_audience,
    make_target,
    order,
    send,
)


async def test_a_target_is_made_once_with_its_place(store: Store) -> None:
    async with store.write() as unit:
        first = await make_target(unit)
        assert await make_target(unit) == first
        assert await unit.places.find(address()) == first
        assert await unit.places.by_id(first.id) == first
    assert first.address == address()
    assert first.sender == "local"
    assert first.disabled is None


async def test_two_channels_of_a_place_are_two_targets_of_one_place(store: Store) -> None:
    async with store.write() as unit:
        one, two = await make_target(unit), await make_target(unit, channel="other")
        far = await make_target(unit, "elsewhere")
        assert one.place_id == two.place_id != far.place_id
        assert await unit.places.targets_at("local", "place") == (one, two)
        assert await unit.places.known(address()) == one.place_id


async def test_the_same_keys_on_two_platforms_are_two_places(store: Store) -> None:
    async with store.write() as unit:
        one = await unit.places.target(Address("discord", "1", "2"), "discord", NOW)
        two = await unit.places.target(Address("telegram", "1", "2"), "telegram", NOW)
    assert one.place_id != two.place_id


async def test_names_are_kept_up_to_date_and_an_empty_one_changes_nothing(store: Store) -> None:
    async with store.write() as unit:
        await make_target(unit)
        renamed = Address("local", "place", "channel", "New place", "#new")
        assert (await unit.places.target(renamed, "local", NOW)).address == renamed
        bare = Address("local", "place", "channel")
        assert (await unit.places.target(bare, "local", NOW)).address == renamed


async def test_a_channel_without_a_row_has_its_place_and_what_that_chose(store: Store) -> None:
    async with store.write() as unit:
        one = await make_target(unit)
        await unit.preferences.set(Scope.PLACE, one.place_id, Preference.ROLE, "7")
        await unit.preferences.set(Scope.TARGET, one.id, Preference.AT_END, "leave")
        seen = await unit.places.seen(address(channel="other"), "local")
        assert seen == Target(0, one.place_id, "local", address(channel="other"))
        assert await unit.preferences.at(seen) == {Preference.ROLE: Chosen("7", Scope.PLACE)}
        assert await unit.places.seen(address(), "local") == one
        assert await unit.preferences.at(one) == await unit.preferences.of(one.id)


async def test_in_use_is_what_follows_a_coin_is_owed_something_or_gets_notices(
    store: Store,
) -> None:
    names = ("unused", "follows", "once followed", "is owed", "under way", "had its clip", "told")
    async with store.write() as unit:
        made = {name: await make_target(unit, channel=name) for name in names}
        for name in ("follows", "once followed"):
            await unit.subscriptions.add(made[name].id, MINT, ANNA, NOW)
        await unit.subscriptions.remove(made["once followed"].id, MINT)
        for name in ("under way", "had its clip", "is owed"):
            job, _ = await unit.jobs.add(order(made[name], name), NOW)
            await unit.deliveries.owe_clip(job.id, made[name].id, NOW, reply_to=None)
        under_way, shown = await unit.deliveries.claim("local", "me", 2, NOW)
        await unit.deliveries.mark_sending(under_way, NOW)
        await unit.deliveries.mark_shown(shown, "m1", NOW)
        place_id, told = made["told"].place_id, made["told"].id
        await unit.preferences.set(Scope.PLACE, place_id, Preference.NOTICES, str(told))
        await unit.preferences.set(Scope.TARGET, made["unused"].id, Preference.ROLE, "7")
        elsewhere = await make_target(unit, "elsewhere")
        await unit.subscriptions.add(elsewhere.id, MINT, ANNA, NOW)

        used = await unit.places.in_use(place_id)
        assert used == tuple(made[name] for name in ("follows", "is owed", "under way", "told"))
        assert await unit.places.targets_at("local", "place", in_use=True) == used
        assert await unit.places.targets_at("local", "place") == tuple(made.values())


async def test_what_is_not_there_is_not_found(store: Store) -> None:
    async with store.read() as unit:
        assert await unit.places.find(address()) is None
        assert await unit.places.by_id(1) is None
        assert await unit.places.in_use(1) == ()
        assert await unit.places.known(address()) is None
        assert await unit.places.seen(address(), "local") == Target(0, 0, "local", address())
        assert await unit.places.first_subscriber(1) is None


async def test_a_target_is_disabled_once_and_keeps_the_first_reason(store: Store) -> None:
    async with store.write() as unit:
        target = await make_target(unit)
        other = await make_target(unit, channel="other")
        assert await unit.places.disable(target.id, "no-permission", NOW)
        assert not await unit.places.disable(target.id, "gone", later(1))
        disabled = await unit.places.by_id(target.id)
        assert disabled is not None
        assert disabled.disabled == "no-permission"
        assert await unit.places.by_id(other.id) == other
        assert await unit.places.enable(target.id, later(2))
        assert not await unit.places.enable(target.id, later(3))
        assert await unit.places.by_id(target.id) == target


async def test_what_was_due_goes_on_when_a_target_is_enabled_and_the_dead_stay_dead(
    store: Store,
) -> None:
    async with store.write() as unit:
        audience = await make_audience(unit)
        (target,) = audience.targets
        await unit.deliveries.owe_alerts(audience.stream_id, NOW, silent=False)
        await unit.places.disable(target.id, "no-permission", NOW)
    assert await claim(store) == ()
    async with store.write() as unit:
        await unit.places.enable(target.id, NOW)
    (d,) = await claim(store)
    async with store.write() as unit:
        await unit.deliveries.mark_dead(d, "no-permission", NOW)
        await unit.places.disable(target.id, "no-permission", NOW)
        await unit.places.enable(target.id, NOW)
    assert await claim(store) == ()


async def test_the_first_subscriber_is_whoever_still_has_the_oldest_subscription(
    store: Store,
) -> None:
    async with store.write() as unit:
        target = await make_target(unit)
        await unit.subscriptions.add(target.id, MINT, ANNA, NOW)
        await unit.subscriptions.add(target.id, OTHER_MINT, Person("2", "Bob"), NOW)
        assert await unit.places.first_subscriber(target.id) == ANNA
        await unit.subscriptions.remove(target.id, MINT)
        assert await unit.places.first_subscriber(target.id) == Person("2", "Bob")


# Moving


async def test_a_moved_group_keeps_all_that_it_had(store: Store) -> None:
    async with store.write() as unit:
        target = await make_target(unit)
        added = await unit.subscriptions.add(target.id, MINT, ANNA, NOW)
        await unit.preferences.set(Scope.PLACE, target.place_id, Preference.ROLE, "7")
        job, _ = await unit.jobs.add(order(target), NOW)
        moved = await unit.places.move(target.id, address("-100", "-100"))
        assert moved.id == target.id
        assert moved.address == address("-100", "-100")
        assert await unit.subscriptions.of_place(moved.place_id) == (added,)
        assert (await unit.preferences.of(moved.id)) == {Preference.ROLE: Chosen("7", Scope.PLACE)}
        assert await unit.jobs.last_asked(place_id=moved.place_id) == job.order.asked_at
        assert await unit.places.find(address()) is None


async def test_moving_to_where_it_is_changes_nothing_but_names(store: Store) -> None:
    async with store.write() as unit:
        target = await make_target(unit)
        renamed = Address("local", "place", "channel", "New place", "#new")
        moved = await unit.places.move(target.id, renamed)
    assert (moved.id, moved.place_id) == (target.id, target.place_id)
    assert moved.address == renamed


async def test_other_targets_of_the_old_place_stay_there(store: Store) -> None:
    async with store.write() as unit:
        target, stays = await make_target(unit), await make_target(unit, channel="stays")
        await unit.preferences.set(Scope.PLACE, target.place_id, Preference.ROLE, "7")
        moved = await unit.places.move(target.id, address("new", "new"))
        assert await unit.places.by_id(stays.id) == stays
        assert Preference.ROLE in await unit.preferences.of(stays.id)
        assert await unit.preferences.of(moved.id) == {}


async def test_a_target_that_is_not_there_cannot_move(store: Store) -> None:
    async with store.write() as unit:
        with pytest.raises(LookupError):
            await unit.places.move(99, address())


async def both(unit: Unit) -> tuple[Target, Target]:
    """A group, and the supergroup that it is found to have become."""
    return await make_target(unit, "old", "old"), await make_target(unit, "new", "new")


async def test_a_known_new_address_takes_over_what_it_lacks(store: Store) -> None:
    async with store.write() as unit:
        old, new = await both(unit)
        await unit.subscriptions.add(old.id, MINT, ANNA, NOW)
        twice = await unit.subscriptions.add(old.id, OTHER_MINT, ANNA, NOW)
        kept = await unit.subscriptions.add(new.id, OTHER_MINT, Person("2", "Bob"), NOW)
        assert twice is not None
        await unit.preferences.set(Scope.SUBSCRIPTION, twice.id, Preference.ROLE, "1")
        await unit.preferences.set(Scope.TARGET, old.id, Preference.ROLE, "2")
        await unit.preferences.set(Scope.TARGET, old.id, Preference.AT_END, "leave")
        await unit.preferences.set(Scope.TARGET, new.id, Preference.ROLE, "3")
        await unit.preferences.set(Scope.PLACE, old.place_id, Preference.CLIP_BY, "managers")
        await unit.preferences.set(Scope.PLACE, new.place_id, Preference.NOTICES, str(old.id))
        job, _ = await unit.jobs.add(order(old), NOW)

        assert await unit.places.move(old.id, address("new", "new")) == new

        assert await unit.places.by_id(old.id) is None
        assert await unit.places.targets_at("local", "place") == ()
        assert {one.mint for one in await unit.subscriptions.of_target(new.id)} == {
            MINT,
            OTHER_MINT,
        }
        assert await unit.subscriptions.get(new.id, OTHER_MINT) == kept
        assert await unit.preferences.of(new.id, OTHER_MINT) == {
            Preference.ROLE: Chosen("3", Scope.TARGET),
            Preference.AT_END: Chosen("leave", Scope.TARGET),
            Preference.CLIP_BY: Chosen("managers", Scope.PLACE),
            Preference.NOTICES: Chosen(str(new.id), Scope.PLACE),
        }
        moved_job = await unit.jobs.get(job.id)
        assert moved_job is not None
        assert (moved_job.order.target_id, moved_job.order.place_id) == (new.id, new.place_id)


@pytest.mark.parametrize("shown", ["old", "new", "neither"])
async def test_of_two_alerts_of_one_stream_the_shown_one_stays(store: Store, shown: str) -> None:
    async with store.write() as unit:
        old, new = await both(unit)
        stream_id = await unit.streams.insert(MINT, broadcast())
        for target in (old, new):
            await unit.deliveries.owe_alert(target.id, stream_id, NOW, silent=False)
    claimed = {d.target_id: d for d in await claim(store)}
    sent = {"old": old, "new": new}.get(shown)
    if sent is not None:
        await send(store, claimed.pop(sent.id), message_id=f"in {shown}")
    async with store.write() as unit:
        for d in claimed.values():
            await unit.deliveries.put_off(d, NOW, "later")
        await unit.places.move(old.id, address("new", "new"))
        stays = await unit.deliveries.find(new.id, f"alert:{stream_id}")
        assert stays is not None
        assert (stays.shown > 0) == (sent is not None)
        # In the old place it stands as it was left.
        assert stays.message_id == ("in new" if shown == "new" else None)
    assert len(await claim(store)) == (1 if sent is None else 0)


async def test_a_row_that_is_under_way_while_its_target_moves_can_still_be_marked(
    store: Store,
) -> None:
    """The platform said that the group moved: the dispatcher moves it, then puts the row off."""
    async with store.write() as unit:
        audience = await make_audience(unit)
        await unit.deliveries.owe_alerts(audience.stream_id, NOW, silent=False)
        await make_target(unit, "new", "new")
    (d,) = await claim(store)
    async with store.write() as unit:
        moved = await unit.places.move(d.target_id, address("new", "new"))
        assert await unit.deliveries.put_off(d, NOW, "moved", count=False)
    (again,) = await claim(store)
    assert (again.id, again.target_id) == (d.id, moved.id)
    assert again.state is DeliveryState.CLAIMED


@pytest.mark.parametrize("is_known", [False, True])
@pytest.mark.parametrize("is_claimed", [False, True])
async def test_what_stands_in_the_old_place_is_not_changed_any_more(
    store: Store, *, is_known: bool, is_claimed: bool
) -> None:
    """A supergroup numbers its messages anew: the old number is somebody else's."""
    async with store.write() as unit:
        target = await make_target(unit, "old", "old")
        if is_known:
            await make_target(unit, "new", "new")
        stream_id = await unit.streams.insert(MINT, broadcast())
        await unit.deliveries.owe_alert(target.id, stream_id, NOW, silent=False)
    (d,) = await claim(store)
    await send(store, d, message_id="7")
    async with store.write() as unit:
        await unit.deliveries.raise_wanted(stream_id, NOW, Priority.END)
    if is_claimed:
        (edit,) = await claim(store)
        assert edit.message_id == "7"
    async with store.write() as unit:
        job, _ = await unit.jobs.add(order(target, reply_to="9"), NOW)
        await unit.jobs.note_card(job.id, "12", "w")
        await unit.deliveries.owe_clip(job.id, target.id, NOW, reply_to="9")
        moved = await unit.places.move(target.id, address("new", "new"))
        alert = await unit.deliveries.find(moved.id, f"alert:{stream_id}")
        clip = await unit.deliveries.find(moved.id, f"clip:{job.id}")
        there = await unit.jobs.get(job.id)
        assert await unit.streams.of_message(moved.id, "7") is None
    assert alert is not None
    assert clip is not None
    assert there is not None
    assert (alert.state, alert.message_id, alert.shown) == (DeliveryState.SENT, None, alert.wanted)
    assert (clip.reply_to, there.order.reply_to, there.card_id) == (None, None, None)
    assert [one for one in await claim(store) if one.stream_id == stream_id] == []
