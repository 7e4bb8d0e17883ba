"""What a test picture is to show, and when its lamp is lit."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.demo.broadcast.canvas import Rgb

FLASH_SECONDS = 0.085

WHITE: Rgb = (246, 248, 255)
PALE: Rgb = (176, 190, 226)
PANEL: Rgb = (30, 30, 74)
DARK: Rgb = (46, 44, 96)
GOLD: Rgb = (255, 201, 74)
RED: Rgb = (228, 52, 84)
GREY: Rgb = (70, 74, 104)


@dataclass(frozen=True, slots=True)
class PictureSpec:
    """What a picture shows: sizes in pixels, `fps` whole, `clock_zero` in seconds of the day."""

    width: int = 1280
    height: int = 720
    fps: int = 30
    symbol: str = "MINT"
    title: str = "MINTCAST TEST CARD"
    clock_zero: float = 0.0
    badge: str = "LIVE"
    sky: tuple[Rgb, Rgb, Rgb] = ((52, 34, 120), (16, 104, 132), (190, 60, 140))

    def sized(self, width: int, height: int) -> PictureSpec:
        """The same at another size."""
        return replace(self, width=width, height=height)


def is_flash(number: int, fps: int) -> bool:
    """Whether the lamp is lit in frame `number`."""
    return number % fps / fps < FLASH_SECONDS
