// Generated modules as a browser or Node can load them.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { transformSync } from 'esbuild';

const FOLDER = fileURLToPath(new URL('../generated/', import.meta.url));

/** The JavaScript of `generated/NAME`. */
export function javascript(name) {
  const text = readFileSync(FOLDER + name, 'utf8');
  return name.endsWith('.ts') ? transformSync(text, { loader: 'ts', target: 'es2022' }).code : text;
}

/** What `generated/NAME` exports. */
export async function load(name) {
  const folder = mkdtempSync(join(tmpdir(), 'typed-sse-module-'));
  try {
    const path = join(folder, 'module.mjs');
    writeFileSync(path, javascript(name));
    return await import(pathToFileURL(path));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
