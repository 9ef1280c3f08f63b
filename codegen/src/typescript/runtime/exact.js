function exact(shape, make, shapes) {
  const walk = (value, shape2) => {
    const known = typeof shape2 === "object" && shape2.as !== void 0 ? shapes[shape2.as] : shape2;
    if (typeof value === "string" && value[0] === "\0") {
      const digits = value.slice(2);
      return value[1] === "s" ? digits : known === 1 ? make(digits) : Number(digits);
    }
    if (typeof value !== "object" || value === null) return value;
    const within = known === 1 ? void 0 : known;
    for (const key of Object.keys(value)) {
      const own = Array.isArray(value) ? within?.items?.[+key] : within?.of && Object.hasOwn(within.of, key) && within.of[key];
      value[key] = walk(value[key], own || within?.all);
    }
    return value;
  };
  return (text) => walk(
    JSON.parse(
      text.replace(
        /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/g,
        (token) => token[0] === '"' ? token.startsWith('"\\u0000') ? '"\\u0000s' + token.slice(1) : token : /^-?\d+$/.test(token) ? `"\\u0000n${token}"` : token
      )
    ),
    shape
  );
}
