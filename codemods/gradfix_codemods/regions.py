"""Follows a value from a cut through the statements after it, and lets TensorFlow do what NumPy does to it there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from gradfix_codemods.edits import Build, with_replaced, without_part
from gradfix_codemods.imports import Imports, settled
from gradfix_codemods.indexing import gathering, pointing
from gradfix_codemods.naming import base_path, dotted, touching
from gradfix_codemods.numpy_calls import Converter
from gradfix_codemods.trees import Tree, sound

_CHOICES = 2
# What these return, or do, is for people: it may stay a number. A tensor serves as well.
_READERS = frozenset(
    {"print", "append", "format", "info", "debug", "warning", "log", "write", "scalar", "update_state", "round"}
)
_SHAPES = frozenset({"shape", "ndim", "dtype", "name"})
_NOT_VALUES = frozenset({"len", "isinstance", "type", "range", "str", "repr", "int", "bool", "float", "round"})


@dataclass(frozen=True)
class Region:
    """The calls that one edit rewrites, and words for how far it goes."""

    builds: dict[cst.CSTNode, Build]
    words: str


def mended(tree: Tree, imports: Imports, cut: cst.BaseExpression, builds: list[Build]) -> Iterator[tuple[str, str]]:
    """Takes the expression at a cut and what could be made of it; yields new texts, each with words for its title.

    The expression alone comes first, then the NumPy calls that its value meets in the same statement, those in the
    rest of the function, and those that the values meet which it was made of.
    """
    seen = {tree.module.code}
    made: set[str] = set()
    for choice in range(_CHOICES):
        converter = Converter(tree, imports, choice)
        for build in builds:
            for region in _regions(tree, converter, cut, build):
                module = with_replaced(tree, region.builds)
                if module.code in made:
                    continue
                made.add(module.code)
                text = settled(tree.module, without_idle(tree, module))
                if text not in seen and sound(text):
                    seen.add(text)
                    yield text, region.words
        if not converter.has_choice:
            break


def meets(tree: Tree, converter: Converter, scope: cst.CSTNode, names: frozenset[str]) -> dict[cst.CSTNode, Build]:
    """Takes a function and names in it; returns what to make of the calls that take their values out of TensorFlow."""
    walk = _Walk(tree, converter, None, set(names))
    scope.visit(walk)
    scope.visit(walk)  # what a loop gives back to its start
    return walk.found


def _regions(tree: Tree, converter: Converter, cut: cst.BaseExpression, build: Build) -> Iterator[Region]:
    if isinstance(cut, cst.Call):
        own = converter.function(cut)
        yield Region({cut: build if own is None else own}, "")
        build = build if own is None else own
    else:
        yield Region({cut: build}, "")
    statement = tree.statement(cut)
    scope = next((n for n in tree.ancestors(cut) if isinstance(n, cst.FunctionDef | cst.Lambda)), tree.module)
    body = scope.body if isinstance(scope, cst.FunctionDef) else scope
    reads = _Reads()
    cut.visit(reads)
    inputs = {path for path in reads.paths if not converter.imports.origin(cst.parse_expression(path), cut)}
    # Where it is made of one value alone, that one is on the path, and a gradient through half of its uses is wrong.
    live = inputs if len(inputs) == 1 else set[str]()
    for where, names, words in (
        (statement, set(live), ", with what follows in the line"),
        (body, set(live), ", with what follows"),
        (body, set(inputs), ", with what goes with it"),
    ):
        if where is None or isinstance(where, cst.BaseCompoundStatement):
            continue
        walk = _Walk(tree, converter, cut, names)
        where.visit(walk)
        where.visit(walk)
        yield Region({**walk.found, cut: build}, words)


class _Walk(cst.CSTVisitor):
    """Follows values in the order of the text, and notes the calls of NumPy that they meet."""

    def __init__(self, tree: Tree, converter: Converter, cut: cst.CSTNode | None, names: set[str]) -> None:
        super().__init__()
        self.tree, self.converter, self.cut, self.names = tree, converter, cut, names
        self.found: dict[cst.CSTNode, Build] = {}
        self.lists: set[str] = set()

    def visit_FunctionDef(self, node: cst.FunctionDef) -> bool:
        return False

    def visit_ClassDef(self, node: cst.ClassDef) -> bool:
        return False

    def visit_Annotation(self, node: cst.Annotation) -> bool:
        return False

    def leave_Assign(self, original_node: cst.Assign) -> None:
        for target in original_node.targets:
            self._bind(target.target, original_node.value)

    def leave_AnnAssign(self, original_node: cst.AnnAssign) -> None:
        if original_node.value is not None:
            self._bind(original_node.target, original_node.value)

    def leave_AugAssign(self, original_node: cst.AugAssign) -> None:
        self._bind(original_node.target, original_node.value)

    def leave_NamedExpr(self, original_node: cst.NamedExpr) -> None:
        self._bind(original_node.target, original_node.value)

    def visit_CompFor(self, node: cst.CompFor) -> None:
        self._bind(node.target, node.iter)

    def visit_For(self, node: cst.For) -> None:
        self._bind(node.target, node.iter)

    def leave_List(self, original_node: cst.List) -> None:
        """A number beside one that stays a tensor has to stay one as well."""
        for element in original_node.elements if self._touched(original_node) else ():
            self._keep(element.value)

    def leave_Call(self, original_node: cst.Call) -> None:
        self._append(original_node)
        if original_node is self.cut or original_node in self.found or not self._touched(original_node):
            return
        convert, read = self.converter, self._for_people(original_node)
        build = None if read else convert.function(original_node) or convert.python_math(original_node)
        if build is None and isinstance(original_node.func, cst.Attribute) and self._touched(original_node.func.value):
            build = convert.method(original_node)
        if build is None:
            build = convert.to_number(original_node) if self._goes_on(original_node) and not read else None
            build = build or convert.missing(original_node) or convert.constant(original_node, self.lists)
        if build is not None:
            self.found[original_node] = build

    def leave_Subscript(self, original_node: cst.Subscript) -> None:
        if not isinstance(self.tree.parents[original_node], cst.AssignTarget) and self._touched(original_node.value):
            imports = self.converter.imports
            build = gathering(self.tree, imports, original_node)
            arrays = pointing(self.tree, imports, original_node) if build is None else None
            if arrays is not None and self.converter.choice:
                build = arrays
            if build is not None:
                self.found[original_node] = build

    def leave_Attribute(self, original_node: cst.Attribute) -> None:
        if original_node.attr.value == "T" and self._touched(original_node.value):
            way = self.converter.imports.reach("tensorflow.transpose", original_node)
            call = cst.Call(cst.parse_expression(way))
            self.found[original_node] = lambda new: call.with_changes(args=[cst.Arg(new.value)])  # type: ignore[attr-defined]

    def _append(self, node: cst.Call) -> None:
        """The list that the value at the cut is put into is followed, and what else is put there stays a tensor."""
        path = dotted(node.func.value) if isinstance(node.func, cst.Attribute) else None
        if path is None or len(node.args) != 1 or not isinstance(node.func, cst.Attribute):
            return
        if node.func.attr.value == "append" and (path in self.lists or self._holds_cut(node.args[0].value)):
            self.lists.add(path)
            self.names.add(path)
            self._keep(node.args[0].value)

    def _keep(self, value: cst.BaseExpression) -> None:
        build = self.converter.to_number(value) if isinstance(value, cst.Call) and value is not self.cut else None
        if build is not None:
            self.found.setdefault(value, build)

    def _bind(self, target: cst.BaseExpression, value: cst.BaseExpression) -> None:
        if not self._touched(value):
            return
        for part in target.elements if isinstance(target, cst.Tuple | cst.List) else [target]:
            path = dotted(part.value if isinstance(part, cst.BaseElement) else part)
            if path is not None:
                self.names.add(path)

    def _touched(self, node: cst.CSTNode) -> bool:
        reads = _Reads(self.cut)
        node.visit(reads)
        return reads.cut or touching(reads.paths, self.names)

    def _for_people(self, node: cst.CSTNode) -> bool:
        """Whether a value is only printed, logged or kept; a tensor has no `item`, so that one is never left."""
        for above in self.tree.ancestors(node):
            if isinstance(above, cst.FormattedStringExpression):
                return True
            if isinstance(above, cst.Call):
                name = above.func.attr.value if isinstance(above.func, cst.Attribute) else dotted(above.func)
                if name in _READERS and not self._holds_cut(above):
                    return True
        return False

    def _goes_on(self, node: cst.CSTNode) -> bool:
        """Whether a value is given a name: it may be needed further on, while one that is returned may be a report."""
        statement = next((n for n in self.tree.ancestors(node) if isinstance(n, cst.BaseSmallStatement)), None)
        return isinstance(statement, cst.Assign | cst.AnnAssign)

    def _holds_cut(self, node: cst.CSTNode) -> bool:
        return self.cut is not None and (node is self.cut or node in self.tree.ancestors(self.cut))


class _Reads(cst.CSTVisitor):
    """Collects the paths that an expression takes values from, and whether a cut is in it."""

    def __init__(self, wanted: cst.CSTNode | None = None) -> None:
        super().__init__()
        self.wanted, self.cut = wanted, False
        self.paths: set[str] = set()

    def on_visit(self, node: cst.CSTNode) -> bool:
        if self.wanted is not None and node is self.wanted:
            self.cut = True
        return bool(super().on_visit(node))

    def visit_Name(self, node: cst.Name) -> None:
        self.paths.add(node.value)

    def visit_Attribute(self, node: cst.Attribute) -> bool:
        if node.attr.value in _SHAPES:
            return False
        path = dotted(node)
        if path is not None:
            self.paths.add(path)
        else:
            node.value.visit(self)
        return False

    def visit_Arg(self, node: cst.Arg) -> bool:
        node.value.visit(self)
        return False

    def visit_Call(self, node: cst.Call) -> bool:
        if dotted(node.func) in _NOT_VALUES and not self.cut:
            return False
        if isinstance(node.func, cst.Attribute):
            path = base_path(node.func.value)
            if dotted(node.func) is not None and path is not None:
                self.paths.add(path)
            else:
                node.func.value.visit(self)
        for arg in node.args:
            arg.visit(self)
        return False

    def visit_Comparison(self, node: cst.Comparison) -> bool:
        return False


def without_idle(tree: Tree, module: cst.Module) -> cst.Module:
    """Takes out the lines that a rewrite has made say `x = x` or `x, y = x, y`."""
    if _idle(tree.module):
        return module
    while _idle(module):
        now = Tree.parse(module.code)
        part = next(iter(_idle(now.module)), None) if now is not None else None
        if now is None or part is None:
            return module
        module = without_part(now.module, now, part)
    return module


def _idle(module: cst.Module) -> list[cst.Assign]:
    finder = _Idle()
    module.visit(finder)
    return finder.found


class _Idle(cst.CSTVisitor):
    """Collects the assignments of names to themselves."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[cst.Assign] = []

    def visit_Assign(self, node: cst.Assign) -> bool:
        paths = _paths(node.value)
        if len(node.targets) == 1 and None not in paths and paths == _paths(node.targets[0].target):
            self.found.append(node)
        return False


def _paths(node: cst.BaseExpression) -> list[str | None]:
    """The paths in a tuple, or the one that an expression is."""
    return [dotted(e.value) for e in node.elements] if isinstance(node, cst.Tuple) else [dotted(node)]
