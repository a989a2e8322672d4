//! Webhooks: who is told, and where it was given up.

use skranke_domain::telling::{TellingEvent, WebhookTold, telling};
use skranke_domain::webhook::{
    Webhook, WebhookClosed, WebhookDied, WebhookEvent, WebhookOpened, WebhookResumed,
};

use super::*;

#[test]
fn events_of_a_webhook_are_written_as_they_always_were() {
    let samples = vec![
        WebhookEvent::WebhookOpened(WebhookOpened {
            subject: subject(),
            owner: kari(),
            address: sealed("https://modtager.example.dk/hook"),
            event_types: vec!["CaseOpened".into()],
            secret: sealed("whsec_opdigtet"),
        }),
        WebhookEvent::WebhookDied(WebhookDied { failing_since: AT.parse().unwrap() }),
        WebhookEvent::WebhookResumed(WebhookResumed {}),
        WebhookEvent::WebhookClosed(WebhookClosed {}),
    ];
    Golden { category: Webhook::TYPE, samples }.check();
}

#[test]
fn events_of_a_telling_are_written_as_they_always_were() {
    let id = skranke_domain::WebhookId::new(Uuid::from_u128(7));
    assert_eq!(telling(furesoe(), id).category(), "telling");
    let told = WebhookTold { stream: Case::stream(furesoe(), case()), revision: 3 };
    Golden { category: "telling", samples: vec![TellingEvent::WebhookTold(told)] }.check();
}
