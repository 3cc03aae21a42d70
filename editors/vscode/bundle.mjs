// Makes one file of the extension and what it needs, and gathers the licenses of what is in it.

import { build } from 'esbuild';
import fs from 'node:fs';
import path from 'node:path';

const { metafile } = await build({
  entryPoints: ['src/extension.ts'],
  outfile: 'dist/extension.js',
  bundle: true,
  minify: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  external: ['vscode'],
  metafile: true,
  logLevel: 'warning',
});

const inside = /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/;
const folders = new Set(Object.keys(metafile.inputs).flatMap((file) => inside.exec(file)?.[0] ?? []));
const texts = [...folders].sort().map((folder) => {
  const { name, version } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const license = fs.readdirSync(folder).find((file) => /^licen[cs]e/i.test(file));
  if (!license) {
    throw new Error(`${name} comes without a license`);
  }
  return `${name} ${version}\n\n${fs.readFileSync(path.join(folder, license), 'utf8').trim()}\n`;
});
fs.writeFileSync('dist/licenses.txt', texts.join(`\n${'-'.repeat(80)}\n\n`));
