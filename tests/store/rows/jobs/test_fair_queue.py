"""Turns in the queue of clips."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from bot.model import ANONYMOUS, ClipJob, JobState, Person, Window
from bot.store import Store
from bot.store.rows.jobs.fair_queue import Claimant, FairQueue, Waiting
from tests.store.make_rows import NOW, WORKER, make_target, order

NOTHING = FairQueue((), 0)


def waiting(id_: int, *who: tuple[int, str]) -> Waiting:
    return Waiting(id_, tuple(Claimant.of(*one) for one in who))


def ids(turns: FairQueue, *queue: Waiting) -> list[int]:
    return [one.id for one in turns.order(queue)]


def test_who_came_first_goes_first() -> None:
    assert ids(NOTHING, *(waiting(n, (n, f"p{n}")) for n in (3, 1, 2))) == [1, 2, 3]


def test_places_take_turns() -> None:
    queue = [waiting(n, (1, f"p{n}")) for n in range(4)] + [waiting(9, (2, "ada"))]
    assert ids(NOTHING, *queue) == [0, 9, 1, 2, 3]


def test_a_person_in_many_places_takes_turns_as_one() -> None:
    queue = [waiting(n, (n, "mallory")) for n in range(4)] + [waiting(9, (99, "ada"))]
    assert ids(NOTHING, *queue) == [0, 9, 1, 2, 3]


def test_those_without_a_name_take_turns_as_one() -> None:
    queue = [waiting(n, (n, f"{ANONYMOUS}{n}")) for n in range(4)] + [waiting(9, (99, "ada"))]
    assert ids(NOTHING, *queue) == [0, 9, 1, 2, 3]


def test_who_had_a_turn_before_goes_after_who_had_none() -> None:
    had = FairQueue([(Claimant(1, "mallory"), 7), (Claimant(2, "ben"), 8)], 8)
    queue = [waiting(1, (1, "mallory")), waiting(2, (2, "ben")), waiting(3, (3, "ada"))]
    assert ids(had, *queue) == [3, 1, 2]


def test_people_of_one_place_take_turns_as_well() -> None:
    queue = [waiting(1, (1, "mallory")), waiting(2, (1, "mallory")), waiting(3, (1, "ada"))]
    assert ids(NOTHING, *queue) == [1, 3, 2]


def test_a_shared_recording_goes_when_the_first_of_those_who_share_it_has_a_turn() -> None:
    had = FairQueue([(Claimant(1, "mallory"), 7), (Claimant(2, "ben"), 8)], 8)
    queue = [waiting(1, (2, "ben")), waiting(2, (1, "mallory"), (3, "ada"))]
    assert ids(had, *queue) == [2, 1]


def test_what_broke_off_in_its_turn_goes_on_first_and_what_nobody_wants_last() -> None:
    begun = Waiting(5, (Claimant(1, "mallory"),), had_turn=True)
    had = FairQueue([(Claimant(1, "mallory"), 7)], 7)
    assert ids(had, waiting(1), waiting(2, (2, "ada")), begun) == [5, 2, 1]


people = st.sampled_from(["ada", "ben", "mallory", f"{ANONYMOUS}1", f"{ANONYMOUS}2"])
claimants = st.builds(Claimant.of, st.integers(1, 4), people)
queues = st.lists(st.lists(claimants, min_size=1, max_size=2), max_size=12)
history = st.lists(claimants, max_size=6)


@given(queues, history, st.integers(0, 12), st.booleans())
def test_whoever_waits_once_waits_for_one_clip_of_each_other_place_and_person_at_most(
    queue: list[list[Claimant]], past: list[Claimant], place: int, had_one: bool
) -> None:
    honest = Claimant(99, "honest")
    past = [honest, *past] if had_one else past
    turns = FairQueue([(one, n) for n, one in enumerate(past, 1)], len(past))
    jobs = [Waiting(2 * n, tuple(who)) for n, who in enumerate(queue)]
    ordered = turns.order([*jobs, Waiting(2 * place + 1, (honest,))])
    assert len(ordered) == len(queue) + 1
    before = ordered[: next(n for n, one in enumerate(ordered) if honest in one.claimants)]
    for key in ("place", "person"):
        alone = [{getattr(who, key) for who in one.claimants} for one in before]
        counted = Counter(next(iter(keys)) for keys in alone if len(keys) == 1)
        assert all(count == 1 for count in counted.values())


@given(queues, history)
def test_the_order_that_is_told_is_the_one_that_comes(
    queue: list[list[Claimant]], past: list[Claimant]
) -> None:
    """Claim by claim, as the rows will have it."""
    had = [(one, n) for n, one in enumerate(past, 1)]
    left = [Waiting(n, tuple(who)) for n, who in enumerate(queue)]
    told = FairQueue(had, len(had)).order(left)
    for number, expected in enumerate(told, len(had) + 1):
        first = FairQueue(had, number - 1).order(left)[0]
        assert first == expected
        left.remove(first)
        had += [(who, number) for who in first.claimants]


# On rows


async def ask(store: Store, place: str, person: str, seconds: float) -> ClipJob:
    async with store.write() as unit:
        target = await make_target(unit, place)
        changes = {"person": Person(person), "window": Window.after(NOW, seconds)}
        job, _ = await unit.jobs.add(order(target, f"{place}{person}{seconds}", **changes), NOW)
    return job


async def claim(
    store: Store, most_unnamed: int | None = None, worker_id: str = WORKER
) -> ClipJob | None:
    async with store.write() as unit:
        return await unit.jobs.claim(worker_id, NOW, most_unnamed=most_unnamed)


async def finish(store: Store, job: ClipJob) -> None:
    async with store.write() as unit:
        await unit.jobs.finish(
            job, JobState.FAILED, result=None, error=None, file_key=None, expires_at=None, now=NOW
        )


async def test_turns_are_remembered_when_their_clips_are_over(store: Store) -> None:
    jobs = [await ask(store, "mallory's", "mallory", 10.0 + n) for n in range(3)]
    first = await claim(store)
    assert first is not None
    assert first.id == jobs[0].id
    await finish(store, first)
    honest = await ask(store, "here", "ada", 30.0)
    async with store.read() as unit:
        assert [await unit.jobs.ahead(job.id) for job in (honest, *jobs[1:])] == [0, 1, 2]
    second = await claim(store)
    assert second is not None
    assert second.id == honest.id
    assert second.epoch == 2


async def test_a_follower_s_turn_is_one_as_well(store: Store) -> None:
    await ask(store, "mallory's", "mallory", 10.0)
    await claim(store)
    old = await ask(store, "mallory's", "mallory", 11.0)
    other = await ask(store, "ben's", "ben", 12.0)
    follower = await ask(store, "here", "ada", 11.0)
    assert follower.leader_id == old.id
    async with store.read() as unit:
        assert await unit.jobs.ahead(follower.id) == 0
        assert await unit.jobs.ahead(other.id) == 1
    again = await ask(store, "elsewhere", "ada", 13.0)
    for expected in (old, other, again):
        job = await claim(store)
        assert job is not None
        assert job.id == expected.id


async def test_only_so_many_are_recorded_at_once_for_those_without_a_name(store: Store) -> None:
    unnamed = [await ask(store, f"p{n}", f"{ANONYMOUS}{n}", 10.0 + n) for n in range(3)]
    first = await claim(store, most_unnamed=1)
    assert first is not None
    assert first.id == unnamed[0].id
    assert await claim(store, most_unnamed=1) is None
    named = await ask(store, "here", "ada", 30.0)
    second = await claim(store, most_unnamed=1)
    assert second is not None
    assert second.id == named.id
    await finish(store, first)
    third = await claim(store, most_unnamed=1)
    assert third is not None
    assert third.id == unnamed[1].id


async def test_so_many_are_recorded_for_them_on_each_node(store: Store) -> None:
    """Each has places of its own, and one of them is for those with a name."""
    first, second, _ = [await ask(store, f"p{n}", f"{ANONYMOUS}{n}", 10.0 + n) for n in range(3)]
    claimed = [await claim(store, 1, node) for node in ("a", "a", "b", "b")]
    assert [job.id if job else None for job in claimed] == [first.id, None, second.id, None]


async def test_what_a_restart_finds_begun_goes_on_before_all_that_waits(store: Store) -> None:
    await ask(store, "mallory's", "mallory", 10.0)
    begun = await claim(store)
    assert begun is not None
    await ask(store, "here", "ada", 30.0)
    async with store.write() as unit:
        await unit.jobs.recover("another life", NOW)
    again = await claim(store)
    assert again is not None
    assert (again.id, again.epoch) == (begun.id, begun.epoch + 1)


async def test_who_waits_is_told_once_for_each_recording(store: Store) -> None:
    one = await ask(store, "here", "ada", 10.0)
    await ask(store, "there", "ben", 10.0)
    async with store.read() as unit:
        assert await unit.jobs.who_waits() == ((one.order.place_id, Person("ada")),)
