//! Thin, named wrappers over the one cryptographic library (aws-lc): digest, MAC, random bytes,
//! sealing of secrets at rest.

use crate::shared::error::{Error, Result};
use aws_lc_rs::{aead, digest, hmac, rand};

pub fn sha256(bytes: &[u8]) -> Vec<u8> {
    digest::digest(&digest::SHA256, bytes).as_ref().to_vec()
}

/// In hexadecimal, lower case.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// SHA-256 over several parts, each preceded by its length so that parts cannot run together.
pub fn sha256_parts(parts: &[&[u8]]) -> Vec<u8> {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    context.finish().as_ref().to_vec()
}

pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

pub fn mac(key: &[u8], message: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message).as_ref().to_vec()
}

/// Compares without telling by its time where the two differ.
pub fn same(a: &[u8], b: &[u8]) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(a, b).is_ok()
}

/// Encrypts `secret` under a key derived from the installation's secret; `label` must be given
/// again to open it, so that sealed values cannot change places.
pub fn seal(installation_secret: &str, label: &str, secret: &[u8]) -> Result<Vec<u8>> {
    let mut sealed = secret.to_vec();
    let nonce = sealing_key(installation_secret)?
        .seal_in_place_append_tag(aead::Aad::from(label), &mut sealed)
        .map_err(Error::internal)?;
    let mut out = nonce.as_ref().to_vec();
    out.append(&mut sealed);
    Ok(out)
}

/// Opens what `seal` made. `None` when the installation's secret is another one.
pub fn open(installation_secret: &str, label: &str, sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, rest) = sealed.split_at_checked(aead::NONCE_LEN)?;
    let nonce = aead::Nonce::try_assume_unique_for_key(nonce).ok()?;
    let mut rest = rest.to_vec();
    let key = sealing_key(installation_secret).ok()?;
    let opened = key.open_in_place(nonce, aead::Aad::from(label), &mut rest).ok()?;
    Some(opened.to_vec())
}

fn sealing_key(installation_secret: &str) -> Result<aead::RandomizedNonceKey> {
    let key = sha256_parts(&[b"accord key sealing 1", installation_secret.as_bytes()]);
    aead::RandomizedNonceKey::new(&aead::AES_256_GCM, &key).map_err(Error::internal)
}

/// SHA-256 of something that comes in pieces.
pub struct Digest(digest::Context);

impl Digest {
    #[expect(clippy::new_without_default, reason = "there is one way to begin")]
    pub fn new() -> Self {
        Self(digest::Context::new(&digest::SHA256))
    }

    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub fn finish(self) -> Vec<u8> {
        self.0.finish().as_ref().to_vec()
    }
}
