"""What pump.fun said of a coin's name, for a while: whoever names the same address again, a made-up
one too, makes nobody ask again."""

from __future__ import annotations

from dataclasses import dataclass

from bot.commands.ports import Pumpfun
from bot.errors import PumpfunError
from bot.kit.bounded_dict import ExpiringDict
from bot.kit.timing.clock import Clock
from bot.model import Asker, Coin

_MOST_KEPT = 2000
_ANSWER_SECONDS = 60.0
_FAILURE_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class _Answer:
    """`coin` is None where the address names none."""

    coin: Coin | None
    failure: PumpfunError | None = None


class Lookups:
    """Asks for names, and remembers the answers; for one loop. What was given up while it was
    waited for is not remembered: it says nothing of the coin."""

    def __init__(self, pumpfun: Pumpfun, clock: Clock) -> None:
        self._pumpfun = pumpfun
        self._answers: ExpiringDict[str, _Answer] = ExpiringDict(clock, _MOST_KEPT)

    def knows(self, mint: str) -> bool:
        """Whether `coin` answers without asking."""
        return self._answers.get(mint) is not None

    async def coin(self, mint: str, asker: Asker) -> Coin | None:
        """What `mint` names, None if it is no coin. Raises PumpfunError."""
        answer = self._answers.get(mint)
        if answer is None:
            answer = await self._ask(mint, asker)
            self._answers.put(mint, answer, _FAILURE_SECONDS if answer.failure else _ANSWER_SECONDS)
        if answer.failure is not None:
            raise answer.failure
        return answer.coin

    async def _ask(self, mint: str, asker: Asker) -> _Answer:
        try:
            return _Answer(await self._pumpfun.coin(mint, asker=asker))
        except PumpfunError as error:
            return _Answer(None, error)
