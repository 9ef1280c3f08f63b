//! The expansion as a function of tokens, without a compiler.

use std::fmt::Write as _;
use std::panic;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::quote;

use super::derive;

#[test]
fn a_small_enum() {
    let input = quote! {
        enum Market {
            /// A price.
            PriceChanged {
                #[sse(id)]
                seq: u64,
                #[serde(skip_serializing_if = "Option::is_none")]
                price: Option<f64>,
            },
            #[sse(text, event = "log", retry = 3000)]
            Line(String),
        }
    };
    let expected = quote! {
        const _: () = {
            #[allow(unused_imports, unused_qualifications)]
            use ::typed_sse::__private as __sse;

            #[automatically_derived]
            #[allow(private_bounds, unused_qualifications, clippy::absolute_paths)]
            impl __sse::SseEvent for Market {
                const EVENTS: __sse::Catalogue = __sse::Catalogue::new(&[
                    __sse::Entry::Event(
                        __sse::EventSpec::new("price_changed").with_variant("PriceChanged").with_doc("A price.")
                    ),
                    __sse::Entry::Event(
                        __sse::EventSpec::new("log").with_variant("Line").with_format(__sse::DataFormat::Text)
                    )
                ]);

                fn encode<'__encoder>(
                    &self,
                    __encoder: __sse::Encoder<'__encoder>,
                ) -> ::core::result::Result<__sse::Encoded<'__encoder>, __sse::EncodeError> {
                    match self {
                        Self::PriceChanged { seq: __field0, price: __field1, .. } => {
                            static __EVENT_TYPE: __sse::EventType = __sse::EventType::from_static("price_changed");
                            let __encoder = __encoder.event_type(&__EVENT_TYPE)?;
                            let __encoder = __sse::id::<u64>(__encoder, __field0)?;
                            let __object = __encoder.object();
                            let __object = __sse::field::<u64>(__object, "seq", __field0)?;
                            let __object = if Option::is_none(__field1) {
                                __object
                            } else {
                                __sse::field::<Option<f64> >(__object, "price", __field1)?
                            };
                            __object.end()
                        }
                        Self::Line { 0: __field0, .. } => {
                            static __EVENT_TYPE: __sse::EventType = __sse::EventType::from_static("log");
                            let __encoder = __encoder.event_type(&__EVENT_TYPE)?;
                            let __encoder = __encoder.retry(::core::time::Duration::from_millis(3000u64))?;
                            __sse::text::<String>(__encoder, __field0)
                        }
                    }
                }
            }
        };
    };
    assert_eq!(spaced(derive(input)), spaced(expected));
}

/// As text, without the difference between `>>` and `> >`.
fn spaced(tokens: TokenStream) -> String {
    let mut text = String::new();
    for token in tokens {
        if let TokenTree::Group(group) = token {
            let _ = write!(text, "{:?} {} end ", group.delimiter(), spaced(group.stream()));
        } else {
            let _ = write!(text, "{token} ");
        }
    }
    text
}

const VALID: [&str; 6] = [
    r#"#[sse(rename_all = "kebab-case", prefix = "a.", crate = "x::y", bound = "T: A, U: B<C>")]
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
               #[serde(rename(serialize = "a", deserialize = "b"), default = "f", alias = "z")] e: u8,
           },
       }"#,
    r#"enum Event {
           #[sse(transparent)] A(Inner),
           #[sse(other)] B(Event),
           #[sse(ephemeral)] C(#[sse(key = move |k| -> u8 { k.0 })] K),
           #[sse(tombstone)] #[serde(rename_all = "camelCase")] D { #[sse(key)] key: u8, #[sse(data)] data: u8 },
           #[sse(base64)] r#type(Vec<u8>) = 7,
       }"#,
    r#"#[serde(rename_all = "camelCase")] #[sse(event = "message", base64)] struct Audio<T>(#[sse(id = f, skip)] T, u8);"#,
    r#"#[sse(text)] struct Token { #[sse(data)] text: String, #[cfg(x)] #[doc = "d"] y: u8 }"#,
    r"union Event { a: u8, b: i8 }",
];

/// Deletes, doubles, swaps and replaces tokens of valid inputs: whatever comes out, the derive answers with tokens.
#[test]
fn no_input_panics() {
    let valid = VALID.map(|text| text.parse::<TokenStream>().unwrap());
    for tokens in &valid {
        let text = derive(tokens.clone()).to_string();
        assert_eq!(text.contains("compile_error"), text.contains("unions"), "{text}");
    }
    let mut pieces = Vec::new();
    valid.iter().for_each(|tokens| collect(tokens.clone(), &mut pieces));
    for seed in 1..=20_000 {
        let mut random = Random::new(seed);
        let mut tokens = valid[random.below(valid.len())].clone();
        for _ in 0..=random.below(4) {
            tokens = mutate(tokens, &pieces, &mut random);
        }
        let input = tokens.to_string();
        let outcome = panic::catch_unwind(|| derive(tokens).to_string());
        assert!(outcome.is_ok(), "seed {seed} panics: {input}");
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
