// Where the server is: beside the interpreter, else on PATH. Knows nothing of the editor.

import { execFile } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';

/** How the server is started. `python` is the interpreter that it runs in, "" where only its program is known. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly python: string;
}

/** Why there is no server, and what to type in a terminal for one. */
export interface Missing {
  readonly reason: string;
  readonly install: string;
}

const PROGRAM = 'gradfix-lsp';
const SECONDS = 20;
const PROBE = `
import importlib.util, sys
def there(name):
    try:
        return importlib.util.find_spec(name) is not None
    except ImportError:
        return False
print("old" if sys.version_info < (3, 10) else
      "none" if not there("gradfix.lsp") else "bare" if not there("pygls") else "ready")
`;

/**
 * Looks for the server. `neutral` is a folder without Python files: `python -m` and `python -c` look for modules in
 * the current folder first, and what happens to be called gradfix in a workspace must not be run.
 */
export async function findServer(
  setting: string,
  interpreter: string | undefined,
  neutral: string,
): Promise<Launch | Missing> {
  if (setting) {
    const command = path.isAbsolute(setting) ? setting : onPath(setting);
    return command && isFile(command)
      ? { command, args: [], python: '' }
      : { reason: `there is no ${setting}, which the setting gradfix.serverPath names`, install: '' };
  }
  const probed = interpreter ? await probe(interpreter, neutral) : '';
  if (interpreter && probed === 'ready') {
    return { command: interpreter, args: ['-m', 'gradfix.lsp'], python: interpreter };
  }
  const command = onPath(PROGRAM);
  if (command) {
    return { command, args: [], python: '' };
  }
  if (!interpreter) {
    const reason = `there is no ${PROGRAM} on PATH, and no interpreter is chosen`;
    return { reason, install: "pip install 'gradfix[lsp]'" };
  }
  const reasons: Record<string, string> = {
    old: `${interpreter} is older than Python 3.10, which gradfix needs`,
    none: `gradfix is not installed in ${interpreter}`,
    bare: `gradfix is installed in ${interpreter} without what its server needs`,
  };
  const known = reasons[probed];
  return {
    reason: known ?? `${interpreter} cannot be started: ${probed}`,
    install: probed === 'none' || probed === 'bare' ? `"${interpreter}" -m pip install "gradfix[lsp]"` : '',
  };
}

/** One of the words that PROBE prints, else what went wrong. */
function probe(interpreter: string, neutral: string): Promise<string> {
  return new Promise((resolve) => {
    const options = { cwd: neutral, timeout: SECONDS * 1000 };
    execFile(interpreter, ['-c', PROBE], options, (error, stdout) => resolve(error ? error.message : stdout.trim()));
  });
}

/** A program in the absolute folders of PATH: a relative one would be looked for in the workspace. */
function onPath(name: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  const file = process.platform === 'win32' && !name.endsWith('.exe') ? `${name}.exe` : name;
  return folders.map((folder) => path.join(folder, file)).find(isFile);
}

function isFile(name: string): boolean {
  return fs.statSync(name, { throwIfNoEntry: false })?.isFile() ?? false;
}
