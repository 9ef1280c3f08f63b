// The ticker of one adapter as a process of its own.

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join, resolve } from 'node:path';
import { start } from './process.js';

export const ADAPTERS = ['http', 'axum', 'actix-web', 'warp', 'rocket'];

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
export const TARGET = resolve(ROOT, process.env.CARGO_TARGET_DIR ?? 'target');

/**
 * Starts the ticker on a free port, with an event `every` so many milliseconds, and waits until it listens. It ends
 * with the test `t`, if not before.
 */
export async function serve(t, adapter, { every = 100 } = {}) {
  const name = `ticker-${adapter === 'http' ? 'hyper' : adapter}`;
  const executable = join(TARGET, 'debug', name);
  if (!existsSync(executable)) throw new Error(`no ${executable}: cargo build -p ${name}`);
  let onLine;
  const said = new Promise((resolve) => (onLine = resolve));
  const server = await start(executable, ['--port', '0', '--every', String(every)], { onLine });
  t.after(() => server.stop('SIGKILL'));
  const ended = server.exited.then(({ code, signal }) => {
    throw new Error(`${name} ended at once: ${code ?? signal} ${server.errors}`);
  });
  const first = await Promise.race([said, ended]);
  // Its end is somebody else's business from here on.
  ended.catch(() => {});
  if (!/^http:\/\/127\.0\.0\.1:\d+$/.test(first)) throw new Error(`the first line of ${name} is ${first}`);
  return { url: first, port: Number(new URL(first).port), exited: server.exited, stop: server.stop };
}
