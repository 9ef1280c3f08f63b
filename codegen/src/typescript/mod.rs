//! TypeScript from a catalogue: the types of its events, and a small client that knows them.

mod events;
mod exact;
mod module;
mod names;
mod types;

use std::path::Path;

use typed_sse_core::schema::{SchemaCatalogue, SseSchema};

use crate::{Document, Error};

/// A module with the types of all events, and a client over `EventSource` that knows them.
///
/// ```
/// use typed_sse::{SseEvent, SseSchema};
/// use typed_sse_codegen::TypeScript;
///
/// #[derive(SseEvent, SseSchema)]
/// enum Market {
///     /// A price has changed.
///     PriceChanged { symbol: String, price: f64 },
///     #[sse(terminal)]
///     Closed,
/// }
///
/// let module = TypeScript::of::<Market>().module()?;
/// assert!(module.as_str().contains("export interface PriceChanged {\n  symbol: string;\n  price: number;\n}"));
/// # Ok::<(), typed_sse_codegen::Error>(())
/// ```
///
/// A test keeps the file current: `TypeScript::of::<Market>().check("web/market.ts")`. It is used so:
///
/// ```ts
/// import { openMarket } from "./market";
///
/// const market = openMarket("/prices");
/// market.on("price_changed", (event) => console.log(event.data.price));
/// market.onReset((event) => console.log("missed", event.data.missed));
/// market.onState((state) => console.log(state));
///
/// for await (const event of market) {
///   if (event.type === "price_changed") console.log(event.data.symbol);
/// }
/// ```
///
/// The module needs no other. What a page does not import of it, a bundler leaves out. A path that ends in `.js` gives
/// JavaScript, and its types in a `.d.ts` beside it, for pages that are served as they are.
///
/// # What an event is called
///
/// By its event type. Of several events with one event type, such as the `message` of streams without names, each is called by its
/// tag, if serde writes one; without a tag they are one event, whose data is a union.
///
/// A terminal event that only its shape tells from others of its event type does not close the stream from here: the server ends it, and
/// answers 204 to who comes back. Where one event type is text in one case and JSON in another, the data is the text as it came. An event
/// that is not in the catalogue, such as one of a newer server, is for `onOther` alone.
///
/// # What the types do not say
///
/// The data is read and not checked: the types are true as long as the server is the one whose enum they were made of, or one that differs
/// from it in what [`changes`](crate::changes) calls compatible. `serde_json` writes a floating-point number that is none, such as NaN, as
/// `null`.
///
/// # Large integers
///
/// See [`Integers`].
#[derive(Clone, Debug)]
pub struct TypeScript {
    catalogue: SchemaCatalogue,
    integers: Integers,
    tabs: bool,
}

/// What `u64`, `i64`, `usize`, `isize`, `u128` and `i128` are in TypeScript. Smaller integers are `number`, and so are large ones
/// whose schema has limits that a number holds: `#[schemars(range(max = 1_000_000))]`.
///
/// JSON has digits without a limit; it is `JSON.parse` that makes a number of 53 bits of them. The client reads the digits by
/// itself for [`String`](Self::String) and [`BigInt`](Self::BigInt), in any browser, so that nothing changes on the server. That
/// takes several times as long as `JSON.parse`, for events that have such an integer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Integers {
    /// `number`. What is beyond 2^53 - 1 loses its last digits, silently: 9007199254740993 is read as 9007199254740992. For
    /// counters, sizes, and milliseconds, which do not get there.
    #[default]
    Number,
    /// `string`, of digits. It is exact, and can be a key, be compared for equality and written to JSON; to count with it, or to
    /// sort it by value, make a `BigInt` of it. For identifiers.
    String,
    /// `bigint`. It is exact, and can be counted with; it does not mix with numbers, and `JSON.stringify` refuses it.
    BigInt,
}

impl Integers {
    fn name(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::String => "string",
            Self::BigInt => "bigint",
        }
    }
}

impl TypeScript {
    /// The module of `E`.
    #[must_use]
    pub fn of<E: SseSchema>() -> Self {
        Self::new(SchemaCatalogue::of::<E>())
    }

    /// The module of a catalogue: one with another name, or without `reset`.
    #[must_use]
    pub fn new(catalogue: SchemaCatalogue) -> Self {
        Self { catalogue, integers: Integers::Number, tabs: false }
    }

    /// Sets what large integers are. Default: [`Integers::Number`].
    #[must_use]
    pub fn with_integers(mut self, integers: Integers) -> Self {
        self.integers = integers;
        self
    }

    /// Adds `TabSource`, by which all tabs of a browser share one connection: `openMarket(url, { EventSource: TabSource })`.
    ///
    /// Without it, each tab has a connection of its own, and over HTTP/1.1 a browser has six of them for all tabs of an origin.
    /// The server has to read the last event ID from the query, too, since a tab that takes over has no other way to say it:
    /// `LastEventIdSource::or_query("last_event_id")`. It needs Web Locks, which a browser has for `https` and `localhost`.
    #[must_use]
    pub fn with_tabs(mut self) -> Self {
        self.tabs = true;
        self
    }

    /// The module as TypeScript, of any version since 5.0, under `--strict` and stricter.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported), if large integers are not numbers and one place is such an
    /// integer in one case of an enum and another number in another.
    pub fn module(&self) -> Result<Document, Error> {
        module::typescript(self).map(Document::new)
    }

    /// The module as JavaScript (ECMAScript 2022), and the declarations for it.
    ///
    /// # Errors
    ///
    /// As [`module`](Self::module).
    pub fn javascript(&self) -> Result<(Document, Document), Error> {
        let (code, declarations) = module::javascript(self)?;
        Ok((Document::new(code), Document::new(declarations)))
    }

    /// Writes the module. A path that ends in `.js` or `.mjs` gives JavaScript, and a file of declarations beside it; any
    /// other gives TypeScript.
    ///
    /// # Errors
    ///
    /// As [`module`](Self::module), and if a file cannot be written.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        self.each(path.as_ref(), |document, path| document.write(path))
    }

    /// Compares the committed module with what it would be now: see [`Document::check`].
    ///
    /// # Errors
    ///
    /// As [`module`](Self::module), and if a file differs, or is not there.
    pub fn check(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        self.each(path.as_ref(), |document, path| document.check(path))
    }

    fn each(&self, path: &Path, act: impl Fn(&Document, &Path) -> Result<(), Error>) -> Result<(), Error> {
        let declarations = match path.extension().and_then(|extension| extension.to_str()) {
            Some("js") => "d.ts",
            Some("mjs") => "d.mts",
            _ => return act(&self.module()?, path),
        };
        let (code, types) = self.javascript()?;
        act(&code, path)?;
        act(&types, &path.with_extension(declarations))
    }
}

/// A text as a comment that editors show, with a line break at the end; nothing for none.
fn comment(text: &str, depth: usize) -> String {
    let indent = "  ".repeat(depth);
    // It would end the comment.
    let text = text.replace("*/", "*\\/");
    let lines: Vec<_> = text.trim().lines().map(str::trim_end).collect();
    match lines.as_slice() {
        [] => String::new(),
        [line] => format!("{indent}/** {line} */\n"),
        lines => {
            let lines = lines
                .iter()
                .map(|line| format!("{indent} *{}{line}\n", if line.is_empty() { "" } else { " " }));
            format!("{indent}/**\n{}{indent} */\n", lines.collect::<String>())
        }
    }
}
