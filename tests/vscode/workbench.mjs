// VS Code in a browser, and what a hand does in it. Everything waits until it is so, a minute at most.

import { createRequire } from 'node:module';
import path from 'node:path';

const PATIENCE = 60_000;

export class Workbench {
  /** Opens a folder. `given` has the keys that pytest hands over: url, folder, shots, chromium, modules. */
  static async open(given) {
    const { chromium } = createRequire(path.join(given.modules, 'package.json'))('playwright-core');
    const browser = await chromium.launch({
      executablePath: given.chromium,
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-component-update'],
    });
    const page = await browser.newPage({ viewport: { width: 1180, height: 720 } });
    page.setDefaultTimeout(PATIENCE);
    const workbench = new Workbench(given, browser, page);
    await page.goto(`${given.url}?folder=${encodeURIComponent(given.folder)}`);
    await page.locator('.explorer-folders-view .monaco-list-row').first().waitFor();
    return workbench;
  }

  constructor(given, browser, page) {
    Object.assign(this, { given, browser, page });
  }

  close() {
    return this.browser.close();
  }

  shot(name) {
    return this.page.screenshot({ path: path.join(this.given.shots, `${name}.png`) });
  }

  /** Waits for an element of the active editor. */
  shows(selector) {
    return this.page.locator(`.editor-group-container.active ${selector}`).first().waitFor();
  }

  /** Waits until the item of gradfix in the status bar has a text. */
  async says(pattern) {
    await this.page.locator('[id="gradfix.gradfix.gradfix"]', { hasText: pattern }).waitFor();
  }

  /** Waits until the file in the editor is not what is on the disk. */
  changed() {
    return this.page.locator('.tab.active.dirty').waitFor();
  }

  async save() {
    await this.page.keyboard.press('Control+s');
    await this.page.locator('.tab.active:not(.dirty)').waitFor();
  }

  get rows() {
    return this.page.locator('.quick-input-widget .monaco-list-row');
  }

  async openFile(name) {
    await this.page.locator('.explorer-folders-view .monaco-list-row', { hasText: name }).dblclick();
    await this.page.locator('.tab.active', { hasText: name }).waitFor();
  }

  command(title) {
    return this.pick('F1', `>${title}`, title);
  }

  /** Types into the box that a key opens, and takes the row that has a text. */
  async pick(key, typed, row) {
    await this.page.keyboard.press(key);
    const box = this.page.locator('.quick-input-widget input.input');
    await box.waitFor();
    await box.fill(typed);
    await this.rows.filter({ hasText: row }).first().click();
  }

  async goToLine(line) {
    await this.page.keyboard.press('Control+g');
    const box = this.page.locator('.quick-input-widget input.input');
    await box.waitFor();
    await box.fill(`:${line}`);
    await this.page.keyboard.press('Enter');
    await box.waitFor({ state: 'hidden' });
  }

  /** Opens the menu of the light bulb, and gives its rows as soon as one has a text. */
  async lightBulb(text) {
    await this.page.keyboard.press('Control+.');
    const rows = this.page.locator('.action-widget .monaco-list-row.action');
    await rows.filter({ hasText: text }).first().waitFor();
    return rows.allTextContents();
  }

  /** Takes a row of that menu. The mouse is kept off it for a moment, the keyboard is not. */
  async take(text) {
    const focused = this.page.locator('.action-widget .monaco-list-row.focused');
    while (!(await focused.textContent()).includes(text)) {
      await this.page.keyboard.press('ArrowDown');
    }
    await this.page.keyboard.press('Enter');
  }

  /** The messages that are shown. */
  get messages() {
    return this.page.locator('.notifications-toasts .notification-list-item-message');
  }
}
