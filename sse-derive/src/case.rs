//! Serde's eight rename rules.

use crate::attr::keys;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RenameRule {
    Lower,
    Upper,
    Pascal,
    Camel,
    Snake,
    ScreamingSnake,
    Kebab,
    ScreamingKebab,
}

const RULES: [(&str, RenameRule); 8] = [
    ("lowercase", RenameRule::Lower),
    ("UPPERCASE", RenameRule::Upper),
    ("PascalCase", RenameRule::Pascal),
    ("camelCase", RenameRule::Camel),
    ("snake_case", RenameRule::Snake),
    ("SCREAMING_SNAKE_CASE", RenameRule::ScreamingSnake),
    ("kebab-case", RenameRule::Kebab),
    ("SCREAMING-KEBAB-CASE", RenameRule::ScreamingKebab),
];

impl RenameRule {
    /// The rule of this name, or what to write instead.
    pub(crate) fn parse(name: &str) -> Result<Self, String> {
        if let Some((_, rule)) = RULES.iter().find(|(known, _)| *known == name) {
            return Ok(*rule);
        }
        let names = RULES.map(|(name, _)| name);
        let suggestion = by_letters(name)
            .or_else(|| keys::nearest(name, names))
            .map_or_else(String::new, |near| format!("\nhelp: did you mean `{near}`?"));
        Err(format!("unknown rename rule `{name}`{suggestion}\nhelp: the rules are {}", keys::list(names)))
    }

    /// Renames a `PascalCase` name.
    pub(crate) fn apply_to_variant(self, name: &str) -> String {
        match self {
            Self::Pascal => name.to_owned(),
            Self::Lower => name.to_ascii_lowercase(),
            Self::Upper => name.to_ascii_uppercase(),
            Self::Camel => decapitalize(name),
            Self::Snake => snake(name),
            Self::ScreamingSnake => snake(name).to_ascii_uppercase(),
            Self::Kebab => snake(name).replace('_', "-"),
            Self::ScreamingKebab => snake(name).to_ascii_uppercase().replace('_', "-"),
        }
    }

    /// Renames a `snake_case` name.
    pub(crate) fn apply_to_field(self, name: &str) -> String {
        match self {
            Self::Lower | Self::Snake => name.to_owned(),
            Self::Upper | Self::ScreamingSnake => name.to_ascii_uppercase(),
            Self::Pascal => pascal(name),
            Self::Camel => decapitalize(&pascal(name)),
            Self::Kebab => name.replace('_', "-"),
            Self::ScreamingKebab => name.to_ascii_uppercase().replace('_', "-"),
        }
    }
}

/// The rule that is called so but for its punctuation and case, and for `case` at its end: `kebab`, `PASCAL_CASE`.
fn by_letters(name: &str) -> Option<&'static str> {
    let letters = |name: &str| {
        let letters: String = name.chars().filter(|letter| letter.is_alphanumeric()).collect();
        let letters = letters.to_lowercase();
        letters.strip_suffix("case").unwrap_or(&letters).to_owned()
    };
    let wanted = letters(name);
    RULES.iter().map(|(known, _)| *known).find(|known| letters(known) == wanted)
}

fn snake(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    for (i, letter) in name.char_indices() {
        if i > 0 && letter.is_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

fn pascal(name: &str) -> String {
    name.split('_').map(capitalize).collect()
}

fn capitalize(word: &str) -> String {
    change_first(word, |letter| letter.to_ascii_uppercase())
}

fn decapitalize(name: &str) -> String {
    change_first(name, |letter| letter.to_ascii_lowercase())
}

fn change_first(text: &str, change: impl Fn(char) -> char) -> String {
    // By characters: the first of a Rust name may be more than one byte.
    let mut letters = text.chars();
    letters.next().map(change).into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(apply: impl Fn(RenameRule) -> String) -> Vec<String> {
        RULES.iter().map(|(_, rule)| apply(*rule)).collect()
    }

    /// As in serde's own tests.
    #[test]
    fn variants() {
        for (name, renamed) in [
            (
                "Outcome",
                ["outcome", "OUTCOME", "Outcome", "outcome", "outcome", "OUTCOME", "outcome", "OUTCOME"],
            ),
            (
                "VeryTasty",
                [
                    "verytasty",
                    "VERYTASTY",
                    "VeryTasty",
                    "veryTasty",
                    "very_tasty",
                    "VERY_TASTY",
                    "very-tasty",
                    "VERY-TASTY",
                ],
            ),
            ("A", ["a", "A", "A", "a", "a", "A", "a", "A"]),
            ("Z42", ["z42", "Z42", "Z42", "z42", "z42", "Z42", "z42", "Z42"]),
            (
                "HTTPError",
                [
                    "httperror",
                    "HTTPERROR",
                    "HTTPError",
                    "hTTPError",
                    "h_t_t_p_error",
                    "H_T_T_P_ERROR",
                    "h-t-t-p-error",
                    "H-T-T-P-ERROR",
                ],
            ),
            ("Älter", ["Älter", "ÄLTER", "Älter", "Älter", "Älter", "ÄLTER", "Älter", "ÄLTER"]),
        ] {
            assert_eq!(all(|rule| rule.apply_to_variant(name)), renamed, "{name}");
        }
    }

    /// As in serde's own tests.
    #[test]
    fn fields() {
        for (name, renamed) in [
            (
                "outcome",
                ["outcome", "OUTCOME", "Outcome", "outcome", "outcome", "OUTCOME", "outcome", "OUTCOME"],
            ),
            (
                "very_tasty",
                [
                    "very_tasty",
                    "VERY_TASTY",
                    "VeryTasty",
                    "veryTasty",
                    "very_tasty",
                    "VERY_TASTY",
                    "very-tasty",
                    "VERY-TASTY",
                ],
            ),
            ("a", ["a", "A", "A", "a", "a", "A", "a", "A"]),
            ("z42", ["z42", "Z42", "Z42", "z42", "z42", "Z42", "z42", "Z42"]),
            ("_", ["_", "_", "", "", "_", "_", "-", "-"]),
        ] {
            assert_eq!(all(|rule| rule.apply_to_field(name)), renamed, "{name}");
        }
    }

    #[test]
    fn unknown_rules_come_with_the_known_ones() {
        let error = RenameRule::parse("kebap-case").unwrap_err();
        assert!(error.contains("did you mean `kebab-case`?"), "{error}");
        assert!(error.contains("`SCREAMING-KEBAB-CASE`"), "{error}");
        for (written, meant) in [
            ("kebab", "kebab-case"),
            ("KebabCase", "kebab-case"),
            ("upper", "UPPERCASE"),
            ("PASCAL_CASE", "PascalCase"),
            ("screaming-snake-case", "SCREAMING_SNAKE_CASE"),
        ] {
            let error = RenameRule::parse(written).unwrap_err();
            assert!(error.contains(&format!("did you mean `{meant}`?")), "{error}");
        }
        assert!(!RenameRule::parse("title").unwrap_err().contains("did you mean"));
    }
}
