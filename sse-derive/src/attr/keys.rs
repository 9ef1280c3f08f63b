//! The one list of keys: where each belongs, how it is written, and what a misspelt one was meant to be.

use std::fmt::{self, Display};

use proc_macro2::Ident;
use syn::ext::IdentExt as _;

/// Where an attribute stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Enum,
    Struct,
    Variant,
    Field,
}

struct Key {
    name: &'static str,
    places: &'static [Place],
}

const TYPE: &[Place] = &[Place::Enum, Place::Struct];
const EVENT: &[Place] = &[Place::Variant, Place::Struct];
const FIELD: &[Place] = &[Place::Field];

const KEYS: [Key; 20] = [
    Key { name: "rename_all", places: TYPE },
    Key { name: "prefix", places: TYPE },
    Key { name: "bound", places: TYPE },
    Key { name: "crate", places: TYPE },
    Key { name: "data", places: &[Place::Enum, Place::Struct, Place::Field] },
    Key { name: "untagged", places: &[Place::Enum] },
    Key { name: "event", places: &[Place::Enum, Place::Variant, Place::Struct, Place::Field] },
    Key { name: "explicit", places: &[Place::Enum, Place::Variant, Place::Struct] },
    Key { name: "retry", places: &[Place::Variant, Place::Struct, Place::Field] },
    Key { name: "text", places: EVENT },
    Key { name: "base64", places: EVENT },
    Key { name: "transparent", places: &[Place::Variant, Place::Struct, Place::Field] },
    Key { name: "ephemeral", places: EVENT },
    Key { name: "tombstone", places: EVENT },
    Key { name: "terminal", places: EVENT },
    Key { name: "other", places: &[Place::Variant] },
    Key { name: "id", places: FIELD },
    Key { name: "or_ephemeral", places: FIELD },
    Key { name: "key", places: FIELD },
    Key { name: "skip", places: &[Place::Variant, Place::Field] },
];

/// What other crates and other words call these keys.
const SYNONYMS: [(&str, &str); 20] = [
    ("rename", "event"),
    ("default", "other"),
    ("name", "event"),
    ("type", "event"),
    ("event_type", "event"),
    ("raw", "text"),
    ("flatten", "transparent"),
    ("envelope", "transparent"),
    ("inner", "transparent"),
    ("wrap", "transparent"),
    ("delegate", "transparent"),
    ("hidden", "skip"),
    ("ignore", "skip"),
    ("skip_serializing", "skip"),
    ("optional", "or_ephemeral"),
    ("payload", "data"),
    ("last", "terminal"),
    ("final", "terminal"),
    ("end", "terminal"),
    ("finish", "terminal"),
];

/// What serde calls the keys of a field that it is to be asked for, by these names.
const SERDE_FIELD: [&str; 10] = [
    "rename",
    "skip_serializing",
    "skip_serializing_if",
    "serialize_with",
    "with",
    "flatten",
    "default",
    "alias",
    "deserialize_with",
    "skip_deserializing",
];

/// The error for a key that does not belong where it stands.
pub(crate) fn unknown(key: &Ident, place: Place) -> syn::Error {
    let name = key.unraw().to_string();
    let message = match KEYS.iter().find(|known| known.name == name) {
        Some(known) => format!("`{name}` belongs on {}, not on {place}", either(known.places)),
        None => format!("unknown key `{name}` on {place}{}", suggestion(&name, place)),
    };
    syn::Error::new(key.span(), format!("{message}\nhelp: the keys of {place} are {}", list(keys_of(place))))
}

/// Whether `name` is a key of ours in this place, so that it was only written into the wrong attribute.
pub(crate) fn is_key_of(name: &str, place: Place) -> bool {
    keys_of(place).any(|key| key == name)
}

fn keys_of(place: Place) -> impl Iterator<Item = &'static str> {
    KEYS.iter().filter(move |key| key.places.contains(&place)).map(|key| key.name)
}

fn suggestion(name: &str, place: Place) -> String {
    if place == Place::Field && SERDE_FIELD.contains(&name) {
        return format!("\nhelp: did you mean `#[serde({name})]`?");
    }
    match (place, name) {
        (Place::Enum | Place::Struct, "tag" | "content") => {
            return format!(
                "\nhelp: it is serde's: `#[serde({name} = \"...\")]`, and `#[sse(data = self)]` sends what serde writes"
            );
        }
        (Place::Enum, "rename_all_fields") => {
            return format!("\nhelp: did you mean `#[serde({name} = \"...\")]`?");
        }
        (Place::Enum, "rename") => return "\nhelp: did you mean `rename_all`?".to_owned(),
        _ => {}
    }
    let here = keys_of(place);
    let synonym = SYNONYMS.iter().find(|(other, _)| *other == name).map(|(_, ours)| *ours);
    // A key of this place first; then one that is right elsewhere.
    let near = nearest(name, here).or(synonym).or_else(|| nearest(name, KEYS.iter().map(|key| key.name)));
    let Some(near) = near else { return String::new() };
    match KEYS.iter().find(|key| key.name == near) {
        Some(key) if !key.places.contains(&place) => {
            format!("\nhelp: did you mean `{near}`? it belongs on {}", either(key.places))
        }
        _ => format!("\nhelp: did you mean `{near}`?"),
    }
}

/// The candidate that `name` is most likely a misspelling of.
pub(crate) fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = name.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| (distance(name, candidate).min(distance(&lower, candidate)), candidate))
        .filter(|(edits, candidate)| *edits <= (candidate.len() / 3).max(2) && *edits < candidate.len())
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, candidate)| candidate)
}

/// `a`, `b` and `c`, each in backticks.
pub(crate) fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let mut names: Vec<_> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match names.pop() {
        Some(last) if names.is_empty() => last,
        Some(last) => format!("{} and {last}", names.join(", ")),
        None => String::new(),
    }
}

/// `a variant, a struct or a field`.
fn either(places: &[Place]) -> String {
    let mut places: Vec<_> = places.iter().map(Place::to_string).collect();
    match places.pop() {
        Some(last) if places.is_empty() => last,
        Some(last) => format!("{} or {last}", places.join(", ")),
        None => String::new(),
    }
}

/// Insertions, deletions, replacements and swaps of neighbours that make one word of the other.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            rows[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let replaced = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                let edited = replaced.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
                let swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
                if swapped { edited.min(rows[i - 2][j - 2] + 1) } else { edited }
            };
        }
    }
    rows[a.len()][b.len()]
}

impl Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Enum => "an enum",
            Self::Struct => "a struct",
            Self::Variant => "a variant",
            Self::Field => "a field",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proc_macro2::Span;

    fn message(key: &str, place: Place) -> String {
        unknown(&Ident::new(key, Span::call_site()), place).to_string()
    }

    #[test]
    fn misspelt_keys() {
        for (written, meant, place) in [
            ("evnt", "event", Place::Variant),
            ("evetn", "event", Place::Variant),
            ("reply", "retry", Place::Field),
            ("ephemral", "ephemeral", Place::Struct),
            ("renameall", "rename_all", Place::Enum),
            ("rename", "event", Place::Variant),
            ("ids", "id", Place::Field),
            ("ID", "id", Place::Field),
            ("renameAll", "rename_all", Place::Enum),
            ("Event", "event", Place::Struct),
            ("default", "other", Place::Variant),
            ("skip_serializing", "skip", Place::Variant),
            ("optional", "or_ephemeral", Place::Field),
            ("untaged", "untagged", Place::Enum),
            ("rename", "rename_all", Place::Enum),
            ("envelope", "transparent", Place::Field),
            ("inner", "transparent", Place::Field),
            ("wrap", "transparent", Place::Variant),
            ("delegate", "transparent", Place::Variant),
            ("hidden", "skip", Place::Variant),
        ] {
            let message = message(written, place);
            assert!(message.contains(&format!("did you mean `{meant}`?")), "{message}");
        }
    }

    #[test]
    fn nothing_is_suggested_for_what_is_like_nothing() {
        for key in ["colour", "x", "untagged"] {
            assert!(!message(key, Place::Field).contains("did you mean"), "{key}");
        }
    }

    #[test]
    fn keys_of_serde() {
        assert!(message("rename", Place::Field).contains("did you mean `#[serde(rename)]`?"));
        assert!(message("with", Place::Field).contains("did you mean `#[serde(with)]`?"));
        assert!(message("tag", Place::Enum).contains("`#[serde(tag = \"...\")]`, and `#[sse(data = self)]`"));
        assert!(
            message("rename_all_fields", Place::Enum)
                .contains("mean `#[serde(rename_all_fields = \"...\")]`?")
        );
        assert!(message("with", Place::Enum).starts_with("unknown key `with` on an enum\nhelp: the keys"));
    }

    #[test]
    fn right_key_in_the_wrong_place() {
        assert!(message("id", Place::Variant).starts_with("`id` belongs on a field, not on a variant\n"));
        assert!(
            message("text", Place::Field)
                .starts_with("`text` belongs on a variant or a struct, not on a field")
        );
        assert!(
            message("skp", Place::Enum).contains("did you mean `skip`? it belongs on a variant or a field")
        );
    }

    #[test]
    fn distances() {
        for (a, b, edits) in
            [("", "", 0), ("abc", "", 3), ("abc", "acb", 1), ("kitten", "sitting", 3), ("é", "e", 1)]
        {
            assert_eq!(distance(a, b), edits, "{a} {b}");
            assert_eq!(distance(b, a), edits, "{b} {a}");
        }
    }
}
