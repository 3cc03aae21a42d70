"""A finding whose cause lies in another file than the step that asks shows in both, and is dealt with where it lies."""

from __future__ import annotations

from pathlib import Path

from tests.lsp.texts import HELPED, HELPER
from tests.lsp.wire import Wire, after, wire

CAPABILITIES = {
    "workspace": {"workspaceEdit": {"documentChanges": True}},
    "textDocument": {"codeAction": {"dataSupport": True, "resolveSupport": {"properties": ["edit"]}}},
}
STEP = HELPED.split("\n").index("grads = tape.gradient(loss, [w])")
CAUSE = HELPER.split("\n").index("    return tf.square(y.numpy())")


def _lines(client: Wire, uri: str) -> list[tuple[int, str]] | None:
    """Line and code of what a document shows."""
    shown = client.shown(uri)
    return None if shown is None else [(d["range"]["start"]["line"], d["code"]) for d in shown]


def test_what_lies_in_another_file(tmp_path: Path) -> None:
    with wire(tmp_path, CAPABILITIES) as e:
        (tmp_path / "helper.py").write_bytes(HELPER.encode())
        helper = (tmp_path / "helper.py").as_uri()
        main = e.open("train.py", HELPED)
        e.run({"command": "gradfix.checkNow", "arguments": [main]})
        e.until(lambda: _lines(e, helper) == [(CAUSE, "GF105")])
        assert _lines(e, main) == [(STEP, "GF105")]
        (shown,) = e.shown(main) or ()
        assert shown["message"].endswith("(helper.py:5)")
        titles = [a["title"] for a in e.actions(main)]
        mend = "Leave the value in its tensor, without `.numpy()` (gradfix numpy-method)"
        assert titles == [mend, "Fix all missing gradients (gradfix)"]  # a comment in this line would silence nothing

        # in the file where it lies it can be mended and silenced
        e.open("helper.py", HELPER)
        assert [a["title"] for a in e.actions(helper)] == [mend, "Ignore numpy-method on this line (gradfix)"]
        mended = {helper: HELPER.replace(".numpy()", "")}
        assert after(e.request("codeAction/resolve", e.action(helper, mend))["edit"], e.texts) == mended
        comment = "  # gradfix: ignore[numpy-method]"
        silenced = {helper: HELPER.replace("y.numpy())", "y.numpy())" + comment)}
        assert after(e.action(helper, "Ignore")["edit"], e.texts) == silenced

        # it moves along with its line, and goes when that or the step is changed
        e.change(helper, "# of the tides\n" + HELPER)
        e.until(lambda: _lines(e, helper) == [(CAUSE + 1, "GF105")])
        e.until(lambda: (e.shown(main) or [{"message": ""}])[0]["message"].endswith("(helper.py:6)"))
        e.change(helper, mended[helper])
        e.until(lambda: _lines(e, helper) == _lines(e, main) == [])
        e.change(helper, HELPER)
        e.until(lambda: _lines(e, helper) == [(CAUSE, "GF105")] and _lines(e, main) == [(STEP, "GF105")])
        e.change(main, HELPED.replace("[w]", "w"))
        e.until(lambda: _lines(e, helper) == [])
        e.change(main, HELPED)
        e.until(lambda: _lines(e, helper) == [(CAUSE, "GF105")])
        e.tell("textDocument/didClose", {"textDocument": {"uri": main}})
        e.until(lambda: _lines(e, helper) == _lines(e, main) == [])
