//! What somebody may try with a token, as one table: each line is a token and the answer to it.

use crate::both;
use crate::support::{PASSWORD, TestApp};
use accord::shared::auth::keys;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use chrono::TimeDelta;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde_json::{Value, json};

const SECRET: &str = "a secret of the tests, long enough to be one";

/// A valid token taken apart, and the means to make others.
struct Forge {
    header: Value,
    claims: Value,
    key: EncodingKey,
    public: Vec<u8>,
    token: String,
}

fn part(token: &str, number: usize) -> Value {
    let text = token.split('.').nth(number).expect("three parts");
    serde_json::from_slice(&BASE64.decode(text).expect("base64url")).expect("JSON")
}

fn encoded(value: &Value) -> String {
    BASE64.encode(value.to_string())
}

impl Forge {
    async fn new(app: &TestApp) -> Self {
        let token = app.owner().await.token.expect("a token");
        let keys = app.app.gate.keys();
        let key = keys.signing(app.clock.now()).expect("a key");
        let (header, claims) = (part(&token, 0), part(&token, 1));
        Self { header, claims, key: key.signs.clone(), public: key.public.clone(), token }
    }

    /// The same token with one claim changed, really signed.
    fn claim(&self, name: &str, value: Value) -> String {
        let mut claims = self.claims.clone();
        claims[name] = value;
        self.signed(&self.header, &claims)
    }

    /// The same token without a claim, really signed.
    fn without(&self, name: &str) -> String {
        let mut claims = self.claims.clone();
        claims.as_object_mut().expect("claims").remove(name);
        self.signed(&self.header, &claims)
    }

    /// The same token with members of the header changed, really signed.
    fn header(&self, members: &Value) -> String {
        let mut header = self.header.clone();
        for (name, value) in members.as_object().expect("members") {
            header[name] = value.clone();
        }
        self.signed(&header, &self.claims)
    }

    fn signed(&self, header: &Value, claims: &Value) -> String {
        let message = format!("{}.{}", encoded(header), encoded(claims));
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &self.key, Algorithm::EdDSA);
        format!("{message}.{}", signature.expect("a signature"))
    }

    /// The same claims under a symmetric key: whoever takes the algorithm from the token accepts it.
    fn symmetric(&self, secret: &[u8]) -> String {
        let header = Header {
            typ: Some("at+jwt".to_owned()),
            kid: self.header["kid"].as_str().map(str::to_owned),
            ..Header::new(Algorithm::HS256)
        };
        encode(&header, &self.claims, &EncodingKey::from_secret(secret)).expect("a token")
    }

    fn unsigned(&self, algorithm: &str) -> String {
        let mut header = self.header.clone();
        header["alg"] = json!(algorithm);
        format!("{}.{}.", encoded(&header), encoded(&self.claims))
    }

    /// The same, signed with a key of our own that the header offers.
    fn self_made(&self, offers: impl Fn(&str) -> Value) -> String {
        let seed = [7; 32];
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).expect("a pair");
        let pkcs8 = [&[0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20][..], &seed].concat();
        let forger = Forge {
            header: self.header.clone(),
            claims: self.claims.clone(),
            key: EncodingKey::from_ed_der(&pkcs8),
            public: pair.public_key().as_ref().to_vec(),
            token: String::new(),
        };
        let x = BASE64.encode(&forger.public);
        forger.header(&offers(&x))
    }

    fn tampered(&self, place: usize) -> String {
        let mut parts: Vec<String> = self.token.split('.').map(str::to_owned).collect();
        let mut bytes = BASE64.decode(&parts[place]).expect("base64url");
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        parts[place] = BASE64.encode(bytes);
        parts.join(".")
    }
}

both! {
    async fn every_abuse_of_a_token_is_401_with_its_code(app: TestApp) {
        let forge = Forge::new(&app).await;
        let now = app.clock.now().instant().timestamp();
        let other = app.nobody().post("/v1/auth/login", json!({"email": "owner@accord.example", "password": PASSWORD})).await;
        let other = other.expect(200).body["session_id"].clone();
        let (head, signature) = forge.token.rsplit_once('.').expect("a signature");
        let invalid = "invalid_token";
        let table = [
            ("alg none", forge.unsigned("none"), invalid),
            ("alg None", forge.unsigned("None"), invalid),
            ("alg NONE", forge.unsigned("NONE"), invalid),
            ("no alg", forge.header(&json!({"alg": null})), invalid),
            ("another alg in the header", forge.header(&json!({"alg": "ES256"})), invalid),
            ("HS256 under the public key", forge.symmetric(&forge.public), invalid),
            ("HS256 under the public key as text", forge.symmetric(BASE64.encode(&forge.public).as_bytes()), invalid),
            ("HS256 under the key's id", forge.symmetric(b"t1"), invalid),
            ("HS256 under nothing", forge.symmetric(b""), invalid),
            ("typ JWT", forge.header(&json!({"typ": "JWT"})), invalid),
            ("typ missing", forge.header(&json!({"typ": null})), invalid),
            ("another issuer", forge.claim("iss", json!("someone")), invalid),
            ("another audience", forge.claim("aud", json!("another-api")), invalid),
            ("iss missing", forge.without("iss"), invalid),
            ("aud missing", forge.without("aud"), invalid),
            ("sub missing", forge.without("sub"), invalid),
            ("exp missing", forge.without("exp"), invalid),
            ("nbf missing", forge.without("nbf"), invalid),
            ("iat missing", forge.without("iat"), invalid),
            ("jti missing", forge.without("jti"), invalid),
            ("sid missing", forge.without("sid"), invalid),
            ("client_id missing", forge.without("client_id"), invalid),
            ("exp as text", forge.claim("exp", json!("never")), invalid),
            ("expired", forge.claim("exp", json!(now - 30)), "token_expired"),
            ("long expired", forge.claim("exp", json!(0)), "token_expired"),
            ("nbf in the future", forge.claim("nbf", json!(now + 31)), invalid),
            ("unknown kid", forge.header(&json!({"kid": "t9"})), invalid),
            ("kid of another purpose", forge.header(&json!({"kid": "c1"})), invalid),
            ("kid missing", forge.header(&json!({"kid": null})), invalid),
            ("kid as a path", forge.header(&json!({"kid": "../../t1"})), invalid),
            ("jwk in the header", forge.self_made(|x| json!({"jwk": {"kty": "OKP", "crv": "Ed25519", "x": x}})), invalid),
            ("jku in the header", forge.self_made(|_| json!({"jku": "https://accord.example/keys"})), invalid),
            ("x5u in the header", forge.self_made(|_| json!({"x5u": "https://accord.example/cert"})), invalid),
            ("x5c in the header", forge.self_made(|x| json!({"x5c": [x]})), invalid),
            ("signed by somebody else", forge.self_made(|_| json!({})), invalid),
            ("header tampered with", forge.tampered(0), invalid),
            ("claims tampered with", forge.tampered(1), invalid),
            ("signature tampered with", forge.tampered(2), invalid),
            ("no signature", head.to_owned(), invalid),
            ("an empty signature", format!("{head}."), invalid),
            ("signature of nothing else", format!("e30.e30.{signature}"), invalid),
            ("four parts", format!("{}.x", forge.token), invalid),
            ("another's session", forge.claim("sub", json!("01946f1e-8c2a-7cc3-9f53-1f0f2b9b6a10")), "session_revoked"),
            ("a session that never was", forge.claim("sid", json!("01946f1e-8c2a-7cc3-9f53-1f0f2b9b6a10")), "session_revoked"),
            ("no token", "no-token-at-all".to_owned(), invalid),
            ("a key that is none", "acc_sk_made-up".to_owned(), "invalid_api_key"),
        ];
        for (what, token, code) in &table {
            let answer = app.with_token(token).get("/v1/suppliers").await;
            assert_eq!((answer.status, &answer.body["code"]), (401, &json!(code)), "{what}: {}", answer.text);
            assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"accord\"", "{what}");
            assert!(!answer.text.contains(token.as_str()), "{what}: the answer repeats the token");
        }
        // What the forge makes without changing anything is accepted: the table fails for its reasons.
        for fine in [forge.signed(&forge.header, &forge.claims), forge.claim("sid", other), forge.token.clone()] {
            app.with_token(&fine).get("/v1/suppliers").await.expect(200);
        }
        // Claims that are only copies of what the tables say are not believed.
        let grand = forge.claim("role", json!("supplier_user"));
        assert_eq!(app.with_token(&grand).get("/v1/me").await.expect(200).body["role"], "owner");
    }

    async fn a_token_of_a_session_that_ended_and_of_a_key_that_is_gone_is_401(app: TestApp) {
        let second = app.second_instance().await;
        let forge = Forge::new(&app).await;
        app.with_token(&forge.token).act("/v1/auth/logout").await.expect(204);
        for instance in [&app, &second] {
            instance.app.gate.catch_up().await.expect("it looks");
            instance.with_token(&forge.token).get("/v1/me").await.refused(401, "session_revoked");
        }
        let old = app.owner().await.token.expect("a token");
        let rotated = app.app.db.write(app.clock.clone(), |txn, clock| Box::pin(keys::rotate(txn, SECRET, clock)));
        rotated.await.expect("a key");
        app.clock.advance(TimeDelta::minutes(18));
        for instance in [&app, &second] {
            instance.app.gate.catch_up().await.expect("it looks");
            instance.with_token(&old).get("/v1/me").await.expect(401);
        }
        // Signed anew with the retired key, so that only the key is wrong with it.
        let mut claims = part(&app.owner().await.token.expect("a token"), 1);
        claims["jti"] = json!("01946f1e-8c2a-7cc3-9f53-1f0f2b9b6a10");
        let forged = forge.signed(&forge.header, &claims);
        second.with_token(&forged).get("/v1/me").await.refused(401, "invalid_token");
    }

    async fn another_service_verifies_tokens_with_the_published_keys(app: TestApp) {
        let token = app.owner().await.token.expect("a token");
        let set = app.nobody().get("/.well-known/jwks.json").await.expect(200).body;
        let header = part(&token, 0);
        let key = set["keys"].as_array().expect("keys").iter().find(|key| key["kid"] == header["kid"]).expect("the key");
        let public = BASE64.decode(key["x"].as_str().expect("text")).expect("base64url");
        let mut rules = Validation::new(Algorithm::EdDSA);
        rules.set_audience(&["accord-api"]);
        rules.validate_exp = false;
        let claims = decode::<Value>(&token, &DecodingKey::from_ed_der(&public), &rules).expect("a good signature").claims;
        assert_eq!((&claims["role"], &claims["iss"]), (&json!("owner"), &json!("accord")));
        assert!(set["keys"][0].get("d").is_none(), "the private part stays here");
    }
}
