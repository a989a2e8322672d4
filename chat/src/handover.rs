//! The link that carries a conversation from another channel over to the web form. It names the conversation to the
//! form only: nothing that was said can be read with it.

use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use skranke_domain::ConversationId;

use crate::derived::Derived;

/// For how long a link is good.
const GOOD_FOR: SignedDuration = SignedDuration::from_hours(24);

/// Makes such links, and knows its own.
#[derive(Clone, Debug)]
pub struct HandOver(Derived);

impl HandOver {
    /// What a channel with this secret makes its links with.
    pub(crate) fn new(secret: &SecretString) -> Self {
        Self(Derived::new(secret, "hand over"))
    }

    /// What the link holds: the conversation, until when, and the signature of both.
    pub(crate) fn pass(&self, conversation: ConversationId, now: Timestamp) -> String {
        let until = now.saturating_add(GOOD_FOR).unwrap_or(now).as_second();
        let said = format!("{}.{until}", conversation.uuid().simple());
        format!("{said}.{}", self.0.sign(&said))
    }

    /// The conversation of a link that was made here and is still good.
    pub(crate) fn conversation(&self, pass: &str, now: Timestamp) -> Option<ConversationId> {
        let (said, signature) = pass.rsplit_once('.')?;
        if !self.0.signed(said, signature.as_bytes()) {
            return None;
        }
        let (conversation, until) = said.split_once('.')?;
        let until: i64 = until.parse().ok()?;
        (now.as_second() < until).then(|| conversation.parse().ok())?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pass_is_good_for_its_conversation_for_a_day_and_from_nobody_else() {
        let (ours, theirs) = (HandOver::new(&"a".into()), HandOver::new(&"b".into()));
        let now: Timestamp = "2026-11-23T09:00:00Z".parse().unwrap();
        let conversation: ConversationId = "01936f2e-7c4a-7b3e-9a4b-0c1d2e3f4a5b".parse().unwrap();
        let pass = ours.pass(conversation, now);
        assert_eq!(ours.conversation(&pass, now), Some(conversation));
        let later = |hours| now + SignedDuration::from_hours(hours);
        assert_eq!(ours.conversation(&pass, later(23)), Some(conversation));
        assert_eq!(ours.conversation(&pass, later(24)), None);
        assert_eq!(theirs.conversation(&pass, now), None);
        for forged in [pass.replacen('0', "1", 1), pass.replace('.', ""), String::new(), "..".to_owned()] {
            assert_eq!(ours.conversation(&forged, now), None, "{forged}");
        }
    }
}
