mod support;
use support::*;
#[tokio::test]
async fn serve() {
    let house = House::new();
    let dist = std::path::PathBuf::from(std::env::var("DIST").unwrap());
    let app = house.web().route("/assets/{*file}", axum::routing::get(move |axum::extract::Path(file): axum::extract::Path<String>| {
        let path = dist.join("assets").join(&file);
        async move {
            let kind = match file.rsplit('.').next() { Some("css") => "text/css", Some("js") => "text/javascript", Some("woff2") => "font/woff2", Some("svg") => "image/svg+xml", _ => "application/octet-stream" };
            ([("content-type", kind)], std::fs::read(path).unwrap_or_default())
        }
    }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:18432").await.unwrap();
    tokio::time::timeout(std::time::Duration::from_secs(500), axum::serve(listener, app).into_future()).await.ok();
}
use std::future::IntoFuture;
