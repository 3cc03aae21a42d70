// Which texts are as a proved fix has left them.

import * as vscode from 'vscode';

export class Proved implements vscode.Disposable {
  /** By address: the version that the fix has made, undefined as long as it is not applied. */
  private readonly versions = new Map<string, number | undefined>();
  private readonly listeners = [
    vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      if (contentChanges.length > 0) {
        this.changed(document);
      }
    }),
    vscode.workspace.onDidCloseTextDocument((document) => this.versions.delete(document.uri.toString())),
  ];

  /** A fix was proved, which is about to be applied. */
  expect(edit: vscode.WorkspaceEdit): void {
    edit.entries().forEach(([uri]) => this.versions.set(uri.toString(), undefined));
  }

  /** Whether a text is as the fix has left it. */
  holds(document: vscode.TextDocument): boolean {
    return this.versions.get(document.uri.toString()) === document.version;
  }

  dispose(): void {
    this.listeners.forEach((listener) => listener.dispose());
  }

  private changed(document: vscode.TextDocument): void {
    const key = document.uri.toString();
    if (this.versions.has(key) && this.versions.get(key) === undefined) {
      this.versions.set(key, document.version);
    } else {
      this.versions.delete(key);
    }
  }
}
