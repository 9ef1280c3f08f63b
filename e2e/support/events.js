// An event stream read as text: what a client without a browser sees.

/**
 * Opens `url` and collects its events until `close`. `blocks` are the texts between blank lines, `ids` their event
 * IDs, `ended` settles when the server ends the stream.
 */
export async function collect(url) {
  const abort = new AbortController();
  const response = await fetch(url, { signal: abort.signal });
  const blocks = [];
  let rest = '';
  const ended = (async () => {
    const decoder = new TextDecoder();
    try {
      for await (const chunk of response.body) {
        const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n\n');
        rest = parts.pop();
        blocks.push(...parts);
      }
    } catch (error) {
      if (error.name !== 'AbortError') throw error;
    }
    return rest;
  })();
  // Whoever waits for the end is told how it broke; nobody has to wait.
  ended.catch(() => {});
  return {
    response,
    blocks,
    ended,
    get ids() {
      return blocks.map((block) => /^id: (.*)$/m.exec(block)?.[1]).filter((id) => id !== undefined);
    },
    async close() {
      abort.abort();
      await ended.catch(() => {});
    },
  };
}
