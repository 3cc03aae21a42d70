// The page with pictures, beside the text that it tells of. It runs no script and asks no network.

import * as path from 'node:path';
import * as vscode from 'vscode';

const panels = new Map<string, vscode.WebviewPanel>();

/** Shows a page that the server has written of a document, in the place of the last one on it. */
export async function showReport(document: vscode.Uri, page: vscode.Uri): Promise<void> {
  const bytes = await vscode.workspace.fs.readFile(page);
  const key = document.with({ fragment: '' }).toString();
  let panel = panels.get(key);
  if (!panel) {
    const title = `Gradients: ${path.basename(document.path)}`;
    const where = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
    panel = vscode.window.createWebviewPanel('gradfix.report', title, where, { localResourceRoots: [] });
    panel.onDidDispose(() => panels.delete(key));
    panels.set(key, panel);
  }
  panel.webview.html = new TextDecoder().decode(bytes);
  panel.reveal(undefined, true);
}
