// Where things are.

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const HERE = fileURLToPath(new URL('..', import.meta.url));
/** What the tests generate. */
export const OUT = join(HERE, 'out');

const REPOSITORY = resolve(HERE, '../../..');
const TARGET = resolve(REPOSITORY, process.env.CARGO_TARGET_DIR ?? 'target');
const VENV = join(TARGET, 'openapi-venv');

export const SERVER = there(
  join(TARGET, 'debug', 'typed-sse-openapi-server'),
  'cargo build -p typed-sse-openapi-server',
);
export const SCHEMATHESIS = there(join(VENV, 'bin', 'schemathesis'), 'scripts/check openapi');

/** A tool of an npm package, to be run with Node.js. */
export function tool(path) {
  return there(join(HERE, 'node_modules', path), 'npm ci');
}

/** The document of this name, as the server's binary prints it. */
export function document(name) {
  return execFileSync(SERVER, ['document', name], { encoding: 'utf8' });
}

function there(path, command) {
  if (!existsSync(path)) throw new Error(`no ${path}: run \`${command}\``);
  return path;
}
