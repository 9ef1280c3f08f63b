// A Postgres of the test's own, by the script of `examples/outbox`.

import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from './redis.js';

const SCRIPT = fileURLToPath(new URL('../../examples/outbox/postgres.sh', import.meta.url));

/** Starts it on a free port, with a folder of its own. */
export async function startPostgres() {
  const [port, folder] = [await freePort(), await mkdtemp(join(tmpdir(), 'typed-sse-e2e-postgres-'))];
  let running = await start(folder, port);
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    /** As `kill -9` does, and starts it again on what it had on its disk. */
    async killAndStart() {
      await running.end('SIGKILL');
      running = await start(folder, port);
    },
    async stop() {
      await running.end('SIGQUIT');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** It does not start while processes of the one before are there, so it is tried until it does. */
async function start(folder, port) {
  for (const deadline = Date.now() + 30_000; ; ) {
    const child = spawn('bash', [SCRIPT, folder, String(port)], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (chunk) => (said = (said + chunk).slice(-4_000)));
    const exited = new Promise((done) => child.once('exit', () => done('ended')));
    const end = (signal) => {
      child.kill(signal);
      return exited;
    };
    for (;;) {
      const answer = await Promise.race([exited, answers(port)]);
      if (answer === true) return { end };
      if (answer === 'ended') break;
      await sleep(20);
    }
    if (Date.now() > deadline) throw new Error(`Postgres does not start: ${said}`);
    await sleep(100);
  }
}

/** Whether it lets somebody in, who says no more than its name: `R` is its answer then. */
function answers(port) {
  const user = Buffer.from('user\0postgres\0\0');
  const startup = Buffer.alloc(8 + user.length);
  startup.writeInt32BE(startup.length, 0);
  startup.writeInt32BE(196608, 4);
  user.copy(startup, 8);
  return new Promise((done) => {
    const socket = createConnection(port, '127.0.0.1', () => socket.write(startup));
    socket.once('data', (data) => {
      socket.destroy();
      done(data[0] === 'R'.charCodeAt(0));
    });
    socket.once('error', () => done(false));
  });
}
