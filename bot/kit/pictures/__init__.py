"""JPEGs: decoded in a process that can be killed, checked, measured and made; and what can be wrong
with a picture that others made."""

from __future__ import annotations


class PictureError(ValueError):
    """Not a picture, or one that is broken. `why` is how a process says it to another."""

    why = "broken"


class PictureTooLargeError(PictureError):
    """More pixels than we are ready to decode."""

    why = "too-large"


class PictureTooSlowError(PictureError):
    """It takes more of the processor than we give a picture, or ends whoever decodes it."""


class PictureLateError(PictureError):
    """The machine was too busy to decode it in time; later it may not be."""


REFUSALS = {kind.why: kind for kind in (PictureError, PictureTooLargeError)}
