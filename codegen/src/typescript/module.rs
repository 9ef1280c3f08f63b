//! The text of a module.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Map, Value};
use typed_sse_core::schema::{EventSchema, Payload};

use super::events::{Ends, Group, groups};
use super::exact::Shapes;
use super::names::{Names, identifier, key, string};
use super::types::{Types, docs};
use super::{Integers, TypeScript, comment};
use crate::Error;

/// One piece of the client, written by hand in TypeScript. `node e2e/support/runtime.js` makes the other two of it.
struct Piece {
    typescript: &'static str,
    javascript: &'static str,
    declarations: &'static str,
}

macro_rules! piece {
    ($name:literal, $declarations:expr) => {
        Piece {
            typescript: include_str!(concat!("runtime/", $name, ".ts")),
            javascript: include_str!(concat!("runtime/", $name, ".js")),
            declarations: $declarations,
        }
    };
}

const CLIENT: Piece = piece!("client", include_str!("runtime/client.d.ts"));
const JSON: Piece = piece!("json", "");
const TEXT: Piece = piece!("text", "");
const BYTES: Piece = piece!("bytes", "");
const EXACT: Piece = piece!("exact", "");
const TABS: Piece = piece!("tabs", include_str!("runtime/tabs.d.ts"));

pub(super) fn typescript(options: &TypeScript) -> Result<String, Error> {
    let module = Module::new(options)?;
    let mut text = module.head();
    text.push_str(&module.types);
    let Module { events, reset, function, .. } = &module;
    let _ = write!(
        text,
        "{}export function {function}(url: string | URL, options: Options = {{}}): Stream<{events}, {reset}> {{\n  \
         return openStream<{events}, {reset}>({}, {}, url, options);\n}}\n",
        module.comment(),
        module.specs,
        module.reset_value(),
    );
    module.add_pieces(&mut text, |piece| piece.typescript);
    Ok(text)
}

pub(super) fn javascript(options: &TypeScript) -> Result<(String, String), Error> {
    let module = Module::new(options)?;
    let Module { events, reset, function, .. } = &module;
    let mut code = module.head();
    let _ = write!(
        code,
        "{}export function {function}(url, options = {{}}) {{\n  return openStream({}, {}, url, options);\n}}\n",
        module.comment(),
        module.specs,
        module.reset_value(),
    );
    module.add_pieces(&mut code, |piece| piece.javascript);
    let mut declarations = module.head();
    declarations.push_str(&module.types);
    let _ = writeln!(
        declarations,
        "{}export declare function {function}(url: string | URL, options?: Options): Stream<{events}, {reset}>;",
        module.comment(),
    );
    module.add_pieces(&mut declarations, |piece| piece.declarations);
    Ok((code, declarations))
}

/// What all forms of a module are made of.
struct Module<'a> {
    name: &'a str,
    types: String,
    /// The name of the type of all events.
    events: String,
    function: String,
    /// How each event type is read, as an object literal.
    specs: String,
    /// The type of the name of the reset.
    reset: String,
    pieces: Vec<Piece>,
}

impl<'a> Module<'a> {
    fn new(options: &'a TypeScript) -> Result<Self, Error> {
        let catalogue = &options.catalogue;
        let name = identifier(catalogue.name());
        // Those of `MarketEvent` are `MarketEvents`.
        let name = ["Events", "Event"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(&name);
        let mut names = Names::new();
        let (events, event, function) = (
            names.give(&format!("{name}Events")),
            names.give(&format!("{name}Event")),
            names.give(&format!("open{name}")),
        );
        let definitions: BTreeMap<_, _> =
            catalogue.definitions().keys().map(|name| (name.clone(), names.give(name))).collect();
        let types = Types { names: &definitions, integers: options.integers };
        let groups = groups(catalogue);

        let mut text = String::new();
        for (name, schema) in catalogue.definitions() {
            declare(&mut text, &types, &definitions[name], schema.as_value(), &docs(schema.as_value()));
        }
        let mut members = Members::default();
        for group in &groups {
            for (i, event) in group.events.iter().enumerate() {
                let data = if group.is_mixed() {
                    "string".to_owned()
                } else {
                    data(&mut text, &mut names, &types, event)
                };
                members.add(group.name(i), event, data);
            }
        }
        for event in catalogue.events().iter().filter(|event| event.is_open()) {
            // Nobody can listen for it by its type, but what it brings can be named.
            if event.schema().is_some() && !event.variant().is_empty() {
                data(&mut text, &mut names, &types, event);
            }
        }
        let _ = write!(
            text,
            "/** What each event of `{}` brings. */\n{}\n",
            catalogue.name(),
            members.interface(&events)
        );
        let _ = write!(
            text,
            "/** An event of `{}`. */\nexport type {event} = Dispatched<{events}>;\n\n",
            catalogue.name()
        );

        let mut reset: Vec<_> = Vec::new();
        for group in &groups {
            let of_reset = group.events.iter().enumerate().filter(|(_, event)| event.is_reset());
            reset.extend(of_reset.map(|(i, _)| string(group.name(i))));
        }
        reset.dedup();
        let reset = if reset.is_empty() { "never".to_owned() } else { reset.join(" | ") };
        let mut readers =
            Readers { shapes: Shapes::new(catalogue), integers: options.integers, pieces: [false; 4] };
        let specs = readers.specs(&groups)?;
        let mut pieces = vec![CLIENT];
        let optional =
            readers.pieces.into_iter().zip([JSON, TEXT, BYTES, EXACT]).filter(|(is_used, _)| *is_used);
        pieces.extend(optional.map(|(_, piece)| piece));
        if options.tabs {
            pieces.push(TABS);
        }
        Ok(Self { name: catalogue.name(), types: text, events, function, specs, reset, pieces })
    }

    fn head(&self) -> String {
        format!(
            "// Generated by typed-sse-codegen from the Rust type `{}`. To change it, change that, and run its test with TYPED_SSE_WRITE=1.\n\n",
            self.name
        )
    }

    fn comment(&self) -> String {
        comment(&format!("Opens an event stream of `{}`.", self.name), 0)
    }

    fn reset_value(&self) -> &str {
        if self.reset == "never" { "\"\"" } else { &self.reset }
    }

    fn add_pieces(&self, text: &mut String, form: fn(&Piece) -> &'static str) {
        for piece in self.pieces.iter().map(form).map(str::trim).filter(|piece| !piece.is_empty()) {
            text.push('\n');
            text.push_str(piece);
            text.push('\n');
        }
    }
}

/// The members of the type of all events: each name once, with what it can bring.
#[derive(Default)]
struct Members {
    members: Vec<Member>,
}

struct Member {
    name: String,
    docs: Vec<String>,
    deprecated: Option<String>,
    data: Vec<String>,
}

impl Members {
    fn add(&mut self, name: &str, event: &EventSchema, data: String) {
        let known = self.members.iter().position(|member| member.name == name);
        let at = known.unwrap_or_else(|| {
            let deprecated = event.deprecation().map(str::to_owned);
            self.members.push(Member {
                name: name.to_owned(),
                docs: Vec::new(),
                deprecated,
                data: Vec::new(),
            });
            self.members.len() - 1
        });
        let member = &mut self.members[at];
        // One that is not deprecated is a reason to listen for the name.
        if !event.is_deprecated() {
            member.deprecated = None;
        }
        let mut doc = event.doc().to_owned();
        if event.is_terminal() {
            doc.push_str(if doc.is_empty() { "Ends the stream." } else { "\n\nEnds the stream." });
        }
        if !doc.is_empty() && !member.docs.contains(&doc) {
            member.docs.push(doc);
        }
        if !member.data.contains(&data) {
            member.data.push(data);
        }
    }

    fn interface(&self, name: &str) -> String {
        let mut text = format!("export interface {name} {{\n");
        for member in &self.members {
            let mut docs = member.docs.join("\n\n");
            if let Some(note) = &member.deprecated {
                let _ = write!(docs, "\n\n@deprecated {note}");
            }
            text.push_str(&comment(&docs, 1));
            let _ = writeln!(text, "  {}: {};", key(&member.name), member.data.join(" | "));
        }
        text.push_str("}\n");
        text
    }
}

/// The type of the data of an event, declared if it is worth a name.
fn data(text: &mut String, names: &mut Names, types: &Types<'_>, event: &EventSchema) -> String {
    let schema = match event.payload() {
        Payload::Json(schema) => schema.as_value(),
        Payload::Fixed(fixed) => return string(fixed),
        Payload::Base64 => return "Uint8Array".to_owned(),
        // Text, and what a newer version may add, which comes as text.
        _ => return "string".to_owned(),
    };
    let inline = types.of(schema, 1);
    if !inline.contains('\n') {
        return inline;
    }
    let wanted =
        if event.variant().is_empty() { event.event_type().unwrap_or("Data") } else { event.variant() };
    let name = names.give(wanted);
    let doc = if event.doc().is_empty() { docs(schema) } else { event.doc().to_owned() };
    declare(text, types, &name, schema, &doc);
    name
}

fn declare(text: &mut String, types: &Types<'_>, name: &str, schema: &Value, docs: &str) {
    text.push_str(&comment(docs, 0));
    let ty = types.of(schema, 0);
    let _ = if Types::is_interface(schema) {
        write!(text, "export interface {name} {ty}\n\n")
    } else {
        write!(text, "export type {name} = {ty};\n\n")
    };
}

/// How event types are read.
struct Readers<'a> {
    shapes: Shapes<'a>,
    integers: Integers,
    /// Whether JSON, text, bytes and exact integers are read.
    pieces: [bool; 4],
}

impl Readers<'_> {
    /// An object literal with what the client has to know of each event type.
    fn specs(&mut self, groups: &[Group<'_>]) -> Result<String, Error> {
        let mut text = "{\n".to_owned();
        for group in groups {
            let mut spec = vec![format!("read: {}", self.reader(group)?)];
            if let Some((tag, _)) = &group.tag {
                let names = (0..group.events.len()).filter(|i| group.events[*i].schema().is_some());
                spec.push(format!("tag: {}", string(tag)));
                spec.push(format!("names: {}", strings(names.map(|i| group.name(i)))));
            }
            let fixed = group.fixed();
            if !fixed.is_empty() {
                spec.push(format!("fixed: {}", strings(fixed.into_iter())));
            }
            match group.ends() {
                Ends::All => spec.push("end: true".to_owned()),
                Ends::Some(names) if names.is_empty() => {}
                Ends::Some(names) => spec.push(format!("end: {}", strings(names.into_iter()))),
            }
            let _ = writeln!(text, "    {}: {{ {} }},", key(group.event_type), spec.join(", "));
        }
        text.push_str("  }");
        Ok(text)
    }

    fn json(&mut self) -> String {
        self.pieces[0] = true;
        "json".to_owned()
    }

    fn reader(&mut self, group: &Group<'_>) -> Result<String, Error> {
        let payloads = || group.events.iter().map(|event| event.payload());
        let is_json = payloads().any(|payload| matches!(payload, Payload::Json(_)));
        let is_bytes = payloads().any(|payload| matches!(payload, Payload::Base64));
        if is_bytes && !group.is_mixed() {
            self.pieces[2] = true;
            return Ok("bytes".to_owned());
        }
        if !is_json || group.is_mixed() {
            self.pieces[1] = true;
            return Ok("text".to_owned());
        }
        let make = match self.integers {
            Integers::Number => return Ok(self.json()),
            Integers::String => "String",
            Integers::BigInt => "BigInt",
        };
        let schemas = group.events.iter().filter_map(|event| event.schema());
        let schemas: Vec<_> = schemas.map(|schema| schema.as_value().clone()).collect();
        let any = match schemas.as_slice() {
            [one] => one.clone(),
            _ => serde_json::json!({ "anyOf": schemas }),
        };
        let Some(shape) = self.shapes.of(&any)? else { return Ok(self.json()) };
        self.pieces[3] = true;
        let mut shapes = Map::new();
        if shape.to_string().contains("\"as\"") {
            shapes = self.shapes.definitions()?;
        }
        Ok(format!("exact({shape}, {make}, {})", Value::Object(shapes)))
    }
}

fn strings<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    format!("[{}]", texts.map(string).collect::<Vec<_>>().join(", "))
}
