-- typed-sse-postgres, version 1 of its schema. Put it among your migrations and run it once, in a database whose encoding is UTF8.
-- To have another schema, replace `typed_sse` throughout, as `Postgres::migration` does, and give its name to the builder.
--
-- U+0000, which Postgres keeps in no text, is written as U+FFFF and `0`; U+FFFF itself as U+FFFF and `1`.

CREATE SCHEMA typed_sse;

CREATE TABLE typed_sse.meta (version integer NOT NULL);
INSERT INTO typed_sse.meta VALUES (1);

-- One row for each log. Whoever appends holds it until the transaction has ended, so positions become visible in their order. It is
-- held, and not written: where an old transaction keeps the vacuum away, each version would be one more to pass by.
CREATE TABLE typed_sse.logs (
  number integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL UNIQUE,
  epoch text NOT NULL,
  trimmed bigint NOT NULL DEFAULT 0,
  keys_trimmed bigint NOT NULL DEFAULT 0,
  most_records bigint NOT NULL DEFAULT 100000,
  most_bytes bigint NOT NULL DEFAULT 268435456,
  most_age interval,
  most_keys bigint NOT NULL DEFAULT 65536
) WITH (fillfactor = 25);

CREATE TABLE typed_sse.topics (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  log integer NOT NULL REFERENCES typed_sse.logs ON DELETE CASCADE,
  name text NOT NULL,
  -- How many records went, and how many bytes, of all that ever were.
  gone_records bigint NOT NULL DEFAULT 0,
  gone_bytes bigint NOT NULL DEFAULT 0,
  -- How many records are kept for their keys alone.
  kept bigint NOT NULL DEFAULT 0,
  trimmed bigint NOT NULL DEFAULT 0,
  keys_trimmed bigint NOT NULL DEFAULT 0,
  finished bigint,
  closed bigint NOT NULL DEFAULT 0,
  -- The ID of its newest record that was trimmed.
  boundary text
) WITH (fillfactor = 50);
CREATE INDEX topics_by_name ON typed_sse.topics (log, hashtextextended(name, 0));

CREATE TABLE typed_sse.records (
  -- No foreign key: to look it up again for each row would be half of the price of an append, whose log is held anyway.
  log integer NOT NULL,
  topic bigint NOT NULL,
  position bigint NOT NULL,
  at timestamptz NOT NULL,
  event text,
  data text,
  id text,
  retry bigint,
  key text,
  flags text,
  -- Its number within the topic, and the bytes of the topic up to it, itself included: of the last record of each batch, if not of all.
  nth bigint,
  bytes bigint,
  -- What typed-sse does not know: a list of `[name, value]`.
  others jsonb,
  -- It is the newest event of its key.
  newest boolean NOT NULL,
  -- It was trimmed, and is kept for its key alone.
  kept boolean NOT NULL DEFAULT false,
  PRIMARY KEY (topic, position)
);
CREATE UNIQUE INDEX records_in_order ON typed_sse.records (log, position) WHERE NOT kept;
-- Texts of any length: their hashes are what an index holds.
CREATE INDEX records_by_id ON typed_sse.records (topic, hashtextextended(id, 0)) WHERE id IS NOT NULL AND NOT kept;
CREATE INDEX records_by_key ON typed_sse.records (topic, hashtextextended(key, 0), position) WHERE key IS NOT NULL;
CREATE INDEX records_newest ON typed_sse.records (topic, position) WHERE newest;

-- The newest batch of each producer.
CREATE TABLE typed_sse.producers (
  row bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  log integer NOT NULL REFERENCES typed_sse.logs ON DELETE CASCADE,
  producer text NOT NULL,
  epoch numeric NOT NULL,
  number numeric NOT NULL,
  first bigint NOT NULL,
  records bigint NOT NULL
);
CREATE INDEX producers_by_name ON typed_sse.producers (log, hashtextextended(producer, 0), row);

-- What a log has that is removed goes with it; also in a session whose `session_replication_role` is `replica`, where nothing cascades.
CREATE FUNCTION typed_sse.remove() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM typed_sse.records WHERE topic IN (SELECT number FROM typed_sse.topics WHERE log = OLD.number);
  DELETE FROM typed_sse.topics WHERE log = OLD.number;
  DELETE FROM typed_sse.producers WHERE log = OLD.number;
  RETURN OLD;
END $$;

CREATE TRIGGER remove BEFORE DELETE ON typed_sse.logs FOR EACH ROW EXECUTE FUNCTION typed_sse.remove();
ALTER TABLE typed_sse.logs ENABLE ALWAYS TRIGGER remove;

-- Whether nothing is pending in this transaction yet; then something is. A setting is taken back with a savepoint, as rows are.
CREATE FUNCTION typed_sse.is_first() RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  own text := pg_current_xact_id();
BEGIN
  IF current_setting('typed_sse.pending', true) = own THEN RETURN false; END IF;
  PERFORM set_config('typed_sse.pending', own, true);
  RETURN true;
END $$;

-- What a transaction has published. It gets its positions when the transaction commits, and is gone then: no other one ever sees it.
CREATE UNLOGGED TABLE typed_sse.pending (
  number bigint GENERATED ALWAYS AS IDENTITY,
  transaction xid8 NOT NULL DEFAULT pg_current_xact_id(),
  -- For this one, the commit takes all.
  is_first boolean NOT NULL DEFAULT typed_sse.is_first(),
  log integer NOT NULL,
  topic text NOT NULL,
  event text,
  data text,
  id text,
  retry bigint,
  key text,
  flags text,
  others jsonb
);
-- With its own index, a transaction passes by the rows that others have left to the vacuum.
CREATE INDEX pending_by_transaction ON typed_sse.pending (transaction, number);
CREATE INDEX pending_by_id ON typed_sse.pending (transaction, hashtextextended(id, 0)) WHERE id IS NOT NULL;

-- The last position of a log: its newest record is never trimmed.
CREATE FUNCTION typed_sse.last(log_number integer) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  last bigint;
BEGIN
  SELECT position INTO last FROM typed_sse.records WHERE log = log_number AND NOT kept ORDER BY position DESC LIMIT 1;
  RETURN coalesce(last, 0);
END $$;

-- Drops what a topic has beyond the bounds of its log, but never its newest record for their number and bytes, and never the log's
-- newest. Of the topic's newest, this is the number and the bytes. The row of the log has to be held; it and the topic's are written.
CREATE FUNCTION typed_sse.trim(l typed_sse.logs, last bigint, nth bigint, bytes bigint, t typed_sse.topics) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  oldest timestamptz := clock_timestamp() - l.most_age;
  cut bigint;
  own text;
  dropped bigint;
  r record;
BEGIN
  FOR r IN
    SELECT s.position, s.id, s.at, s.nth, s.bytes, octet_length(s.data) AS own_bytes FROM typed_sse.records AS s
    WHERE s.topic = t.number AND s.position > t.trimmed ORDER BY s.position
  LOOP
    EXIT WHEN r.position >= last;
    EXIT WHEN nth - t.gone_records <= l.most_records
      AND (bytes - t.gone_bytes <= l.most_bytes OR nth - t.gone_records <= 1)
      AND (oldest IS NULL OR r.at >= oldest);
    cut := r.position;
    own := r.id;
    t.gone_records := coalesce(r.nth, t.gone_records + 1);
    t.gone_bytes := coalesce(r.bytes, t.gone_bytes + coalesce(r.own_bytes, 0));
  END LOOP;
  IF cut IS NULL THEN RETURN; END IF;
  UPDATE typed_sse.records SET kept = true
    WHERE topic = t.number AND position > t.trimmed AND position <= cut AND newest;
  GET DIAGNOSTICS dropped = ROW_COUNT;
  t.kept := t.kept + dropped;
  DELETE FROM typed_sse.records WHERE topic = t.number AND position > t.trimmed AND position <= cut AND NOT kept;
  t.trimmed := cut;
  t.boundary := own;
  IF t.kept > l.most_keys THEN
    SELECT max(position) INTO cut FROM (
      SELECT position FROM typed_sse.records WHERE topic = t.number AND newest AND position <= t.trimmed
      ORDER BY position LIMIT t.kept - l.most_keys
    ) AS quiet;
    DELETE FROM typed_sse.records WHERE topic = t.number AND newest AND position <= cut;
    t.kept := l.most_keys;
    t.keys_trimmed := cut;
  END IF;
  PERFORM typed_sse.save(t);
END $$;

-- Writes the row of a topic, and what follows from it for the log.
CREATE FUNCTION typed_sse.save(t typed_sse.topics) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE typed_sse.topics SET gone_records = t.gone_records, gone_bytes = t.gone_bytes, kept = t.kept, trimmed = t.trimmed,
    keys_trimmed = t.keys_trimmed, finished = t.finished, closed = t.closed, boundary = t.boundary
    WHERE number = t.number;
  UPDATE typed_sse.logs SET trimmed = greatest(trimmed, t.trimmed), keys_trimmed = greatest(keys_trimmed, t.keys_trimmed)
    WHERE number = t.log AND (trimmed < t.trimmed OR keys_trimmed < t.keys_trimmed);
END $$;

-- The topic of a name, which is made if there is none.
CREATE FUNCTION typed_sse.topic(log_number integer, topic_name text) RETURNS typed_sse.topics LANGUAGE plpgsql AS $$
DECLARE
  t typed_sse.topics;
BEGIN
  SELECT * INTO t FROM typed_sse.topics
    WHERE log = log_number AND hashtextextended(name, 0) = hashtextextended(topic_name, 0) AND name = topic_name;
  IF NOT FOUND THEN
    INSERT INTO typed_sse.topics (log, name) VALUES (log_number, topic_name) RETURNING * INTO t;
  END IF;
  RETURN t;
END $$;

-- How many records there ever were in a topic, and how many bytes.
CREATE FUNCTION typed_sse.ever(t typed_sse.topics, OUT nth bigint, OUT bytes bigint) LANGUAGE plpgsql AS $$
DECLARE
  counted bigint;
BEGIN
  SELECT s.nth, s.bytes INTO nth, bytes FROM typed_sse.records AS s
    WHERE s.topic = t.number AND s.position > t.trimmed ORDER BY s.position DESC LIMIT 1;
  IF nth IS NOT NULL THEN RETURN; END IF;
  -- The topic is empty, or somebody has deleted the last of a batch.
  SELECT s.position, s.nth, s.bytes INTO counted, nth, bytes FROM typed_sse.records AS s
    WHERE s.topic = t.number AND s.position > t.trimmed AND s.nth IS NOT NULL ORDER BY s.position DESC LIMIT 1;
  SELECT coalesce(ever.nth, t.gone_records) + count(*), coalesce(ever.bytes, t.gone_bytes) + coalesce(sum(octet_length(s.data)), 0)
    INTO nth, bytes FROM typed_sse.records AS s
    WHERE s.topic = t.number AND s.position > greatest(t.trimmed, counted);
END $$;

-- Keeps a topic that was appended to within the bounds of its log. It is trimmed a sixteenth at a time.
CREATE FUNCTION typed_sse.bound(l typed_sse.logs, last bigint, nth bigint, bytes bigint, t typed_sse.topics) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  IF nth - t.gone_records > l.most_records + least(l.most_records / 16, 1000)
    OR bytes - t.gone_bytes > l.most_bytes + l.most_bytes / 16 THEN
    PERFORM typed_sse.trim(l, last, nth, bytes, t);
  END IF;
END $$;

-- Appends to a log whose row is held by this transaction, behind its last position, or raises what the store refuses. A column of which no
-- record has anything is NULL.
CREATE FUNCTION typed_sse.store(
  l typed_sse.logs, first bigint,
  topics text[], events text[], datas text[], ids text[], retries bigint[], keys text[], flags text[], others text[], at timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  last bigint := first;
  e record;
  t typed_sse.topics;
  has_changed boolean := false;
  nth bigint;
  bytes bigint;
  words text[];
  lies bigint;
BEGIN
  -- A crash must not take what others have seen: then a position would come again.
  IF current_setting('synchronous_commit') = 'off' THEN
    PERFORM set_config('synchronous_commit', 'on', true);
  END IF;
  IF cardinality(topics) = 0 THEN RETURN; END IF;
  IF coalesce(ids, keys, flags) IS NULL AND topics[1] = ALL (topics) THEN
    -- Events of one topic, with nothing that has to be looked up, are written at once.
    t := typed_sse.topic(l.number, topics[1]);
    SELECT * INTO nth, bytes FROM typed_sse.ever(t);
    IF t.finished IS NOT NULL THEN
      RAISE SQLSTATE 'SSE02' USING MESSAGE = 'the topic is finished: nothing more can be published';
    END IF;
    nth := nth + cardinality(topics);
    bytes := bytes + octet_length(array_to_string(datas, ''));
    last := first + cardinality(topics);
    INSERT INTO typed_sse.records (log, topic, position, at, event, data, retry, nth, bytes, others, newest)
      SELECT l.number, t.number, first + x.number, at, x.event, x.data, x.retry,
        CASE WHEN first + x.number = last THEN nth END, CASE WHEN first + x.number = last THEN bytes END, x.others::jsonb, false
        FROM unnest(events, datas, retries, others) WITH ORDINALITY AS x (event, data, retry, others, number);
    PERFORM typed_sse.bound(l, last, nth, bytes, t);
    RETURN;
  END IF;
  FOR e IN
    SELECT x.*, x.topic IS DISTINCT FROM lead(x.topic) OVER (ORDER BY x.n) AS is_last
      FROM unnest(topics, events, datas, ids, retries, keys, flags, others)
        WITH ORDINALITY AS x (topic, event, data, id, retry, key, flags, others, n) ORDER BY x.n
  LOOP
    IF t.name IS DISTINCT FROM e.topic THEN
      t := typed_sse.topic(l.number, e.topic);
      SELECT * INTO nth, bytes FROM typed_sse.ever(t);
    END IF;
    words := string_to_array(e.flags, ' ');
    last := last + 1;
    IF 'close' = ANY (words) THEN
      SELECT max(position) INTO lies FROM typed_sse.records WHERE topic = t.number AND position > t.trimmed;
      DELETE FROM typed_sse.records WHERE topic = t.number;
      t.trimmed := greatest(lies, t.trimmed);
      t.keys_trimmed := t.trimmed;
      t.closed := last;
      t.gone_records := nth; t.gone_bytes := bytes; t.kept := 0; t.finished := NULL; t.boundary := NULL;
      has_changed := true;
    ELSIF 'finish' = ANY (words) THEN
      has_changed := has_changed OR t.finished IS NULL;
      t.finished := coalesce(t.finished, last);
    ELSIF t.finished IS NOT NULL THEN
      RAISE SQLSTATE 'SSE02' USING MESSAGE = 'the topic is finished: nothing more can be published';
    END IF;
    IF e.id IS NOT NULL THEN
      SELECT position INTO lies FROM typed_sse.records
        WHERE topic = t.number AND hashtextextended(id, 0) = hashtextextended(e.id, 0) AND id = e.id AND NOT kept;
      IF FOUND THEN
        RAISE SQLSTATE 'SSE01' USING MESSAGE = 'an event of this ID is retained in the topic',
          DETAIL = CASE WHEN lies > first THEN 0 ELSE lies END;
      END IF;
    END IF;
    IF e.key IS NOT NULL THEN
      -- From the end: there are no dead versions to pass by.
      SELECT position INTO lies FROM typed_sse.records
        WHERE topic = t.number AND hashtextextended(key, 0) = hashtextextended(e.key, 0) AND key = e.key
        ORDER BY position DESC LIMIT 1;
      IF lies <= t.trimmed THEN
        DELETE FROM typed_sse.records WHERE topic = t.number AND position = lies;
        t.kept := t.kept - 1;
        has_changed := true;
      ELSE
        UPDATE typed_sse.records SET newest = false WHERE topic = t.number AND position = lies AND newest;
      END IF;
    END IF;
    nth := nth + 1;
    bytes := bytes + coalesce(octet_length(e.data), 0);
    INSERT INTO typed_sse.records (log, topic, position, at, event, data, id, retry, key, flags, nth, bytes, others, newest)
      VALUES (l.number, t.number, last, at, e.event, e.data, e.id, e.retry, e.key, e.flags, nth, bytes, e.others::jsonb,
        e.key IS NOT NULL AND 'tombstone' <> ALL (coalesce(words, '{}')));
    IF e.is_last THEN
      IF has_changed THEN
        PERFORM typed_sse.save(t);
        has_changed := false;
      END IF;
      PERFORM typed_sse.bound(l, last, nth, bytes, t);
    END IF;
  END LOOP;
END $$;

-- A plan is kept from when the tables were empty, and looking through an empty table seems cheap: it is ruled out, with the compiler that a high
-- cost would call, in what is called
-- from outside.

-- Appends a batch of a process. `outcome` is one of stored, repeated, epoch, gap, fenced, duplicate, finished. Of what is stored, it also says
-- where the topic of the first record stands then.
CREATE FUNCTION typed_sse.append(
  log_name text, log_epoch text, producer_name text, producer_epoch numeric, batch numeric,
  topics text[], events text[], datas text[], ids text[], retries bigint[], keys text[], flags text[], others text[],
  patience_ms bigint, OUT outcome text, OUT first bigint, OUT count bigint, OUT number text, OUT at timestamptz,
  OUT trimmed bigint, OUT keys_trimmed bigint, OUT finished bigint, OUT closed bigint
) LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off AS $$
DECLARE
  l typed_sse.logs;
  p typed_sse.producers;
  last bigint;
BEGIN
  PERFORM set_config('lock_timeout', patience_ms::text, true);
  SELECT * INTO l FROM typed_sse.logs WHERE name = log_name FOR UPDATE;
  IF l.epoch IS DISTINCT FROM log_epoch THEN outcome := 'epoch'; RETURN; END IF;
  IF producer_name IS NOT NULL THEN
    SELECT * INTO p FROM typed_sse.producers
      WHERE log = l.number AND hashtextextended(producer, 0) = hashtextextended(producer_name, 0) AND producer = producer_name
      ORDER BY row DESC LIMIT 1;
    IF p.epoch > producer_epoch THEN outcome := 'fenced'; number := p.epoch; RETURN; END IF;
    IF p.epoch IS NULL OR p.epoch < producer_epoch THEN p.number := 0; END IF;
    IF batch > p.number + 1 THEN outcome := 'gap'; number := p.number + 1; RETURN; END IF;
    IF batch <= p.number THEN
      outcome := 'repeated';
      first := p.first;
      count := CASE WHEN batch = p.number THEN p.records ELSE 0 END;
      RETURN;
    END IF;
  END IF;
  at := clock_timestamp();
  last := typed_sse.last(l.number);
  first := last + 1;
  count := cardinality(topics);
  BEGIN
    PERFORM typed_sse.store(l, last, topics, events, datas, ids, retries, keys, flags, others, at);
    IF producer_name IS NOT NULL THEN
      DELETE FROM typed_sse.producers WHERE row = p.row;
      INSERT INTO typed_sse.producers (log, producer, epoch, number, first, records)
        VALUES (l.number, producer_name, producer_epoch, batch, first, count);
    END IF;
    SELECT t.trimmed, t.keys_trimmed, t.finished, t.closed INTO trimmed, keys_trimmed, finished, closed FROM typed_sse.topics AS t
      WHERE t.log = l.number AND hashtextextended(t.name, 0) = hashtextextended(topics[1], 0) AND t.name = topics[1];
    outcome := 'stored';
  EXCEPTION
    WHEN SQLSTATE 'SSE01' THEN
      GET STACKED DIAGNOSTICS number = PG_EXCEPTION_DETAIL;
      outcome := 'duplicate';
    WHEN SQLSTATE 'SSE02' THEN
      outcome := 'finished';
  END;
END $$;

-- When a transaction commits: what it has published gets its positions, and its place among all.
CREATE FUNCTION typed_sse.flush() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off AS $$
DECLARE
  l typed_sse.logs;
  p record;
  last bigint;
BEGIN
  -- What is published after this, as with constraints that are immediate, is first again.
  PERFORM set_config('typed_sse.pending', '', true);
  -- In one order of the logs, so that no two transactions wait for each other. What lies before the first was taken before.
  FOR p IN
    WITH mine AS (
      DELETE FROM typed_sse.pending WHERE transaction = pg_current_xact_id() AND number >= NEW.number RETURNING *
    )
    SELECT log, array_agg(topic) AS topics, array_agg(event) AS events, array_agg(data) AS datas,
      CASE WHEN count(id) > 0 THEN array_agg(id) END AS ids, array_agg(retry) AS retries,
      CASE WHEN count(key) > 0 THEN array_agg(key) END AS keys,
      CASE WHEN count(flags) > 0 THEN array_agg(flags) END AS flags, array_agg(others::text) AS others
      FROM (SELECT * FROM mine ORDER BY log, number) AS mine GROUP BY log ORDER BY log
  LOOP
    SELECT * INTO l FROM typed_sse.logs WHERE number = p.log FOR UPDATE;
    IF FOUND THEN
      last := typed_sse.last(l.number);
      PERFORM typed_sse.store(
        l, last, p.topics, p.events, p.datas, p.ids, p.retries, p.keys, p.flags, p.others, clock_timestamp());
    END IF;
  END LOOP;
  RETURN NULL;
EXCEPTION WHEN unique_violation THEN
  -- With a snapshot that is older than what others have published, a position is taken that is in use.
  RAISE SQLSTATE '40001' USING MESSAGE = 'others have published since this transaction began: do it again';
END $$;

CREATE CONSTRAINT TRIGGER flush AFTER INSERT ON typed_sse.pending
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.is_first) EXECUTE FUNCTION typed_sse.flush();
-- Whatever `session_replication_role` is: what was published is there. No replication writes here, since the table is unlogged.
ALTER TABLE typed_sse.pending ENABLE ALWAYS TRIGGER flush;

-- Publishes in the transaction of the caller: exactly if it commits. For programs that do not use typed-sse.
CREATE FUNCTION typed_sse.publish(
  log text, data text, event text DEFAULT NULL, topic text DEFAULT '', id text DEFAULT NULL, key text DEFAULT NULL,
  retry bigint DEFAULT NULL, flags text DEFAULT NULL, others jsonb DEFAULT NULL
) RETURNS void LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off AS $$
DECLARE
  -- At all that readers take for white space.
  words text[] := array_remove(regexp_split_to_array(flags, '[ \t\n\f\r]+'), '');
  is_event boolean := NOT coalesce(words && ARRAY['finish', 'close'], false);
  is_finished boolean;
  log_number integer;
BEGIN
  SELECT number INTO log_number FROM typed_sse.logs WHERE name = publish.log;
  IF NOT FOUND THEN
    RAISE SQLSTATE 'SSE03' USING MESSAGE = 'there is no log of this name: a process that opens it makes it';
  END IF;
  id := nullif(id, ''); key := nullif(key, ''); event := nullif(event, '');
  flags := nullif(array_to_string(words, ' '), '');
  -- What no reader could read would stop the log for all of them.
  IF is_event AND data IS NULL THEN
    RAISE SQLSTATE 'SSE04' USING MESSAGE = 'an event has data, if only an empty one';
  ELSIF event ~ '[\r\n]' OR id ~ '[\r\n]' OR strpos(id, E'\uFFFF0') > 0 THEN
    RAISE SQLSTATE 'SSE04' USING MESSAGE = 'an event type or an ID has a line break, or an ID has U+0000';
  ELSIF retry < 0 OR 'tombstone' = ANY (words) AND key IS NULL OR words @> ARRAY['finish', 'close'] THEN
    RAISE SQLSTATE 'SSE04' USING MESSAGE = 'a tombstone without a key, a negative reconnection time, or `finish` with `close`';
  ELSIF jsonb_typeof(others) <> 'array' THEN
    RAISE SQLSTATE 'SSE04' USING MESSAGE = 'the others are no list of `[name, value]`';
  ELSIF EXISTS (
    SELECT FROM jsonb_array_elements(others) AS o (pair)
      WHERE jsonb_typeof(pair) <> 'array' OR pair -> 2 IS NOT NULL
        OR jsonb_typeof(pair -> 0) IS DISTINCT FROM 'string' OR jsonb_typeof(pair -> 1) IS DISTINCT FROM 'string'
        OR pair ->> 0 IN ('event', 'data', 'id', 'retry', 'key', 'topic', 'flags') OR pair ->> 0 = 'v' AND pair ->> 1 <> '1'
  ) THEN
    RAISE SQLSTATE 'SSE04' USING
      MESSAGE = 'the others are no list of `[name, value]`, two texts each, or name a field that has a parameter, or another version than 1';
  END IF;
  IF NOT is_event THEN data := NULL; id := NULL; key := NULL; END IF;
  -- What is known already is told at once, and not by the commit.
  IF is_event THEN
    SELECT t.finished IS NOT NULL INTO is_finished FROM typed_sse.topics AS t
      WHERE t.log = log_number AND hashtextextended(t.name, 0) = hashtextextended(publish.topic, 0) AND t.name = publish.topic;
    IF is_finished THEN
      RAISE SQLSTATE 'SSE02' USING MESSAGE = 'the topic is finished: nothing more can be published';
    END IF;
  END IF;
  INSERT INTO typed_sse.pending (log, topic, event, data, id, retry, key, flags, others)
    VALUES (log_number, coalesce(topic, ''), event, data, id, retry, key, flags, others);
END $$;

-- The same for a batch, of which all is stored or none; it answers before it writes, so that a refusal leaves the transaction as it is.
CREATE FUNCTION typed_sse.stage(
  log_name text,
  topics text[], events text[], datas text[], ids text[], retries bigint[], keys text[], flags text[], others text[],
  OUT outcome text, OUT number text, OUT transaction text
) LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off AS $$
DECLARE
  log_number integer;
  lies bigint;
BEGIN
  SELECT l.number INTO log_number FROM typed_sse.logs AS l WHERE l.name = log_name;
  IF NOT FOUND THEN outcome := 'epoch'; RETURN; END IF;
  PERFORM FROM unnest(topics, flags) AS e (topic, flag)
    JOIN typed_sse.topics AS t
      ON t.log = log_number AND hashtextextended(t.name, 0) = hashtextextended(e.topic, 0) AND t.name = e.topic
    WHERE t.finished IS NOT NULL AND NOT coalesce(string_to_array(e.flag, ' ') && ARRAY['finish', 'close'], false);
  IF FOUND THEN outcome := 'finished'; RETURN; END IF;
  IF ids IS NOT NULL THEN
    SELECT r.position INTO lies FROM unnest(topics, ids) AS e (topic, id)
      JOIN typed_sse.topics AS t
        ON t.log = log_number AND hashtextextended(t.name, 0) = hashtextextended(e.topic, 0) AND t.name = e.topic
      JOIN typed_sse.records AS r
        ON r.topic = t.number AND hashtextextended(r.id, 0) = hashtextextended(e.id, 0) AND r.id = e.id AND NOT r.kept
      LIMIT 1;
    IF NOT FOUND THEN
      -- Those of this transaction, and of this batch.
      SELECT 0 INTO lies FROM (
        -- One at a time, so that not all that is pending is read for each batch.
        SELECT FROM unnest(topics, ids) AS e (topic, id) WHERE (
          SELECT true FROM typed_sse.pending AS p
            WHERE p.transaction = pg_current_xact_id_if_assigned() AND hashtextextended(p.id, 0) = hashtextextended(e.id, 0)
              AND p.id = e.id AND p.topic = e.topic AND p.log = log_number LIMIT 1
        )
        UNION ALL SELECT FROM unnest(topics, ids) AS e (topic, id)
          WHERE e.id IS NOT NULL GROUP BY e.topic, e.id HAVING count(*) > 1
      ) AS e LIMIT 1;
    END IF;
    IF FOUND THEN outcome := 'duplicate'; number := lies; RETURN; END IF;
  END IF;
  INSERT INTO typed_sse.pending (log, topic, event, data, id, retry, key, flags, others)
    SELECT log_number, e.topic, e.event, e.data, e.id, e.retry, e.key, e.flag, e.other::jsonb
      FROM unnest(topics, events, datas, ids, retries, keys, flags, others)
        WITH ORDINALITY AS e (topic, event, data, id, retry, key, flag, other, n) ORDER BY e.n;
  outcome := 'stored';
  transaction := pg_current_xact_id();
END $$;

-- Drops what is too old, of up to a thousand records at the beginning of a log; not while another transaction appends to it.
CREATE FUNCTION typed_sse.sweep(log_name text) RETURNS void LANGUAGE plpgsql
SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off SET plan_cache_mode = auto AS $$
DECLARE
  l typed_sse.logs;
  t typed_sse.topics;
  newest record;
  last bigint;
BEGIN
  SELECT * INTO l FROM typed_sse.logs WHERE name = log_name AND most_age IS NOT NULL FOR UPDATE SKIP LOCKED;
  IF NOT FOUND THEN RETURN; END IF;
  last := typed_sse.last(l.number);
  FOR t IN
    SELECT * FROM typed_sse.topics WHERE number IN (
      SELECT topic FROM (
        SELECT topic, at FROM typed_sse.records WHERE log = l.number AND NOT kept ORDER BY position LIMIT 1000
      ) AS oldest WHERE at < clock_timestamp() - l.most_age
    )
  LOOP
    SELECT * INTO newest FROM typed_sse.ever(t);
    PERFORM typed_sse.trim(l, last, newest.nth, newest.bytes, t);
  END LOOP;
END $$;
