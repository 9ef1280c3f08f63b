// A Redis server of the test's own.

import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A port on which nobody listens now. */
export function freePort() {
  return new Promise((found) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => found(port));
    });
  });
}

/** Starts it on a free port, with a folder of its own. */
export async function startRedis() {
  const [port, folder] = [await freePort(), await mkdtemp(join(tmpdir(), 'typed-sse-e2e-redis-'))];
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'yes'];
  const child = spawn('redis-server', args, { stdio: 'ignore' });
  const exited = new Promise((done, failed) => {
    child.once('exit', done);
    child.once('error', (error) => failed(new Error(`no redis-server: apt-get install redis-server (${error.message})`)));
  });
  for (;;) {
    const up = await Promise.race([exited.then(() => undefined), answers(port)]);
    if (up === undefined) throw new Error('redis-server ended at once');
    if (up) break;
    await sleep(20);
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    async stop() {
      child.kill('SIGKILL');
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function answers(port) {
  return new Promise((done) => {
    const socket = createConnection(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.once('data', (data) => {
      socket.destroy();
      done(data.toString().startsWith('+PONG'));
    });
    socket.once('error', () => done(false));
  });
}
