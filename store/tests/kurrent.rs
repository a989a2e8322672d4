//! The Kurrent engine without a server: it says so, soon, and without the password.
#![cfg(feature = "kurrent")]

use std::time::{Duration, Instant};

use skranke_store::{KurrentLog, LogError, OpenError};

#[tokio::test]
async fn nobody_there_is_said_within_a_deadline() {
    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let began = Instant::now();
    let url = format!("kurrentdb://me:hunter2@127.0.0.1:{port}?tls=false");
    let Err(error) = skranke_store::open(&url).await else { panic!("somebody is there") };
    assert!(matches!(error, OpenError::Unavailable(LogError::Unavailable(_))), "{error:?}");
    assert!(!error.to_string().contains("hunter2"), "{error}");
    assert!(began.elapsed() < Duration::from_secs(20));
}

#[tokio::test]
async fn somebody_who_never_answers_is_given_up_on() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let began = Instant::now();
    let outcome =
        KurrentLog::connect(&format!("kurrentdb://127.0.0.1:{port}?tls=false&gossipTimeout=500")).await;
    assert!(matches!(outcome, Err(LogError::Unavailable(_))));
    assert!(began.elapsed() < Duration::from_secs(20));
}

#[tokio::test]
async fn a_url_that_is_none_is_refused_without_repeating_it() {
    let Err(error) = skranke_store::open("kurrentdb://me:hunter2@").await else { panic!("it opened") };
    assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
}
