// Real proxies, with the configurations of docs/proxies.md, each on a free port and with a folder of its own, until the
// test `t` ends.

import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { start } from './process.js';
import { until } from './wait.js';

const DOCUMENT = new URL('../../docs/proxies.md', import.meta.url);
const INSTALL = 'scripts/check interop installs it, or: apt-get install nginx haproxy caddy';

/**
 * Starts nginx as Debian ships it, with the site that the document calls `site`, in front of the server at `port`.
 * `edit` changes the whole configuration before it is used.
 */
export async function nginx(t, port, { site = 'nginx', edit = (text) => text } = {}) {
  const shipped = await read('/etc/nginx/nginx.conf');
  return run(t, 'nginx', async (folder, own) => {
    if (site.includes('http2')) await certify(folder);
    const log = 'log_format short "$connection $server_protocol $uri";\naccess_log access.log short;';
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${name};`);
    // Of the shipped file, only what is outside the folder is replaced.
    const config = shipped
      .replace(/^pid .*$/m, 'pid pid;')
      .replace(/^error_log .*$/m, 'error_log error.log;')
      .replace(/^include .*modules-enabled.*$/m, '')
      .replace(/^\s*include .*mime\.types;$/m, 'include /etc/nginx/mime.types;')
      .replace(/^\s*access_log .*$/m, () => log)
      .replace(/^\s*include .*conf\.d.*$/m, temporary.join('\n'))
      .replace(/^\s*include .*sites-enabled.*$/m, await documented(site, port, own));
    await writeFile(join(folder, 'nginx.conf'), edit(config));
    return ['-p', folder, '-e', join(folder, 'error.log'), '-c', join(folder, 'nginx.conf'), '-g', 'daemon off;'];
  });
}

/** Starts haproxy with the defaults that Debian ships. */
export async function haproxy(t, port, { edit = (text) => text } = {}) {
  const shipped = await read('/etc/haproxy/haproxy.cfg');
  // The section before is about users, folders and logs of the system.
  const defaults = shipped.slice(shipped.search(/^defaults$/m));
  return run(t, 'haproxy', async (folder, own) => {
    const config = `${defaults}\n${await documented('haproxy', port, own)}`;
    await writeFile(join(folder, 'haproxy.cfg'), edit(config));
    return ['-db', '-f', join(folder, 'haproxy.cfg')];
  });
}

/** Starts caddy. */
export async function caddy(t, port) {
  return run(t, 'caddy', async (folder, own) => {
    const config = `{\n\tadmin off\n\tdefault_bind 127.0.0.1\n}\n${await documented('caddy', port, own)}`;
    await writeFile(join(folder, 'Caddyfile'), config);
    return ['run', '--adapter', 'caddyfile', '--config', join(folder, 'Caddyfile')];
  });
}

/** Starts `command` with arguments that `configure` makes of a folder and a free port, and waits until it listens. */
async function run(t, command, configure) {
  const folder = await mkdtemp(join(tmpdir(), 'typed-sse-proxy-'));
  // A proxy that is started by root gives its rights up, and still has to look into the folder.
  await chmod(folder, 0o755);
  const port = await freePort();
  const env = { ...process.env, HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder };
  t.after(() => rm(folder, { recursive: true, force: true }));
  const proxy = await start(command, await configure(folder, port), { hint: INSTALL, env, cwd: folder });
  t.after(() => proxy.stop());
  let ended = null;
  proxy.exited.then((how) => (ended = how));
  await until(() => `${command} on ${port}: ${proxy.errors}`, () => {
    if (ended) throw new Error(`${command} ended at once: ${JSON.stringify(ended)} ${proxy.errors}`);
    return listens(port);
  });
  return {
    port,
    url: `http://127.0.0.1:${port}/events`,
    /** What nginx has logged: a line for each request that is over. */
    log: () => readFile(join(folder, 'access.log'), 'utf8'),
  };
}

/** The configuration of the document whose code block is marked `name`, from the port `own` to the server at `port`. */
async function documented(name, port, own) {
  const document = await readFile(DOCUMENT, 'utf8');
  const block = document.split('```').find((block) => block.startsWith(`${name}\n`));
  if (!block) throw new Error(`docs/proxies.md has no code block \`${name}\``);
  return block
    .slice(name.length)
    .replace(/127\.0\.0\.1:3000/g, `127.0.0.1:${port}`)
    .replace(/listen (80|443)\b/, `listen 127.0.0.1:${own}`)
    .replace(/:80\b/, `${name === 'caddy' ? '' : '127.0.0.1'}:${own}`);
}

/** A certificate that nobody has signed. */
async function certify(folder) {
  const what = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', '/CN=127.0.0.1'];
  const where = ['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')];
  const openssl = await start('openssl', [...what, ...where]);
  const { code } = await openssl.exited;
  if (code !== 0) throw new Error(`openssl: ${openssl.errors}`);
}

async function read(path) {
  return readFile(path, 'utf8').catch((error) => {
    throw new Error(`no ${path} (${error.code}): ${INSTALL}`);
  });
}

async function freePort() {
  const server = createServer();
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address();
  await new Promise((closed) => server.close(closed));
  return port;
}

async function listens(port) {
  return new Promise((answer) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => answer(true)).on('error', () => answer(false));
    socket.on('connect', () => socket.destroy());
  });
}
