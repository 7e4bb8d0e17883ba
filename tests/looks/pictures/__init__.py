"""A picture of each kind of message, taken while a story plays."""

from tests.looks.pictures.run import take_pictures

__all__ = ["take_pictures"]
