// The pieces of the TypeScript client, as JavaScript and as declarations: what the generator emits where no TypeScript is wanted.
//
//     node support/runtime.js           writes the files beside the sources
//     node support/runtime.js --check   fails where one is stale

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { transformSync } from 'esbuild';
import ts from 'typescript';

const FOLDER = fileURLToPath(new URL('../../codegen/src/typescript/runtime/', import.meta.url));
export const PIECES = ['client', 'json', 'text', 'bytes', 'exact', 'tabs'];

/** The source of a piece. */
export function source(piece) {
  return readFileSync(`${FOLDER}${piece}.ts`, 'utf8');
}

/** The files that belong to a piece, by their names. */
export function files(piece) {
  const text = source(piece);
  const { code } = transformSync(text, { loader: 'ts', target: 'es2022', format: undefined });
  // Without its own types, a piece that exports nothing would be a script.
  const isModule = /^export /m.test(text);
  const { outputText } = ts.transpileDeclaration(isModule ? text : `${text}\nexport {};`, {
    compilerOptions: { strict: true, target: ts.ScriptTarget.ES2022, declaration: true },
  });
  const declarations = isModule ? exported(outputText) : '';
  return { [`${piece}.js`]: code, ...(declarations && { [`${piece}.d.ts`]: declarations }) };
}

/** What a reader of the declarations needs: not what is there for the implementation alone. */
function exported(text) {
  return text
    .replace(/^(\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n)?(interface (Spec|Told) \{\n(?:.*\n)*?\}|declare (const|function) .*(?:\n .*)*(?:\n\}?.*;)?)\n/gm, '')
    .replace(/^export \{\};\n/gm, '');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  let stale = 0;
  for (const piece of PIECES) {
    for (const [name, text] of Object.entries(files(piece))) {
      let committed = '';
      try {
        committed = readFileSync(FOLDER + name, 'utf8');
      } catch {
        // Not there yet.
      }
      if (committed === text) continue;
      if (process.argv.includes('--check')) {
        console.error(`codegen/src/typescript/runtime/${name} is stale: node support/runtime.js`);
        stale += 1;
      } else {
        writeFileSync(FOLDER + name, text);
      }
    }
  }
  process.exit(stale ? 1 : 0);
}
