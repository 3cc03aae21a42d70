"""Where names come from, how a function of TensorFlow is reached, and imports that come and go with a rewrite."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache

import libcst as cst
from libcst.metadata import Assignment, ImportAssignment, MetadataWrapper, Scope, ScopeProvider

from gradfix_codemods.edits import without_part
from gradfix_codemods.naming import dotted, root
from gradfix_codemods.trees import Statement, Tree

_SAME = (("tensorflow.compat.v2.", "tensorflow."), ("tensorflow.python.keras.", "tensorflow.keras."))


class Imports:
    """The names of one file that come from modules."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self._scopes = _scopes(tree.module)
        self._aliases = list(dict.fromkeys(name for _, name in _bound(tree.module)))

    def origin(self, node: cst.CSTNode, at: cst.CSTNode | None = None) -> str:
        """Takes an expression; returns the full name that it stands for (`numpy.where`), or "" if it is not imported.

        Where several imports bind the name (one for each release of a library, say) the last one counts. An
        expression that is not of the file's own tree is looked up as if it stood at `at`.
        """
        path = dotted(node)
        scope = self._scope(node if at is None else at)
        return self._resolve(path, scope) if path and scope else ""

    def reach(self, name: str, at: cst.CSTNode) -> str:
        """Takes the full name of something in TensorFlow and a place; returns how to write it there (`tf.where`).

        Uses the file's own import of `tensorflow`, or of the thing itself; else `tf`, which `settled` then imports.
        """
        scope = self._scope(at)
        ways = []
        for alias in sorted(self._aliases, key=lambda a: a != "tf"):
            full = self._resolve(alias, scope) if scope else ""
            if full == "tensorflow" or (full.startswith("tensorflow.") and f"{name}.".startswith(f"{full}.")):
                ways.append((full != "tensorflow", alias + name[len(full) :]))
        if ways:
            return min(ways, key=lambda way: way[0])[1]
        start = "tensorflow" if _uses(self.tree.module)["tf"] or "tf" in self._aliases else "tf"
        return start + name[len("tensorflow") :]

    def _scope(self, node: cst.CSTNode) -> Scope | None:
        nodes = (node, *self.tree.ancestors(node))
        return next((s for n in nodes if (s := self._scopes.get(n)) is not None), None)

    def _resolve(self, path: str, scope: Scope, depth: int = 0) -> str:
        found = list(scope[root(path)])
        if found and all(isinstance(a, ImportAssignment) for a in found):
            last = max(found, key=lambda a: self._line(a))
            names = sorted(q.name for q in last.get_qualified_names_for(path))
            return _canonical(names[-1]) if names else ""
        (only,) = found if len(found) == 1 else (None,)
        if depth < 3 and isinstance(only, Assignment) and isinstance(only.node, cst.Name):
            # `K = tf.keras.backend` is an alias too.
            target = self.tree.parents.get(only.node)
            assign = self.tree.parents.get(target) if isinstance(target, cst.AssignTarget) else None
            value = dotted(assign.value) if isinstance(assign, cst.Assign) else None
            if value is not None and root(value) != root(path):
                full = self._resolve(value, only.scope, depth + 1)
                return full + path[len(root(path)) :] if full else ""
        return ""

    def _line(self, assignment: object) -> int:
        node = assignment.node if isinstance(assignment, Assignment) else None
        return self.tree.places[node].start.line if node is not None and node in self.tree.places else 0


@lru_cache(maxsize=4)  # one break is shown to several codemods
def _scopes(module: cst.Module) -> Mapping[cst.CSTNode, Scope | None]:
    return MetadataWrapper(module, unsafe_skip_copy=True).resolve(ScopeProvider)


def settled(before: cst.Module, after: cst.Module) -> str:
    """Takes the module before and after a rewrite; returns the new text with its imports put right.

    TensorFlow is imported where the rewrite is the first to use it. Another import goes where the rewrite took its last
    use away, and stays where nothing used it before.
    """
    had, has = _uses(before), _uses(after)
    bound = Counter(name for _, name in _bound(before))
    for name in ("tf", "tensorflow"):
        if has[name] and not had[name] and not bound[name]:
            after = _with_tensorflow(after, name)
    kept = {name for alias, name in _bound(before) if alias.evaluated_name == "tensorflow"}
    for name in [name for name in bound if bound[name] == 1 and had[name] and not has[name] and name not in kept]:
        after = _without_import(after, name)
    return after.code


def _canonical(name: str) -> str:
    for old, new in _SAME:
        if f"{name}.".startswith(old):
            name = f"{new}{name[len(old) :]}".rstrip(".")
    return name


def _with_tensorflow(module: cst.Module, name: str) -> cst.Module:
    line = cst.parse_statement(f"import tensorflow as {name}" if name == "tf" else "import tensorflow")
    body = list(module.body)
    last = -1
    for index, statement in enumerate(body):
        if isinstance(statement, cst.BaseCompoundStatement) and not isinstance(statement, cst.Try | cst.If):
            break
        if _holds_import(statement) or (index == 0 and _is_docstring(statement)):
            last = index
    assert isinstance(line, Statement)
    if last < 0 and body and isinstance(body[0], Statement):
        body[0] = body[0].with_changes(leading_lines=[cst.EmptyLine(indent=False), *body[0].leading_lines])
    elif last == 0 and _is_docstring(body[0]):
        line = line.with_changes(leading_lines=[cst.EmptyLine(indent=False)])
    body.insert(last + 1, line)
    return module.with_changes(body=body)


def _holds_import(statement: cst.CSTNode) -> bool:
    if not isinstance(statement, cst.SimpleStatementLine):
        return False
    return any(isinstance(part, cst.Import | cst.ImportFrom) for part in statement.body)


def _is_docstring(statement: cst.CSTNode) -> bool:
    if not isinstance(statement, cst.SimpleStatementLine) or not isinstance(statement.body[0], cst.Expr):
        return False
    return isinstance(statement.body[0].value, cst.SimpleString | cst.ConcatenatedString)


def _without_import(module: cst.Module, name: str) -> cst.Module:
    tree = Tree.parse(module.code)
    if tree is None:
        return module
    for alias, bound in _bound(tree.module):
        statement = tree.parents[alias]
        if bound != name or not isinstance(statement, cst.Import | cst.ImportFrom):
            continue
        line = tree.parents[statement]
        owner = tree.parents.get(tree.parents[line]) if isinstance(tree.parents[line], cst.IndentedBlock) else None
        if not isinstance(tree.parents[line], cst.Module) and not isinstance(owner, cst.FunctionDef):
            return tree.module  # in a `try`, most often: another branch goes with it
        assert not isinstance(statement.names, cst.ImportStar)
        rest = [other for other in statement.names if other is not alias]
        if not rest:
            return without_part(tree.module, tree, statement)
        if alias is statement.names[-1] and not (isinstance(statement, cst.ImportFrom) and statement.lpar):
            rest[-1] = rest[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
        return tree.module.with_deep_changes(statement, names=rest)
    return module


def _bound(module: cst.Module) -> Iterator[tuple[cst.ImportAlias, str]]:
    finder = _Survey()
    module.visit(finder)
    for alias in finder.aliases:
        yield alias, alias.evaluated_alias or root(alias.evaluated_name)


@lru_cache(maxsize=4)
def _uses(module: cst.Module) -> Counter[str]:
    survey = _Survey()
    module.visit(survey)
    return survey.uses


class _Survey(cst.CSTVisitor):
    """Collects what is imported, and counts how often names are used; a string that is a name alone counts too."""

    def __init__(self) -> None:
        super().__init__()
        self.aliases: list[cst.ImportAlias] = []
        self.uses: Counter[str] = Counter()

    def visit_ImportAlias(self, node: cst.ImportAlias) -> bool:
        self.aliases.append(node)
        return False

    def visit_ImportFrom_module(self, node: cst.ImportFrom) -> None:
        self._inside = self.uses.copy()

    def leave_ImportFrom_module(self, node: cst.ImportFrom) -> None:
        self.uses = self._inside

    def visit_Name(self, node: cst.Name) -> None:
        self.uses[node.value] += 1

    def visit_Attribute(self, node: cst.Attribute) -> bool:
        node.value.visit(self)
        return False

    def visit_Arg(self, node: cst.Arg) -> bool:
        node.value.visit(self)
        return False

    def visit_SimpleString(self, node: cst.SimpleString) -> None:
        # An entry of `__all__`, an annotation: `"np"`, `"np.ndarray"`.
        match = re.fullmatch(r"[rRuU]?(['\"])(\w+)(\.[\w.]+)?\1", node.value)
        if match:
            self.uses[match.group(2)] += 1
