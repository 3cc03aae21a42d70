"""A notebook in an editor: its cells are documents with addresses and versions of their own."""

from __future__ import annotations

from collections.abc import Sequence

from lsprotocol import types

from tests.lsp.conftest import Editor

IMPORTS = "%matplotlib inline\nimport tensorflow as tf"
TAPE = "w = tf.Variable(2.0)\nwith tf.GradientTape() as tape:\n    y = w * 3.0"
STEP = "loss = tf.square(y)\ngrads = tape.gradient(loss, [w])"


class Notebook:
    """A notebook that an editor has open. Cells that are None are text: no server is told what stands in them."""

    def __init__(self, e: Editor, name: str, cells: Sequence[str | None]) -> None:
        self.e, self.uri, self.version, self._count = e, e.uri(name), 1, 0
        made = [self._made(text) for text in cells]
        self.order = [cell.document for cell, _ in made]
        notebook = types.NotebookDocument(
            uri=self.uri, notebook_type="jupyter-notebook", version=1, cells=[cell for cell, _ in made]
        )
        items = [item for _, item in made if item is not None]
        e.client.notebook_document_did_open(
            types.DidOpenNotebookDocumentParams(notebook_document=notebook, cell_text_documents=items)
        )

    def _made(self, text: str | None) -> tuple[types.NotebookCell, types.TextDocumentItem | None]:
        # the addresses of VS Code hold escapes
        uri = self.uri.replace("file://", "vscode-notebook-cell:") + f"#W{self._count}sZmlsZQ%3D%3D"
        self._count += 1
        if text is None:
            return types.NotebookCell(kind=types.NotebookCellKind.Markup, document=uri), None
        self.e.texts[uri], self.e.versions[uri] = text, 1
        item = types.TextDocumentItem(uri=uri, language_id="python", version=1, text=text)
        return types.NotebookCell(kind=types.NotebookCellKind.Code, document=uri), item

    def _send(self, cells: types.NotebookDocumentCellChanges | None) -> None:
        self.version += 1
        self.e.client.notebook_document_did_change(
            types.DidChangeNotebookDocumentParams(
                notebook_document=types.VersionedNotebookDocumentIdentifier(uri=self.uri, version=self.version),
                change=types.NotebookDocumentChangeEvent(cells=cells),
            )
        )

    def executed(self) -> None:
        """A cell was executed: no text has changed."""
        self._send(None)

    def type(self, uri: str, line: int, character: int, text: str) -> None:
        """Types something into a cell, of which only that is sent."""
        lines = self.e.texts[uri].split("\n")
        lines[line] = lines[line][:character] + text + lines[line][character:]
        self.e.texts[uri] = "\n".join(lines)
        self.e.versions[uri] += 1
        at = types.Position(line=line, character=character)
        part = types.TextDocumentContentChangePartial(range=types.Range(start=at, end=at), text=text)
        document = types.VersionedTextDocumentIdentifier(uri=uri, version=self.e.versions[uri])
        content = types.NotebookDocumentCellContentChanges(document=document, changes=[part])
        self._send(types.NotebookDocumentCellChanges(text_content=[content]))

    def write(self, texts: dict[str, str]) -> None:
        """Gives cells other texts, as an edit does."""
        changed = []
        for uri, text in texts.items():
            self.e.texts[uri] = text
            self.e.versions[uri] += 1
            document = types.VersionedTextDocumentIdentifier(uri=uri, version=self.e.versions[uri])
            whole = types.TextDocumentContentChangeWholeDocument(text=text)
            changed.append(types.NotebookDocumentCellContentChanges(document=document, changes=[whole]))
        self._send(types.NotebookDocumentCellChanges(text_content=changed))

    def splice(self, start: int, count: int, cells: Sequence[str | None]) -> list[str]:
        """Puts new cells in the place of some; gives their addresses."""
        made = [self._made(text) for text in cells]
        gone, new = self.order[start : start + count], [cell.document for cell, _ in made]
        self.order[start : start + count] = new
        self._restructure(
            start, count, [c for c, _ in made], [i for _, i in made if i], [u for u in gone if u in self.e.texts]
        )
        return new

    def move(self, source: int, target: int) -> None:
        """Moves a cell: its document stays open."""
        uri = self.order.pop(source)
        self._restructure(source, 1, [], [], [])
        self.order.insert(target, uri)
        cell = types.NotebookCell(kind=types.NotebookCellKind.Code, document=uri)
        self._restructure(target, 0, [cell], [], [])

    def _restructure(
        self,
        start: int,
        count: int,
        cells: list[types.NotebookCell],
        opened: list[types.TextDocumentItem],
        closed: list[str],
    ) -> None:
        array = types.NotebookCellArrayChange(start=start, delete_count=count, cells=cells)
        ends = [types.TextDocumentIdentifier(uri=uri) for uri in closed]
        structure = types.NotebookDocumentCellChangeStructure(array=array, did_open=opened, did_close=ends)
        self._send(types.NotebookDocumentCellChanges(structure=structure))

    def close(self) -> None:
        cells = [types.TextDocumentIdentifier(uri=uri) for uri in self.order if uri in self.e.texts]
        self.e.client.notebook_document_did_close(
            types.DidCloseNotebookDocumentParams(
                notebook_document=types.NotebookDocumentIdentifier(uri=self.uri), cell_text_documents=cells
            )
        )
