//! Signatures by the Standard Webhooks convention (standardwebhooks.com): HMAC-SHA256 over `id.timestamp.body`, in base64.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

const PREFIX: &str = "whsec_";

/// A new secret: 32 random bytes.
pub fn new_secret() -> String {
    format!("{PREFIX}{}", STANDARD.encode(rand::random::<[u8; 32]>()))
}

/// The value of `webhook-signature`: one signature for each secret, separated by blanks. `seconds` is that of `webhook-timestamp`.
pub fn sign(secrets: &[String], id: &str, seconds: i64, body: &str) -> String {
    let one = |secret: &String| {
        let key = secret.strip_prefix(PREFIX).unwrap_or(secret);
        // Only secrets of our own making are stored; a damaged one signs what no receiver takes.
        let key = STANDARD.decode(key).unwrap_or_default();
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).ok()?;
        mac.update(format!("{id}.{seconds}.{body}").as_bytes());
        Some(format!(
            "v1,{}",
            STANDARD.encode(mac.finalize().into_bytes())
        ))
    };
    let all: Vec<String> = secrets.iter().filter_map(one).collect();
    all.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the convention's own libraries.
    #[test]
    fn the_published_example_is_signed_alike() {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned();
        let signature = sign(
            &[secret],
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            r#"{"test": 2432232314}"#,
        );
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn two_secrets_give_two_signatures() {
        let secrets = [new_secret(), new_secret()];
        assert_ne!(secrets[0], secrets[1]);
        let both = sign(&secrets, "id", 1, "{}");
        let alone = sign(&secrets[1..], "id", 1, "{}");
        assert!(both.ends_with(&format!(" {alone}")));
    }
}
