// What the user may ask for by name.

import * as vscode from 'vscode';
import type { Missing } from './find';
import { showReport } from './report';
import type { Service } from './service';

const FIX_ALL = 'source.fixAll.gradfix';

export function registerCommands(service: Service): vscode.Disposable[] {
  const { registerCommand } = vscode.commands;
  return [
    registerCommand('gradfix.check', () => check(service)),
    registerCommand('gradfix.openReport', () => openReport(service)),
    registerCommand('gradfix.restart', () => service.restart()),
    registerCommand('gradfix.showLog', () => service.log.show()),
    registerCommand('gradfix.menu', () => menu(service)),
  ];
}

/** Says why there is no server, with a way out. */
export async function explain(missing: Missing, service: Service): Promise<void> {
  const copy = 'Copy the command';
  const choose = 'Choose an interpreter';
  const log = 'Show log';
  const message = `gradfix: ${missing.reason}.${missing.install ? ` Install it with: ${missing.install}` : ''}`;
  const picks = missing.install ? [copy, choose, log] : [choose, log];
  const picked = await vscode.window.showWarningMessage(message, ...picks);
  if (picked === copy) {
    await vscode.env.clipboard.writeText(missing.install);
  } else if (picked === choose) {
    await chooseInterpreter();
  } else if (picked === log) {
    service.log.show();
  }
}

async function check(service: Service): Promise<void> {
  const document = await runnable(service);
  if (document) {
    await service.execute('gradfix.checkNow', document.uri.toString());
  }
}

async function openReport(service: Service): Promise<void> {
  const document = await runnable(service);
  const page = document && (await service.execute('gradfix.report', document.uri.toString(), false));
  if (document && typeof page === 'string') {
    await showReport(document.uri, vscode.Uri.parse(page));
  }
}

/** The document in the editor, where it can be run; else says why it cannot. */
async function runnable(service: Service): Promise<vscode.TextDocument | undefined> {
  const document = vscode.window.activeTextEditor?.document;
  if (service.problem) {
    await explain(service.problem, service);
  } else if (!vscode.workspace.isTrusted) {
    await vscode.commands.executeCommand('workbench.trust.manage');
  } else if (document?.languageId !== 'python') {
    void vscode.window.showInformationMessage('gradfix: there is no Python file to check.');
  } else {
    return document;
  }
  return undefined;
}

async function chooseInterpreter(): Promise<void> {
  if (vscode.extensions.getExtension('ms-python.python')) {
    await vscode.commands.executeCommand('python.setInterpreter');
  } else {
    await vscode.commands.executeCommand('workbench.action.openSettings', 'gradfix.interpreter');
  }
}

interface Item extends vscode.QuickPickItem {
  readonly act: () => unknown;
}

async function menu(service: Service): Promise<void> {
  const picked = await vscode.window.showQuickPick(itemsOf(service), { title: 'gradfix' });
  await picked?.act();
}

function itemsOf(service: Service): Item[] {
  const { executeCommand } = vscode.commands;
  const items: Item[] = [];
  const { problem, runs } = service;
  if (problem) {
    items.push({ label: '$(warning) Why there is no server', act: () => explain(problem, service) });
  }
  if (runs.length > 0) {
    const description = runs.map((run) => run.title).join(', ');
    items.push({ label: '$(debug-stop) Stop what is being run', description, act: () => service.stopRuns() });
  }
  if (!vscode.workspace.isTrusted) {
    const description = 'nothing is run in this workspace';
    items.push({ label: '$(shield) Trust', description, act: () => executeCommand('workbench.trust.manage') });
  } else if (service.health === 'running') {
    items.push(
      { label: '$(beaker) Check gradients now', act: () => check(service) },
      { label: '$(graph) Open gradient report', act: () => openReport(service) },
      {
        label: '$(lightbulb-autofix) Fix all missing gradients',
        act: () => executeCommand('editor.action.codeAction', { kind: FIX_ALL, apply: 'first' }),
      },
    );
  }
  items.push(
    { label: '$(list-unordered) Show problems', act: () => executeCommand('workbench.actions.view.problems') },
    { label: '$(output) Show log', act: () => service.log.show() },
    { label: '$(debug-restart) Restart server', act: () => service.restart() },
    { label: '$(gear) Settings', act: () => executeCommand('workbench.action.openSettings', '@ext:gradfix.gradfix') },
  );
  return items;
}
