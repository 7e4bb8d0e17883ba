"""What a message only knows by its id, and where and when it is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo


@dataclass(frozen=True, slots=True)
class Names:
    """`users`, `roles` and `channels` are names by id. `cdn` is where Discord keeps files: below
    it they are shown, from elsewhere nothing is fetched. Times are told in `zone`."""

    users: Mapping[str, str] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)
    channels: Mapping[str, str] = field(default_factory=dict)
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    zone: tzinfo = UTC
    cdn: str = ""

    def file(self, url: object) -> str | None:
        """Where the view has a file of Discord's; None: it is somebody else's."""
        text = str(url)
        if not self.cdn or not text.startswith(f"{self.cdn}/attachments/"):
            return None
        return text.removeprefix(f"{self.cdn}/").partition("?")[0]

    def choices(self, component: int) -> list[tuple[str, str]]:
        """What a select of people (5), roles (6), both (7) or channels (8) offers: id, name."""
        people, roles = list(self.users.items()), list(self.roles.items())
        channels = [(key, f"#{name}") for key, name in self.channels.items()]
        return {5: people, 6: roles, 7: people + roles, 8: channels}.get(component, [])
