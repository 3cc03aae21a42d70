// What the server is told of the editor's settings: what somebody has set, by the keys of configuration files.

import * as vscode from 'vscode';
import { firstFolder, interpreterOf } from './interpreter';

/** Our settings that are keys of configuration files, too; a test holds them against the schema of those. */
const KEYS = [
  'select',
  'extendSelect',
  'ignore',
  'perFileIgnores',
  'extendExclude',
  'run',
  'timeout',
  'memory',
  'sandbox',
  'gpu',
  'inputs',
  'baseline',
] as const;

/**
 * The settings of a folder. A default is left out: it would win over the project's own configuration files. Of the
 * window, which is asked for too, the interpreter is that of the first folder: what it says holds for each folder that
 * says nothing, as one does whose interpreter is the server's.
 */
export async function settingsOf(folder: vscode.Uri | undefined, serverPython: string): Promise<object> {
  const configuration = vscode.workspace.getConfiguration('gradfix', folder);
  const set = KEYS.filter((key) => isSet(configuration.inspect(key))).map((key) => [
    key.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`),
    configuration.get(key),
  ]);
  const python = await interpreterOf(folder ?? firstFolder());
  return Object.fromEntries(python && python !== serverPython ? [...set, ['python', python]] : set);
}

function isSet(found: ReturnType<vscode.WorkspaceConfiguration['inspect']>): boolean {
  return (
    found !== undefined &&
    [
      found.globalValue,
      found.workspaceValue,
      found.workspaceFolderValue,
      found.globalLanguageValue,
      found.workspaceLanguageValue,
      found.workspaceFolderLanguageValue,
    ].some((value) => value !== undefined)
  );
}
