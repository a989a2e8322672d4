//! Passwords of the built-in accounts: argon2id (RFC 9106) in PHC strings.

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use skranke_graphql::{Credentials, OneTime};

/// The shortest password that is taken.
pub const SHORTEST: usize = 12;

/// The longest: far more than a sentence, and a bound on work.
pub const LONGEST: usize = 256;

/// Why a new password is not taken. No rule says which characters it must have (NIST SP 800-63B, 5.1.1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// Fewer characters than [`SHORTEST`].
    #[error("the password must have at least {SHORTEST} characters")]
    TooShort,
    /// More than [`LONGEST`].
    #[error("the password must have at most {LONGEST} characters")]
    TooLong,
    /// It is the log-in name, or one character over and over.
    #[error("the password must not be the log-in name or one character over and over")]
    TooPlain,
    /// It is the one that is being changed.
    #[error("the new password must not be the old one")]
    TheSame,
}

/// Whether a password may be taken for that log-in name.
pub fn check(password: &str, login: &str) -> Result<(), Unfit> {
    match password.chars().count() {
        count if count < SHORTEST => return Err(Unfit::TooShort),
        count if count > LONGEST => return Err(Unfit::TooLong),
        _ => {}
    }
    let login = login.trim().to_lowercase();
    let plain = password.trim().to_lowercase();
    // The log-in name, also when it is written several times to be long enough.
    let repeated = |part: &str| !part.is_empty() && plain.split(part).all(str::is_empty);
    let mut characters = plain.chars();
    let first = characters.next();
    if repeated(&login) || characters.all(|next| Some(next) == first) {
        return Err(Unfit::TooPlain);
    }
    Ok(())
}

/// One-time passwords, from the machine's dice.
pub struct OneTimePasswords;

impl Credentials for OneTimePasswords {
    fn one_time(&self) -> Result<OneTime, Box<dyn std::error::Error + Send + Sync>> {
        // 16 characters of 32 that are hard to mistake for one another: 80 bits.
        const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";
        let mut dice = [0_u8; 16];
        getrandom::fill(&mut dice).map_err(|fault| format!("no randomness: {fault}"))?;
        let letters = dice.map(|die| char::from(LETTERS[usize::from(die % 32)]));
        let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
        let password = groups.join("-");
        let hash = hash(&password)?;
        Ok(OneTime { password, hash })
    }

    fn secret(&self) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
        let mut dice = [0_u8; 32];
        getrandom::fill(&mut dice).map_err(|fault| format!("no randomness: {fault}"))?;
        Ok(URL_SAFE_NO_PAD.encode(dice))
    }
}

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
    fn a_password_is_long_and_neither_the_log_in_name_nor_one_character() {
        for (password, why) in [
            ("elleve tegn", Unfit::TooShort),
            ("kari.eksempel", Unfit::TooPlain),
            ("Kari.Eksempelkari.eksempel", Unfit::TooPlain),
            ("aaaaaaaaaaaaaaaa", Unfit::TooPlain),
        ] {
            assert_eq!(check(password, "kari.eksempel"), Err(why), "{password}");
        }
        assert_eq!(check(&"ab".repeat(129), "kari"), Err(Unfit::TooLong));
        assert_eq!(check("tolv tegn her", "kari"), Ok(()));
        assert_eq!(check("ingen store bogstaver eller tal", "kari"), Ok(()), "no rules of composition");
    }

    #[test]
    fn a_one_time_password_is_never_the_same_and_passes_the_rules() {
        let [one, other] = [(); 2].map(|()| OneTimePasswords.one_time().unwrap());
        assert_ne!(one.password, other.password);
        assert_eq!(check(&one.password, "kari"), Ok(()));
        assert!(verify(&one.password, Some(&one.hash)));
    }

    #[test]
    fn only_the_right_password_opens() {
        let stored = hash("korrekt hest batteri").unwrap();
        assert!(stored.starts_with("$argon2id$"));
        assert!(verify("korrekt hest batteri", Some(&stored)));
        assert!(!verify("forkert", Some(&stored)) && !verify("korrekt hest batteri", None));
        assert!(!verify("x", Some("no hash")));
    }
}
