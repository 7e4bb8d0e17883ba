"""What a broadcaster is asked for: spoken between its two ends, checked at the child's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

CODECS = ("h264", "vp8")
ENCODERS = ("sdk", "pre-encoded")
CONTENTS = ("card", "noise", "plain")


@dataclass(frozen=True, slots=True)
class Options:
    """One broadcast. Sizes in pixels (even), `fps` whole, `bitrate` in bits a second (0: fitting).

    `gop_seconds`, `loop_seconds`, `loop_file` and `b_frames` are for encoder `pre-encoded` alone: a
    keyframe each `gop_seconds`, whatever anybody asks for; a loop of `loop_seconds` (0: 4 s, or one
    GOP); a file that keeps the encoded loop for the next time; so many B frames (H.264) between two
    others, which no viewer can decode. With `gop_seconds=10` whoever joins 5 s after `zero_ns` sees
    the first picture 8 s later (see `intro_frames`).
    """

    content: str = "card"
    width: int = 1280
    height: int = 720
    fps: int = 30
    codec: str = "h264"
    simulcast: bool = False
    encoder: str = "sdk"
    gop_seconds: int = 1
    loop_seconds: int = 0
    loop_file: str = ""
    b_frames: int = 0
    video: bool = True
    audio: bool = True
    symbol: str = "MINT"
    title: str = "MINTCAST TEST CARD"
    bitrate: int = 0

    def __post_init__(self) -> None:
        for name, known in (("content", CONTENTS), ("codec", CODECS), ("encoder", ENCODERS)):
            if getattr(self, name) not in known:
                raise ValueError(f"{name} is one of {', '.join(known)}: {getattr(self, name)!r}")
        if self.width % 2 or self.height % 2 or min(self.width, self.height) < 64:
            raise ValueError(f"sides are even and 64 at least: {self.width}x{self.height}")
        if not 1 <= self.fps <= 120 or self.gop_seconds < 1:
            raise ValueError("fps is 1 to 120, gop_seconds 1 at least")

    @property
    def rate(self) -> int:
        """Bits a second. A pre-encoded track cannot slow down while the SDK still believes in
        1 Mbit/s, as it does for its first seconds: above that its frames come late, in bursts."""
        most = 2_500_000
        if self.encoder == "pre-encoded":
            most = 800_000 if self.codec == "h264" else 480_000  # the SDK doubles much of VP8
        return self.bitrate or max(200_000, most * self.width * self.height // (1280 * 720))

    @property
    def ceiling(self) -> int:
        """What the SDK is told: its first guess at the line is nine tenths, 1 Mbit/s at most."""
        return self.rate if self.encoder == "sdk" else max(2_500_000, self.rate)

    @property
    def intro_frames(self) -> int:
        """With how many frames a pre-encoded track begins that have a keyframe each second.

        The server misses a track's first keyframe or two; with a long GOP nobody would see
        anything before the second or third. After the intro the wanted GOP holds.
        """
        return 3 * self.fps if self.loop_frames and self.gop_seconds > 1 else 0

    @property
    def loop_frames(self) -> int:
        """The length of a pre-encoded loop: whole GOPs of 4 s at least; 0 when there is none."""
        if self.encoder != "pre-encoded":
            return 0
        gops = -(-max(self.loop_seconds or 4, self.gop_seconds) // self.gop_seconds)
        return gops * self.gop_seconds * self.fps

    @classmethod
    def read(cls, message: Mapping[str, Any]) -> Self:
        """The options in a command. Raises ValueError or TypeError where they do not hold."""
        known = {field.name for field in fields(cls)}
        return cls(**{key: value for key, value in message.items() if key in known})

    def spoken(self) -> dict[str, Any]:
        """The same as a command carries it."""
        return asdict(self)
