// A table in a document, between two comments that say who writes it.

import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';

/**
 * Holds the table `name` of the document at `path`, from the root of the repository, to `rows`; or writes it, if `BLESS`
 * is set. The first row is the head.
 */
export async function checkTable(path, name, rows) {
  const url = new URL(`../../${path}`, import.meta.url);
  const document = await readFile(url, 'utf8');
  const [, before, table, after] = marked(name).exec(document) ?? [];
  if (table === undefined) throw new Error(`${path} has no comments around the table \`${name}\``);
  const [head, ...others] = rows.map((row) => `| ${row.join(' | ')} |\n`);
  const measured = [head, `|${'---|'.repeat(rows[0].length)}\n`, ...others].join('');
  if (process.env.BLESS) return writeFile(url, before + measured + after);
  assert.equal(table, measured, `${path} is stale: run the test with BLESS=1`);
}

function marked(name) {
  return new RegExp(`^(.*<!-- ${name}: [^\n]* -->\n)(.*)(<!-- end of ${name} -->.*)$`, 's');
}
