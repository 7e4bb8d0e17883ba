"""What is on air, as a broadcaster publishes it: which picture is due when."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.demo.broadcast.options import Options
from bot.demo.broadcast.picture_spec import PictureSpec
from bot.demo.recording.options import Rung


@dataclass(frozen=True, slots=True)
class Programme:
    """Frame n is due at `zero` + n / fps, in seconds of the monotonic clock, and so is its sound.

    It can be painted anew at any time, the same as it was published. After `intro` frames the
    numbers of a pre-encoded loop repeat each `loop` frames; 0: never.
    """

    zero: float
    spec: PictureSpec
    content: str = "card"
    intro: int = 0
    loop: int = 0

    @classmethod
    def of(cls, options: Options, zero: float, clock_zero: float) -> Programme:
        """What a broadcaster with these options publishes from `zero` on."""
        spec = PictureSpec(
            width=options.width,
            height=options.height,
            fps=options.fps,
            symbol=options.symbol,
            title=options.title,
            clock_zero=clock_zero,
        )
        return cls(zero, spec, options.content, options.intro_frames, options.loop_frames)

    def number(self, frame: int) -> int:
        """The number in the strip of the frame that is due `frame` / fps after zero."""
        if not self.loop or frame < self.intro:
            return frame
        return self.intro + (frame - self.intro) % self.loop

    def fitted(self, rung: Rung) -> tuple[int, int, int]:
        """Width, height and frames a second of a rung: never more than what is published."""
        spec = self.spec
        share = min(1.0, rung.height / min(spec.width, spec.height))
        width, height = (round(side * share / 2) * 2 for side in (spec.width, spec.height))
        return width, height, min(rung.fps, spec.fps)

    def sized(self, width: int, height: int) -> Programme:
        """The same at another size."""
        return replace(self, spec=self.spec.sized(width, height))
