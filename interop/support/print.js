// Shows a table to whoever runs the tests.

import { Console } from 'node:console';

// Not over standard output: there the test runner of Node.js 20 reads what its files report, and now and then takes a
// table for a part of it.
const { table } = new Console(process.stderr);

export { table };
