"""Serves a client over its pipes until one of the two ends."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import BinaryIO

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.io_ import StdinAsyncReader, StdoutWriter

from gradfix.lsp.incoming import Incoming
from gradfix.lsp.session import GradfixServer

TURNS = 6
"""Turns of the loop that an answer of the client needs, through futures and tasks, until who has asked goes on."""


def serve(server: GradfixServer, incoming: BinaryIO, outgoing: BinaryIO) -> None:
    """As `start_io` of pygls, but for how is read what comes."""
    try:
        asyncio.run(_serve(server, incoming, outgoing))
    except BrokenPipeError:
        print("gradfix-lsp: the client has gone", file=sys.stderr)
    except (KeyboardInterrupt, SystemExit):
        pass
    finally:
        server.shutdown()  # type: ignore[no-untyped-call]


async def _serve(server: GradfixServer, incoming: BinaryIO, outgoing: BinaryIO) -> None:
    reader: Incoming | StdinAsyncReader
    try:
        reader = Incoming(incoming)
    except (NotImplementedError, OSError):
        reader = StdinAsyncReader(incoming, server.thread_pool)
    protocol = server.protocol
    protocol.set_writer(StdoutWriter(outgoing))
    while body := await _body(reader):
        typed = False
        try:
            message = json.loads(body, object_hook=protocol.structure_message)
            typed = isinstance(message, types.DidChangeTextDocumentNotification)
            protocol.handle_message(message)
        except Exception as e:
            server.report_server_error(e, JsonRpcException)
        # what a message has begun goes on before the next one is read; but keys that have come together are looked
        # at together
        for _ in range(1 if typed else TURNS):
            await asyncio.sleep(0)


async def _body(reader: Incoming | StdinAsyncReader) -> bytes:
    """The next message; nothing where there is none any more."""
    size = 0
    while line := await reader.readline():
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length" and value.strip().isdigit():
            size = int(value)
        elif size and not line.strip():
            return await reader.readexactly(size)
    return b""
