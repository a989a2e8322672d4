#![allow(clippy::unwrap_used, dead_code, unused)]
mod support;
use skranke_store::*;
use std::time::Instant;
async fn go() {
    let dir = tempfile::tempdir().unwrap();
    let inner = support::embedded(dir.path());
    let (tx, rx) = std::sync::mpsc::channel();
    let i2 = inner.clone();
    std::thread::spawn(move || {
        let rt = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        rt.block_on(async {
            let s = support::endpoint::serve(i2).await;
            tx.send(s.url()).unwrap();
            std::future::pending::<()>().await;
        });
    });
    let url = rx.recv().unwrap();
    let t = Instant::now();
    let log = skranke_store::open(&url).await.unwrap();
    println!("open {:?}", t.elapsed());
    let s = support::stream("x");
    log.append(support::write(&s, Expected::Any, 0..3), None).await.unwrap();
    for _ in 0..2 {
        let t = Instant::now();
        for _ in 0..40 {
            log.read_stream(&s, 0, Direction::Forwards, 10).await.unwrap();
        }
        println!("read {:?}", t.elapsed() / 40);
        let t = Instant::now();
        for n in 0..40 {
            log.append(support::write(&s, Expected::Any, [n]), None).await.unwrap();
        }
        println!("append {:?}", t.elapsed() / 40);
        let t = Instant::now();
        for n in 0..40 {
            log.append(support::write(&s, Expected::Any, [n]), Some(format!("{n}/{}", support::random())))
                .await
                .unwrap();
        }
        println!("keyed append {:?}", t.elapsed() / 40);
    }
}
#[tokio::test]
async fn single() {
    go().await
}
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn multi() {
    go().await
}
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn multi_spawned() {
    tokio::spawn(go()).await.unwrap()
}
