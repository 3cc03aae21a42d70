// What a user does in VS Code, a story at a time: `node stories.mjs JSON`. The last line of stdout is what it came to.

import { Workbench } from './workbench.mjs';

const stories = {
  /** The light bulb's fix of a break, proved and saved; then the file is checked as it is now. */
  async fix(workbench, { file, line, title }) {
    await workbench.openFile(file);
    await workbench.shows('.squiggly-warning');
    await workbench.says('1 suspect');
    await workbench.goToLine(line);
    const offered = await workbench.lightBulb(title);
    await workbench.shot('fix-1-offered');
    await workbench.take(title);
    await workbench.says('running');
    await workbench.shot('fix-2-running');
    await workbench.changed();
    await workbench.says('proved');
    await workbench.shot('fix-3-applied');
    await workbench.save();
    await workbench.command('gradfix: Check gradients now');
    const said = await workbench.told('gradient');
    await workbench.says(' gradient');
    await workbench.shot('fix-4-checked');
    await workbench.command('gradfix: Open gradient report');
    const page = workbench.page.frameLocator('iframe.webview').frameLocator('#active-frame');
    const heading = await page.locator('h1').textContent();
    await workbench.shot('fix-5-report');
    return { offered, said, heading };
  },

  /** A run that never ends, and the button that ends it. */
  async cancel(workbench, { file, line, title }) {
    await workbench.openFile(file);
    await workbench.shows('.squiggly-warning');
    await workbench.goToLine(line);
    await workbench.lightBulb(title);
    await workbench.take(title);
    await workbench.says('running');
    await workbench.page.locator('.statusbar-item', { hasText: `gradfix ${file}` }).click();
    const button = workbench.button('Cancel');
    await button.waitFor();
    await workbench.shot('cancel-1-button');
    await button.click();
    await workbench.says('1 suspect');
    await workbench.shot('cancel-2-stopped');
  },

  /** Safe fixes whenever a file is saved. */
  async save(workbench, { file, typed }) {
    await workbench.openFile(file);
    await workbench.shows('.squiggly-warning');
    await workbench.page.keyboard.press('Control+End');
    await workbench.page.keyboard.type(typed);
    await workbench.changed();
    await workbench.page.keyboard.press('Control+s');
    await workbench.says('running');
    await workbench.shot('save-1-proving');
    await workbench.saved();
    await workbench.shot('save-2-saved');
  },

  /** A workspace that is not trusted, and then is. */
  async trust(workbench, { file, line, title }) {
    await workbench.openFile(file);
    await workbench.shows('.squiggly-warning');
    await workbench.goToLine(line);
    const before = await workbench.lightBulb('Ignore');
    await workbench.shot('trust-1-limited');
    await workbench.page.keyboard.press('Escape');
    await workbench.command('gradfix: Check gradients now');
    const button = workbench.page.locator('.workspace-trust-buttons-row .monaco-button', { hasText: 'Trust' }).first();
    await button.waitFor();
    await workbench.shot('trust-2-asked');
    await button.click();
    await workbench.page.locator('.workspace-trust-editor.trusted').waitFor();
    await workbench.openFile(file);
    await workbench.goToLine(line);
    const after = await workbench.lightBulb(title);
    await workbench.shot('trust-3-granted');
    return { before, after };
  },

  /** The light bulb's fix in a cell of a notebook; in another one, safe fixes whenever it is saved. */
  async notebook(workbench, { file, cell, title, other, first, typed }) {
    await workbench.page.setViewportSize({ width: 1180, height: 1500 }); // only cells that are seen are there
    await workbench.openFile(file);
    await workbench.cell(cell);
    await workbench.shows('.squiggly-warning');
    const offered = await workbench.lightBulb(title);
    await workbench.shot('notebook-1-offered');
    await workbench.take(title);
    await workbench.changed();
    await workbench.shot('notebook-2-applied');
    await workbench.save();
    await workbench.openFile(other);
    await workbench.shows('.squiggly-warning');
    await workbench.cell(first);
    await workbench.page.keyboard.press('Control+End');
    await workbench.page.keyboard.type(typed);
    await workbench.changed();
    await workbench.save();
    await workbench.shot('notebook-3-saved');
    return { offered };
  },

  /** An environment without gradfix is selected, and then one with it. */
  async environment(workbench, { file, python }) {
    await workbench.openFile(file);
    const said = await workbench.told('not installed');
    await workbench.says('not installed');
    await workbench.shot('environment-1-without');
    await workbench.button('Choose an interpreter').click();
    await workbench.page.locator('.quick-input-widget input.input').fill(python);
    await workbench.page.keyboard.press('Enter');
    await workbench.shows('.squiggly-warning');
    await workbench.says('1 suspect');
    await workbench.menu();
    await workbench.shot('environment-2-with');
    return { said, offered: await workbench.rows.allTextContents() };
  },
};

const given = JSON.parse(process.argv[2]);
const workbench = await Workbench.open(given);
try {
  console.log(JSON.stringify((await stories[given.story](workbench, given)) ?? null));
} catch (error) {
  await workbench.shot(`${given.story}-failed`);
  throw error;
} finally {
  await workbench.close();
}
