// Processes of the tests' own: started, read line by line, stopped by their ID.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** What to call for each process that runs: none outlives the tests, however they end. */
const running = new Set();
process.on('exit', () => running.forEach((kill) => kill('SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

/**
 * Starts `command`. `onLine` gets each line of its standard output. Throws, with what to install, if there is no such
 * command.
 */
export async function start(command, args, { onLine = () => {}, hint = `install ${command}`, ...options } = {}) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  let errors = '';
  // Both are read to the end of its life: a full pipe would hold it.
  createInterface({ input: child.stdout }).on('line', onLine);
  child.stderr.on('data', (chunk) => (errors = (errors + chunk).slice(-10_000)));
  // A group that was started as one is ended as one.
  const kill = (signal) => process.kill(options.detached ? -child.pid : child.pid, signal);
  const exited = new Promise((done) => child.once('exit', (code, signal) => done({ code, signal })));
  exited.then(() => running.delete(kill));
  await new Promise((started, failed) => {
    child.once('spawn', started);
    child.once('error', (error) => failed(new Error(`cannot start ${command} (${error.code}): ${hint}`)));
  });
  running.add(kill);
  return {
    exited,
    get errors() {
      return errors;
    },
    /** Ends it by a signal, if it still runs, and waits for that. */
    async stop(signal = 'SIGTERM') {
      if (running.has(kill)) kill(signal);
      return exited;
    },
  };
}
