const json = (text) => JSON.parse(text);
