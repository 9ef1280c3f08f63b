
/** Where an integer of more than 53 bits is: here, in each item or member, or in the members of these names. */
type Shape = 1 | { all?: Shape; items?: (Shape | 0)[]; of?: Record<string, Shape>; as?: string };

/**
 * Reads JSON whose large integers must not lose digits, as `JSON.parse` alone would lose them: it is given each integer as text, and
 * the shape says which of them stay exact. A string that is a number to us begins with U+0000, so that no other is taken for one.
 */
function exact(shape: Shape, make: (digits: string) => unknown, shapes: Record<string, Shape>): (text: string) => unknown {
  const walk = (value: any, shape: Shape | undefined): unknown => {
    const known = typeof shape === "object" && shape.as !== undefined ? shapes[shape.as] : shape;
    if (typeof value === "string" && value[0] === "\0") {
      const digits = value.slice(2);
      return value[1] === "s" ? digits : known === 1 ? make(digits) : Number(digits);
    }
    if (typeof value !== "object" || value === null) return value;
    const within = known === 1 ? undefined : known;
    for (const key of Object.keys(value)) {
      const own = Array.isArray(value) ? within?.items?.[+key] : within?.of && Object.hasOwn(within.of, key) && within.of[key];
      value[key] = walk(value[key], own || within?.all);
    }
    return value;
  };
  return (text) =>
    walk(
      JSON.parse(
        text.replace(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/g, (token) =>
          token[0] === '"'
            ? token.startsWith('"\\u0000')
              ? '"\\u0000s' + token.slice(1)
              : token
            : /^-?\d+$/.test(token)
              ? `"\\u0000n${token}"`
              : token,
        ),
      ),
      shape,
    );
}
