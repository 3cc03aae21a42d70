"""Each kind of client gets its fix: one that waits, one that soon gives up, one that knows commands only."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.lsp.texts import BROKEN, HELPER, HOPELESS, UNSAFE, USES_HELPER
from tests.lsp.wire import Json, Refusal, Wire, after, wire

MOVED = BROKEN.replace("loss =", "    loss =")
LITERALS = {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix"]}}}


def _resolving(*properties: str) -> Json:
    return {**LITERALS, "dataSupport": True, "resolveSupport": {"properties": list(properties)}}


# as these editors say at the start
VS_CODE = {
    "workspace": {"applyEdit": True, "workspaceEdit": {"documentChanges": True}},
    "textDocument": {"codeAction": _resolving("edit")},
    "window": {"workDoneProgress": True},
}
EMACS = {
    "workspace": {"applyEdit": True, "workspaceEdit": {"documentChanges": True}},
    "textDocument": {"codeAction": _resolving("edit", "command")},
    "window": {"workDoneProgress": True},
}
VIM_ALE = {"workspace": {"applyEdit": False}, "textDocument": {"codeAction": LITERALS}}
OLD: Json = {"workspace": {"applyEdit": True}, "textDocument": {"codeAction": {}}}


def _edit(client: Wire, action: Json) -> Json:
    resolved = client.request("codeAction/resolve", action)
    assert "edit" in resolved, client.said()
    return dict(resolved["edit"])


def _applying(client: Wire, **answer: Any) -> list[Json]:
    """Has a client take what it is told to apply; gives the list that this goes to."""
    taken: list[Json] = []

    def apply(params: Json) -> Json:
        taken.append(params["edit"])
        return {"applied": True, **answer}

    client.answers["workspace/applyEdit"] = apply
    return taken


@pytest.fixture(scope="module")
def waiting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    """A client that waits for edits; TensorFlow is imported once for it."""
    with wire(tmp_path_factory.mktemp("waiting"), VS_CODE) as client:
        yield client


def test_a_client_that_waits(waiting: Wire) -> None:
    e, folder = waiting, waiting.folder
    # an edit of two files: of one that is not open, then of the version that is open
    (folder / "helper.py").write_bytes(HELPER.encode())
    main = e.open("train.py", USES_HELPER)
    helper = (folder / "helper.py").as_uri()
    action = e.action(main, "(gradfix loss-outside-tape)")
    assert "edit" not in action
    assert "command" not in action
    mended = {main: USES_HELPER.replace("loss =", "    loss ="), helper: HELPER.replace(".numpy()", "")}
    edit = _edit(e, action)
    assert after(edit, {main: USES_HELPER, helper: HELPER}) == mended
    versions = {c["textDocument"]["uri"]: c["textDocument"]["version"] for c in edit["documentChanges"]}
    assert versions == {main: 1, helper: None}
    e.open("helper.py", HELPER)
    e.change(helper, "# of the tides\n" + HELPER)
    edit = _edit(e, e.action(main, "Fix all"))
    mended[helper] = "# of the tides\n" + mended[helper]
    assert after(edit, e.texts) == mended
    versions = {c["textDocument"]["uri"]: c["textDocument"]["version"] for c in edit["documentChanges"]}
    assert versions == {main: 1, helper: 2}

    # what cannot be mended says why
    hopeless = e.open("hopeless.py", HOPELESS)
    for action in [a for a in e.actions(hopeless) if a["title"].startswith(("Keep the tensor", "Compute with"))]:
        assert "edit" not in e.request("codeAction/resolve", action)
    said = e.until_said("no fix could be proved")
    assert "1 of 1 gradients are still missing" in said
    assert all(a["title"].startswith("Ignore ") for a in e.actions(hopeless))

    # what changes more than the gradients is not taken for a safe fix, and says in its title what it does
    unsafe = e.open("unsafe.py", UNSAFE)
    assert "edit" not in e.request("codeAction/resolve", e.action(unsafe, "Fix all"))
    e.until_said("(unsafe: the gradient of")
    titles = [(a["title"], a["isPreferred"]) for a in e.actions(unsafe) if "isPreferred" in a]
    ((title, preferred),) = titles
    assert title.startswith("Take `tf.stop_gradient` out (unsafe: the gradient of ")
    assert title.endswith(") (gradfix stray-stop-gradient)")
    assert preferred is False
    assert e.actions(unsafe, ["source.fixAll"]) == []
    edit = _edit(e, e.action(unsafe, "unsafe"))
    assert after(edit, e.texts) == {unsafe: UNSAFE.replace("tf.stop_gradient(w * u)", "w * u")}


def test_a_client_that_gives_up_after_ten_seconds(tmp_path: Path) -> None:
    slow = BROKEN.replace("w = ", "import threading\n\nthreading.Event().wait(4)\nw = ")
    with wire(tmp_path, EMACS) as e:
        taken = _applying(e)
        uri = e.open("train.py", slow)
        began = time.monotonic()
        resolved = e.request("codeAction/resolve", e.action(uri, "(gradfix loss-outside-tape)"))
        assert 6.5 < time.monotonic() - began < 10
        assert "edit" not in resolved
        assert resolved["command"]["title"] == resolved["title"]
        e.run(resolved["command"])
        e.until(lambda: bool(taken))
        assert after(taken[0], e.texts) == {uri: slow.replace("loss =", "    loss =")}
        assert taken[0]["documentChanges"][0]["textDocument"]["version"] == 1
        assert len(e.of("window/workDoneProgress/create")) == 1  # the command went on with the run that was there
        # what is proved already comes as an edit
        assert after(_edit(e, e.action(uri, "Fix all")), e.texts) == after(taken[0], e.texts)
        assert e.said() == []


def test_a_client_that_is_given_commands(tmp_path: Path) -> None:
    with wire(tmp_path, VIM_ALE) as e:
        taken = _applying(e)
        uri = e.open("train.py", BROKEN)
        assert list(e.action(uri, "Ignore")["edit"]) == ["changes"]
        action = e.action(uri, "(gradfix loss-outside-tape)")
        assert "data" not in action
        assert e.run(action["command"]) is None
        e.until_said("is tried on TensorFlow first")
        e.until(lambda: bool(taken))
        assert list(taken[0]) == ["changes"]
        assert after(taken[0], e.texts) == {uri: MOVED}

        # whatever does not come of it is told
        _applying(e, applied=False, failureReason="read-only")
        e.run(action["command"])
        e.until_said("the editor did not apply the fix: read-only")
        del e.answers["workspace/applyEdit"]
        e.run(action["command"])
        e.until_said("the editor cannot apply the fix: no such method")
        e.change(uri, BROKEN + "\n")
        e.run(action["command"])
        e.until_said("the text has changed since the fix was offered")
        again = e.action(uri, "(gradfix ")
        assert again["title"].startswith("Compute `loss` inside the block of `tape`")


def test_a_text_that_changes_during_the_proof_is_left_alone(waiting: Wire) -> None:
    e = waiting
    slow = BROKEN.replace("w = ", "import threading\n\nthreading.Event().wait(1)\nw = ")
    uri = e.open("slow.py", slow)
    asked = e.ask("codeAction/resolve", e.action(uri, "(gradfix loss-outside-tape)"))
    e.until(lambda: any(p["value"].get("message") == "running" for p in e.of("$/progress")))
    e.change(uri, slow + "\n")
    assert "edit" not in e.answer(asked)
    e.until_said("the text has changed while the fix was being proved")


def test_a_client_that_knows_commands_only(tmp_path: Path) -> None:
    with wire(tmp_path, OLD, {"settings": {"python": str(tmp_path / "none")}}) as e:
        taken = _applying(e)
        uri = e.open("train.py", BROKEN)
        actions = e.actions(uri)
        assert [(a["title"], a["command"]) for a in actions] == [
            ("Move the loss into the tape (gradfix loss-outside-tape)", "gradfix.fix"),
            ("Ignore loss-outside-tape on this line (gradfix)", "gradfix.ignore"),
            ("Fix all missing gradients (gradfix)", "gradfix.fix"),
        ]
        e.run(actions[0])
        e.until_said("not run: cannot start ")
        e.run(actions[1])
        e.until(lambda: bool(taken))
        commented = BROKEN.replace("tf.square(y)", "tf.square(y)  # gradfix: ignore[loss-outside-tape]")
        assert after(taken[0], e.texts) == {uri: commented}
        e.change(uri, commented)
        e.run(actions[1])
        e.until_said("the text has changed since the fix was offered")
        with pytest.raises(Refusal) as refused:
            e.run({"command": "gradfix.ignore", "arguments": [uri]})
        assert refused.value.code == -32602
