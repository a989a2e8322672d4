//! The KurrentDB engine: what it says when the server is not there or does not let it in, and how it goes on
//! when the server was away for a while. (What it does otherwise, the conformance suite says.)
#![cfg(feature = "kurrent")]
#![cfg_attr(feature = "endpoint", expect(clippy::unwrap_used, reason = "a test that cannot go on stops"))]

#[cfg(feature = "endpoint")]
mod support;

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

#[cfg(feature = "endpoint")]
mod over_the_endpoint {
    use std::sync::Arc;

    use skranke_store::record::Record;
    use skranke_store::{Direction, EventLog, Expected, Filter, Position, Recorded, Subscription};

    use super::support::endpoint::{serve, serve_at, serve_read_only};
    use super::support::{embedded, stream, write};
    use super::*;

    async fn refusal(url: &str) -> String {
        let began = Instant::now();
        let Err(error) = skranke_store::open(url).await else { panic!("it opened") };
        assert!(began.elapsed() < Duration::from_secs(20));
        let text = error.to_string();
        assert!(!text.contains("hunter2") && !text.contains("secret"), "{text}");
        text
    }

    #[tokio::test]
    async fn a_wrong_password_a_missing_tls_and_a_wrong_host_are_told_apart() {
        let dir = tempfile::tempdir().unwrap();
        let served = serve(embedded(dir.path())).await;
        let text = refusal(&served.url_of("admin:hunter2")).await;
        assert!(text.contains("password"), "{text}");
        let text = refusal(&served.url().replace("tls=false", "tls=true")).await;
        assert!(text.contains("is there, but no TLS connection"), "{text}");
        let text = refusal("kurrentdb://admin:hunter2@localhost:9?tls=false").await;
        assert!(text.contains("nobody answers at localhost:9"), "{text}");
    }

    #[tokio::test]
    async fn a_server_that_takes_no_writes_says_so_and_goes_on_being_read() {
        let dir = tempfile::tempdir().unwrap();
        let log = embedded(dir.path());
        log.append(write(&stream("s"), Expected::Any, 0..2), None).await.unwrap();
        let served = serve_read_only(log).await;
        let log = skranke_store::open(&served.quick_url()).await.unwrap();
        for key in [None, Some("k".to_owned())] {
            let answer = log.append(write(&stream("s"), Expected::Any, 0..1), key).await;
            let Err(LogError::Unavailable(text)) = &answer else { panic!("{answer:?}") };
            assert!(text.contains("read-only"), "{text}");
        }
        assert_eq!(log.read_stream(&stream("s"), 0, Direction::Forwards, 9).await.unwrap().len(), 2);
    }

    async fn hear(feed: &mut Box<dyn Subscription>, wanted: usize) -> Vec<Recorded> {
        let mut heard = Vec::new();
        while heard.len() < wanted {
            let page = tokio::time::timeout(Duration::from_secs(20), feed.next(7)).await.unwrap().unwrap();
            heard.extend(page.events);
        }
        heard
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_server_that_restarts_is_noticed_by_nobody() {
        const ROUNDS: u64 = 4;
        let dir = tempfile::tempdir().unwrap();
        let behind = embedded(dir.path());
        let mut served = serve(Arc::clone(&behind)).await;
        let port = served.port();
        let log = skranke_store::open(&served.quick_url()).await.unwrap();
        let mut all = log.subscribe(Position(0), Filter::default()).await.unwrap();
        let mut one = log.subscribe_stream(&stream("plain"), Some(0)).await.unwrap();
        // Writers who write on, whatever happens to the server.
        let writer = |name: &'static str, keyed: bool, expected: fn(u64) -> Expected| {
            let log = Arc::clone(&log);
            tokio::spawn(async move {
                for n in 0..ROUNDS * 30 {
                    let key = keyed.then(|| format!("{name}/{n}"));
                    let done = log.append(write(&stream(name), expected(n), n..=n), key).await.unwrap();
                    assert_eq!(done.revision, n, "{name}");
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            })
        };
        let exact = |n: u64| n.checked_sub(1).map_or(Expected::NoStream, Expected::Exact);
        let writers = [
            writer("plain", false, exact),
            writer("keyed", true, exact),
            writer("any", false, |_| Expected::Any),
            writer("keyed-any", true, |_| Expected::Any),
        ];
        for _ in 0..ROUNDS {
            tokio::time::sleep(Duration::from_millis(300)).await;
            served.stop().await;
            tokio::time::sleep(Duration::from_millis(150)).await;
            served = serve_at(port, Arc::clone(&behind)).await;
        }
        for writer in writers {
            writer.await.unwrap();
        }
        let wanted = ROUNDS * 30;
        let heard = hear(&mut all, usize::try_from(wanted * 4).unwrap()).await;
        assert!(heard.iter().map(|event| event.position.0).eq(1..=wanted * 4), "a gap, or one twice");
        for name in ["plain", "keyed", "any", "keyed-any"] {
            let revisions =
                heard.iter().filter(|event| event.stream == stream(name)).map(|event| event.revision);
            assert!(revisions.eq(0..wanted), "{name}");
        }
        let heard = hear(&mut one, usize::try_from(wanted).unwrap()).await;
        assert!(heard.iter().map(|event| event.revision).eq(0..wanted));
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn callers_who_stop_waiting_use_nothing_up() {
        let dir = tempfile::tempdir().unwrap();
        let served = serve(embedded(dir.path())).await;
        let log = skranke_store::open(&served.quick_url()).await.unwrap();
        // More than a connection has calls.
        for n in 0..400 {
            let append = log.append(write(&stream("s"), Expected::Any, n..=n), None);
            let _ = tokio::time::timeout(Duration::from_micros(n % 3 * 400), append).await;
        }
        let append = log.append(write(&stream("t"), Expected::NoStream, 0..1), None);
        tokio::time::timeout(Duration::from_secs(5), append).await.unwrap().unwrap();
        let read = log.read_stream(&stream("s"), 0, Direction::Forwards, 999).await.unwrap();
        assert!(read.len() <= 400);
    }

    #[tokio::test]
    async fn an_event_has_the_same_record_on_both_engines() {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let here = embedded(one.path());
        let served = serve(embedded(two.path())).await;
        let there = skranke_store::open(&served.quick_url()).await.unwrap();
        let mut writes = vec![
            write(&stream("s"), Expected::NoStream, 0..5),
            write(&stream("t"), Expected::Any, 5..6),
            write(&stream("s"), Expected::Exact(4), 6..9),
        ];
        // No JSON, empty, JSON with blanks around it.
        writes[2].events[0].data = vec![0, 159, 146, 150];
        writes[2].events[1].data = Vec::new();
        writes[2].events[2].data = b" {\"a\" : 1.0}\n".to_vec();
        for write in writes {
            here.append(write.clone(), None).await.unwrap();
            there.append(write, None).await.unwrap();
        }
        let (one, two) = (records(here.as_ref()).await, records(there.as_ref()).await);
        assert_eq!((one.len(), one), (9, two));
    }

    async fn records(log: &dyn EventLog) -> Vec<Vec<u8>> {
        let page = log.read_all(Position(0), Direction::Forwards, 99, &Filter::default()).await.unwrap();
        let bytes = |event| {
            let mut bytes = Vec::new();
            Record::of(event).unwrap().write(&mut bytes);
            bytes
        };
        page.events.iter().map(bytes).collect()
    }

    #[tokio::test]
    async fn a_node_whose_knowledge_is_old_does_not_take_anothers_append_for_its_own() {
        let dir = tempfile::tempdir().unwrap();
        let served = serve(embedded(dir.path())).await;
        let one = skranke_store::open(&served.quick_url()).await.unwrap();
        let two = skranke_store::open(&served.quick_url()).await.unwrap();
        let send = |log: &Arc<dyn EventLog>, name: &str, key: &str, expected| {
            let (log, write) = (Arc::clone(log), write(&stream(name), expected, 0..2));
            let key = Some(key.to_owned());
            async move { log.append(write, key).await }
        };
        // Both know the stream as it is now; then one of them goes on.
        one.append(write(&stream("s"), Expected::NoStream, 0..1), None).await.unwrap();
        for log in [&one, &two] {
            assert_eq!(log.read_stream(&stream("s"), 0, Direction::Forwards, 9).await.unwrap().len(), 1);
        }
        for (name, expected) in [("s", Expected::Exact(0)), ("s2", Expected::NoStream), ("s3", Expected::Any)]
        {
            let first = send(&one, name, "k", expected).await.unwrap();
            let second = send(&two, name, "k", expected).await.unwrap();
            assert!(!first.repeated && second.repeated && second.is_same(&first), "{first:?} {second:?}");
            let conflict = send(&two, name, "l", Expected::NoStream).await;
            assert!(matches!(conflict, Err(LogError::WrongExpected { actual: Some(_) })), "{conflict:?}");
        }
    }

    #[tokio::test]
    async fn an_event_without_a_time_of_its_own_has_the_servers() {
        let dir = tempfile::tempdir().unwrap();
        let served = serve(embedded(dir.path())).await;
        let log = skranke_store::open(&served.quick_url()).await.unwrap();
        let mut write = write(&stream("s"), Expected::NoStream, 0..1);
        write.events[0].metadata = b"{}".to_vec();
        log.append(write, None).await.unwrap();
        let read = log.read_stream(&stream("s"), 0, Direction::Forwards, 9).await.unwrap();
        // In whole ticks of 100 ns.
        assert_eq!(read[0].recorded_at, "2026-11-22T10:15:30.1234567Z".parse().unwrap());
    }
}
