//! Systems outside: who is behind a bearer token, and how often it may ask.
//!
//! A token is measured against the account's own stream and not against a view, so that one that was revoked opens
//! nothing from that moment on.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use skranke_domain::user::{Scopes, User};
use skranke_domain::{Lang, UserId};
use skranke_graphql::{BearerToken, Caller};
use skranke_store::LoadError;

use crate::house::House;
use crate::login::NoCaller;

/// How often an open line looks whether its token still opens.
const LOOK_AGAIN: std::time::Duration = std::time::Duration::from_secs(15);

/// How many requests each service account has sent within this minute.
#[derive(Debug, Default)]
pub struct Rates(Mutex<HashMap<UserId, (Timestamp, u32)>>);

impl Rates {
    /// Counts a request; the error is after how many seconds the next one is answered.
    pub fn count(&self, account: UserId, most: u32, now: Timestamp) -> Result<(), u32> {
        let minute = SignedDuration::from_mins(1);
        let mut rates = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, count) = rates.entry(account).or_insert((now, 0));
        if now.duration_since(*since) >= minute {
            (*since, *count) = (now, 0);
        }
        if *count >= most {
            let left = minute - now.duration_since(*since);
            return Err(u32::try_from(left.as_secs()).unwrap_or(0) + 1);
        }
        *count += 1;
        Ok(())
    }
}

/// The service account behind a token.
pub(crate) async fn caller(house: &House, text: &str, lang: Lang) -> Result<Caller, NoCaller> {
    let (token, account, scopes) = known(house, text).await?;
    Ok(Caller {
        tenant: token.tenant,
        user: token.account,
        roles: account.roles(),
        lang,
        scopes: Some(scopes),
    })
}

/// Waits until a token opens nothing any more.
pub(crate) async fn over(house: &House, text: &str) {
    while known(house, text).await.is_ok() {
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

async fn known(house: &House, text: &str) -> Result<(BearerToken, User, Scopes), NoCaller> {
    let token: BearerToken = text.parse().map_err(|()| NoCaller::BadToken)?;
    let stream = User::stream(token.tenant, token.account);
    let account = match house.desk.load::<User>(&stream).await {
        Ok((account, _)) => account,
        Err(LoadError::Newer(_)) => return Err(NoCaller::BadToken),
        Err(error @ LoadError::Log(_)) => return Err(NoCaller::Fault(error.into())),
    };
    let scopes = token.opens(&account, house.clock.now()).ok_or(NoCaller::BadToken)?;
    Ok((token, account, scopes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn so_many_requests_are_answered_in_a_minute_and_another_account_has_its_own() {
        let (rates, now) = (Rates::default(), "2026-11-23T09:00:00Z".parse::<Timestamp>().unwrap());
        let [one, two] = [1, 2].map(|number| UserId::new(Uuid::from_u128(number)));
        let seconds = |count| now + SignedDuration::from_secs(count);
        assert_eq!([(); 3].map(|()| rates.count(one, 2, now)), [Ok(()), Ok(()), Err(61)]);
        assert_eq!(rates.count(two, 2, now), Ok(()));
        assert_eq!(rates.count(one, 2, seconds(59)), Err(2));
        assert_eq!(rates.count(one, 2, seconds(60)), Ok(()));
    }
}
