// Waiting for the thing itself.

const DEADLINE = 60_000;

/** Waits until `condition` returns something true, and returns that. Throws, with `what` is missing, if it does not. */
export async function until(what, condition) {
  const started = performance.now();
  for (;;) {
    const found = await condition();
    if (found) return found;
    if (performance.now() - started > DEADLINE) throw new Error(`in vain: ${what()}`);
    await new Promise((next) => setTimeout(next, 10));
  }
}
