// What our server must know of Visual Studio Code that its client library says otherwise.

import type { ClientCapabilities, StaticFeature } from 'vscode-languageclient/node';

/**
 * An edit that takes long is waited for. The library also says that a command may come in its place when an action is
 * resolved; Visual Studio Code forgets that command when the menu of the light bulb has been closed before, and a save
 * does not wait for what it does. And the item in the status bar is to hear what was seen.
 */
export const waits: StaticFeature = {
  fillClientCapabilities(capabilities: ClientCapabilities): void {
    const later = capabilities.textDocument?.codeAction?.resolveSupport;
    if (later) {
      later.properties = ['edit'];
    }
    capabilities.experimental = { ...(capabilities.experimental as object | undefined), gradfixSeen: true };
  },
  initialize: () => undefined,
  getState: () => ({ kind: 'static' }),
  clear: () => undefined,
};
