"""What is told of a step where the pointer rests on it."""

from __future__ import annotations

import asyncio

import pytest

from tests.lsp.conftest import Editors
from tests.lsp.notebooks import IMPORTS, STEP, TAPE, Notebook
from tests.lsp.texts import BROKEN

NOT_RUN = ["gradfix: not run yet; “Check gradients now” (gradfix.checkNow) runs it"]
STALE = ["gradfix: not run since the text here has changed; “Check gradients now” (gradfix.checkNow) runs it"]
STEPS = """\
import tensorflow as tf

w = tf.Variable([2.0, 1.0])
b = tf.Variable(1.0)


def scale():
    return 3.0


def step(x):
    with tf.GradientTape() as tape:
        y = w * scale() * x
        loss = tf.reduce_sum(y) + b.numpy()
    grads = tape.gradient(
        loss, [w, b]
    )
    return grads


def other(x):
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(w * x)
    return tape.gradient(loss, w)
"""


def test_before_a_run_a_step_says_how_to_run_it(editor: Editors) -> None:
    async def story() -> None:
        async with editor() as e:
            uri = e.open("train.py", BROKEN)
            told, span = await e.hover(uri, 6)
            assert told == NOT_RUN
            assert span is not None
            assert (span.start.line, span.start.character, span.end.character) == (6, 0, 32)
            assert await e.hover(uri, 5) == ([], None)
            e.change(uri, BROKEN + "def f(:\n")
            assert await e.hover(uri, 6) == ([], None)
            book = Notebook(e, "train.ipynb", ["%load_ext x\n" + IMPORTS, None, TAPE, STEP])
            told, span = await e.hover(book.order[3], 1)
            assert told == NOT_RUN
            assert span is not None
            assert span.start.line == 1

    asyncio.run(story())


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"trusted": False}, "nothing is run, because this workspace is not trusted"),
        ({"settings": {"run": "never"}}, "not run, as the setting run = never says"),
    ],
)
def test_where_nothing_is_run_a_step_says_why(editor: Editors, options: dict[str, object], why: str) -> None:
    async def story() -> None:
        async with editor(options) as e:
            assert (await e.hover(e.open("train.py", BROKEN), 6))[0] == [f"gradfix: not run yet; {why}"]

    asyncio.run(story())


def test_after_a_run_a_step_says_what_was_seen_until_its_text_changes(editor: Editors) -> None:
    async def story() -> None:
        async with editor() as e:
            uri = e.open("train.py", STEPS)
            await e.command("gradfix.checkNow", uri)
            await e.until(lambda: bool(e.client.said))
            for line in (14, 15, 16):
                told, _ = await e.hover(uri, line)
                assert told[:2] == ["gradfix, last run: 1 of 2 sources get no gradient", ""]
            rest = told[2:]
            assert rest[0].startswith("- `b` []: no gradient; with the proved fix a gradient with norm ")
            assert rest[1].startswith("- `w` [2]: a gradient with norm ")
            assert any(line.startswith("- made up: x") for line in rest)
            assert rest[-1].startswith("- on TensorFlow 2.")
            assert "sandbox: " in rest[-1]
            healthy, _ = await e.hover(uri, 23)
            assert healthy[0] == "gradfix, last run: the source has a gradient"
            e.change(uri, "# two\n# lines\n" + STEPS)
            assert (await e.hover(uri, 16))[0][: len(told)] == told
            elsewhere = [*told, "- the text has changed elsewhere since"]
            e.change(uri, STEPS.replace("return 3.0", "return 4.0"))
            assert (await e.hover(uri, 14))[0] == elsewhere
            e.change(uri, STEPS.replace("scale() * x", "scale() * x * x"))
            assert (await e.hover(uri, 14))[0] == STALE
            assert (await e.hover(uri, 23))[0] == [*healthy, elsewhere[-1]]
            e.change(uri, STEPS)
            assert (await e.hover(uri, 14))[0] == told
            # once the fix is applied, the text is the very one that its proof has run
            action = await e.client.code_action_resolve_async((await e.actions(uri, ["source.fixAll.gradfix"]))[0])
            assert action.edit is not None
            patched = e.with_edit(action.edit)[uri]
            e.change(uri, patched)
            proof, _ = await e.hover(uri, 14)
            assert proof[:2] == ["gradfix, proof of the fix: all 2 sources have a gradient", ""]
            assert proof[2].startswith("- `w` [2]: a gradient with norm ")
            assert proof[3] == "- `b` []: " + rest[0].partition("with the proved fix ")[2]
            assert proof[-2:] == rest[-2:]
            assert (await e.hover(uri, 23))[0][0] == "gradfix, proof of the fix: the source has a gradient"
            await e.published(uri, lambda found: not found)
            await e.until(lambda: e.client.seen[uri]["by"] == "proof")
            facts = {"verdict": "clean", "sources": 3, "missing": 0, "told": "no gradient is missing"}
            assert e.client.seen[uri] == {"uri": uri, "version": e.versions[uri], "by": "proof", **facts}
            e.change(uri, patched.replace("return 3.0", "return 4.0"))
            assert (await e.hover(uri, 14))[0] == [*proof, elsewhere[-1]]
            await e.until(lambda: e.client.seen[uri]["by"] == "")
            e.change(uri, STEPS)
            assert (await e.hover(uri, 14))[0] == told
            await e.until(lambda: e.client.seen[uri]["by"] == "run")
            assert (e.client.seen[uri]["verdict"], e.client.seen[uri]["missing"]) == ("fixed", 1)

    asyncio.run(story())
