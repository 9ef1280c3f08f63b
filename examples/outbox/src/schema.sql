-- The shop's own tables. Those of typed-sse are beside them, in a schema of their own.

CREATE TABLE items (
  name text PRIMARY KEY,
  cents integer NOT NULL,
  -- The order that would take the last but one fails here, and with it all that its transaction has done.
  stock integer NOT NULL CONSTRAINT in_stock CHECK (stock >= 0)
);
INSERT INTO items VALUES ('Lamp', 3900, 40), ('Chair', 12900, 12), ('Table', 54900, 1);

CREATE TABLE orders (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  customer text NOT NULL,
  item text NOT NULL REFERENCES items,
  cents integer NOT NULL,
  placed_at timestamptz NOT NULL DEFAULT now(),
  sent_at timestamptz
);
