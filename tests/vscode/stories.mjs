// What a user does in VS Code, a story at a time: `node stories.mjs JSON`. The last line of stdout is what it came to.

import { Workbench } from './workbench.mjs';

const stories = {
  /** The light bulb's fix of a break, proved and saved. */
  async fix(workbench, { file, line, title }) {
    await workbench.openFile(file);
    await workbench.shows('.squiggly-warning');
    await workbench.says(/1 suspect/);
    await workbench.goToLine(line);
    const offered = await workbench.lightBulb(title);
    await workbench.shot('fix-1-offered');
    await workbench.take(title);
    await workbench.says(/running/);
    await workbench.shot('fix-2-running');
    await workbench.changed();
    await workbench.shot('fix-3-applied');
    await workbench.save();
    return { offered };
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
