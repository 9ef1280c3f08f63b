// What Rust writes as JSON is what the types say: the client of each module reads what the tests of the derive send, and what it
// hands out is compiled against the module's own type. See `tests/ported/typescript.rs`.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { load } from '../../support/modules.js';
import { Fake } from '../../support/source.js';

const FOLDER = fileURLToPath(new URL('../../generated/ported/', import.meta.url));
const { config } = ts.readConfigFile(fileURLToPath(new URL('../../typescript/tsconfig.json', import.meta.url)), ts.sys.readFile);
const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, FOLDER);

/** What the compiler says of these contents beside the modules. */
function errorsOf(files) {
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists } = host;
  host.readFile = (path) => files[path] ?? readFile(path);
  host.fileExists = (path) => path in files || fileExists(path);
  const getSourceFile = host.getSourceFile;
  host.getSourceFile = (path, ...rest) =>
    path in files ? ts.createSourceFile(path, files[path], ts.ScriptTarget.ES2022) : getSourceFile(path, ...rest);
  const program = ts.createProgram(Object.keys(files), options, host);
  return ts.getPreEmitDiagnostics(program).map(({ messageText, file, start }) => {
    const text = ts.flattenDiagnosticMessageText(messageText, '\n');
    return `${file?.fileName.slice(FOLDER.length)} at ${JSON.stringify(file?.text.slice(start, start + 60))}: ${text}`;
  });
}

/** All that the client of a module makes of what was sent. */
async function received(name) {
  const [open] = Object.values(await load(`ported/${name}.ts`)).filter((value) => typeof value === 'function');
  const stream = open('http://localhost/', { EventSource: Fake });
  const read = (async () => {
    const events = [];
    for await (const event of stream) events.push(event);
    return events;
  })();
  const sent = JSON.parse(readFileSync(`${FOLDER}${name}.json`, 'utf8'));
  for (const { type, data } of sent) Fake.last.dispatch(type, data);
  stream.close();
  const events = await read;
  assert.equal(events.length, sent.length, `${name} hands out each event`);
  return events;
}

const names = readdirSync(FOLDER).filter((name) => name.endsWith('.ts')).map((name) => name.slice(0, -3));

test('what Rust sends fits the types of TypeScript', async () => {
  const files = {};
  let values = 0;
  for (const name of names) {
    const [, type] = /export type (\w+) = Dispatched</.exec(readFileSync(`${FOLDER}${name}.ts`, 'utf8'));
    const events = await received(name);
    values += events.length;
    const literals = events.map((event) => `const e: ${type} = ${JSON.stringify(event)}; void e;`);
    const blocks = literals.map((literal) => `{ ${literal} }`).join('\n');
    files[`${FOLDER}${name}.values.ts`] = `import type { ${type} } from "./${name}";\nexport type Of = ${type};\n${blocks}\n`;
  }
  assert.ok(names.length >= 17 && values >= 50, `${values} values of ${names.length} modules`);
  assert.deepEqual(errorsOf(files), []);
});

test('and what it does not send does not fit', async () => {
  const files = {};
  for (const name of names) {
    const [, type] = /export type (\w+) = Dispatched</.exec(readFileSync(`${FOLDER}${name}.ts`, 'utf8'));
    for (const [i, event] of (await received(name)).entries()) {
      for (const [k, wrong] of mutated(event).entries()) {
        files[`${FOLDER}${name}.${i}.${k}.ts`] =
          `import type { ${type} } from "./${name}";\nexport const e: ${type} = ${JSON.stringify(wrong)};\n`;
      }
    }
  }
  const failing = new Set(errorsOf(files).map((error) => error.split(' at ')[0]));
  const passing = Object.keys(files).filter((path) => !failing.has(path.slice(FOLDER.length)));
  assert.deepEqual(passing.map((path) => files[path]), []);
});

/** The same event under no name, and its data with a member too few, with one of another type, or of another type itself. */
function mutated(event) {
  const { data } = event;
  const wrong = [{ ...event, type: 'no such event' }];
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return [...wrong, { ...event, data: { no: 'such data' } }];
  for (const name of Object.keys(data)) {
    // `serde_json::Value`: anything fits.
    if (name === 'result') continue;
    const other = typeof data[name] === 'boolean' ? 'text' : true;
    wrong.push({ ...event, data: { ...data, [name]: other } });
  }
  return wrong;
}
