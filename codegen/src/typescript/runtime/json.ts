const json = (text: string): unknown => JSON.parse(text);
