// The server whose documents are tested.

import { start } from '../../../../interop/support/process.js';
import { SERVER } from './paths.js';

/** Serves on a free port; with `careless`, something is sent that no document says. */
export async function serve(careless) {
  let listening;
  const url = new Promise((done) => (listening = done));
  const server = await start(SERVER, careless ? ['serve', careless] : ['serve'], { onLine: listening });
  const ended = server.exited.then(({ code }) => {
    throw new Error(`the server ended with ${code}: ${server.errors}`);
  });
  return { url: await Promise.race([url, ended]), stop: () => server.stop('SIGKILL') };
}
