//! The matrix of roles over the whole schema, and nothing of one municipality in another's hands. The operations are read
//! from the schema itself: a new field fails here until it has a line that says whose it is.

use serde_json::json;

use crate::appeals::refuses_a_wish;
use crate::documents::uploaded;
use crate::operations::{Ids, Operation, SchemaOf};
use crate::people::Person;
use crate::server::{Server, eventually};

/// Whose an operation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Caseworker,
    TeamLead,
    Auditor,
    Administrator,
    /// Somebody who is logged in and holds no role.
    None,
}
use Role::{Administrator, Auditor, Caseworker, TeamLead};

const ROLES: [Role; 5] = [Caseworker, TeamLead, Auditor, Administrator, Role::None];
const WORKERS: &[Role] = &[Caseworker, TeamLead];
const PLANNERS: &[Role] = &[TeamLead, Administrator];
/// Those who read the register of self-service solutions, and those who keep it.
const READERS: &[Role] = &[Caseworker, TeamLead, Administrator];
const KEEPERS: &[Role] = PLANNERS;
const ADMINISTRATORS: &[Role] = &[Administrator];
const EVERYBODY: &[Role] = &ROLES;

/// Who may, for things of the own municipality and team that nobody else has taken. Roles add, they never imply.
const MATRIX: &[(&[Role], &[&str])] = &[
    (EVERYBODY, &["viewer", "staff", "teams", "kleSearch", "kleFacets"]),
    (EVERYBODY, &["exemptionGrounds", "authorities"]),
    (WORKERS, &["counters", "cases", "case", "inquiries", "inquiry"]),
    (WORKERS, &["complaints", "complaint", "accessRequests", "accessRequest"]),
    (WORKERS, &["exemptions", "exemption", "exemptionHolding"]),
    (WORKERS, &["node", "nodes", "search"]),
    (READERS, &["services", "service", "statistics", "savedViews"]),
    (READERS, &["savedViewSave", "savedViewChange", "savedViewRemove"]),
    (&[Auditor], &["auditCases", "caseHistory", "accessLog"]),
    (&[Caseworker, Auditor], &["ownAccess"]),
    (&[TeamLead], &["teamAccess"]),
    (&[Auditor, Administrator], &["engagements"]),
    (&[Auditor], &["samples", "sampleCases", "sampleRedraw", "sampleDraw", "findingRecord"]),
    (&[TeamLead, Auditor, Administrator], &["findings", "finding"]),
    (PLANNERS, &["findingAnswer"]),
    (ADMINISTRATORS, &["accounts", "serviceAccounts"]),
    (ADMINISTRATORS, &["webhooks", "webhookOpen", "webhookResume", "webhookClose"]),
    (ADMINISTRATORS, &["serviceAccountOpen", "serviceTokenIssue", "serviceTokenRevoke"]),
    (WORKERS, &["caseOpen", "caseClassify", "caseAssign", "caseAssignTeam", "caseRelease", "breakGlass"]),
    (WORKERS, &["partyAdd", "partyRoleChange", "representativeRecord", "representativeEnd", "partyAddress"]),
    (WORKERS, &["addressProtect", "addressUnprotect", "hearingReply", "factNote", "confidentialityMark"]),
    (WORKERS, &["effectuationOrder", "effectuate", "caseWithdraw", "caseForward", "caseLink"]),
    (WORKERS, &["callNote", "stepNote", "hearingOpen", "hearingClose", "hearingWaive", "caseInform"]),
    (WORKERS, &["decisionDraft", "decisionSubmit", "decisionApprove", "decisionReturn", "decisionMake"]),
    (WORKERS, &["decisionSend", "caseClose", "caseReopen", "inquiryGuide", "inquiryClose"]),
    (WORKERS, &["deadlineSuspend", "deadlineResume", "deadlineExtend", "delayNoticeSend"]),
    (
        WORKERS,
        &["informationRequest", "informationReceive", "letterPrint", "decisionCorrect", "decisionRevoke"],
    ),
    (WORKERS, &["documentJournalise", "documentSupersede", "documentMove", "documentWithdraw"]),
    (
        WORKERS,
        &["complaintReceive", "complaintExcuse", "complaintDismiss", "complaintReassess", "complaintUphold"],
    ),
    (WORKERS, &["complaintChange", "complaintForward", "complaintOutcome", "complaintWithdraw"]),
    (WORKERS, &["accessRequestReceive", "accessDocumentDecide", "accessDelayNotify", "accessPackageRelease"]),
    (WORKERS, &["accessRequestWithdraw", "accessRequestClose", "inquiryRegister", "inquiryForward"]),
    (WORKERS, &["exemptionRequest", "exemptionGrant", "exemptionRefuse", "exemptionWithdraw"]),
    (KEEPERS, &["serviceSubmit", "serviceAccept", "serviceReturn", "serviceWithdraw"]),
    (KEEPERS, &["actionPageDraft", "actionPagePublish", "requirementAnswer"]),
    (ADMINISTRATORS, &["authorityPublish", "authorityWithdraw"]),
    (READERS, &["dataSubject", "erasureRequest"]),
    (WORKERS, &["subjectReportMake"]),
    (&[TeamLead, Auditor, Administrator], &["ruleVersions", "articles"]),
    (PLANNERS, &["erasures", "disposals", "erasurePropose", "erasureApprove", "erasureDecline"]),
    (PLANNERS, &["legalHoldPlace", "legalHoldRelease", "archiveDeliver"]),
    (PLANNERS, &["absenceRegister", "absenceEnd", "substituteName", "substituteWithdraw"]),
    (PLANNERS, &["teamJoin", "teamLeave"]),
    (ADMINISTRATORS, &["teamForm", "teamRename", "teamDissolve", "engagementOpen", "engagementEnd"]),
    (ADMINISTRATORS, &["userRegister", "passwordReset", "accountLock", "accountUnlock"]),
    (ADMINISTRATORS, &["roleGrantPropose", "roleGrantApprove", "roleGrantDecline", "roleRevoke"]),
];

fn allowed(operation: &Operation) -> &'static [Role] {
    let line = MATRIX.iter().find(|(_, names)| names.contains(&operation.name.as_str()));
    line.unwrap_or_else(|| panic!("{} has no line in the matrix: say whose it is", operation.name)).0
}

#[tokio::test]
async fn every_role_does_what_its_row_of_the_matrix_says_and_nothing_else() {
    let server = Server::start().await;
    let office = Office::set_up(&server, "0190").await;
    let schema = SchemaOf::ask(&office.administrator).await;
    let operations = schema.operations();
    let names: Vec<&str> = operations.iter().map(|operation| operation.name.as_str()).collect();
    for (_, lines) in MATRIX {
        for line in *lines {
            assert!(names.contains(line), "{line} is in the matrix and no more in the schema");
        }
    }
    for (role, person) in office.people(&server).await {
        for operation in &operations {
            let (variables, _) = schema.variables(operation, |_| &office.ids);
            let outcome = operation.carried_out_by(&person, &variables).await;
            let told = || format!("{role:?}: {}: {}", operation.name, outcome.response);
            if allowed(operation).contains(&role) {
                assert_ne!(outcome.code.as_deref(), Some("NOT_ALLOWED"), "{}", told());
            } else {
                assert!(!outcome.succeeded && outcome.code.is_some(), "{}", told());
            }
        }
    }
}

#[tokio::test]
async fn nothing_of_one_municipality_crosses_to_another_whatever_is_asked_or_tried() {
    let server = Server::start().await;
    let (furesoe, aarhus) = tokio::join!(Office::set_up(&server, "0190"), Office::set_up(&server, "0751"));
    let offices = [furesoe, aarhus];
    let schema = SchemaOf::ask(&offices[0].administrator).await;
    let operations = schema.operations();
    for (ours, theirs) in [(&offices[0], &offices[1]), (&offices[1], &offices[0])] {
        for person in [&ours.lead, &ours.auditor, &ours.administrator] {
            for operation in &operations {
                let (_, ids) = schema.variables(operation, |_| &ours.ids);
                // Every choice of whose the ids are, in which at least one is theirs.
                for choice in 1..1_u32 << ids {
                    let whose = |nth| if choice >> nth & 1 == 1 { &theirs.ids } else { &ours.ids };
                    let (variables, _) = schema.variables(operation, whose);
                    let outcome = operation.carried_out_by(person, &variables).await;
                    assert!(
                        !operation.is_act || !outcome.succeeded,
                        "{} {variables}: {}",
                        operation.name,
                        outcome.response
                    );
                    theirs.is_not_in(operation, &outcome.response);
                }
                if ids == 0 && !operation.is_act {
                    let (variables, _) = schema.variables(operation, |_| &ours.ids);
                    let outcome = operation.carried_out_by(person, &variables).await;
                    theirs.is_not_in(operation, &outcome.response);
                }
            }
        }
    }
}

/// A municipality with one of everything, and people for every role.
pub(crate) struct Office {
    code: &'static str,
    /// A word that stands in everything that is this municipality's.
    mark: String,
    pub(crate) ids: Ids,
    pub(crate) lead: Person,
    pub(crate) auditor: Person,
    pub(crate) administrator: Person,
}

impl Office {
    pub(crate) async fn set_up(server: &Server, code: &'static str) -> Self {
        let mark = format!("Kendemærke-{code}");
        let citizen = server.visitor();
        let form = citizen.get("/henvendelse").await.form("/henvendelse");
        let form = form.with("name", &mark).with("email", "dagny@example.dk").with("message", &mark);
        let receipt = citizen.submit(form.choosing("municipality", code)).await;
        assert_eq!(receipt.status, 200, "{}", receipt.text);
        let (kari, lead, auditor, administrator) = tokio::join!(
            server.login("kari", code),
            server.login("lone", code),
            server.login("rita", code),
            server.login("vera", code)
        );
        let case = kari.opens_a_case(&mark).await;
        let team = administrator.does("teamForm", json!({ "name": mark })).await["team"]["id"].take();
        for login in ["kari", "lone"] {
            let join = json!({ "teamId": team, "staffId": kari.id_of(login).await });
            administrator.does("teamJoin", join).await;
        }
        kari.does("caseAssignTeam", json!({ "caseId": case, "teamId": team })).await;
        let engagement = json!({ "auditorId": kari.id_of("rita").await, "from": "2024-01-01",
            "until": "2099-12-31", "teamIds": [team] });
        let engagement = administrator.does("engagementOpen", engagement).await["engagement"]["id"].take();
        let inbox = "{ inquiries(first: 100) { edges { node { id } } } }";
        let inquiry = eventually("the inquiry is in the inbox", async || {
            let edges = kari.ask(inbox, json!({})).await["inquiries"]["edges"].take();
            for edge in edges.as_array().unwrap() {
                let name = "query($id: ID!) { inquiry(id: $id) { name { ... on PersonalText { text } } } }";
                let of = json!({ "id": edge["node"]["id"] });
                if kari.ask(name, of).await["inquiry"]["name"]["text"] == mark.as_str() {
                    return edge["node"]["id"].as_str().map(str::to_owned);
                }
            }
            None
        })
        .await;
        let draw = json!({ "engagementId": engagement, "size": 1,
            "frame": { "day": "RECEIVED", "from": "2024-01-01", "until": "2099-12-31" } });
        let sample = auditor.does("sampleDraw", draw).await["sample"]["id"].take();
        let finding = json!({ "engagementId": engagement, "severity": "OBSERVATION", "text": mark });
        let finding = auditor.does("findingRecord", finding).await["finding"]["id"].take();
        let text = |value: serde_json::Value| value.as_str().unwrap().to_owned();
        let decided = refuses_a_wish(&kari, &server.login("bent", code).await).await;
        let complaint = json!({ "caseId": decided, "text": mark });
        let complaint = kari.does("complaintReceive", complaint).await["complaint"]["id"].take();
        let asked = json!({ "caseId": decided, "requester": mark, "askedFor": mark, "basis": "PARTY" });
        let asked = kari.does("accessRequestReceive", asked).await["accessRequest"]["id"].take();
        let document = uploaded(&kari, &decided, "Bilag.pdf", b"%PDF-1.7\n1 0 obj\n".to_vec()).await;
        let exempt = json!({ "authority": "udbetaling-danmark", "channel": "COUNTER", "name": mark });
        let mut exempt = kari.does("exemptionRequest", exempt).await["exemption"].take();
        let service = json!({ "kind": "NEW", "title": mark, "url": "https://selvbetjening.example.dk",
            "description": mark, "supplierName": mark, "supplierEmail": "drift@example.dk" });
        let service = lead.does("serviceSubmit", service).await["service"]["id"].take();
        let view = json!({ "name": mark, "list": { "overdue": true }, "shareWithTeamId": team });
        let view = lead.does("savedViewSave", view).await["view"]["id"].take();
        let system = json!({ "login": crate::people::new_key(), "name": mark, "scopes": ["CASES_READ"] });
        let mut system = administrator.does("serviceAccountOpen", system).await;
        let token = json!({ "staffId": system["staff"]["id"].take(), "days": 30 });
        let token = administrator.does("serviceTokenIssue", token).await["tokenId"].take();
        let webhook = json!({ "url": "https://modtager.example.dk/", "eventTypes": ["CaseDisposed"] });
        let webhook = administrator.does("webhookOpen", webhook).await["webhookId"].take();
        let ids = Ids::from([
            ("saved view", text(view)),
            ("case", case),
            ("inquiry", inquiry),
            ("staff", kari.id_of("bent").await),
            ("team", text(team)),
            ("engagement", text(engagement)),
            ("sample", text(sample)),
            ("finding", text(finding)),
            ("decided case", decided),
            ("document", document),
            ("complaint", text(complaint)),
            ("access request", text(asked)),
            ("exemption", text(exempt["id"].take())),
            ("subject", text(exempt["subjectId"].take())),
            ("service", text(service)),
            ("token", text(token)),
            ("webhook", text(webhook)),
        ]);
        Self { code, mark, ids, lead, auditor, administrator }
    }

    /// One person for every role, who holds that role and no other.
    async fn people(&self, server: &Server) -> Vec<(Role, Person)> {
        let otto = server.login("otto", self.code).await;
        let mut people = Vec::new();
        for (role, login, name) in [(TeamLead, "tom", Some("TEAM_LEAD")), (Role::None, "ingen", None)] {
            let wish = json!({ "login": login, "name": "Opdigtet Person" });
            let opened = self.administrator.does("userRegister", wish).await;
            let id = &opened["staff"]["id"];
            assert_eq!(opened["staff"]["roles"], json!([]), "nobody begins with a role");
            if let Some(role) = name {
                let grant = json!({ "staffId": id, "role": role });
                self.administrator.does("roleGrantPropose", grant.clone()).await;
                otto.does("roleGrantApprove", grant).await;
                let join = json!({ "teamId": self.ids["team"], "staffId": id });
                self.administrator.does("teamJoin", join).await;
            }
            let once = opened["oneTimePassword"].as_str().unwrap();
            people.push((role, server.first_login(login, self.code, once).await));
        }
        people.push((Caseworker, server.login("kari", self.code).await));
        people.push((Auditor, self.auditor.clone()));
        // Last: an administrator may dissolve the team that the others are tried in.
        people.push((Administrator, self.administrator.clone()));
        people
    }

    #[track_caller]
    fn is_not_in(&self, operation: &Operation, response: &serde_json::Value) {
        let text = response.to_string();
        for foreign in [self.mark.as_str(), &format!("\"{}\"", self.code)] {
            assert!(!text.contains(foreign), "{}: {foreign}: {text}", operation.name);
        }
        // The auditor's own question stands in the log that it is asked of, with the id that was sent.
        let echoes = ["accessLog", "ownAccess"].contains(&operation.name.as_str());
        for id in self.ids.values() {
            assert!(echoes || !text.contains(id.as_str()), "{}: {id}: {text}", operation.name);
        }
    }
}
