// VS Code in a browser, and what a hand does in it. Everything waits until it is so, some time at most.

import { createRequire } from 'node:module';
import path from 'node:path';

const PATIENCE = 100_000;
/** The notebook that was open before stays where it is. */
const SEEN = ':visible:not([inert] *)';
const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export class Workbench {
  /** Opens a folder. `given` has the keys that pytest hands over: url, folder, shots, chromium, modules. */
  static async open(given) {
    const { chromium } = createRequire(path.join(given.modules, 'package.json'))('playwright-core');
    const browser = await chromium.launch({ executablePath: given.chromium, args: QUIET });
    const page = await browser.newPage({ viewport: { width: 1180, height: 720 } });
    page.setDefaultTimeout(PATIENCE);
    await page.goto(`${given.url}?folder=${encodeURIComponent(given.folder)}`);
    await page.locator('.explorer-folders-view .monaco-list-row').first().waitFor();
    const workbench = new Workbench(given, browser, page);
    await workbench.ready();
    return workbench;
  }

  constructor(given, browser, page) {
    Object.assign(this, { given, browser, page });
  }

  /** Waits until extensions are known: a notebook that is opened before that is JSON. */
  async ready() {
    const known = this.rows.filter({ hasText: 'gradfix: Restart server' });
    const end = Date.now() + PATIENCE;
    do {
      await this.type('F1', '>gradfix: Restart server');
      await this.rows.first().waitFor();
      if (await known.count()) {
        break;
      }
      await this.page.keyboard.press('Escape');
    } while (Date.now() < end);
    await this.page.keyboard.press('Escape');
  }

  /** Leaves the page first: else the extension is kept running for hours, for the case that the browser comes back. */
  async close() {
    await this.page.goto('about:blank');
    await this.browser.close();
  }

  shot(name) {
    return this.page.screenshot({ path: path.join(this.given.shots, `${name}.png`) });
  }

  /** Waits for an element of the editor, or notebook, that is seen. */
  shows(selector) {
    return this.page.locator(`.monaco-editor ${selector}${SEEN}`).first().waitFor();
  }

  /** The item of gradfix in the status bar. */
  get item() {
    return this.page.locator('[id="gradfix.gradfix.gradfix"]');
  }

  /** Waits until that item has a text. */
  says(text) {
    return this.item.filter({ hasText: text }).waitFor();
  }

  /** Waits for a message with a text, and gives all of it. */
  async told(text) {
    const message = this.page.locator('.notifications-toasts .notification-list-item-message', { hasText: text });
    await message.first().waitFor();
    return message.first().textContent();
  }

  /** A button of a message, be it shown by itself or in the list of messages. */
  button(text) {
    return this.page.locator('.notification-list-item .monaco-button', { hasText: text }).first();
  }

  /** Waits until the file in the editor is not what is on the disk. */
  changed() {
    return this.page.locator('.tab.active.dirty').waitFor();
  }

  saved() {
    return this.page.locator('.tab.active:not(.dirty)').waitFor();
  }

  async save() {
    await this.page.keyboard.press('Control+s');
    await this.saved();
  }

  /** Opens a file of the folder itself: to find others, VS Code wants a search program. */
  async openFile(name) {
    await this.page.locator('.explorer-folders-view .monaco-list-row', { hasText: name }).dblclick();
    await this.page.locator('.tab.active', { hasText: name }).waitFor();
  }

  /** Puts the cursor into the cell of a notebook that has a line with a text, at the end of that line. */
  async cell(text) {
    await this.page.locator(`.notebookOverlay .view-line${SEEN}`, { hasText: text }).first().click();
    await this.page.keyboard.press('End');
  }

  /** The rows of the box at the top. */
  get rows() {
    return this.page.locator('.quick-input-widget .monaco-list-row');
  }

  async command(title) {
    await this.type('F1', `>${title}`);
    await this.rows.filter({ hasText: title }).first().click();
  }

  async goToLine(line) {
    await this.type('Control+g', `:${line}`);
    await this.page.keyboard.press('Enter');
    await this.page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
  }

  /** Types into the box that a key opens. */
  async type(key, text) {
    await this.page.keyboard.press(key);
    const box = this.page.locator('.quick-input-widget input.input');
    await box.waitFor();
    await box.fill(text);
  }

  /** Opens the menu behind our item. */
  async menu() {
    await this.item.click();
    await this.rows.first().waitFor();
  }

  /** Opens the menu of the light bulb, and gives its rows as soon as one has a text. */
  async lightBulb(text) {
    const rows = this.page.locator('.action-widget .monaco-list-row.action');
    const end = Date.now() + PATIENCE;
    for (;;) {
      await this.page.keyboard.press('Control+.');
      // where there is nothing to choose from as yet there is no menu
      const shown = await rows.first().waitFor({ timeout: 5_000 }).then(() => true, () => false);
      const titles = shown ? await rows.allTextContents() : [];
      if (titles.some((title) => title.includes(text)) || Date.now() > end) {
        return titles;
      }
      await this.page.keyboard.press('Escape'); // the server may not know yet what has just changed
    }
  }

  /** Takes a row of that menu. The mouse is kept off it for a moment, the keyboard is not. */
  async take(text) {
    const focused = this.page.locator('.action-widget .monaco-list-row.focused');
    while (!(await focused.textContent()).includes(text)) {
      await this.page.keyboard.press('ArrowDown');
    }
    await this.page.keyboard.press('Enter');
  }
}
