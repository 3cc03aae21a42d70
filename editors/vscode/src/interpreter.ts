// Which Python belongs to a folder: the one of the settings, else the one that is selected in the Python extension.

import { PythonExtension } from '@vscode/python-extension';
import * as os from 'node:os';
import * as path from 'node:path';
import * as vscode from 'vscode';

/** The interpreter of a folder (of the window without one), undefined where nobody has chosen any. */
export async function interpreterOf(folder: vscode.Uri | undefined): Promise<string | undefined> {
  return pathSetting('interpreter', folder) || (await selectedInPythonExtension(folder));
}

/** A path among our settings with `~` and `${workspaceFolder}` put in, "" where it is not set. */
export function pathSetting(key: string, folder: vscode.Uri | undefined): string {
  const given = vscode.workspace.getConfiguration('gradfix', folder).get<string>(key, '').trim();
  if (!given) {
    return '';
  }
  const root = folder?.fsPath ?? firstFolder()?.fsPath ?? os.homedir();
  const meant = given.replace(/^~(?=$|[\\/])/, () => os.homedir()).replace(/\$\{workspaceFolder\}/g, () => root);
  return /[\\/]/.test(meant) ? path.resolve(root, meant) : meant;
}

/** The folder whose interpreter the server itself is started with. */
export function firstFolder(): vscode.Uri | undefined {
  return vscode.workspace.workspaceFolders?.[0]?.uri;
}

/** Calls back when another environment is selected in the Python extension, if that is there. */
export async function onSelected(changed: () => void): Promise<vscode.Disposable | undefined> {
  const python = await pythonExtension();
  return python?.environments.onDidChangeActiveEnvironmentPath(changed);
}

async function selectedInPythonExtension(folder: vscode.Uri | undefined): Promise<string | undefined> {
  const python = await pythonExtension();
  if (!python) {
    return undefined;
  }
  const chosen = python.environments.getActiveEnvironmentPath(folder);
  const environment = await python.environments.resolveEnvironment(chosen);
  return environment?.executable.uri?.fsPath;
}

/** Nothing of an untrusted workspace may say what is started: its environments may lie in it. */
async function pythonExtension(): Promise<PythonExtension | undefined> {
  const installed = vscode.extensions.getExtension('ms-python.python') !== undefined;
  return installed && vscode.workspace.isTrusted ? PythonExtension.api() : undefined;
}
