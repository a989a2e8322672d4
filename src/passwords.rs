//! Passwords of the built-in accounts: argon2id (RFC 9106) in PHC strings.

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};

/// The shortest password that is taken.
pub const SHORTEST: usize = 12;

/// Hashes a password. Slow on purpose: call it off the async threads.
pub fn hash(password: &str) -> anyhow::Result<String> {
    let hash = Argon2::default()
        .hash_password(password.as_bytes())
        .map_err(|fault| anyhow::anyhow!("the password could not be hashed: {fault}"))?;
    Ok(hash.to_string())
}

/// Whether a password is the one that was hashed. Without a hash the same work is done for nothing, so that the time
/// it takes does not tell whether an account exists.
pub fn verify(password: &str, hash: Option<&str>) -> bool {
    if let Some(hash) = hash.and_then(|hash| PasswordHash::new(hash).ok()) {
        return Argon2::default().verify_password(password.as_bytes(), &hash).is_ok();
    }
    let _ = self::hash(password);
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_password_opens() {
        let stored = hash("korrekt hest batteri").unwrap();
        assert!(stored.starts_with("$argon2id$"));
        assert!(verify("korrekt hest batteri", Some(&stored)));
        assert!(!verify("forkert", Some(&stored)) && !verify("korrekt hest batteri", None));
        assert!(!verify("x", Some("no hash")));
    }
}
