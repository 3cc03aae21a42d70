// The item in the status bar: what gradfix knows of the file that is being looked at.

import * as vscode from 'vscode';
import type { Seen } from './seen';
import type { Service } from './service';

/** What the item shows. */
export interface Shown {
  readonly text: string;
  readonly tooltip: string;
  readonly warns: boolean;
}

export class Status implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem('gradfix', vscode.StatusBarAlignment.Right, 100);
  private readonly listeners: vscode.Disposable[];

  constructor(private readonly service: Service) {
    this.item.name = 'gradfix';
    this.item.command = 'gradfix.menu';
    const update = (): void => this.update();
    this.listeners = [
      service.onDidChange(update),
      vscode.window.onDidChangeActiveTextEditor(update),
      vscode.languages.onDidChangeDiagnostics(update),
      vscode.workspace.onDidChangeTextDocument(update),
      vscode.workspace.onDidGrantWorkspaceTrust(update),
    ];
    update();
  }

  dispose(): void {
    this.listeners.forEach((listener) => listener.dispose());
    this.item.dispose();
  }

  private update(): void {
    const document = vscode.window.activeTextEditor?.document;
    if (document?.languageId !== 'python') {
      this.item.hide();
      return;
    }
    const shown = this.shown(document);
    this.item.text = shown.text;
    this.item.tooltip = shown.tooltip;
    const color = shown.warns ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined;
    this.item.backgroundColor = color;
    this.item.show();
  }

  private shown(document: vscode.TextDocument): Shown {
    const { health, problem, runs } = this.service;
    const [run] = runs;
    if (problem) {
      return { text: '$(warning) gradfix: not installed', tooltip: problem.reason, warns: true };
    }
    if (health !== 'running') {
      const text = health === 'starting' ? '$(loading~spin) gradfix' : '$(circle-slash) gradfix';
      return { text, tooltip: health === 'starting' ? 'The server is starting' : 'The server is not running', warns: false };
    }
    if (run) {
      const tooltip = `${run.title}: ${run.doing || 'running'}. Click to stop it`;
      return { text: '$(sync~spin) gradfix: running', tooltip, warns: false };
    }
    return findingsOf(document, this.service.sight.of(document));
  }
}

/** What was seen on TensorFlow, else what the text alone makes suspicious. */
function findingsOf(document: vscode.TextDocument, sight: Seen | undefined): Shown {
  const ours = vscode.languages.getDiagnostics(document.uri).filter((each) => each.source === 'gradfix');
  const seen = ours.filter((each) => each.severity === vscode.DiagnosticSeverity.Error).length;
  const suspects = ours.length - seen;
  const trust = vscode.workspace.isTrusted ? '' : '. Nothing is run, as this workspace is not trusted';
  const asked = count(sight?.sources ?? 0, 'gradient');
  if (sight?.by === 'proof') {
    const tooltip = `The fix that was applied was seen to give its gradients, on TensorFlow: ${asked}`;
    return { text: '$(verified) gradfix: proved', tooltip, warns: false };
  }
  if (seen > 0) {
    return { text: `$(error) gradfix: ${count(seen, 'finding')}`, tooltip: `Seen on TensorFlow${trust}`, warns: true };
  }
  if (suspects > 0) {
    const tooltip = `Guessed from the text: choose a fix or check to have it run${trust}`;
    return { text: `$(question) gradfix: ${count(suspects, 'suspect')}`, tooltip, warns: false };
  }
  if (sight?.verdict === 'clean' && sight.sources) {
    const tooltip = `Seen on TensorFlow: ${asked}. ${sight.told}`;
    return { text: `$(pass) gradfix: ${asked}`, tooltip, warns: false };
  }
  const tooltip = sight ? `Run on TensorFlow: ${sight.told}` : `No suspects${trust}`;
  return { text: '$(graph-line) gradfix', tooltip, warns: false };
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
