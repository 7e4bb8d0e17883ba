"""Why something failed is stored as a code; the sentence is made where it is shown."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import pytest
from sqlalchemy.exc import StatementError

from bot.alerts.planning.plan import Why
from bot.alerts.ports import Fault
from bot.clips.results import error_code
from bot.model import ClipFailure, JobFault, JobState, Reason
from bot.store import Store
from tests.store.make_rows import NOW, WORKER, claim, fresh, make_audience, order
from tests.store.raw_sql import write

SENTENCES = ("the stream ended before the alert was sent", "No permission", "", "no media.")


@pytest.mark.parametrize("sentence", SENTENCES)
async def test_a_sentence_is_refused_wherever_a_code_belongs(store: Store, sentence: str) -> None:
    async with store.write() as unit:
        audience = await make_audience(unit)
        (target,) = audience.targets
        await unit.deliveries.owe_alerts(audience.stream_id, NOW, silent=False)
        await unit.jobs.add(order(target), NOW)
        job = await unit.jobs.claim(WORKER, NOW)
    assert job is not None
    (d,) = await claim(store)
    nothing: dict[str, Any] = {"result": None, "file_key": None, "expires_at": None, "now": NOW}
    async with store.write() as unit:
        for refused in (
            unit.deliveries.mark_dead(d, sentence, NOW),
            unit.deliveries.mark_uncertain(d, sentence, NOW),
            unit.deliveries.put_off(d, NOW, sentence),
            unit.deliveries.drop_unsent(audience.stream_id, sentence, NOW),
            unit.places.disable(target.id, sentence, NOW),
            unit.jobs.progress(job, sentence, 1.0),
            unit.jobs.finish(job, JobState.FAILED, error=sentence, **nothing),
        ):
            with pytest.raises(StatementError, match="no code"):
                await refused


async def test_a_sentence_that_was_stored_long_ago_is_read_as_it_is(store: Store) -> None:
    async with store.write() as unit:
        audience = await make_audience(unit)
        await unit.deliveries.owe_alerts(audience.stream_id, NOW, silent=False)
    (d,) = await claim(store)
    write(store.name, "UPDATE deliveries SET error = ?", [(SENTENCES[0],)])
    assert (await fresh(store, d)).error == SENTENCES[0]


@pytest.mark.parametrize("kind", [Fault, Why, ClipFailure, JobFault, Reason])
async def test_every_reason_that_there_is_can_be_stored(store: Store, kind: type[StrEnum]) -> None:
    async with store.write() as unit:
        (target,) = (await make_audience(unit)).targets
        for reason in kind:
            code = error_code(reason) if isinstance(reason, Reason) else reason.value
            assert await unit.places.disable(target.id, code, NOW)
            assert await unit.places.enable(target.id, NOW)
