// Begins with the first Python file, and ends with the window.

import * as vscode from 'vscode';
import { explain, registerCommands } from './commands';
import { onSelected } from './interpreter';
import { Service } from './service';
import { Status } from './status';

const OURS = /\b(tensorflow|keras|tf_keras)\b/;
let service: Service | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const mine = (service = new Service(context.asAbsolutePath('images')));
  const follow = (): Promise<void> => mine.follow();
  context.subscriptions.push(
    new Status(mine),
    ...registerCommands(mine),
    vscode.workspace.onDidChangeConfiguration((event) => event.affectsConfiguration('gradfix') && follow()),
    vscode.workspace.onDidGrantWorkspaceTrust(async () => {
      await listenToPython(context, follow);
      await follow();
    }),
    tellOnce(mine),
  );
  await listenToPython(context, follow);
  await follow();
}

export async function deactivate(): Promise<void> {
  await service?.dispose();
}

async function listenToPython(context: vscode.ExtensionContext, follow: () => Promise<void>): Promise<void> {
  const listener = await onSelected(() => void follow());
  if (listener) {
    context.subscriptions.push(listener);
  }
}

/** Says once that there is no server, and only where TensorFlow is written: not every Python file is for us. */
function tellOnce(mine: Service): vscode.Disposable {
  let told = false;
  const tell = (): void => {
    const open = vscode.workspace.textDocuments.some((each) => each.languageId === 'python' && OURS.test(each.getText()));
    if (mine.problem && open && !told) {
      told = true;
      void explain(mine.problem, mine);
    }
  };
  return vscode.Disposable.from(mine.onDidChange(tell), vscode.workspace.onDidOpenTextDocument(tell));
}
