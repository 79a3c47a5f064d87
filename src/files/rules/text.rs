//! Whether bytes that come in parts are text: UTF-8 without control characters.

#[derive(Default)]
pub struct Text {
    /// The beginning of a letter whose rest is in the next part.
    carry: Vec<u8>,
    is_broken: bool,
}

impl Text {
    pub fn at(&mut self, part: &[u8]) {
        if self.is_broken {
            return;
        }
        let joined;
        let bytes = if self.carry.is_empty() {
            part
        } else {
            joined = [&self.carry, part].concat();
            &joined
        };
        let (whole, rest) = match std::str::from_utf8(bytes) {
            Ok(whole) => (whole, &bytes[bytes.len()..]),
            Err(error) if error.error_len().is_none() => {
                let (whole, rest) = bytes.split_at(error.valid_up_to());
                (std::str::from_utf8(whole).unwrap_or_default(), rest)
            }
            Err(_) => {
                self.is_broken = true;
                return;
            }
        };
        self.is_broken = whole.chars().any(|letter| letter.is_control() && !"\t\r\n".contains(letter));
        self.carry = rest.to_vec();
    }

    /// Nothing was found that is no text, and it does not end in the middle of a letter.
    pub fn is_whole(&self) -> bool {
        !self.is_broken && self.carry.is_empty()
    }
}
