//! The statement that reads a page.

/// A page, as far as its statement depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Kind {
    pub(crate) scan: Scan,
    pub(crate) shape: Shape,
}

/// What is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Scan {
    Log,
    Topic,
    /// The newest event of each key of a topic.
    Newest,
}

/// How it is found which records make the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Shape {
    /// All in the range: it has no more positions than a page has records. Of 128 records of which one is very long, the data is left out.
    Whole,
    /// The records are measured first, from the beginning of the range,
    First,
    /// or from its end.
    Last,
}

/// What each session is told that reads pages. Always by an index, in its order: without statistics of a table that has grown, Postgres
/// would read and sort the whole range for each page. And with one plan, which is kept.
pub(crate) const SETTINGS: [&str; 5] = [
    "enable_seqscan = off",
    "enable_bitmapscan = off",
    "max_parallel_workers_per_gather = 0",
    "jit = off",
    "plan_cache_mode = force_generic_plan",
];

/// So many columns tell how the log stands, or one topic of it, in a row of their own. The last of them says which server it is.
pub(crate) const BOUNDS: usize = 7;

/// Asks for how the log stands and for what lies in the range, in one statement, and so of one moment.
///
/// The records come in their order, up to 128 to a row, column by column: a row for each is twice the work, here and on the server. What few
/// have is there for those alone, whose positions stand before. A page begins with a record of any length; the bytes of those before it
/// decide whether another is on it.
///
/// Its parameters: the log, the topic, the positions, most records, most bytes, and the longest record of a range that is not measured.
pub(crate) fn statement(schema: &str, kind: Kind) -> String {
    let Kind { scan, shape } = kind;
    let bounds = match scan {
        Scan::Log => {
            "NULL::bigint AS topic, $3 AS after, l.trimmed, l.keys_trimmed, NULL::bigint AS finished, 0::bigint AS closed"
        }
        // What lies before in a topic is kept for its keys alone.
        Scan::Topic => {
            "t.number AS topic, greatest($3, t.trimmed) AS after, coalesce(t.trimmed, 0) AS trimmed, \
             coalesce(t.keys_trimmed, 0) AS keys_trimmed, t.finished, coalesce(t.closed, 0) AS closed"
        }
        Scan::Newest => {
            "t.number AS topic, $3 AS after, coalesce(t.trimmed, 0) AS trimmed, \
             coalesce(t.keys_trimmed, 0) AS keys_trimmed, t.finished, coalesce(t.closed, 0) AS closed"
        }
    };
    let is_there = match scan {
        Scan::Log => "r.log = s.log AND NOT r.kept",
        Scan::Topic => "r.topic = s.topic",
        Scan::Newest => "r.topic = s.topic AND r.newest",
    };
    let parts = match shape {
        Shape::Whole => {
            "SELECT n + 1 AS low, least(n + 128, $4) AS high FROM s, generate_series(s.after, least($4, greatest(s.last, s.trimmed)) - 1, 128) AS n"
                .to_owned()
        }
        Shape::First | Shape::Last => {
            let order = if shape == Shape::Last { "DESC" } else { "" };
            format!(
                "SELECT min(f.position) AS low, max(f.position) AS high FROM ( \
                   SELECT m.position, row_number() OVER (ORDER BY m.position) - 1 AS n FROM ( \
                     SELECT r.position, sum(r.bytes) OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS ahead \
                     FROM s, LATERAL ( \
                       SELECT r.position, octet_length(r.data) AS bytes FROM {schema}.records AS r \
                       WHERE {is_there} AND r.position > s.after AND r.position <= $4 ORDER BY r.position {order} LIMIT $5 \
                     ) AS r \
                   ) AS m WHERE coalesce(m.ahead, 0) <= $6 \
                 ) AS f GROUP BY f.n / 128 ORDER BY low"
            )
        }
    };
    let data = match shape {
        Shape::Whole => {
            "CASE WHEN coalesce(max(octet_length(r.data)), 0) <= $7 \
             THEN array_agg(CASE WHEN octet_length(r.data) <= $7 THEN r.data END) END"
        }
        Shape::First | Shape::Last => "array_agg(r.data)",
    };
    // Who asks for one topic knows its name.
    let (topic, topics) = match scan {
        Scan::Log => (
            format!("(SELECT n.name FROM {schema}.topics AS n WHERE n.number = r.topic)"),
            "array_agg(r.topic)",
        ),
        Scan::Topic | Scan::Newest => ("NULL::text".to_owned(), "NULL::text[]"),
    };
    format!(
        "WITH s AS MATERIALIZED ( \
           SELECT l.number AS log, l.epoch, {bounds}, coalesce(( \
             SELECT r.position FROM {schema}.records AS r WHERE r.log = l.number AND NOT r.kept ORDER BY r.position DESC LIMIT 1 \
           ), 0) AS last \
           FROM {schema}.logs AS l LEFT JOIN {schema}.topics AS t \
             ON t.log = l.number AND hashtextextended(t.name, 0) = hashtextextended($2, 0) AND t.name = $2 \
           WHERE l.name = $1 \
         ) \
         SELECT s.epoch, s.last, s.trimmed, s.keys_trimmed, s.finished, s.closed, pg_postmaster_start_time(), \
           NULL::bigint[], NULL::timestamptz[], NULL::text[], NULL::text[], NULL::text[], \
           NULL::bigint[], NULL::text[], NULL::bigint[], NULL::text[], NULL::text[], NULL::text[] FROM s \
         UNION ALL \
         SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, c.* FROM s, LATERAL ({parts}) AS p, LATERAL ( \
           SELECT array_agg(r.position), array_agg(r.at), CASE WHEN count(r.event) > 0 THEN array_agg(r.event) END, {data}, {topics}, \
             array_agg(r.position) FILTER (WHERE r.is_rare), array_agg(r.id) FILTER (WHERE r.is_rare), \
             array_agg(r.retry) FILTER (WHERE r.is_rare), array_agg(r.key) FILTER (WHERE r.is_rare), \
             array_agg(r.flags) FILTER (WHERE r.is_rare), array_agg(r.others::text) FILTER (WHERE r.is_rare) \
           FROM ( \
             SELECT r.position, r.at, r.event, r.data, r.id, r.retry, r.key, r.flags, r.others, {topic} AS topic, \
               coalesce(r.id, r.key, r.flags) IS NOT NULL OR r.retry IS NOT NULL OR r.others IS NOT NULL AS is_rare \
             FROM {schema}.records AS r WHERE {is_there} AND r.position >= p.low AND r.position <= p.high ORDER BY r.position \
           ) AS r HAVING count(*) > 0 \
         ) AS c"
    )
}
