"""GF101: what moves into the tape's block, what stays, and where nothing is to be moved."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Callable, Sequence
from textwrap import dedent

import libcst as cst
import pytest
from _pytest.mark import ParameterSet

from gradfix_codemods.base import Cut
from gradfix_codemods.loss_outside_tape import LossOutsideTape

# Each case: a sentence, the text before, the first rewrite.
REWRITES = [
    (
        "a prepared label and the loss move with their comment, in a method",
        """\
        class Trainer:
            def step(self, x, label):
                with tf.GradientTape() as tape:
                    prediction = model(x, training=True)
                # clip very wrong labels
                label = tf.clip_by_value(label, 0.0, 1.0)
                loss = gaze_error(prediction, label)
                grads = tape.gradient(loss, model.trainable_variables)
        """,
        """\
        class Trainer:
            def step(self, x, label):
                with tf.GradientTape() as tape:
                    prediction = model(x, training=True)
                    # clip very wrong labels
                    label = tf.clip_by_value(label, 0.0, 1.0)
                    loss = gaze_error(prediction, label)
                grads = tape.gradient(loss, model.trainable_variables)
        """,
    ),
    (
        "the blank line before the gradients stays at module level",
        """\
        with tf.GradientTape() as tape:
            p = model(x)

        loss = f(p)

        gradients = tape.gradient(loss, w)
        """,
        """\
        with tf.GradientTape() as tape:
            p = model(x)
            loss = f(p)

        gradients = tape.gradient(loss, w)
        """,
    ),
    (
        "the blank line above the loss parts the block from the gradients where none did",
        """\
        with tf.GradientTape() as tape:
            p = model(x)

        # the loss
        l = f(p)

        loss = g(l)
        gradients = tape.gradient(loss, w)
        """,
        """\
        with tf.GradientTape() as tape:
            p = model(x)
            # the loss
            l = f(p)

            loss = g(l)

        gradients = tape.gradient(loss, w)
        """,
    ),
    (
        "prints, metrics and the optimizer's steps stay behind in order",
        """\
        def step(x, y):
            with tf.GradientTape() as tape:
                p = model(x)
            print("seen", p)
            loss = f(y, p)
            metric.update_state(y, p)
            tf.summary.scalar("loss", loss)
            train_loss(loss)
            grads = tape.gradient(loss, w)
            optimizer.apply_gradients(zip(grads, w))
        """,
        """\
        def step(x, y):
            with tf.GradientTape() as tape:
                p = model(x)
                loss = f(y, p)
            print("seen", p)
            metric.update_state(y, p)
            tf.summary.scalar("loss", loss)
            train_loss(loss)
            grads = tape.gradient(loss, w)
            optimizer.apply_gradients(zip(grads, w))
        """,
    ),
    (
        "a print of a value that changes afterwards moves along",
        """\
        with tf.GradientTape() as tape:
            p = model(x)
        loss = f(p)
        print(loss)
        loss += decay(w)
        g = tape.gradient(loss, w)
        """,
        """\
        with tf.GradientTape() as tape:
            p = model(x)
            loss = f(p)
            print(loss)
            loss += decay(w)
        g = tape.gradient(loss, w)
        """,
    ),
    (
        "a setting that the moved statement reads moves along",
        """\
        with tf.GradientTape() as tape:
            p = model(x)
        model.trainable = False
        optimizer.learning_rate = 0.1
        loss = f(model(p))
        g = tape.gradient(loss, w)
        """,
        """\
        with tf.GradientTape() as tape:
            p = model(x)
            model.trainable = False
            loss = f(model(p))
        optimizer.learning_rate = 0.1
        g = tape.gradient(loss, w)
        """,
    ),
    (
        "lists that are appended to, loops, branches and tuples go whole",
        """\
        with tf.GradientTape() as tape:
            p = model(x)
        parts = []
        for head in heads:
            parts.append(head(p))
        a, (b, *rest) = parts
        if smooth:
            b = b * 0.9

        else:
            log.info("raw")
        loss = a + b
        g = tape.gradient(loss, w)
        """,
        """\
        with tf.GradientTape() as tape:
            p = model(x)
            parts = []
            for head in heads:
                parts.append(head(p))
            a, (b, *rest) = parts
            if smooth:
                b = b * 0.9

            else:
                log.info("raw")
            loss = a + b
        g = tape.gradient(loss, w)
        """,
    ),
    (
        "a target on self is followed through attributes and the class's own methods",
        """\
        class Agent:
            def _forward(self):
                self.q = self.net(self.state)

            def learn(self):
                with tf.GradientTape() as tape:
                    self.state = encode(self.obs)
                self.count += 1
                self._forward()
                self.loss = f(self.q)
                self.history.append(self.loss)
                g = tape.gradient(self.loss, self.net.w)
        """,
        """\
        class Agent:
            def _forward(self):
                self.q = self.net(self.state)

            def learn(self):
                with tf.GradientTape() as tape:
                    self.state = encode(self.obs)
                    self._forward()
                    self.loss = f(self.q)
                self.count += 1
                self.history.append(self.loss)
                g = tape.gradient(self.loss, self.net.w)
        """,
    ),
    (
        "a negated target gets a name inside the block",
        """\
        with tf.GradientTape() as tape:
            latent_loss = f(z)
        g = tape.gradient(-latent_loss, z)
        """,
        """\
        with tf.GradientTape() as tape:
            latent_loss = f(z)
            negated_latent_loss = -latent_loss
        g = tape.gradient(negated_latent_loss, z)
        """,
    ),
    (
        "a target built in the call is named, after the steps that it needs",
        """\
        def f():
            with tf.GradientTape() as tape:
                p = model(x)
            l = g(p)
            return l, tape.gradient(tf.reduce_mean(l), w)
        """,
        """\
        def f():
            with tf.GradientTape() as tape:
                p = model(x)
                l = g(p)
                loss = tf.reduce_mean(l)
            return l, tape.gradient(loss, w)
        """,
    ),
    (
        "a new name avoids those in use, and lines that only the call held together get parentheses",
        """\
        loss, target_loss = 0, 1
        with tf.GradientTape() as tape:
            a, b = model(x)
        g = tape.gradient(
            a
            + b,
            w,
        )
        """,
        """\
        loss, target_loss = 0, 1
        with tf.GradientTape() as tape:
            a, b = model(x)
            target_loss_2 = (a
                + b)
        g = tape.gradient(
            target_loss_2,
            w,
        )
        """,
    ),
    (
        "a list of losses is a plain target, and so is a keyword",
        """\
        with tf.GradientTape() as tape:
            p = model(x)
        a = f(p)
        b = g(p)
        da, db = tape.gradient(sources=w, target=[a, b])
        """,
        """\
        with tf.GradientTape() as tape:
            p = model(x)
            a = f(p)
            b = g(p)
        da, db = tape.gradient(sources=w, target=[a, b])
        """,
    ),
    (
        "the last step of a forward pass before the block moves into it",
        """\
        for x, y in data:
            step += 1

            p = model(x)  # forward
            print("forward done")
            with tf.GradientTape() as tape:
                loss = f(y, p)
            g = tape.gradient(loss, w)
        """,
        """\
        for x, y in data:
            step += 1

            print("forward done")
            with tf.GradientTape() as tape:
                p = model(x)  # forward
                loss = f(y, p)
            g = tape.gradient(loss, w)
        """,
    ),
    (
        "what reads a forward pass before the block moves along with it",
        """\
        def f(x):
            p = model(x)
            q = p
            p = None
            with tf.GradientTape() as tape:
                loss = q * 2
            return tape.gradient(loss, w)
        """,
        """\
        def f(x):
            with tf.GradientTape() as tape:
                p = model(x)
                q = p
                p = None
                loss = q * 2
            return tape.gradient(loss, w)
        """,
    ),
    (
        "a branch that holds the loss and the gradients goes whole",
        """\
        def f(x, training):
            with tf.GradientTape() as tape:
                p = model(x)

            if training:
                loss = h(p)
                grads = tape.gradient(loss, w)
                optimizer.apply_gradients(zip(grads, w))
            return p
        """,
        """\
        def f(x, training):
            with tf.GradientTape() as tape:
                p = model(x)
                if training:
                    loss = h(p)
                    grads = tape.gradient(loss, w)
                    optimizer.apply_gradients(zip(grads, w))

            return p
        """,
    ),
    (
        "a target indexed by a comprehension goes whole",
        """\
        with tf.GradientTape(persistent=True) as tape:
            y = model(x)
        rows = [tape.gradient(y[:, i], x) for i in range(3)]
        print(rows)
        """,
        """\
        with tf.GradientTape(persistent=True) as tape:
            y = model(x)
            rows = [tape.gradient(y[:, i], x) for i in range(3)]
        print(rows)
        """,
    ),
    (
        "a loop in which the target changes goes whole",
        """\
        with tf.GradientTape(persistent=True) as tape:
            y = model(x)
        for row in rows:
            g = tape.gradient(-y, x)
            y = f(y, row)
        """,
        """\
        with tf.GradientTape(persistent=True) as tape:
            y = model(x)
            for row in rows:
                g = tape.gradient(-y, x)
                y = f(y, row)
        """,
    ),
    (
        "a target that a pattern binds goes whole",
        """\
        with tf.GradientTape() as tape:
            y = model(x)
        match y:
            case [a, b]:
                g = tape.gradient(a * b, x)
        """,
        """\
        with tf.GradientTape() as tape:
            y = model(x)
            match y:
                case [a, b]:
                    g = tape.gradient(a * b, x)
        """,
    ),
    (
        "what stands before a branch moves when the branch only asks for the gradients",
        """\
        with tf.GradientTape() as tape:
            p = model(x)
        loss = f(p)
        if training:
            opt.apply_gradients(zip(tape.gradient(loss, w), w))
        """,
        """\
        with tf.GradientTape() as tape:
            p = model(x)
            loss = f(p)
        if training:
            opt.apply_gradients(zip(tape.gradient(loss, w), w))
        """,
    ),
    (
        "the first derivative moves into the outer block of nested ones",
        """\
        with tf.GradientTape() as outer:
            with tf.GradientTape() as inner:
                u = model(x)
        u_x = inner.gradient(u, x)
        u_xx = outer.gradient(u_x, x)
        """,
        """\
        with tf.GradientTape() as outer:
            with tf.GradientTape() as inner:
                u = model(x)
            u_x = inner.gradient(u, x)
        u_xx = outer.gradient(u_x, x)
        """,
    ),
    (
        "two tapes of one with are told apart",
        """\
        with tf.GradientTape() as a, tf.GradientTape(persistent=True) as b:
            fake = gen(z)
        g_loss = f(fake)
        d_loss = h(fake)
        g_grads = a.gradient(g_loss, gw)
        d_grads = b.gradient(d_loss, dw)
        """,
        """\
        with tf.GradientTape() as a, tf.GradientTape(persistent=True) as b:
            fake = gen(z)
            d_loss = h(fake)
        g_loss = f(fake)
        g_grads = a.gradient(g_loss, gw)
        d_grads = b.gradient(d_loss, dw)
        """,
    ),
    (
        "a block on one line becomes an indented one",
        """\
        def f():
          with tf.GradientTape() as t: p = m(x)  # forward
          loss = h(p)
          return loss, t.gradient(loss, w)
        """,
        """\
        def f():
          with tf.GradientTape() as t:
            p = m(x)  # forward
            loss = h(p)
          return loss, t.gradient(loss, w)
        """,
    ),
    (
        "a comment at the end of the block stays above what moves",
        """\
        with tf.GradientTape() as tape:
            p = model(x)
            # forward done

        # now the loss
        loss = f(p)
        g = tape.gradient(loss, w)
        """,
        """\
        with tf.GradientTape() as tape:
            p = model(x)
            # forward done
            # now the loss
            loss = f(p)

        g = tape.gradient(loss, w)
        """,
    ),
    (
        "continuation lines go deeper, long strings stay",
        """\
        async def f():
            async with lock:
                with tf.GradientTape() as tape:
                    p = model(x)
                loss = await h(
                    p,

                    '''
            as it was
            ''',
                )
                g = tape.jacobian(loss, w)
        """,
        """\
        async def f():
            async with lock:
                with tf.GradientTape() as tape:
                    p = model(x)
                    loss = await h(
                        p,

                        '''
            as it was
            ''',
                    )
                g = tape.jacobian(loss, w)
        """,
    ),
    (
        "a tape on self, asked by batch_jacobian",
        """\
        with tf.GradientTape() as self.tape:
            p = model(x)
        y = f(p)
        j = self.tape.batch_jacobian(y, x)
        """,
        """\
        with tf.GradientTape() as self.tape:
            p = model(x)
            y = f(p)
        j = self.tape.batch_jacobian(y, x)
        """,
    ),
    (
        "a way out on a condition is not overtaken but moves along",
        """\
        for x in data:
            with tf.GradientTape() as tape:
                p = model(x)
            print("one")
            if bad(p):
                continue
            loss = f(p)
            g = tape.gradient(loss, w)
        """,
        """\
        for x in data:
            with tf.GradientTape() as tape:
                p = model(x)
                print("one")
                if bad(p):
                    continue
                loss = f(p)
            g = tape.gradient(loss, w)
        """,
    ),
    (
        "the loss and the gradients on one line go whole",
        """\
        with tf.GradientTape() as tape:
            p = model(x)
        loss = f(p); g = tape.gradient(loss, w)
        print(g)
        """,
        """\
        with tf.GradientTape() as tape:
            p = model(x)
            loss = f(p); g = tape.gradient(loss, w)
        print(g)
        """,
    ),
    (
        "random numbers are drawn in the same order",
        """\
        with tf.GradientTape() as tape:
            p = model(x)
        noise = tf.random.normal([2])
        loss = f(p, tf.random.uniform([2]))
        g = tape.gradient(loss, w)
        """,
        """\
        with tf.GradientTape() as tape:
            p = model(x)
            noise = tf.random.normal([2])
            loss = f(p, tf.random.uniform([2]))
        g = tape.gradient(loss, w)
        """,
    ),
]

# Each case: a sentence, a text for which there is no rewrite.
NO_OPS = [
    (
        "the target is computed inside the block",
        """\
        with tf.GradientTape() as tape:
            loss = f(model(x))
        print(loss)
        g = tape.gradient(loss, w)
        """,
    ),
    ("no gradient is asked for", "with tf.GradientTape() as tape:\n    p = m(x)\nloss = f(p)\n"),
    (
        "the target is the function's parameter",
        """\
        def f(loss, x):
            y = g(x)
            with tf.GradientTape() as tape:
                p = model(y)
            q = h(p)
            return tape.gradient(loss, w)
        """,
    ),
    ("the tape is made without with", "tape = tf.GradientTape()\nloss = f(x)\ng = tape.gradient(loss, w)\n"),
    (
        "the tape belongs to another function",
        """\
        with tf.GradientTape() as tape:
            p = model(x)
        def ask():
            loss = f(p)
            return tape.gradient(loss, w)
        """,
    ),
    (
        "the tape is asked in a lambda, later",
        """\
        with tf.GradientTape() as tape:
            p = model(x)
        loss = f(p)
        ask = lambda: tape.gradient(loss, w)
        """,
    ),
    (
        "the tape is deleted before",
        """\
        with tf.GradientTape() as tape:
            p = model(x)
        del tape
        loss = f(p)
        g = tape.gradient(loss, w)
        """,
    ),
    (
        "the tape is another one by then",
        """\
        with tf.GradientTape() as tape:
            p = model(x)
        for x in xs:
            with tf.GradientTape() as tape:
                p = model(x)
        loss = f(p)
        g = tape.gradient(loss, w)
        """,
    ),
    (
        "a return stands in between",
        """\
        def f():
            with tf.GradientTape() as tape:
                p = model(x)
            return p
            loss = f(p)
            g = tape.gradient(loss, w)
        """,
    ),
    (
        "a break stands in between",
        """\
        while True:
            with tf.GradientTape() as tape:
                p = model(x)
            loss = f(p)
            break
            g = tape.gradient(loss, w)
        """,
    ),
    (
        "only constants stand before the block",
        """\
        def f(x):
            scale = -0.5 * 2
            parts = []
            with tf.GradientTape() as tape:
                parts.append(model(x) * scale)
                loss = tf.add_n(parts)
            return tape.gradient(loss, w)
        """,
    ),
    (
        "definitions and imports before the block stay",
        """\
        import helpers
        def loss_fn(p):
            return tf.reduce_mean(p)
        with tf.GradientTape() as tape:
            loss = loss_fn(helpers.model(x))
        g = tape.gradient(loss, w)
        """,
    ),
    ("the arguments are unpacked", "with T() as t:\n    p = m(x)\nl = [f(p), w]\ng = t.gradient(*l)\n"),
    ("the text does not parse", "with tf.GradientTape() as tape:\nloss = f(x\ng = tape.gradient(loss, w)\n"),
]


def _step_line(text: str) -> int:
    lines = enumerate(text.splitlines(), 1)
    return max((n for n, line in lines if ".gradient(" in line or "jacobian(" in line), default=1)


def _texts(text: str, step_line: int = 0, step_column: int = 0, line: int = 0) -> list[str]:
    found = LossOutsideTape().rewrites(text, Cut("outside-tape", step_line or _step_line(text), step_column, line))
    return [rewrite.text for rewrite in found]


def _cases(cases: Sequence[tuple[str, ...]]) -> list[ParameterSet]:
    return [pytest.param(*map(dedent, case[1:]), id=case[0]) for case in cases]


@pytest.mark.parametrize(("before", "after"), _cases(REWRITES))
def test_first_rewrite(before: str, after: str) -> None:
    assert _texts(before)[0] == after


@pytest.mark.parametrize("text", _cases(NO_OPS))
def test_no_rewrite(text: str) -> None:
    assert _texts(text) == []


@pytest.mark.parametrize(("before", "_after"), _cases(REWRITES))
def test_every_rewrite_compiles_and_keeps_every_statement(before: str, _after: str) -> None:
    rewrites = list(LossOutsideTape().rewrites(before, Cut("outside-tape", _step_line(before))))
    texts = [rewrite.text for rewrite in rewrites]
    assert len(texts) == len(set(texts))
    for rewrite in rewrites:
        compile(rewrite.text, "rewrite", "exec")
        assert cst.parse_module(rewrite.text).code == rewrite.text
        assert not re.search(r"[ \t]\n", rewrite.text)
        named = ", as `" in rewrite.title
        lost, new = (
            _statements(before) - _statements(rewrite.text),
            _statements(rewrite.text) - _statements(before),
        )
        # A target that gets a name changes the step and adds a line; else the statements are the same.
        assert (len(lost), len(new)) == ((1, 2) if named else (0, 0))


def _statements(text: str) -> Counter[str]:
    found = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.stmt))
    return Counter(ast.dump(node) for node in found if not hasattr(node, "body"))


def _to_tabs(text: str) -> str:
    return text.replace("    ", "\t")


def _to_crlf(text: str) -> str:
    return text.replace("\n", "\r\n")


def _to_two_spaces(text: str) -> str:
    return text.replace("    ", "  ")


def _without_last_newline(text: str) -> str:
    return text.removesuffix("\n")


@pytest.mark.parametrize("style", [_to_tabs, _to_crlf, _to_two_spaces, _without_last_newline])
@pytest.mark.parametrize(("before", "after"), _cases([row for row in REWRITES if "\n    " in dedent(row[1])]))
def test_style_of_the_file_is_kept(before: str, after: str, style: Callable[[str], str]) -> None:
    assert _texts(style(before))[0] == style(after)


@pytest.mark.parametrize(("_before", "after"), _cases(REWRITES))
def test_a_rewritten_text_stays_as_it_is(_before: str, after: str) -> None:
    assert _texts(after) == []


def test_order_of_the_alternatives() -> None:
    before = dedent("""\
        a = first(x)
        b = second(a)
        with tf.GradientTape() as tape:
            p = third(b)
        print(p)
        loss = f(p)
        g = tape.gradient(loss, w)
        """)
    after = [
        """\
        a = first(x)
        b = second(a)
        with tf.GradientTape() as tape:
            p = third(b)
            loss = f(p)
        print(p)
        g = tape.gradient(loss, w)
        """,
        """\
        a = first(x)
        b = second(a)
        with tf.GradientTape() as tape:
            p = third(b)
            print(p)
            loss = f(p)
        g = tape.gradient(loss, w)
        """,
        """\
        a = first(x)
        with tf.GradientTape() as tape:
            b = second(a)
            p = third(b)
            loss = f(p)
        print(p)
        g = tape.gradient(loss, w)
        """,
        """\
        with tf.GradientTape() as tape:
            a = first(x)
            b = second(a)
            p = third(b)
            loss = f(p)
        print(p)
        g = tape.gradient(loss, w)
        """,
    ]
    after = [dedent(text) for text in after]
    assert _texts(before) == after
    # The run showed that the path breaks in line 1.
    assert _texts(before, line=1)[0] == after[3]
    assert _texts(before, line=2)[0] == after[2]


def test_an_episode_before_the_block_moves_whole() -> None:
    before = dedent("""\
        def train(env):
            rewards, values = [], []
            state, done = env.reset(), False
            while not done:
                value = critic(state)
                state, reward, done = env.step(actor(state))
                rewards.append(reward)
                values.append(value)
            targets = returns(rewards)
            with tf.GradientTape() as tape:
                loss = mse(targets, values)
            grads = tape.gradient(loss, critic.trainable_variables)
        """)
    first, second, *_ = _texts(before)
    assert "    with tf.GradientTape() as tape:\n        targets = returns(rewards)\n        loss" in first
    assert second == dedent("""\
        def train(env):
            rewards, values = [], []
            state, done = env.reset(), False
            with tf.GradientTape() as tape:
                while not done:
                    value = critic(state)
                    state, reward, done = env.step(actor(state))
                    rewards.append(reward)
                    values.append(value)
                targets = returns(rewards)
                loss = mse(targets, values)
            grads = tape.gradient(loss, critic.trainable_variables)
        """)


def test_what_another_function_asks_the_tape_for_moves_into_the_block(offered: Callable[..., list[str]]) -> None:
    before = dedent(
        """\
        class Learner:
            def loss(self, x, y):
                with tf.GradientTape() as self.tape:
                    p = self.net(x)
                # far too large otherwise
                q = tf.clip_by_value(p, 0.1, 0.9)
                return «tf.reduce_mean(y - q)», y

            def step(self, x, y):
                loss, _ = self.loss(x, y)
                return self.tape.gradient(loss, self.net.trainable_variables)
        """
    )
    after = dedent(
        """\
        class Learner:
            def loss(self, x, y):
                with tf.GradientTape() as self.tape:
                    p = self.net(x)
                    # far too large otherwise
                    q = tf.clip_by_value(p, 0.1, 0.9)
                    return tf.reduce_mean(y - q), y

            def step(self, x, y):
                loss, _ = self.loss(x, y)
                return self.tape.gradient(loss, self.net.trainable_variables)
        """
    )
    assert offered(LossOutsideTape(), before, "outside-tape", 11) == [after]
    elsewhere = before.replace("with tf.GradientTape() as self.tape", "with self.scope")
    assert offered(LossOutsideTape(), elsewhere, "outside-tape", 11) == []


def test_a_call_inside_its_own_block_still_gets_the_forward_pass() -> None:
    before = "p = model(x)\nwith T() as tape:\n    loss = f(p)\n    g = tape.gradient(loss, w)\n"
    after = "with T() as tape:\n    p = model(x)\n    loss = f(p)\n    g = tape.gradient(loss, w)\n"
    assert _texts(before) == [after]


def test_candidates_before_the_block_are_capped() -> None:
    steps = "".join(f"x{n + 1} = f(x{n})\n" for n in range(30))
    assert len(_texts(f"{steps}with T() as tape:\n    loss = x30\ng = tape.gradient(loss, w)\n")) == 8


def test_the_column_picks_one_of_two_calls_on_a_line() -> None:
    before = "with T() as t:\n    p = m(x)\na = f(p)\nb = h(p)\nda, db = t.gradient(a, w), t.gradient(b, w)\n"
    column = before.splitlines()[4].index("t.gradient(b") + 1
    assert _texts(before, step_column=column)[0].splitlines()[2] == "    b = h(p)"
    assert {text.splitlines()[2] for text in _texts(before)} >= {"    a = f(p)", "    b = h(p)"}


def test_a_line_within_the_statement_finds_the_call() -> None:
    call = "g = (\n    t.gradient(\n        a,\n        w,\n    )\n)\n"
    before = f"with T() as t:\n    p = m(x)\na = f(p)\n{call}"
    after = f"with T() as t:\n    p = m(x)\n    a = f(p)\n{call}"
    for line in (4, 5, 7, 9):
        assert _texts(before, step_line=line) == [after]


def test_blank_lines_inside_moved_module_level_statements_stay_empty() -> None:
    before = "with T() as t:\n    p = m(x)\na = f(p)\n\nb = h(\n    a,\n\n    p,\n)\ng = t.gradient(b, w)\n"
    moved = "    a = f(p)\n\n    b = h(\n        a,\n\n        p,\n    )\n"
    after = f"with T() as t:\n    p = m(x)\n{moved}g = t.gradient(b, w)\n"
    assert _texts(before) == [after]


def test_a_function_of_the_module_brings_what_it_reads() -> None:
    before = dedent("""\
        def objective():
            return tf.reduce_mean(p)

        with tf.GradientTape() as tape:
            q = model(x)
        p = q + 1
        loss = objective()
        g = tape.gradient(loss, w)
        """)
    assert "    q = model(x)\n    p = q + 1\n    loss = objective()\ng" in _texts(before)[0]


def test_the_title_is_a_sentence_without_full_stop() -> None:
    text = "with T() as t:\n    p = m(x)\nloss = f(p)\ng = t.gradient(loss, w)\n"
    (rewrite,) = LossOutsideTape().rewrites(text, Cut("outside-tape", 4))
    assert rewrite.title == "Compute `loss` inside the block of `t`"
