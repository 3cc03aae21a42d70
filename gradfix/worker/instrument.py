"""Rewrites a module so that it reports the values of its expressions, and almost nothing while tracing is off.

Each loaded expression `e` becomes `__gf_seen__(n, e, __gf_stack__)`. Every function body, loop body and comprehension
element exists twice, wrapped and plain, and `__gf_gate__[k]` chooses: a gate that was passed often enough closes, so
that a loop of 100,000 turns costs one look-up a turn. `match` patterns, annotations, decorators and f-strings are
left alone; so are statements nested too deeply to be walked.

Expressions are numbered in the order in which they end (post-order), so those inside number n are exactly the numbers
from its `first` up to n.
"""

from __future__ import annotations

import ast

from .sites import BASE, CHANGED, GATE, INDEX, ITERATE, OWN, RETURN, SEEN, STACK, STORED, TICK, Sites
from .syntax import depth, head, hoist_declarations, imported, locate, twins

DEEPEST = 120
"""Nesting of expressions beyond which a statement is left alone."""

_WRAPPED = (ast.Call, ast.BinOp, ast.Compare, ast.Subscript, ast.Attribute, ast.UnaryOp, ast.Name, ast.IfExp)


def instrument(tree: ast.Module, path: str, sites: Sites) -> ast.Module:
    """The wrapped module. Raises nothing: what cannot be wrapped stays as it is."""
    hoist_declarations(tree)
    wrapper = _Wrapper(path, sites, imported(tree), twins(tree))
    first = head(tree.body)
    body = wrapper.block(tree.body[len(first) :])
    new = ast.Module([*first, *body], tree.type_ignores)
    locate(new)
    return new


def _name(identifier: str) -> ast.Name:
    return ast.Name(identifier, ast.Load())


class _Wrapper(ast.NodeTransformer):
    """Wraps one module. Numbers are given after the children's, in the order of evaluation."""

    def __init__(self, path: str, sites: Sites, imported: set[str], twins: dict[ast.AST, ast.AST]) -> None:
        self.path, self.sites, self.imported, self.twins = path, sites, imported, twins
        self.top: ast.AST | None = None

    # ------------------------------------------------------------ statements

    def block(self, body: list[ast.stmt]) -> list[ast.stmt]:
        """Wrapped statements, in order."""
        new: list[ast.stmt] = []
        for statement in body:
            new += self.statement(statement)
        return new

    def statement(self, node: ast.stmt) -> list[ast.stmt]:
        """What one statement becomes."""
        if depth(node) > DEEPEST:
            return [node]
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            node.body = self.function_body(node.body)
            return [node]
        if isinstance(node, ast.ClassDef):
            node.body = self.block(node.body)
            return [node]
        if isinstance(node, (ast.For, ast.AsyncFor)):
            return self.for_loop(node)
        if isinstance(node, ast.While):
            gate = self.sites.gate()
            body = self.plain_block(node.body)
            if any(isinstance(n, ast.NamedExpr) for n in ast.walk(node.test)):  # else its value leads nowhere
                test = self.plain(node.test)
                node.test = ast.IfExp(self.gate(gate), self.expression(node.test), test)
            node.body = [self.choice(gate, self.block(node.body), body)]
            node.orelse = self.block(node.orelse)
            return [node]
        if isinstance(node, ast.AugAssign):
            return self.augmented(node)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
            base = node.targets[0].value
            node.value = self.expression(node.value)
            if isinstance(base, ast.Name) and len(node.targets) == 1:
                number = self.sites.expression(node, self.path, len(self.sites.places), True)
                node.value = ast.Call(_name(STORED), [ast.Constant(number), node.value, _name(base.id)], [])
            return [node]
        if isinstance(node, ast.Return) and node.value is not None:
            value = self.expression(node.value)
            node.value = ast.Call(_name(RETURN), [value], [])
            return [node]
        if isinstance(node, ast.AnnAssign):
            if node.value is not None:
                node.value = self.expression(node.value)
            return [node]
        if isinstance(node, ast.Match):
            node.subject = self.expression(node.subject)
            for case in node.cases:
                case.body = self.block(case.body)
            return [node]
        return [self.other(node)]

    def other(self, node: ast.stmt) -> ast.stmt:
        """A statement that is walked field by field: blocks as blocks, expressions as roots."""
        for name, value in ast.iter_fields(node):
            if isinstance(value, ast.expr):
                if isinstance(getattr(value, "ctx", None), (ast.Store, ast.Del)):
                    continue
                setattr(node, name, self.expression(value))
            elif isinstance(value, list) and value and isinstance(value[0], ast.stmt):
                setattr(node, name, self.block(value))
            elif isinstance(value, list):
                for item in value:
                    if isinstance(item, ast.ExceptHandler):
                        item.body = self.block(item.body)
                    elif isinstance(item, ast.withitem):
                        item.context_expr = self.expression(item.context_expr)
        return node

    def function_body(self, body: list[ast.stmt]) -> list[ast.stmt]:
        """A function's body: its own stack, then the wrapped or the plain statements."""
        first = head(body)
        rest = body[len(first) :] or [ast.Pass()]
        gate = self.sites.gate()
        plain = self.plain_block(rest)
        stack = ast.Assign([ast.Name(STACK, ast.Store())], ast.List([], ast.Load()))
        return [*first, self.choice(gate, [stack, *self.block(rest)], plain)]

    def for_loop(self, node: ast.For | ast.AsyncFor) -> list[ast.stmt]:
        """A loop whose items are followed, and whose turns are wrapped while the gate is open."""
        gate = self.sites.gate()
        plain = self.plain_block(node.body)
        node.iter = self.expression(node.iter)
        if isinstance(node, ast.For):
            node.iter = self.iterate(node.iter, gate)
        node.body = [self.choice(gate, self.block(node.body), plain)]
        node.orelse = self.block(node.orelse)
        return [node]

    def augmented(self, node: ast.AugAssign) -> list[ast.stmt]:
        """`x += e` as `x = x += e`, so to speak: the old value and `e` are what the new value is made of.

        What `x` is found by is evaluated once, as before.
        """
        target = node.target
        before: list[ast.stmt] = []
        if any(isinstance(n, ast.Slice) for n in ast.walk(target)):
            node.value = self.expression(node.value)
            return [node]
        if isinstance(target, ast.Subscript):
            before.append(self.kept(BASE, target.value))
            before.append(self.kept(INDEX, target.slice))
            target = ast.Subscript(_name(BASE), _name(INDEX), ast.Store())
        elif isinstance(target, ast.Attribute) and not isinstance(target.value, ast.Name):
            before.append(self.kept(BASE, target.value))
            target = ast.Attribute(_name(BASE), target.attr, ast.Store())
        first = len(self.sites.places)
        old = self.seen(self.sites.expression(node.target, self.path, first, False), self.loaded(target))
        value = self.inner(node.value)
        number = self.sites.expression(node, self.path, first, True)
        sign = ast.Constant(type(node.op).__name__)
        new = self.seen(number, ast.Call(_name(CHANGED), [sign, old, value], []))
        if isinstance(target, ast.Subscript):
            new = ast.Call(_name(STORED), [ast.Constant(number), new, _name(BASE)], [])
        statements = [*before, ast.Assign([target], new)]
        if before:
            statements.append(ast.Delete([ast.Name(s.targets[0].id, ast.Del()) for s in before]))  # type: ignore[attr-defined]
        return [ast.copy_location(s, node) for s in statements]

    def kept(self, name: str, value: ast.expr) -> ast.stmt:
        """An assignment to one of the names that are there for a statement."""
        return ast.Assign([ast.Name(name, ast.Store())], self.expression(value))

    @staticmethod
    def loaded(target: ast.expr) -> ast.expr:
        """An assignment's target, read."""
        if isinstance(target, ast.Name):
            return ast.copy_location(_name(target.id), target)
        if isinstance(target, ast.Attribute):
            return ast.copy_location(ast.Attribute(target.value, target.attr, ast.Load()), target)
        assert isinstance(target, ast.Subscript)
        return ast.copy_location(ast.Subscript(target.value, target.slice, ast.Load()), target)

    # ------------------------------------------------------------ expressions

    def expression(self, node: ast.expr) -> ast.expr:
        """A whole expression of a statement: its value is not an input of anything further out."""
        return self.below(node, node)

    def inner(self, node: ast.expr) -> ast.expr:
        """An expression whose value is an input of something further out."""
        return self.below(None, node)

    def below(self, top: ast.AST | None, node: ast.expr) -> ast.expr:
        """A wrapped expression, `top` being the outermost one while it is walked."""
        outer, self.top = self.top, top
        try:
            new = self.visit(node)
            assert isinstance(new, ast.expr)
        finally:
            self.top = outer
        return new

    def visit(self, node: ast.AST) -> ast.AST:
        """Wraps a loaded expression after what it is made of."""
        if isinstance(node, (ast.JoinedStr, ast.Constant, ast.Yield, ast.YieldFrom)):
            return node
        if isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant):
            return node
        if isinstance(node, ast.Lambda):
            node.body = ast.Call(_name(RETURN), [self.gated(node.body)], [])
            return node
        if isinstance(node, (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)):
            return self.comprehension(node)
        if isinstance(node, (ast.Name, ast.Attribute)) and self.is_import(node):
            return node
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("locals", "vars", "dir"):
            return node if node.args else ast.copy_location(ast.Call(_name(OWN), [node], []), node)
        first = len(self.sites.places)
        is_top, self.top = node is self.top, None
        new = self.generic_visit(node)
        if isinstance(node, _WRAPPED) and isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
            assert isinstance(new, ast.expr)
            return self.seen(self.sites.expression(node, self.path, first, is_top), new)
        return new

    def is_import(self, node: ast.expr) -> bool:
        """Whether an expression only names something imported, such as `np` or `tf.nn.relu`."""
        while isinstance(node, ast.Attribute):
            node = node.value
        return isinstance(node, ast.Name) and (node.id in self.imported or node.id.startswith("__"))

    def comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> ast.AST:
        """Items are followed; the element is wrapped while its gate is open."""
        gate = self.sites.gate()
        for generator in node.generators:
            if not generator.is_async:
                generator.iter = self.iterate(self.inner(generator.iter), gate)
        if isinstance(node, ast.DictComp):
            node.value = self.gated(node.value)
        else:
            node.elt = self.gated(node.elt)
        return node

    def gated(self, node: ast.expr) -> ast.expr:
        """`wrapped if gate else plain`, counting each wrapped turn."""
        gate = self.sites.gate()
        plain = self.plain(node)
        ticked = ast.Call(_name(TICK), [ast.Constant(gate), self.inner(node)], [])
        return ast.IfExp(self.gate(gate), ticked, plain)

    # ------------------------------------------------------------ what is put in

    def plain(self, node: ast.expr) -> ast.expr:
        """The twin of an expression of the tree."""
        twin = self.twins[node]
        assert isinstance(twin, ast.expr)
        return twin

    def plain_block(self, body: list[ast.stmt]) -> list[ast.stmt]:
        """The twins of statements of the tree."""
        return [twin for node in body if isinstance(twin := self.twins.get(node, node), ast.stmt)]

    def gate(self, number: int) -> ast.expr:
        return ast.Subscript(_name(GATE), ast.Constant(number), ast.Load())

    def choice(self, number: int, wrapped: list[ast.stmt], plain: list[ast.stmt]) -> ast.stmt:
        tick = ast.Expr(ast.Call(_name(TICK), [ast.Constant(number)], []))
        return ast.If(self.gate(number), [tick, *wrapped], plain)

    def seen(self, number: int, value: ast.expr) -> ast.expr:
        return ast.copy_location(ast.Call(_name(SEEN), [ast.Constant(number), value, _name(STACK)], []), value)

    def iterate(self, iterable: ast.expr, gate: int) -> ast.expr:
        return ast.Call(_name(ITERATE), [iterable, ast.Constant(gate)], [])
