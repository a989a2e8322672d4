//! Publishing and withdrawing articles of the knowledge base, and what the counter answers with: for editors' tools.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::json;
use skranke_content::{Problem, name_of};
use skranke_domain::conversation::TopicSlug;
use skranke_domain::knowledge::{KnowledgeAct, KnowledgeRefusal, WithdrawnBecause};
use skranke_domain::user::Scope;
use skranke_domain::{Lang, Refusal};
use skranke_graphql::{Caller, NotPublished};
use skranke_store::Receipt;

use crate::house::House;
use crate::knowledge::checked;

use super::errors::{json_error, lang};
use super::idempotency::IdempotencyKey;
use super::staff::{bearer, foreign_page, is_own_page, nobody, with_scope};

/// The largest article, in bytes: fifty times what anybody reads at a counter.
const LARGEST: usize = 256 * 1024;

/// How long an answer waits until the counter has learned what is new.
const PATIENCE: Duration = Duration::from_secs(10);

/// The routes, with a limit of their own for uploads.
pub(super) fn routes() -> axum::Router<Arc<House>> {
    axum::Router::new()
        .route("/api/articles", get(list))
        .route("/api/articles/{file}", post(publish))
        .route("/api/articles/{file}/withdrawal", post(withdraw))
        .layer(DefaultBodyLimit::max(LARGEST))
}

/// Whoever may edit, and what they name.
struct Editor {
    caller: Caller,
    slug: TopicSlug,
    language: Lang,
}

/// Lets an editor in who says which article they mean: a person, or a system with the scope. Who may not is told so, and
/// it is noted, before anything is read.
async fn editor(house: &House, file: &str, headers: &HeaderMap) -> Result<Editor, Response> {
    if bearer(headers).is_none() && !is_own_page(headers) {
        return Err(foreign_page(headers));
    }
    let caller = with_scope(house, headers, Scope::Articles).await.map_err(|why| nobody(&why, headers))?;
    let lang = lang(headers);
    let Some((slug, language)) = name_of(file) else {
        let text = lang.pick(
            "Send til /api/articles/<emne>.da.md eller <emne>.en.md.",
            "Send to /api/articles/<topic>.da.md or <topic>.en.md.",
        );
        return Err(json_error(StatusCode::BAD_REQUEST, "BAD_REQUEST", text));
    };
    let may = skranke_graphql::may_edit_articles(house.schema.office(), &caller).await;
    may.map_err(|refused| answer(&refused, lang))?;
    Ok(Editor { caller, slug, language })
}

async fn publish(
    State(house): State<Arc<House>>,
    Path(file): Path<String>,
    IdempotencyKey(key): IdempotencyKey,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let editor = match editor(&house, &file, &headers).await {
        Ok(editor) => editor,
        Err(refused) => return refused,
    };
    let body = match body {
        Ok(body) => body,
        Err(rejection) => return rejection.into_response(),
    };
    let manuscript = match checked(&house.library, &file, &body) {
        Ok(manuscript) => manuscript,
        Err(problems) => return faulty(&problems, lang(&headers)),
    };
    carry_out(&house, editor, KnowledgeAct::Publish(Box::new(manuscript)), key, lang(&headers)).await
}

/// Why an article is withdrawn.
#[derive(Deserialize)]
struct Because {
    because: WithdrawnBecause,
}

async fn withdraw(
    State(house): State<Arc<House>>,
    Path(file): Path<String>,
    Query(Because { because }): Query<Because>,
    IdempotencyKey(key): IdempotencyKey,
    headers: HeaderMap,
) -> Response {
    let editor = match editor(&house, &file, &headers).await {
        Ok(editor) => editor,
        Err(refused) => return refused,
    };
    let act = KnowledgeAct::Withdraw { slug: editor.slug.clone(), language: editor.language, because };
    carry_out(&house, editor, act, key, lang(&headers)).await
}

async fn carry_out(house: &House, editor: Editor, act: KnowledgeAct, key: String, lang: Lang) -> Response {
    let Editor { caller, slug, language } = editor;
    let shipped = house.knowledge.shipped(&slug, language);
    let office = house.schema.office();
    match skranke_graphql::edit_article(office, &caller, (&slug, language), act, shipped, key).await {
        Ok(Receipt { position, .. }) => {
            let in_force = house.knowledge.wait_for(position, PATIENCE).await;
            let told =
                json!({ "slug": slug, "language": language, "position": position, "caughtUp": in_force });
            (StatusCode::OK, Json(told)).into_response()
        }
        Err(refused) => answer(&refused, lang),
    }
}

/// Every article, with what holds of it.
async fn list(State(house): State<Arc<House>>, headers: HeaderMap) -> Response {
    let caller = match with_scope(&house, &headers, Scope::Articles).await {
        Ok(caller) => caller,
        Err(why) => return nobody(&why, &headers),
    };
    if let Err(refused) = skranke_graphql::may_edit_articles(house.schema.office(), &caller).await {
        return answer(&refused, lang(&headers));
    }
    let library = house.knowledge.library();
    let articles = library.articles().map(|article| {
        json!({
            "slug": article.topic, "language": article.lang, "version": article.version, "hash": article.hash,
            "withdrawn": library.is_withdrawn(&article.topic, article.lang),
        })
    });
    Json(json!({ "articles": articles.collect::<Vec<_>>() })).into_response()
}

/// Everything that is wrong with an article.
fn faulty(problems: &[Problem], lang: Lang) -> Response {
    let message = lang.pick(
        "Artiklen har fejl og er ikke offentliggjort.",
        "The article has faults and was not published.",
    );
    let told: Vec<_> =
        problems.iter().map(|problem| json!({ "file": problem.file, "message": problem.what })).collect();
    let body = json!({ "code": "FAULTY_ARTICLE", "message": message, "faults": told });
    (StatusCode::UNPROCESSABLE_ENTITY, Json(body)).into_response()
}

fn answer(refused: &NotPublished<KnowledgeRefusal>, lang: Lang) -> Response {
    match refused {
        NotPublished::Refused(refusal) => {
            let status = match refusal {
                KnowledgeRefusal::NotAllowed => StatusCode::FORBIDDEN,
                KnowledgeRefusal::NotFound => StatusCode::NOT_FOUND,
                KnowledgeRefusal::LowerVersion { .. } | KnowledgeRefusal::VersionTaken { .. } => {
                    StatusCode::CONFLICT
                }
                KnowledgeRefusal::UnknownTopic
                | KnowledgeRefusal::NotReviewed
                | KnowledgeRefusal::ReviewExpired => StatusCode::UNPROCESSABLE_ENTITY,
            };
            json_error(status, refusal.code(), &refusal.message(lang))
        }
        NotPublished::Conflict => super::rules::too_late(lang),
        NotPublished::Fault(error) => {
            tracing::error!(error = %error, "an article was not published");
            super::rules::at_fault(lang)
        }
    }
}
