//! What can be wished about a member of staff.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::act::{By, Role, Roles};
use crate::id::{SubjectId, TokenId, UserId};

use super::origin::Scopes;

/// A wish about a user.
#[derive(Clone, Debug)]
pub struct UserCommand {
    /// About whom.
    pub user: UserId,
    /// What is wished.
    pub act: UserAct,
    /// By whom, in which roles, and when.
    pub under: By,
}

/// What can be done about a user.
#[derive(Clone)]
pub enum UserAct {
    /// Take a new member of staff in.
    Register {
        /// Whom the sealed fields are about.
        subject: SubjectId,
        /// The name they log in with; unique within the municipality.
        login: String,
        /// The name colleagues see.
        name: String,
        /// The argon2id hash of the password, in PHC form.
        password_hash: String,
        /// The roles to begin with. Only set-up at the command line gives any: the first administrator needs one.
        roles: Roles,
        /// Until when the password opens, if it is a one-time password that must be changed at the first log-in.
        one_time_until: Option<Timestamp>,
    },
    /// Take in whom an identity provider vouches for, or let their roles follow what it says now.
    Vouch {
        /// Whom the sealed fields are about.
        subject: SubjectId,
        /// What they are called in lists; nothing is opened by it.
        login: String,
        /// The name colleagues see.
        name: String,
        /// The provider.
        issuer: String,
        /// The roles that it says they hold.
        roles: Roles,
    },
    /// Open an account for a system outside.
    OpenService {
        /// Whom the sealed fields are about.
        subject: SubjectId,
        /// What it is called in lists.
        login: String,
        /// The name colleagues see.
        name: String,
        /// What it may be used for.
        scopes: Scopes,
    },
    /// Give a service account a token.
    IssueToken {
        /// The token's name.
        token: TokenId,
        /// The SHA-256 of the token, in hexadecimal.
        hash: String,
        /// When it stops opening.
        expires: Timestamp,
    },
    /// Take a token back, at once.
    RevokeToken {
        /// Which.
        token: TokenId,
    },
    /// Propose that they be given a role.
    ProposeRole {
        /// Which.
        role: Role,
    },
    /// Give a role that another administrator proposed.
    ApproveRole {
        /// Which.
        role: Role,
    },
    /// Turn a proposal down, or take one's own back.
    DeclineRole {
        /// Which.
        role: Role,
    },
    /// Take a role away, at once.
    RevokeRole {
        /// Which.
        role: Role,
    },
    /// Change one's own password.
    ChangePassword {
        /// The argon2id hash, in PHC form.
        password_hash: String,
    },
    /// Give them a one-time password.
    ResetPassword {
        /// The argon2id hash, in PHC form.
        password_hash: String,
        /// Until when it opens.
        until: Timestamp,
    },
    /// Keep them out, or for a while from logging in.
    Lock {
        /// Until when nobody logs in; kept out until unlocked where there is none.
        until: Option<Timestamp>,
    },
    /// Let them in again.
    Unlock,
    /// Note that they are away (fravær). Why is nobody's business.
    RegisterAbsence {
        /// The first day.
        from: Date,
        /// The last day, if it is known.
        until: Option<Date>,
    },
    /// Note that they are back.
    EndAbsence {
        /// The first day back.
        on: Date,
    },
    /// Name who acts for them while they are away (stedfortræder).
    NameSubstitute {
        /// Who.
        substitute: UserId,
        /// The roles that person holds; none for somebody unknown.
        roles: Roles,
        /// That person's own substitute, and theirs, and so on.
        chain: Vec<UserId>,
    },
    /// Let nobody act for them.
    WithdrawSubstitute,
}

impl UserAct {
    /// What it is called in tables and messages.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Register { .. } => "Register",
            Self::Vouch { .. } => "Vouch",
            Self::OpenService { .. } => "OpenService",
            Self::IssueToken { .. } => "IssueToken",
            Self::RevokeToken { .. } => "RevokeToken",
            Self::ProposeRole { .. } => "ProposeRole",
            Self::ApproveRole { .. } => "ApproveRole",
            Self::DeclineRole { .. } => "DeclineRole",
            Self::RevokeRole { .. } => "RevokeRole",
            Self::ChangePassword { .. } => "ChangePassword",
            Self::ResetPassword { .. } => "ResetPassword",
            Self::Lock { .. } => "Lock",
            Self::Unlock => "Unlock",
            Self::RegisterAbsence { .. } => "RegisterAbsence",
            Self::EndAbsence { .. } => "EndAbsence",
            Self::NameSubstitute { .. } => "NameSubstitute",
            Self::WithdrawSubstitute => "WithdrawSubstitute",
        }
    }
}

impl fmt::Debug for UserAct {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The name only: the rest holds hashes and names.
        f.write_str(self.name())
    }
}
