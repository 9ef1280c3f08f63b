// From publish to the client's byte.

import { get } from 'node:http';
import { constants, createGunzip } from 'node:zlib';
import { idOnly } from './blocks.js';

/**
 * Reads `count` ticks of `url`, and returns how many milliseconds after its publication each had arrived, sorted, with
 * the coding it came in. Both clocks are this machine's; the ticker's counts whole milliseconds.
 */
export async function measure(url, count, headers = {}) {
  const request = get(url, { headers, agent: false });
  const response = await new Promise((resolve, reject) => request.on('response', resolve).on('error', reject));
  if (response.statusCode !== 200) throw new Error(`${url} answers ${response.statusCode}`);
  const { 'content-encoding': coding = 'identity' } = response.headers;
  const body = coding === 'gzip' ? response.pipe(createGunzip({ flush: constants.Z_SYNC_FLUSH })) : response;
  const delays = [];
  let text = '';
  for await (const chunk of body) {
    const now = Date.now();
    text += chunk;
    const blocks = text.split('\n\n');
    text = blocks.pop();
    const events = blocks.filter((block) => idOnly(`${block}\n\n`).length === 0);
    for (const event of events) delays.push(now - JSON.parse(/^data: (.*)$/m.exec(event)[1]).at);
    if (delays.length >= count) break;
  }
  request.destroy();
  if (delays.length < count) throw new Error(`${url} ended behind ${delays.length} ticks`);
  const sorted = delays.slice(0, count).sort((a, b) => a - b);
  return { coding, median: sorted[Math.floor(count / 2)], p95: sorted[Math.floor(count * 0.95)] };
}
