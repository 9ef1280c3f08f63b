//! The expansion as a function of tokens, without a compiler.

use std::path::Path;
use std::{env, fs, panic};

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

use super::{Derive, derive_with};

/// With JSON, whatever the features of this build are.
fn derive(input: TokenStream) -> TokenStream {
    derive_with(input, Derive::SseEvent, true)
}

fn derive_reading(input: TokenStream) -> TokenStream {
    derive_with(input, Derive::FromSseEvent, true)
}

fn derive_describing(input: TokenStream) -> TokenStream {
    derive_with(input, Derive::SseSchema, true)
}

/// Types with all that the derive can generate, and one with mistakes. What each becomes stands in `expected`.
const TYPES: [(&str, &str); 9] = [
    (
        "object",
        r#"enum Market {
            /// A price has changed.
            PriceChanged {
                #[sse(id)]
                seq: u64,
                #[sse(key, skip)]
                symbol: String,
                #[serde(skip_serializing_if = "Option::is_none")]
                price: Option<f64>,
            },
            Opened,
        }"#,
    ),
    (
        "formats",
        r#"#[sse(prefix = "chat.", rename_all = "kebab-case")]
        enum Chat {
            #[sse(text, retry = 3000)]
            NewToken(String),
            #[sse(event = "message", text = "[DONE]")]
            Done,
            #[sse(base64)]
            Audio { #[sse(id, skip)] seq: u32, samples: Vec<u8> },
            Usage(Usage, #[sse(retry)] Duration),
        }"#,
    ),
    (
        "keys",
        r#"enum Orders {
            Placed(#[sse(id = |order| order.meta.seq, key = Order::customer)] Order),
            #[sse(ephemeral)]
            Typing { #[sse(key)] customer: u64 },
            #[sse(tombstone)]
            Removed(#[sse(key)] u64),
        }"#,
    ),
    (
        "nested",
        r#"enum All {
            Ping,
            #[sse(transparent)]
            Market(Box<Market>),
            #[sse(other)]
            Unknown { event: Event },
        }"#,
    ),
    (
        "generic",
        r#"#[sse(crate = "::sse")]
        #[serde(rename_all = "camelCase")]
        struct Page<'a, T: Clone, const N: usize = 2>
        where
            T: 'a,
        {
            page_items: [&'a T; N],
            #[serde(flatten)]
            meta: Meta,
            #[serde(with = "hex")]
            color: u32,
            #[deprecated]
            old: u8,
        }"#,
    ),
    (
        "whole",
        r#"#[sse(data = self, untagged)]
        #[serde(tag = "type", rename_all = "camelCase")]
        enum Turn<T> {
            ItemStarted { #[sse(id, or_ephemeral)] seq: Option<u64>, item: T },
            #[serde(rename = "done")]
            Ended,
            #[sse(event = "message", explicit)]
            Noted(String),
            #[sse(event = names::FAILED)]
            Failed,
            #[sse(text = "[DONE]")]
            Closed,
            #[sse(skip)]
            Internal(T),
        }"#,
    ),
    (
        "envelope",
        r#"enum Stored {
            Logged { #[sse(id)] seq: u64, #[sse(skip)] at: u64, #[sse(transparent)] event: Log },
            Other(#[sse(event)] EventType, #[sse(data)] Value),
        }"#,
    ),
    (
        "envelope_struct",
        r"struct Stored<T: ?Sized> {
            #[sse(id)] seq: u64,
            #[sse(transparent)] event: Log,
            #[sse(skip)] tail: T,
        }",
    ),
    (
        "mistakes",
        r#"enum Market<T> {
            #[sse(evnt = "price")]
            PriceChanged(#[sse(id)] u64, T),
        }"#,
    ),
];

/// Types with all that reading can generate.
const READ_TYPES: [(&str, &str); 4] = [
    (
        "read_object",
        r#"#[serde(deny_unknown_fields)]
        enum Market {
            PriceChanged {
                #[sse(id)]
                seq: u64,
                #[sse(key, skip)]
                symbol: String,
                #[serde(default, alias = "value", rename = "price")]
                amount: f64,
                #[serde(with = "hex")]
                color: u32,
                #[serde(flatten)]
                meta: Meta,
                #[sse(retry)]
                back_in: Option<Duration>,
            },
            #[sse(terminal)]
            Closed,
        }"#,
    ),
    (
        "read_formats",
        r#"#[sse(untagged)]
        enum Chat<T> {
            #[sse(text)]
            Token(String),
            #[sse(event = "message")]
            Chunk(T),
            #[sse(event = "message")]
            Ended,
            #[sse(event = "message", text = "[DONE]", terminal)]
            Done,
            #[sse(base64, event = names::AUDIO)]
            Audio { #[sse(id, skip)] seq: u32, samples: Vec<u8> },
            Custom { #[sse(event)] kind: EventType, #[sse(data)] value: Value },
            #[sse(skip)]
            Internal(T),
        }"#,
    ),
    (
        "read_nested",
        r#"enum All {
            #[sse(transparent)]
            Market(Box<Market>),
            Stored { #[sse(id)] seq: u64, #[sse(key)] room: String, #[sse(transparent)] event: Log },
            #[sse(other)]
            Unknown(Event),
        }"#,
    ),
    (
        "read_whole",
        r#"#[sse(data = self, untagged, bound(deserialize = "T: Read"))]
        #[serde(tag = "type")]
        enum Turn<T> {
            Started { #[sse(id)] #[serde(skip)] seq: Option<u64>, item: T },
            #[sse(event = "Started")]
            Again { item: T },
            Ended,
        }"#,
    ),
];

/// Types with all that describing can generate.
const DESCRIBED_TYPES: [(&str, &str); 2] = [
    (
        "schema_fields",
        r#"enum Market<T> {
            /// A price has changed.
            PriceChanged {
                #[sse(id)]
                seq: u64,
                #[sse(key, skip)]
                symbol: String,
                /// In euro.
                #[deprecated]
                #[serde(rename = "in", skip_serializing_if = "Option::is_none")]
                price: Option<T>,
                #[serde(with = "hex")]
                color: u32,
                #[serde(with = "hex")]
                #[schemars(with = "String")]
                shade: u32,
                #[serde(flatten)]
                meta: Meta,
            },
            #[deprecated(note = "use `Ended`")]
            #[sse(text = "[DONE]", terminal)]
            Done,
            Value(Vec<T>, #[sse(retry)] Duration),
            #[sse(text)]
            Line(String),
            Custom { #[sse(event)] kind: EventType, #[sse(data)] value: Value },
            #[sse(skip)]
            Internal(Opaque),
            Stored { #[sse(id)] seq: u64, #[sse(transparent)] event: Log },
            #[sse(other)]
            Unknown(Event),
        }"#,
    ),
    (
        "schema_whole",
        r#"#[sse(data = self, bound(schema = "T: Schema"))]
        #[serde(tag = "type", rename_all = "camelCase")]
        enum Turn<T> {
            ItemStarted { item: T },
            #[serde(rename = "done")]
            Ended,
        }"#,
    ),
];

/// `BLESS=1 cargo test -p typed-sse-derive` writes the files anew.
#[test]
fn what_is_generated() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/expand/expected");
    let written = TYPES.map(|(name, input)| (name, input, Derive::SseEvent));
    let read = READ_TYPES.map(|(name, input)| (name, input, Derive::FromSseEvent));
    let described = DESCRIBED_TYPES.map(|(name, input)| (name, input, Derive::SseSchema));
    for (name, input, derive) in written.into_iter().chain(read).chain(described) {
        let mut tokens: TokenStream = input.parse().unwrap();
        tokens.extend(derive_with(tokens.clone(), derive, true));
        let generated = prettyplease::unparse(&syn::parse2(tokens).unwrap());
        let path = folder.join(name).with_extension("rs");
        if env::var_os("BLESS").is_some() {
            fs::create_dir_all(&folder).unwrap();
            fs::write(&path, &generated).unwrap();
        }
        let expected = fs::read_to_string(&path).unwrap_or_default();
        assert!(generated == expected, "{} has:\n{expected}\nbut now it is:\n{generated}", path.display());
    }
}

#[test]
fn json_without_its_feature_is_one_error() {
    for (input, message) in [
        ("#[sse(data = self)] enum E { A, B(u8) }", "`data = self` needs the feature `json` of typed-sse"),
        (
            "enum E { A, B(u8), C { c: u8 } }",
            "the data of `B` is JSON, which needs the feature `json` of typed-sse",
        ),
        ("struct S {}", "the data of `S` is JSON, which needs the feature `json` of typed-sse"),
    ] {
        let output = derive_with(input.parse().unwrap(), Derive::SseEvent, false).to_string();
        assert_eq!(output.matches("compile_error").count(), 1, "{output}");
        assert!(output.contains(message), "{output}");
        assert!(!derive(input.parse().unwrap()).to_string().contains("compile_error"));
    }
    let without =
        "enum E { A, #[sse(text)] B(String), #[sse(base64)] C(Vec<u8>), #[sse(transparent)] D(Inner) }";
    assert!(
        !derive_with(without.parse().unwrap(), Derive::SseEvent, false).to_string().contains("compile_error")
    );
}

const VALID: [&str; 8] = [
    r#"#[sse(rename_all = "kebab-case", prefix = "a.", crate = "x::y", bound = "T: A, Vec<T>: B<C>")]
       pub enum Event<'a, T: Clone, const N: usize> where T: 'a {
           /// Doc.
           #[sse(retry = 3000)] Unit,
           #[sse(event = "x")] Tuple(#[sse(id, skip)] u64, #[sse(retry)] Duration, Vec<&'a T>),
           #[sse(text = "[DONE]")] Fixed,
       }"#,
    r#"enum Event {
           Object {
               #[sse(id = |o: &HashMap<u8, u8>| o.get::<u8, _>(&1), key = Order::key::<u8, u16>)] a: HashMap<u8, u8>,
               #[sse(retry)] b: Duration,
               #[serde(rename = "x", skip_serializing_if = "Option::is_none", with = "m")] c: u8,
               #[serde(flatten)] d: D,
               #[serde(rename(serialize = "f", deserialize = "b"), default = "f", alias = "z")] e: u8,
           },
       }"#,
    r#"enum Event {
           #[sse(transparent)] A(Inner),
           #[sse(ephemeral)] C(#[sse(key = move |k| -> u8 { if k.0 > 1 { 0 } else { k.0 + 1 } })] K),
           #[sse(tombstone)] #[serde(rename_all = "camelCase")] D { #[sse(key)] key: u8, #[sse(data)] data: u8 },
           #[sse(base64)] r#type(Vec<u8>) = 7,
           #[sse(other)] B(typed_sse::Event),
       }"#,
    r#"#[serde(rename_all = "camelCase")] #[sse(event = "message", base64)] struct Audio<T>(#[sse(id = f, skip)] T, u8);"#,
    r#"#[sse(text)] struct Token { #[sse(data)] text: String, #[cfg(x)] #[doc = "d"] y: u8 }"#,
    r#"#[sse(data = self, untagged)] #[serde(tag = "type", content = "c", rename_all(serialize = "camelCase"))]
       enum Event<T> {
           #[serde(rename = "a", with = "m")] A { #[sse(id, or_ephemeral)] id: Option<T>, #[serde(skip)] #[sse(skip)] b: u8 },
           #[sse(event = names::B)] B(#[sse(key = |k| k.0)] K), #[sse(event = concat!("c", "d"))] C,
           #[sse(event = "message", explicit)] D, #[sse(skip)] E { e: u8 }, #[sse(event = "error")] F(u8, u8),
       }"#,
    r#"#[sse(data = fields)] #[serde(untagged, into = "X")] enum Event {
           #[sse(retry = 1)] A { #[sse(id)] a: u8, #[sse(key, skip)] b: u8, #[sse(transparent)] c: Inner },
           #[serde(rename = "b")] B { #[sse(event)] a: EventType, #[serde(getter = "x")] b: u8 },
       }"#,
    r"union Event { a: u8, b: i8 }",
];

/// Deletes, doubles, swaps and replaces tokens of valid inputs: whatever comes out, the derive answers with Rust.
#[test]
fn no_input_panics() {
    let valid = VALID.map(|text| text.parse::<TokenStream>().unwrap());
    for tokens in &valid {
        let text = derive(tokens.clone()).to_string();
        assert_eq!(text.contains("compile_error"), text.contains("unions"), "{text}");
        // Only what borrows can be sent, but not be read.
        let reading = derive_reading(tokens.clone()).to_string();
        let fails = text.contains("unions") || reading.contains("borrows");
        assert_eq!(reading.contains("compile_error"), fails, "{reading}");
    }
    let mut pieces = Vec::new();
    valid.iter().for_each(|tokens| collect(tokens.clone(), &mut pieces));
    for seed in 1..=100_000 {
        let mut random = Random::new(seed);
        let mut tokens = valid[random.below(valid.len())].clone();
        for _ in 0..=random.below(4) {
            tokens = mutate(tokens, &pieces, &mut random);
        }
        let input = tokens.to_string();
        let derive = [derive, derive_reading, derive_describing][random.below(3)];
        let Ok(output) = panic::catch_unwind(|| derive(tokens)) else {
            panic!("seed {seed} panics: {input}");
        };
        let is_rust = syn::parse2::<syn::File>(output).is_ok();
        assert!(is_rust, "seed {seed} generates what is not Rust: {input}");
    }
}

fn collect(tokens: TokenStream, pieces: &mut Vec<TokenTree>) {
    for token in tokens {
        if let TokenTree::Group(group) = &token {
            collect(group.stream(), pieces);
        }
        pieces.push(token);
    }
}

/// Changes one place, at any depth.
fn mutate(tokens: TokenStream, pieces: &[TokenTree], random: &mut Random) -> TokenStream {
    let mut tokens: Vec<_> = tokens.into_iter().collect();
    if tokens.is_empty() {
        return TokenStream::from(pieces[random.below(pieces.len())].clone());
    }
    let place = random.below(tokens.len());
    let groups: Vec<_> = (0..tokens.len()).filter(|i| matches!(tokens[*i], TokenTree::Group(_))).collect();
    if !groups.is_empty() && random.below(8) > 0 {
        let inner = groups[random.below(groups.len())];
        if let TokenTree::Group(group) = &tokens[inner] {
            let delimiter = match random.below(12) {
                0 => Delimiter::None,
                1 => Delimiter::Brace,
                2 => Delimiter::Parenthesis,
                _ => group.delimiter(),
            };
            tokens[inner] = Group::new(delimiter, mutate(group.stream(), pieces, random)).into();
        }
        return tokens.into_iter().collect();
    }
    match random.below(4) {
        0 => drop(tokens.remove(place)),
        1 => tokens.insert(place, tokens[place].clone()),
        2 => {
            let other = random.below(tokens.len());
            tokens.swap(place, other);
        }
        _ => tokens[place] = pieces[random.below(pieces.len())].clone(),
    }
    tokens.into_iter().collect()
}

/// xorshift64*, so that a seed is a case.
struct Random(u64);

impl Random {
    fn new(seed: u64) -> Self {
        // Small seeds have too few bits to begin with.
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(number).unwrap() % end
    }
}
