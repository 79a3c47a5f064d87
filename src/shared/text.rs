//! Text as people mean it: folded for comparing, sorting and finding.

use crate::parsed;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

parsed!(
    /// An e-mail address.
    Email, pattern: "^[^@\\s\\u0000]+@[^@\\s\\u0000]+\\.[^@\\s\\u0000]+$", at_most: 254
);
parsed!(
    /// A language (BCP 47): `en`, `pt-BR`.
    Language, pattern: "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", at_most: 35
);

impl Default for Language {
    fn default() -> Self {
        Self("en".to_owned())
    }
}

const MOST_WORDS: usize = 200;

/// Lower case without accents: `"Zürich AG"` becomes `"zurich ag"`.
pub fn fold(text: &str) -> String {
    let plain = text.nfkd().filter(|letter| !is_combining_mark(*letter));
    plain.flat_map(char::to_lowercase).collect::<String>().replace('ß', "ss")
}

/// What names are sorted by: folded, and short enough to stand in a cursor and in an index.
pub fn sort_key(text: &str) -> String {
    let mut key: String = fold(text).chars().filter(|letter| !letter.is_control()).collect();
    key.truncate(key.floor_char_boundary(120));
    key
}

/// The normal form (NFC) in which all text is stored and compared.
pub fn normal(text: &str) -> String {
    text.nfc().collect()
}

/// The first 200 distinct words of a text, folded, each at most 16 letters long.
pub fn words(text: &str) -> Vec<String> {
    let folded = fold(text);
    let all = folded.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    let mut words: Vec<String> = Vec::new();
    for word in all.map(|word| word.chars().take(16).collect()) {
        if words.len() < MOST_WORDS && !words.contains(&word) {
            words.push(word);
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_folded_and_distinct() {
        assert_eq!(words("Straße, ZÜRICH-Nord / zürich"), ["strasse", "zurich", "nord"]);
        assert_eq!(fold("Crème BRÛLÉE"), "creme brulee");
    }
}
