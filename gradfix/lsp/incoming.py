"""What a client writes, read by the event loop itself.

pygls has a thread read each line, and each of its waits costs more than the answer to most messages.
"""

from __future__ import annotations

import asyncio
import os
from typing import BinaryIO

MOST = 1 << 16
"""Bytes that are read at once: as many as a pipe holds. Memory for more would be asked of the kernel each time."""


class Incoming:
    """A stream as pygls reads it. To be made in the loop that reads it, which is not held up by it.

    Raises NotImplementedError or OSError where the loop cannot wait for the stream: for a file, and on Windows.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._number = stream.fileno()
        self._read = asyncio.StreamReader()
        self._loop = asyncio.get_running_loop()
        # not connect_read_pipe: that makes reading from the stream not block, and writing as well where a client has
        # given one socket for both, so that a long answer would be torn
        self._loop.add_reader(self._number, self._more)

    async def readline(self) -> bytes:
        """A line of a message's head; nothing at the end."""
        return await self._read.readline()

    async def readexactly(self, size: int) -> bytes:
        """The text of a message; nothing where the client has gone meanwhile."""
        try:
            return await self._read.readexactly(size)
        except asyncio.IncompleteReadError:
            return b""

    def _more(self) -> None:
        try:
            data = os.read(self._number, MOST)
        except OSError:  # a socket whose other end was killed
            data = b""
        if data:
            self._read.feed_data(data)
        else:
            self._loop.remove_reader(self._number)
            self._read.feed_eof()
