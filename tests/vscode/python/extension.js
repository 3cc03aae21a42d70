// As much of the Python extension's interface as ours uses: the environment of a setting, or the one typed in since.

const vscode = require('vscode');

exports.activate = (context) => {
  const changed = new vscode.EventEmitter();
  let selected = vscode.workspace.getConfiguration('python').get('defaultInterpreterPath');
  context.subscriptions.push(
    vscode.commands.registerCommand('python.setInterpreter', async () => {
      selected = await vscode.window.showInputBox({ title: 'Interpreter' });
      changed.fire({ path: selected, resource: undefined });
    }),
  );
  return {
    ready: Promise.resolve(),
    environments: {
      onDidChangeActiveEnvironmentPath: changed.event,
      getActiveEnvironmentPath: () => ({ id: selected, path: selected }),
      resolveEnvironment: async ({ path }) => path && { path, executable: { uri: vscode.Uri.file(path) } },
    },
  };
};
