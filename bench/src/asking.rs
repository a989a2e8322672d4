//! Questions over HTTP, as screens ask them: connections that stay open, and every client one question at a time.

use std::sync::Arc;

use anyhow::Context;
use bench_measure::{Load, Measured};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use serde_json::{Value, json};

/// How many clients ask at the same time, each time everything is measured.
pub(crate) const CLIENTS: [u64; 2] = [1, 16];

/// A GraphQL API at some address.
#[derive(Clone)]
pub(crate) struct Api {
    http: reqwest::Client,
    url: String,
}

/// What is measured of it.
pub(crate) struct Question {
    /// What the page calls it.
    pub(crate) name: &'static str,
    /// The requests: one after the other is sent, by each client from another place on.
    pub(crate) bodies: Vec<String>,
}

impl Api {
    /// An API that is asked with these headers beside the usual ones.
    pub(crate) fn new(url: String, mut headers: HeaderMap) -> anyhow::Result<Self> {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Ok(Self { http: reqwest::Client::builder().default_headers(headers).build()?, url })
    }

    /// The body of a request.
    pub(crate) fn body(document: &str, variables: &Value) -> String {
        json!({ "query": document, "variables": variables }).to_string()
    }

    /// The data of an answer.
    pub(crate) async fn ask(&self, document: &str, variables: &Value) -> anyhow::Result<Value> {
        let text = self.send(Self::body(document, variables)).await?;
        let mut answer: Value = serde_json::from_str(&text)?;
        Ok(answer["data"].take())
    }

    /// The answer to a request, unless it holds an error.
    async fn send(&self, body: String) -> anyhow::Result<String> {
        let answer = self.http.post(&self.url).body(body).send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        let error = text.find("\"errors\":").map(|at| text[at..].chars().take(300).collect::<String>());
        anyhow::ensure!(status.is_success() && error.is_none(), "{status}: {}", error.unwrap_or_default());
        Ok(text)
    }

    /// Asks the same things again and again, by one client and by several.
    pub(crate) async fn measure(&self, load: &Load, question: Question) -> anyhow::Result<Vec<Measured>> {
        let Question { name, bodies } = question;
        anyhow::ensure!(!bodies.is_empty(), "{name}: there is nothing to ask for");
        let bodies = Arc::new(bodies);
        let pick = move |writer: u64, number: u64| {
            // A prime, so that no two clients walk together.
            let place = (writer * 7_919 + number) % bodies.len() as u64;
            bodies.get(usize::try_from(place).unwrap_or(0)).cloned().unwrap_or_default()
        };
        self.measure_each(load, name, pick).await
    }

    /// Asks what `body` makes of the client and the number of its request.
    pub(crate) async fn measure_each(
        &self,
        load: &Load,
        name: &str,
        body: impl Fn(u64, u64) -> String + Send + Sync + 'static,
    ) -> anyhow::Result<Vec<Measured>> {
        let (body, mut measured) = (Arc::new(body), Vec::new());
        for clients in CLIENTS {
            let (api, body) = (self.clone(), Arc::clone(&body));
            let load = Load { writers: clients, ..load.clone() };
            let taken = load.drive(move |writer, number| {
                let (api, body) = (api.clone(), body(writer, number));
                async move { api.send(body).await.map(drop) }
            });
            let taken = taken.await.with_context(|| format!("{name}, {clients} at once"))?;
            let mut rate = taken.rate(name, clients, "requests/s", 1);
            // What the clients compute is nobody's figure.
            rate.cpu_us.clear();
            measured.push(rate);
        }
        Ok(measured)
    }

    /// Walks along a connection (the first field of the answer), page by page, until it has seen so many rows or all.
    /// Answers the rows and the cursor behind the last one.
    pub(crate) async fn walk(
        &self,
        document: &str,
        mut variables: Value,
        rows: usize,
    ) -> anyhow::Result<(Vec<Value>, Value)> {
        let (mut seen, mut behind) = (Vec::new(), Value::Null);
        while seen.len() < rows {
            variables["after"] = behind.clone();
            let data = self.ask(document, &variables).await?;
            let page = data.as_object().and_then(|data| data.values().next()).context("an empty answer")?;
            let edges = page["edges"].as_array().context("the answer is no connection")?;
            seen.extend(edges.iter().map(|edge| edge["node"].clone()));
            if edges.is_empty() {
                break;
            }
            behind = page["pageInfo"]["endCursor"].clone();
            if page["pageInfo"]["hasNextPage"] != Value::Bool(true) {
                break;
            }
        }
        Ok((seen, behind))
    }
}
