// What the extension answers for each folder of a workspace: `node folders.mjs SETTINGS_TS ESBUILD JSON`, without VS Code.

import { createRequire } from 'node:module';

const [, , entry, esbuild, given] = process.argv;
const { server, folders, selected, set } = JSON.parse(given);
const stubs = {
  vscode: `
    const { folders, set } = globalThis.given;
    const valueOf = (folder, key) => set[folder?.fsPath ?? '']?.[key];
    export const Uri = {};
    export const extensions = { getExtension: () => ({}) };
    export const workspace = {
      isTrusted: true,
      workspaceFolders: folders.map((fsPath) => ({ uri: { fsPath } })),
      getConfiguration: (_, folder) => ({
        get: (key, usual) => valueOf(folder, key) ?? usual,
        inspect: (key) => ({ workspaceFolderValue: valueOf(folder, key) }),
      }),
    };`,
  '@vscode/python-extension': `
    const executable = (path) => ({ executable: { uri: { fsPath: path } } });
    const environments = {
      getActiveEnvironmentPath: (folder) => globalThis.given.selected[folder?.fsPath ?? ''],
      resolveEnvironment: async (path) => (path ? executable(path) : undefined),
    };
    export const PythonExtension = { api: async () => ({ environments }) };`,
};
const stubbed = {
  name: 'stubbed',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(vscode|@vscode\/python-extension)$/ }, ({ path }) => ({ path, namespace: 'stub' }));
    onLoad({ filter: /.*/, namespace: 'stub' }, ({ path }) => ({ contents: stubs[path] }));
  },
};
const { build } = createRequire(import.meta.url)(esbuild);
const how = { bundle: true, write: false, platform: 'node', format: 'esm', plugins: [stubbed] };
const { outputFiles } = await build({ entryPoints: [entry], ...how });
globalThis.given = { folders, selected, set };
const { settingsOf } = await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
const asked = [undefined, ...folders.map((fsPath) => ({ fsPath }))];
console.log(JSON.stringify(await Promise.all(asked.map((folder) => settingsOf(folder, server)))));
