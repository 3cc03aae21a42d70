// The server's life: found, started, told of changes, started again.

import * as vscode from 'vscode';
import {
  DidChangeConfigurationNotification,
  LanguageClient,
  RevealOutputChannelOn,
  State,
  type LanguageClientOptions,
  type Middleware,
  type ProgressToken,
} from 'vscode-languageclient/node';
import { waits } from './capabilities';
import { findServer, type Launch, type Missing } from './find';
import { firstFolder, interpreterOf, pathSetting } from './interpreter';
import { Sight, type Seen } from './seen';
import { settingsOf } from './settings';

export type Health = 'off' | 'starting' | 'running' | 'missing';

/** A run that is under way, as the server tells of it. */
export interface Run {
  readonly token: ProgressToken;
  readonly title: string;
  readonly doing: string;
}

export class Service implements vscode.Disposable {
  readonly log = vscode.window.createOutputChannel('gradfix', { log: true });
  readonly sight = new Sight();
  private readonly changes = new vscode.EventEmitter<void>();
  /** Fires when the server's health, its runs or what it has seen have changed. */
  readonly onDidChange = this.changes.event;
  private client: LanguageClient | undefined;
  private launch: Launch | undefined;
  private missing: Missing | undefined;
  private busy = false;
  private readonly underWay = new Map<ProgressToken, Run>();
  private queue: Promise<void> = Promise.resolve();

  /** `neutral` is a folder without Python files. */
  constructor(private readonly neutral: string) {}

  get health(): Health {
    if (this.missing) {
      return 'missing';
    }
    if (this.busy || this.client?.state === State.Starting) {
      return 'starting';
    }
    return this.client?.state === State.Running ? 'running' : 'off';
  }

  /** Why there is no server. */
  get problem(): Missing | undefined {
    return this.missing;
  }

  get runs(): readonly Run[] {
    return [...this.underWay.values()];
  }

  /** Starts the server that the settings mean anew. */
  restart(): Promise<void> {
    return this.inTurn(async () => this.replace(await this.find()));
  }

  /** Has the server follow settings and trust as they are now. Another one is started only where they mean another. */
  follow(): Promise<void> {
    return this.inTurn(async () => {
      const found = await this.find();
      if (this.client?.state !== State.Running || !isLaunch(found) || !sameLaunch(found, this.launch)) {
        return this.replace(found);
      }
      await this.client.sendNotification('gradfix/didChangeTrust', { trusted: vscode.workspace.isTrusted });
      await this.client.sendNotification(DidChangeConfigurationNotification.type, { settings: null });
    });
  }

  /** Has the server run a command of its own, and gives what it answers. */
  async execute(command: string, ...args: unknown[]): Promise<unknown> {
    return this.client?.state === State.Running
      ? this.client.sendRequest('workspace/executeCommand', { command, arguments: args })
      : undefined;
  }

  /** Stops all runs. */
  async stopRuns(): Promise<void> {
    for (const { token } of this.runs) {
      await this.client?.sendNotification('window/workDoneProgress/cancel', { token });
    }
  }

  dispose(): Promise<void> {
    return this.inTurn(async () => {
      await this.end();
      this.changes.dispose();
      this.sight.dispose();
      this.log.dispose();
    });
  }

  /** One change of the server at a time, in the order in which they were asked for. */
  private inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.queue.then(work);
    this.queue = done.catch((error: unknown) => this.log.error(String(error)));
    return this.queue;
  }

  private async find(): Promise<Launch | Missing> {
    const folder = firstFolder();
    const interpreter = await interpreterOf(folder);
    return findServer(pathSetting('serverPath', folder), interpreter, this.neutral);
  }

  private async replace(found: Launch | Missing): Promise<void> {
    this.busy = true;
    this.changes.fire();
    try {
      await this.end();
      this.missing = isLaunch(found) ? undefined : found;
      if (isLaunch(found)) {
        await this.begin(found);
      } else {
        this.log.warn(`no server: ${found.reason}`);
      }
    } finally {
      this.busy = false;
      this.changes.fire();
    }
  }

  private async begin(launch: Launch): Promise<void> {
    this.log.info(`starting ${[launch.command, ...launch.args].join(' ')}`);
    const run = { command: launch.command, args: [...launch.args], options: { cwd: this.neutral } };
    const start = { trusted: vscode.workspace.isTrusted, settings: await settingsOf(firstFolder(), launch.python) };
    const options: LanguageClientOptions = {
      documentSelector: [
        { language: 'python', scheme: 'file' },
        { language: 'python', scheme: 'untitled' },
        { language: 'python', scheme: 'vscode-notebook-cell' },
      ],
      initializationOptions: start,
      outputChannel: this.log,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      middleware: this.middleware(launch),
    };
    this.launch = launch;
    this.client = new LanguageClient('gradfix', 'gradfix', run, options);
    this.client.registerFeature(waits);
    this.client.onDidChangeState(() => this.changes.fire());
    this.client.onNotification('gradfix/seen', (seen: Seen) => {
      this.sight.hear(seen);
      this.changes.fire();
    });
    await this.client.start();
  }

  private async end(): Promise<void> {
    const client = this.client;
    this.client = this.launch = undefined;
    this.underWay.clear();
    this.sight.forget();
    await client?.dispose();
  }

  private middleware(launch: Launch): Middleware {
    return {
      handleWorkDoneProgress: (token, params, next) => {
        if (params.kind === 'end') {
          this.underWay.delete(token);
        } else {
          const title = params.kind === 'begin' ? params.title : (this.underWay.get(token)?.title ?? '');
          this.underWay.set(token, { token, title, doing: params.message ?? '' });
        }
        this.changes.fire();
        next(token, params);
      },
      workspace: {
        // it asks for what somebody has set: what the editor would send of itself has all defaults in it
        didChangeConfiguration: () => Promise.resolve(),
        configuration: ({ items }) =>
          Promise.all(
            items.map(({ section, scopeUri }) =>
              section === 'gradfix' ? settingsOf(scopeUri ? vscode.Uri.parse(scopeUri) : undefined, launch.python) : null,
            ),
          ),
      },
    };
  }
}

function sameLaunch(one: Launch, other: Launch | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function isLaunch(found: Launch | Missing): found is Launch {
  return 'command' in found;
}
