// Commands that end by themselves.

import { spawn } from 'node:child_process';

/** Runs a command; `text` is all that it printed. */
export function run(command, args, options = {}) {
  return new Promise((done, failed) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    let text = '';
    for (const pipe of [child.stdout, child.stderr]) pipe.on('data', (chunk) => (text += chunk));
    child.once('error', failed);
    child.once('close', (code) => done({ code, text }));
  });
}

/** Runs a tool with this Node.js, and throws what it printed if it fails. */
export async function node(...args) {
  const { code, text } = await run(process.execPath, args);
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}:\n${text}`);
  return text;
}
