"""A received frame on the canvas: turned upright, scaled, letterboxed. Its shape is kept."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from av.filter import Graph
from av.video.format import VideoFormat
from av.video.frame import VideoFrame

from bot.clips.encoding.canvas import Size, fit

_TURNS = {90: ("clock",), 180: ("clock", "clock"), 270: ("cclock",)}


@dataclass(frozen=True, slots=True)
class RawFrame:
    """Tight I420 planes, as the SDK gives them. `rotation`: degrees clockwise to be upright."""

    data: Any
    size: Size
    rotation: int = 0

    @property
    def upright(self) -> Size:
        """The size once it is turned."""
        return self.size.turned if self.rotation in (90, 270) else self.size


class Scaler:
    """Fits frames to one canvas. A frame that has its size already is not touched or copied.

    One filter graph per geometry, kept while it lasts: PyAV 18's `reformat` makes a scaling
    context per frame that keeps some 15 MB each.
    """

    def __init__(self, canvas: Size) -> None:
        self._canvas = canvas
        self._graph: Graph | None = None
        self._geometry: tuple[Size, int] | None = None

    def fit(self, raw: RawFrame) -> VideoFrame:
        """A received frame as it goes to the encoder; valid as long as `raw.data` lives."""
        return self.fit_frame(to_av(raw), raw.rotation)

    def fit_frame(self, frame: VideoFrame, rotation: int = 0) -> VideoFrame:
        """A yuv420p frame, turned by `rotation` degrees clockwise. Its time is the caller's."""
        size = Size(frame.width, frame.height)
        if size == self._canvas and rotation == 0:
            return frame
        if self._geometry != (size, rotation):
            self._graph = self._build(size, rotation)
            self._geometry = (size, rotation)
        assert self._graph is not None
        frame.pts = None
        self._graph.vpush(frame)
        return self._graph.vpull()

    def _build(self, size: Size, rotation: int) -> Graph:
        canvas = self._canvas
        box = fit(size.turned if rotation in (90, 270) else size, canvas)
        graph = Graph()
        graph.threads = 1
        nodes = [
            graph.add_buffer(
                width=size.width,
                height=size.height,
                format=VideoFormat("yuv420p"),
                time_base=Fraction(1, 90_000),
            ),
            *(graph.add("transpose", turn) for turn in _TURNS.get(rotation, ())),
            graph.add("scale", f"{box.size.width}:{box.size.height}:flags=bilinear"),
            graph.add("pad", f"{canvas.width}:{canvas.height}:{box.left}:{box.top}:black"),
            graph.add("setsar", "1"),
            graph.add("buffersink"),
        ]
        graph.link_nodes(*nodes).configure()
        return graph


def to_av(raw: RawFrame) -> VideoFrame:
    """The frame for PyAV: without a copy where PyAV 18 can, else plane by plane.

    It takes a height of 270 for 268, and reads the colours from the wrong place.
    """
    width, height = raw.size.width, raw.size.height
    if width % 2 == 0 and height % 4 == 0:
        planes = np.frombuffer(raw.data, dtype=np.uint8).reshape(height * 3 // 2, width)
        return VideoFrame.from_numpy_buffer(planes, "yuv420p")
    frame = VideoFrame(width, height, "yuv420p")
    data, offset = np.frombuffer(raw.data, dtype=np.uint8), 0
    for plane, (columns, rows) in zip(frame.planes, _plane_sizes(raw.size), strict=True):
        target = np.frombuffer(memoryview(plane), dtype=np.uint8).reshape(-1, plane.line_size)
        target[:rows, :columns] = data[offset : offset + rows * columns].reshape(rows, columns)
        offset += rows * columns
    return frame


def _plane_sizes(size: Size) -> tuple[tuple[int, int], ...]:
    half = ((size.width + 1) // 2, (size.height + 1) // 2)
    return ((size.width, size.height), half, half)
