//! Documents of a case, and corrections of decisions.

use jiff::civil::date;
use skranke_domain::DocumentId;
use skranke_domain::case::document::{
    ContentHash, DocumentDirection, DocumentJournalised, DocumentMoved, DocumentSuperseded,
    DocumentTakenOver, DocumentUploaded, DocumentWithdrawn, StoredFile,
};
use skranke_domain::case::{CaseEvent, DecisionCorrected, DecisionRevoked};

use super::{case, id, sealed};

pub(super) fn document() -> DocumentId {
    DocumentId::new(id(11))
}

fn file() -> StoredFile {
    StoredFile {
        id: document(),
        hash: ContentHash::new([0x5a; 32]),
        size: 48_213,
        media_type: "application/pdf".into(),
        name: sealed("Lejekontrakt.pdf"),
    }
}

pub(super) fn cases() -> Vec<CaseEvent> {
    vec![
        CaseEvent::DecisionCorrected(DecisionCorrected {
            text: sealed("Beløbet er 1.200 kr."),
            reason: sealed("Slåfejl i brevet."),
        }),
        CaseEvent::DecisionRevoked(DecisionRevoked { reason: sealed("Nye oplysninger om lejemålet.") }),
        CaseEvent::DocumentUploaded(DocumentUploaded { file: file() }),
        CaseEvent::DocumentJournalised(DocumentJournalised {
            document: document(),
            version: 1,
            dated: date(2026, 11, 20),
            direction: DocumentDirection::Incoming,
            theme: sealed("Lejekontrakt"),
            file: file(),
        }),
        CaseEvent::DocumentSuperseded(DocumentSuperseded {
            document: document(),
            version: 2,
            reason: sealed("Underskrevet udgave."),
            file: StoredFile { id: DocumentId::new(id(12)), ..file() },
        }),
        CaseEvent::DocumentMoved(DocumentMoved {
            document: document(),
            to: case(),
            reason: sealed("Journaliseret på en forkert sag."),
        }),
        CaseEvent::DocumentTakenOver(DocumentTakenOver {
            document: document(),
            from: case(),
            dated: date(2026, 11, 20),
            direction: DocumentDirection::Outgoing,
            theme: sealed("Lejekontrakt"),
            versions: vec![file(), StoredFile { id: DocumentId::new(id(12)), ..file() }],
        }),
        CaseEvent::DocumentWithdrawn(DocumentWithdrawn {
            document: document(),
            reason: sealed("Lagt på ved en fejl."),
        }),
    ]
}
