//! A member of staff (bruger): log-in, name, roles. Event-sourced like everything else, so that an auditor can see
//! who could do what at any moment, and who gave them the right.

use std::fmt;

use cqrs_es::Aggregate;
use cqrs_es::event_sink::EventSink;
use serde::{Deserialize, Serialize};

use crate::act::{Role, Roles};
use crate::id::{StreamId, SubjectId, Tenant, UserId};
use crate::sealed::{SealError, SealVisitor, Sealable};
use crate::upcast::{Evolving, Step};
use crate::{Lang, Refusal, Sealed, codec};

/// A user.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum User {
    /// Nobody.
    #[default]
    Unknown,
    /// Somebody.
    Known {
        /// Whom the sealed fields are about.
        subject: SubjectId,
        /// The roles held now.
        roles: Roles,
    },
}

/// A wish about a user.
#[derive(Clone)]
pub enum UserCommand {
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
        /// The roles to begin with.
        roles: Roles,
    },
    /// Give a role.
    GrantRole {
        /// Which.
        role: Role,
    },
    /// Take a role away.
    RevokeRole {
        /// Which.
        role: Role,
    },
    /// Change the password.
    ChangePassword {
        /// The argon2id hash, in PHC form.
        password_hash: String,
    },
}

impl fmt::Debug for UserCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Register { .. } => f.write_str("Register"),
            Self::GrantRole { role } => write!(f, "GrantRole({role:?})"),
            Self::RevokeRole { role } => write!(f, "RevokeRole({role:?})"),
            Self::ChangePassword { .. } => f.write_str("ChangePassword"),
        }
    }
}

/// What has happened to a user. The names and fields written here are in the log for good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each variant holds the struct of its name, which is documented")]
pub enum UserEvent {
    UserRegistered(UserRegistered),
    RoleGranted(RoleGranted),
    RoleRevoked(RoleRevoked),
    PasswordChanged(PasswordChanged),
}

/// A member of staff was taken in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserRegistered {
    /// Whom the sealed fields are about.
    pub subject: SubjectId,
    /// The log-in name: a work identifier, not a private one.
    pub login: String,
    /// The name colleagues see.
    pub name: Sealed<String>,
    /// The hash of the password.
    pub password_hash: Sealed<String>,
}

/// A role was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleGranted {
    /// Which.
    pub role: Role,
}

/// A role was taken away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleRevoked {
    /// Which.
    pub role: Role,
}

/// The password was changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordChanged {
    /// The new hash.
    pub password_hash: Sealed<String>,
}

/// Why a wish about a user is not granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UserRefusal {
    /// Nobody is registered under this id.
    #[error("there is no such user")]
    NotFound,
    /// The id is taken.
    #[error("a user is registered under this id already")]
    AlreadyRegistered,
    /// The log-in name or the name is empty.
    #[error("a user needs a log-in name and a name")]
    NoName,
}

impl Refusal for UserRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "USER_NOT_FOUND",
            Self::AlreadyRegistered => "USER_ALREADY_REGISTERED",
            Self::NoName => "USER_WITHOUT_NAME",
        }
    }

    fn message(&self, lang: Lang) -> String {
        match (self, lang) {
            (_, Lang::En) => self.to_string(),
            (Self::NotFound, Lang::Da) => "Brugeren findes ikke.".to_owned(),
            (Self::AlreadyRegistered, Lang::Da) => "Brugeren er allerede oprettet.".to_owned(),
            (Self::NoName, Lang::Da) => "En bruger skal have et brugernavn og et navn.".to_owned(),
        }
    }
}

impl User {
    /// The stream of a user.
    pub fn stream(tenant: Tenant, id: UserId) -> StreamId {
        StreamId::new(Self::TYPE, tenant, id)
    }

    /// Tells what follows from `command`, or why nothing does.
    pub fn decide(&self, command: UserCommand) -> Result<Vec<UserEvent>, UserRefusal> {
        use UserCommand::{ChangePassword, GrantRole, Register, RevokeRole};
        match (self, command) {
            (Self::Unknown, Register { subject, login, name, password_hash, roles }) => {
                let (login, name) = (login.trim().to_lowercase(), name.trim().to_owned());
                if login.is_empty() || name.is_empty() {
                    return Err(UserRefusal::NoName);
                }
                let registered = UserEvent::UserRegistered(UserRegistered {
                    subject,
                    login,
                    name: Sealed::new(subject, name),
                    password_hash: Sealed::new(subject, password_hash),
                });
                let granted = roles.iter().map(|role| UserEvent::RoleGranted(RoleGranted { role }));
                Ok(std::iter::once(registered).chain(granted).collect())
            }
            (Self::Known { .. }, Register { .. }) => Err(UserRefusal::AlreadyRegistered),
            (Self::Unknown, GrantRole { .. } | RevokeRole { .. } | ChangePassword { .. }) => {
                Err(UserRefusal::NotFound)
            }
            (Self::Known { roles, .. }, GrantRole { role }) => {
                Ok(if roles.has(role) { vec![] } else { vec![UserEvent::RoleGranted(RoleGranted { role })] })
            }
            (Self::Known { roles, .. }, RevokeRole { role }) => {
                Ok(if roles.has(role) { vec![UserEvent::RoleRevoked(RoleRevoked { role })] } else { vec![] })
            }
            (Self::Known { subject, .. }, ChangePassword { password_hash }) => {
                let password_hash = Sealed::new(*subject, password_hash);
                Ok(vec![UserEvent::PasswordChanged(PasswordChanged { password_hash })])
            }
        }
    }
}

impl Aggregate for User {
    const TYPE: &'static str = "user";
    type Command = UserCommand;
    type Event = UserEvent;
    type Error = UserRefusal;
    type Services = ();

    async fn handle(
        &mut self,
        command: UserCommand,
        (): &(),
        sink: &EventSink<Self>,
    ) -> Result<(), UserRefusal> {
        for event in self.decide(command)? {
            sink.write(event, self).await;
        }
        Ok(())
    }

    fn apply(&mut self, event: UserEvent) {
        match (&mut *self, event) {
            (_, UserEvent::UserRegistered(registered)) => {
                *self = Self::Known { subject: registered.subject, roles: Roles::default() };
            }
            (Self::Known { roles, .. }, UserEvent::RoleGranted(granted)) => *roles = roles.with(granted.role),
            (Self::Known { roles, .. }, UserEvent::RoleRevoked(revoked)) => {
                *roles = roles.without(revoked.role);
            }
            (
                Self::Known { .. } | Self::Unknown,
                UserEvent::PasswordChanged(_) | UserEvent::RoleGranted(_) | UserEvent::RoleRevoked(_),
            ) => {}
        }
    }
}

impl Sealable for UserEvent {
    fn seals(&mut self, visit: &mut SealVisitor<'_>) -> Result<(), SealError> {
        match self {
            Self::UserRegistered(event) => {
                visit("UserRegistered.name", &mut event.name)?;
                visit("UserRegistered.password_hash", &mut event.password_hash)
            }
            Self::PasswordChanged(event) => visit("PasswordChanged.password_hash", &mut event.password_hash),
            Self::RoleGranted(_) | Self::RoleRevoked(_) => Ok(()),
        }
    }
}

impl Evolving for UserEvent {
    const STEPS: &'static [Step] = &[];
}

impl cqrs_es::DomainEvent for UserEvent {
    fn event_type(&self) -> String {
        codec::type_of(self).to_owned()
    }
    fn event_version(&self) -> String {
        self.version().to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::given;
    use uuid::Uuid;

    fn subject() -> SubjectId {
        SubjectId::new(Uuid::from_u128(1))
    }

    fn registered() -> UserEvent {
        UserEvent::UserRegistered(UserRegistered {
            subject: subject(),
            login: "kari".into(),
            name: Sealed::new(subject(), "Kari Eksempel".into()),
            password_hash: Sealed::new(subject(), "$argon2id$".into()),
        })
    }

    fn register(login: &str) -> UserCommand {
        UserCommand::Register {
            subject: subject(),
            login: login.into(),
            name: "Kari Eksempel".into(),
            password_hash: "$argon2id$".into(),
            roles: Roles::default().with(Role::Caseworker),
        }
    }

    #[test]
    fn a_new_user_has_the_roles_they_were_given() {
        given::<User>([])
            .when(register(" Kari "))
            .then([registered(), UserEvent::RoleGranted(RoleGranted { role: Role::Caseworker })]);
    }

    #[test]
    fn a_user_without_a_log_in_name_is_refused() {
        given::<User>([]).when(register(" ")).refused(UserRefusal::NoName);
    }

    #[test]
    fn nobody_is_registered_twice() {
        given::<User>([registered()]).when(register("kari")).refused(UserRefusal::AlreadyRegistered);
    }

    #[test]
    fn granting_a_role_twice_changes_nothing() {
        let granted = UserEvent::RoleGranted(RoleGranted { role: Role::Auditor });
        given::<User>([registered(), granted]).when(UserCommand::GrantRole { role: Role::Auditor }).then([]);
    }

    #[test]
    fn a_role_nobody_holds_is_not_revoked() {
        given::<User>([registered()]).when(UserCommand::RevokeRole { role: Role::Auditor }).then([]);
    }
}
