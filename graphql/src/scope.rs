//! What a service account may ask for: one line per operation of the schema. Scopes narrow what its role allows; who may
//! what within them is decided where it is decided for people.
//!
//! What the law wants a person for is no service account's: to decide, to approve and to withhold; to give roles, to
//! audit, to break the glass.

use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};
use async_graphql::{Pos, Positioned, ServerError};
use skranke_domain::Lang;
use skranke_domain::user::{Scope, Scopes};

use crate::gate::refused;

/// What an operation needs of a service account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Needs {
    /// A token.
    Token,
    /// A token with this scope.
    Scope(Scope),
    /// A person.
    Person,
}

/// Every operation of the schema, in one of these lines.
const NEEDS: &[(Needs, &[&str])] = &[
    (
        Needs::Token,
        &[
            "viewer",
            "staff",
            "teams",
            "kleSearch",
            "kleFacets",
            "authorities",
            "exemptionGrounds",
            "ruleVersions",
            "articles",
        ],
    ),
    (
        Needs::Scope(Scope::CasesRead),
        &[
            "cases",
            "case",
            "search",
            "statistics",
            "partyAddress",
            "counters",
            "complaints",
            "complaint",
            "accessRequests",
            "accessRequest",
            "exemptions",
            "exemption",
            "exemptionHolding",
            "caseChanged",
            "worklistChanged",
        ],
    ),
    (
        Needs::Scope(Scope::CasesWrite),
        &[
            "caseOpen",
            "caseClassify",
            "caseAssign",
            "caseAssignTeam",
            "caseRelease",
            "callNote",
            "stepNote",
            "factNote",
            "partyAdd",
            "representativeRecord",
            "addressProtect",
            "confidentialityMark",
            "hearingReply",
            "caseLink",
            "informationRequest",
            "informationReceive",
            "documentJournalise",
            "documentSupersede",
            "complaintReceive",
            "accessRequestReceive",
            "exemptionRequest",
        ],
    ),
    (Needs::Scope(Scope::InquiriesRead), &["inquiries", "inquiry", "inboxChanged"]),
    (
        Needs::Scope(Scope::InquiriesWrite),
        &["inquiryRegister", "inquiryGuide", "inquiryForward", "inquiryClose"],
    ),
    (Needs::Scope(Scope::Webhooks), &["webhooks", "webhookOpen", "webhookResume", "webhookClose"]),
    (
        Needs::Person,
        &[
            // Decisions, and what leads to them or undoes them.
            "hearingOpen",
            "hearingClose",
            "hearingWaive",
            "caseInform",
            "decisionDraft",
            "decisionSubmit",
            "decisionApprove",
            "decisionReturn",
            "decisionMake",
            "decisionSend",
            "decisionCorrect",
            "decisionRevoke",
            "caseClose",
            "caseReopen",
            "deadlineSuspend",
            "deadlineResume",
            "deadlineExtend",
            "delayNoticeSend",
            "letterPrint",
            "documentMove",
            "documentWithdraw",
            "complaintExcuse",
            "complaintDismiss",
            "complaintReassess",
            "complaintUphold",
            "complaintChange",
            "complaintForward",
            "complaintOutcome",
            "complaintWithdraw",
            "accessDocumentDecide",
            "accessDelayNotify",
            "accessPackageRelease",
            "accessRequestWithdraw",
            "accessRequestClose",
            "exemptionGrant",
            "exemptionRefuse",
            "exemptionWithdraw",
            "partyRoleChange",
            "representativeEnd",
            "addressUnprotect",
            "effectuationOrder",
            "effectuate",
            "caseWithdraw",
            "caseForward",
            // They lead to things of every scope.
            "node",
            "nodes",
            // A person's own, and people's data.
            "savedViews",
            "savedViewSave",
            "savedViewChange",
            "savedViewRemove",
            "dataSubject",
            "erasures",
            "disposals",
            "erasureRequest",
            "erasurePropose",
            "erasureApprove",
            "erasureDecline",
            "legalHoldPlace",
            "legalHoldRelease",
            "archiveDeliver",
            "subjectReportMake",
            // Supervision and audit.
            "auditCases",
            "caseHistory",
            "accessLog",
            "ownAccess",
            "teamAccess",
            "engagements",
            "engagementOpen",
            "engagementEnd",
            "samples",
            "sampleCases",
            "sampleRedraw",
            "sampleDraw",
            "findings",
            "finding",
            "findingRecord",
            "findingAnswer",
            "breakGlass",
            // People, accounts and registers.
            "accounts",
            "serviceAccounts",
            "serviceAccountOpen",
            "serviceTokenIssue",
            "serviceTokenRevoke",
            "userRegister",
            "passwordReset",
            "accountLock",
            "accountUnlock",
            "roleGrantPropose",
            "roleGrantApprove",
            "roleGrantDecline",
            "roleRevoke",
            "absenceRegister",
            "absenceEnd",
            "substituteName",
            "substituteWithdraw",
            "teamForm",
            "teamRename",
            "teamDissolve",
            "teamJoin",
            "teamLeave",
            "services",
            "service",
            "serviceSubmit",
            "serviceAccept",
            "serviceReturn",
            "serviceWithdraw",
            "actionPageDraft",
            "actionPagePublish",
            "requirementAnswer",
            "authorityPublish",
            "authorityWithdraw",
        ],
    ),
];

/// What an operation needs. One without a line is a person's: whoever adds it says otherwise here.
fn needs(operation: &str) -> Needs {
    let line = NEEDS.iter().find(|(_, names)| names.contains(&operation));
    line.map_or(Needs::Person, |(needs, _)| *needs)
}

/// Turns a document away that asks for something outside the scopes: all of its operations count, whichever is meant.
pub(crate) fn admit(document: &ExecutableDocument, scopes: Scopes, lang: Lang) -> Result<(), ServerError> {
    let mut roots: Vec<&Positioned<SelectionSet>> =
        document.operations.iter().map(|(_, operation)| &operation.node.selection_set).collect();
    // Spread twice is looked at once: a fragment that spreads itself ends here, too.
    let mut spread = std::collections::HashSet::new();
    while let Some(set) = roots.pop() {
        for item in &set.node.items {
            match &item.node {
                Selection::Field(field) => {
                    check(field.node.name.node.as_str(), scopes, lang, item.pos)?;
                }
                Selection::InlineFragment(fragment) => roots.push(&fragment.node.selection_set),
                Selection::FragmentSpread(fragment) => {
                    let name = &fragment.node.fragment_name.node;
                    if spread.insert(name)
                        && let Some(fragment) = document.fragments.get(name)
                    {
                        roots.push(&fragment.node.selection_set);
                    }
                }
            }
        }
    }
    Ok(())
}

fn check(operation: &str, scopes: Scopes, lang: Lang, at: Pos) -> Result<(), ServerError> {
    // What the schema says about itself is kept or given by the schema's own settings.
    if operation.starts_with("__") {
        return Ok(());
    }
    match needs(operation) {
        Needs::Token => Ok(()),
        Needs::Scope(scope) if scopes.has(scope) => Ok(()),
        Needs::Scope(scope) => {
            let text = match lang {
                Lang::Da => format!("Systemkontoen mangler formålet {} for {operation}.", scope.name()),
                Lang::En => format!("the service account lacks the scope {} for {operation}", scope.name()),
            };
            Err(refused(&text, "SCOPE_MISSING", at))
        }
        Needs::Person => {
            let text = match lang {
                Lang::Da => format!("{operation} gøres af en medarbejder, ikke af en systemkonto."),
                Lang::En => format!("{operation} is for members of staff, not for service accounts"),
            };
            Err(refused(&text, "PERSON_NEEDED", at))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use async_graphql::parser::types::{TypeKind, TypeSystemDefinition};
    use async_graphql::parser::{parse_query, parse_schema};

    use super::*;

    #[test]
    fn every_operation_of_the_schema_has_one_line_and_every_line_an_operation() {
        let schema = parse_schema(crate::sdl()).unwrap();
        let mut operations = BTreeSet::new();
        for definition in schema.definitions {
            if let TypeSystemDefinition::Type(defined) = definition
                && ["Query", "Mutation", "Subscription"].contains(&defined.node.name.node.as_str())
                && let TypeKind::Object(object) = &defined.node.kind
            {
                operations.extend(object.fields.iter().map(|field| field.node.name.node.to_string()));
            }
        }
        let lines: Vec<&str> = NEEDS.iter().flat_map(|(_, names)| names.iter().copied()).collect();
        for operation in &operations {
            let times = lines.iter().filter(|line| *line == operation).count();
            assert_eq!(times, 1, "{operation} needs one line that says what a service account must have");
        }
        for line in lines {
            assert!(operations.contains(line), "{line} has a line and is no more in the schema");
        }
    }

    #[test]
    fn nothing_outside_the_scopes_is_hidden_in_a_document() {
        let scopes: Scopes = [Scope::InquiriesRead].into_iter().collect();
        let code = |text: &str| {
            let error = admit(&parse_query(text).unwrap(), scopes, Lang::En).err()?;
            error.extensions?.get("code").map(ToString::to_string)
        };
        assert_eq!(code("{ viewer { demo } inquiries(first: 1) { totalCount } __typename }"), None);
        let lacks = Some("\"SCOPE_MISSING\"".to_owned());
        for text in [
            "{ cases(first: 1) { totalCount } }",
            "{ inquiries: cases(first: 1) { totalCount } }",
            "{ ... { cases(first: 1) { totalCount } } }",
            "{ ...F } fragment F on Query { ...G } fragment G on Query { case(id: 1) { id } }",
            "query A { viewer { demo } } query B { cases { totalCount } }",
            "subscription { caseChanged(caseId: 1) { position } }",
        ] {
            assert_eq!(code(text), lacks, "{text}");
        }
        let person = Some("\"PERSON_NEEDED\"".to_owned());
        assert_eq!(code("mutation { decisionApprove(input: {}) { __typename } }"), person);
        assert_eq!(code("{ notYetInTheSchema }"), person);
        let around = "{ ...F } fragment F on Query { ...F viewer { demo } }";
        assert_eq!(code(around), None, "a fragment that spreads itself ends");
    }
}
