// What the server has seen of the very texts that are in the editor: in a run, or in the proof of the fix that made them.

import * as vscode from 'vscode';

/** What the server tells of a version of a document (`gradfix/seen`). `by` is empty where that text was not run. */
export interface Seen {
  readonly uri: string;
  readonly version: number;
  readonly by: '' | 'run' | 'proof';
  readonly verdict?: string;
  readonly sources?: number;
  readonly missing?: number;
  readonly told?: string;
}

export class Sight implements vscode.Disposable {
  private readonly known = new Map<string, Seen>();
  private readonly listener = vscode.workspace.onDidCloseTextDocument(({ uri }) => this.known.delete(uri.toString()));

  hear(seen: Seen): void {
    this.known.set(vscode.Uri.parse(seen.uri).toString(), seen);
  }

  /** The server has ended. */
  forget(): void {
    this.known.clear();
  }

  /** What was seen of a text as it is, undefined where that was not run. */
  of(document: vscode.TextDocument): Seen | undefined {
    const seen = this.known.get(document.uri.toString());
    return seen?.by && seen.version === document.version ? seen : undefined;
  }

  dispose(): void {
    this.listener.dispose();
  }
}
