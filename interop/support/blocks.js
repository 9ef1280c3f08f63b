// Blocks that have an event ID and nothing else: they tell a client its place in the stream, and are no event.

/** The IDs of such blocks in what a server has sent. An event has data behind its ID. */
export function idOnly(text) {
  return [...text.matchAll(/^id: (.*)\n\n/gm)].map(([, id]) => id);
}

/** Whether a client has taken such a block for an event. */
export function isEmpty({ type, data }) {
  return type === 'message' && data === '';
}
