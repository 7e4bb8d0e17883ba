"""Whose choices are meant, and what a control's press says of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from bot.model import Action, Preference, Scope, UndoKind, UndoName, Verb
from bot.pumpfun import is_mint

_ALL = "all"
"""In place of a mint: the whole place."""

KEEP = "="
"""The word of an option that leaves everything as it is."""

DEFAULT = "default"
"""The word that takes a choice back; without a preference, all of them."""

_UNDO = "u"

_BY_KEY = {name.spec.control.key: name for name in Preference}


def undo_word(undo: UndoName) -> str:
    """The word that undoes a reset."""
    return f"{_UNDO}{undo.id}"


def undo_of(word: str) -> UndoName | None:
    """What that word names; None for any other."""
    is_undo = word.startswith(_UNDO)
    return UndoName.read(f"{UndoKind.CHOICES_FORGOTTEN}:{word[1:]}") if is_undo else None


@dataclass(frozen=True, slots=True)
class Level:
    """A coin here, by its mint; the whole place; or else the channel where it is asked."""

    mint: str = ""
    is_place: bool = False

    @property
    def scope(self) -> Scope:
        """Whose choice it is to be."""
        if self.mint:
            return Scope.SUBSCRIPTION
        return Scope.PLACE if self.is_place else Scope.TARGET

    def scopes(self, *, has_channels: bool) -> tuple[Scope, ...]:
        """Whose choices stand here: what a place of one channel chose is that channel's, too."""
        is_both = self.scope is Scope.TARGET and not has_channels
        return (Scope.TARGET, Scope.PLACE) if is_both else (self.scope,)

    def owner_of(self, name: Preference) -> Scope:
        """The same for what cannot be chosen so near."""
        return self.scope if self.scope in name.spec.scopes else Scope.PLACE

    def offers(self, name: Preference) -> bool:
        """Whether it is chosen here."""
        return not self.mint or Scope.SUBSCRIPTION in name.spec.scopes


@dataclass(frozen=True, slots=True)
class PanelPress:
    """A press in a panel: of which level it is; `name` is what it is about, None for all; `word` is
    what to choose, as it would be typed, and None where it only shows."""

    level: Level
    name: Preference | None = None
    word: str | None = None

    @property
    def action(self) -> str:
        """What stands behind the button. Raises ValueError where that would be too long."""
        of = self.level.mint or (_ALL if self.level.is_place else "")
        key = self.name.spec.control.key if self.name is not None else ""
        if self.word is None:
            return Action(Verb.PANEL, f"{of}:{key}").encode()
        return Action(Verb.CHOOSE, f"{of}:{key}:{self.word}").encode()

    @classmethod
    def read(cls, argument: str) -> Self | None:
        """What `action` made of it; None for anything else, which an attacker may send."""
        of, *rest = argument.split(":", 2)
        key, *words = rest or ("",)
        known = of in ("", _ALL) or is_mint(of)
        if not known or (key and key not in _BY_KEY):
            return None
        level = Level(is_place=of == _ALL) if of in ("", _ALL) else Level(of)
        return cls(level, _BY_KEY.get(key), words[0] if words else None)
