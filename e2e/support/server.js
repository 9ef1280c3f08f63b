// The showcase, or another program, as a process of its own.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join, resolve } from 'node:path';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const TARGET = resolve(ROOT, process.env.CARGO_TARGET_DIR ?? 'target');

/** Starts the showcase, by default on a free port, and waits until it listens. */
export function start(port = 0, ...args) {
  return run('showcase', ['--port', String(port), ...args]);
}

/** Starts a program of the workspace, and waits until it says where it listens. */
export async function run(name, args) {
  const executable = join(TARGET, 'debug', name);
  if (!existsSync(executable)) {
    throw new Error(`no ${executable}: cargo build -p ${name}`);
  }
  const child = spawn(executable, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = new Promise((done) => child.once('exit', (code, signal) => done({ code, signal })));
  let output = '';
  const url = await new Promise((found, failed) => {
    // Read to the end of its life: a full pipe would hold the server.
    child.stdout.on('data', (chunk) => {
      output = (output + chunk).slice(-10_000);
      const match = /http:\/\/[\d.]+:\d+/.exec(output);
      if (match) found(match[0]);
    });
    exited.then(({ code, signal }) => failed(new Error(`${name} ended at once: ${code ?? signal}`)));
  });
  return {
    url,
    port: Number(new URL(url).port),
    exited,
    /** What it has said lately. */
    output: () => output,
    /** Ends it by a signal, and waits for that. */
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      return exited;
    },
  };
}
