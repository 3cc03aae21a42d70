"""`gradfix-lsp`, which speaks the Language Server Protocol over stdin and stdout."""

from __future__ import annotations

import gc
import os
import sys


def main() -> None:
    """Serves one client and exits: with 0 where that asked for it first, as the protocol has it, else with 1."""
    gc.disable()  # what is imported stays: looking for garbage in it takes a twelfth of the start
    try:
        from gradfix.lsp.server import make_server
        from gradfix.lsp.serving import serve
    except ModuleNotFoundError as e:
        if e.name not in ("pygls", "lsprotocol"):
            raise
        print(f"gradfix-lsp: error: {e.name} is missing: pip install 'gradfix[lsp]'", file=sys.stderr)
        sys.exit(2)
    # one stray print on stdout would end the conversation: only the server keeps the real one
    incoming, outgoing = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    os.close(nothing)
    server = make_server()
    gc.freeze()
    gc.enable()
    try:
        serve(server, incoming, outgoing)
    finally:
        server.prover.close()
    sys.exit(0 if server.protocol.was_shut_down else 1)


if __name__ == "__main__":
    main()
