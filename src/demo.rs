//! Demo data: invented people and cases for three municipalities, made by real commands through the front door.
//!
//! Everything follows from a number, so the same demo can be made again, and a demo that was cut short is completed by
//! the next start: each act has its own idempotency key.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context;
use futures::{StreamExt, TryStreamExt, stream};
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde::Serialize;
use sha2::{Digest, Sha256};
use skranke_chat::counter::{Counter, Incoming, Learned, LeaveInquiry};
use skranke_domain::calendar;
use skranke_domain::case::document::{AddressedFile, ContentHash};
use skranke_domain::case::{
    Case, CaseAct, CaseCommand, Circumstances, ComplaintGuidance, Direction, Draft, DraftState, OpenCase,
    Outcome,
};
use skranke_domain::conversation::{ChatChannel, TopicSlug};
use skranke_domain::engagement::{Engagement, EngagementAct, EngagementCommand, Scope};
use skranke_domain::id::from_digest;
use skranke_domain::inquiry::{Channel, Inquiry, InquiryCommand, InquiryKind};
use skranke_domain::letter::LetterKind;
use skranke_domain::time::{Clock, copenhagen, local, local_date};
use skranke_domain::user::User;
use skranke_domain::{
    Act, Actor, By, CaseId, ConversationId, DocumentId, EngagementId, InquiryId, Lang, Role, Roles,
    SubjectId, Tenant, UserId,
};
use skranke_store::documents::Received;

use crate::house::House;
use crate::passwords;

/// The municipalities of the demonstration: members of the Digital Hotline, of another line, and of none.
const OFFICES: [&str; 3] = ["0190", "0751", "0530"];
/// How far a case can come: from an inquiry that waits to a closed case.
const STAGES: u64 = 9;
/// Two of each stage in each municipality.
const CASES: u64 = 2 * 3 * STAGES;
const PASSWORD: &str = "skranke-demo";

/// A demonstration: who can log in, and with what.
#[derive(Clone, Debug)]
pub struct Demo {
    /// The accounts.
    pub users: Vec<DemoUser>,
    /// The one password of all of them.
    pub password: &'static str,
}

/// An account of the demonstration.
#[derive(Clone, Debug, Serialize)]
pub struct DemoUser {
    /// The municipality.
    pub tenant: Tenant,
    /// The log-in name.
    pub login: &'static str,
    /// The invented name.
    pub name: &'static str,
    /// The roles.
    pub roles: Roles,
}

const STAFF: [(&str, &str, &[Role]); 6] = [
    ("kari", "Kari Tænktby", &[Role::Caseworker]),
    ("bent", "Bent Opdigtet", &[Role::Caseworker]),
    ("lone", "Lone Eksempelgaard", &[Role::Caseworker, Role::TeamLead]),
    ("rita", "Rita Prøvestrup", &[Role::Auditor]),
    ("vera", "Vera Modelby", &[Role::Administrator]),
    ("otto", "Otto Påfund", &[Role::Administrator]),
];

/// The auditor's place in [`STAFF`].
const AUDITOR: usize = 3;

impl Demo {
    /// The accounts of all three municipalities.
    pub fn new() -> Self {
        let tenants = OFFICES.iter().filter_map(|code| Tenant::try_new(code).ok());
        let users = tenants.flat_map(|tenant| {
            STAFF.iter().map(move |(login, name, roles)| DemoUser {
                tenant,
                login,
                name,
                roles: roles.iter().copied().collect(),
            })
        });
        Self { users: users.collect(), password: PASSWORD }
    }
}

impl Default for Demo {
    fn default() -> Self {
        Self::new()
    }
}

/// Prints the addresses and the log-ins.
pub fn greet(house: &House, address: SocketAddr) {
    let base = format!("http://{address}");
    println!("Skranke is open (demonstration, all people and cases are invented)");
    println!("  citizens     {base}/");
    println!("  caseworkers  {base}/sager");
    println!("  auditors     {base}/revision");
    println!("Log in with one of these names, password {PASSWORD}, in one of these municipalities:");
    for (login, name, roles) in STAFF {
        let roles: Vec<_> = roles.iter().map(|role| role.name()).collect();
        println!("  {login:<6} {name} ({})", roles.join(", "));
    }
    for code in OFFICES {
        if let Ok(tenant) = Tenant::try_new(code) {
            println!("  {tenant} {}", house.municipality(tenant));
        }
    }
}

/// Makes the accounts and a few dozen cases when the log is empty, and finishes a demonstration that was cut short.
/// Answers whether this is a demonstration: a log that is used for real gets neither accounts nor cases.
pub async fn prepare(house: &Arc<House>) -> anyhow::Result<bool> {
    let empty = house.desk.log().head().await?.0 == 0;
    if !empty && !house.has_demo_accounts().await? {
        return Ok(false);
    }
    let staff = accounts(house).await?;
    let plans: Vec<_> = (0..CASES).map(|number| Plan::new(house, number, CASES)).collect();
    let begun = house.desk_has(&plans[0]).await?;
    let finished = house.desk_has(&plans[plans.len() - 1]).await?;
    if empty || (begun && !finished) {
        for plan in &plans {
            plan.carry_out(house, &staff).await?;
        }
    }
    let _ = house.demo.set(Demo::new());
    Ok(true)
}

/// Makes any number of cases, many at a time.
pub async fn load(house: &Arc<House>, cases: u64) -> anyhow::Result<u64> {
    let staff = Arc::new(accounts(house).await?);
    // Numbers of their own, so that a second load makes new cases and not the old ones again.
    let first = house.desk.log().head().await?.0 + CASES;
    stream::iter(0..cases)
        .map(|number| {
            let (house, staff) = (Arc::clone(house), Arc::clone(&staff));
            async move { Plan::new(&house, first + number, cases).carry_out(&house, &staff).await }
        })
        .buffer_unordered(64)
        .try_fold(0, |made, ()| async move { Ok(made + 1) })
        .await
}

/// The ids of the accounts, by municipality, in the order of [`STAFF`].
type Staff = Vec<(Tenant, [UserId; STAFF.len()])>;

async fn accounts(house: &Arc<House>) -> anyhow::Result<Staff> {
    let hash = tokio::task::spawn_blocking(|| passwords::hash(PASSWORD)).await??;
    let mut staff = Staff::new();
    for code in OFFICES {
        let tenant = Tenant::try_new(code)?;
        let mut ids = [UserId::new(uuid::Uuid::nil()); STAFF.len()];
        for (id, (login, name, roles)) in ids.iter_mut().zip(STAFF) {
            let known = skranke_graphql::user_id(tenant, login);
            let (user, _) = house.desk.load::<User>(&User::stream(tenant, known)).await?;
            *id = match user {
                User::Known(_) => known,
                User::Unknown => {
                    let roles = roles.iter().copied().collect();
                    house.register(tenant, login, name, hash.clone(), roles).await?
                }
            };
        }
        engage(house, tenant, ids[AUDITOR]).await?;
        staff.push((tenant, ids));
    }
    Ok(staff)
}

/// Lets the auditor read, this year and the next.
async fn engage(house: &Arc<House>, tenant: Tenant, auditor: UserId) -> anyhow::Result<()> {
    let today = local_date(house.clock.now());
    let digest = Sha256::digest(format!("demo/engagement/{tenant}/{}", today.year()));
    let stream = Engagement::stream(tenant, EngagementId::new(from_digest(&digest.into())));
    let (known, _) = house.desk.load::<Engagement>(&stream).await?;
    if known != Engagement::Unopened {
        return Ok(());
    }
    let open = EngagementAct::Open {
        auditor,
        roles: STAFF[AUDITOR].2.iter().copied().collect(),
        scope: Scope::Municipality,
        teams_known: true,
        from: today.first_of_year(),
        until: today.saturating_add(1.year()).last_of_year(),
    };
    let act = Act::system(tenant, house.clock.now(), house.desk.ids().next());
    let command = EngagementCommand { act: open, under: By::of(&act) };
    house.desk.execute::<Engagement>(&stream, command, &act).await?;
    Ok(())
}

/// What one invented citizen wants, and how far their case gets.
struct Plan {
    number: u64,
    tenant_index: usize,
    begins: Timestamp,
    matter: &'static Matter,
    name: String,
    stage: u64,
    dice: Dice,
}

struct Matter {
    topic: &'static str,
    kle: &'static str,
    title: &'static str,
    question: &'static str,
    message: &'static str,
    call: &'static str,
    basis: &'static str,
}

const MATTERS: [Matter; 6] = [
    Matter {
        topic: "boligstoette",
        kle: "32",
        title: "Boligstøtte, ny lejebolig",
        question: "Hvordan søger jeg boligstøtte?",
        message: "Jeg er flyttet i en mindre lejlighed og vil gerne have hjælp til at søge boligstøtte. Jeg har ikke MitID.",
        call: "Gennemgik huslejen og hvilke papirer der mangler. Borgeren kommer med lejekontrakten.",
        basis: "Boligstøtteloven",
    },
    Matter {
        topic: "flytning",
        kle: "23",
        title: "Flytning uden MitID",
        question: "Jeg har ikke MitID og skal melde flytning",
        message: "Jeg er flyttet og kan ikke melde det på nettet. Kan I hjælpe mig?",
        call: "Aftalte tid i Borgerservice. Borgeren medbringer legitimation og lejekontrakt.",
        basis: "CPR-loven",
    },
    Matter {
        topic: "hjaelpemidler",
        kle: "27",
        title: "Hjælpemiddel, rollator",
        question: "Hvor søger jeg om en rollator?",
        message: "Min gang er blevet dårlig, og jeg vil gerne søge om en rollator.",
        call: "Talte om behovet i hjemmet. Der aftales besøg.",
        basis: "Serviceloven",
    },
    Matter {
        topic: "kontanthjaelp",
        kle: "32.24.04",
        title: "Kontanthjælp, ansøgning",
        question: "Jeg har ingen penge. Hvor går jeg hen?",
        message: "Jeg har mistet mit arbejde og har brug for hjælp til at søge.",
        call: "Vejledte om ansøgning og møde. Borgeren indsender oplysninger om formue.",
        basis: "Lov om aktiv socialpolitik",
    },
    Matter {
        topic: "boernepasning",
        kle: "28",
        title: "Plads i vuggestue",
        question: "Hvordan skriver jeg mit barn op til vuggestue?",
        message: "Vi vil gerne have plads i en vuggestue tæt på hjemmet, men kan ikke bruge selvbetjeningen.",
        call: "Gennemgik ønsker om institution og startdato.",
        basis: "Dagtilbudsloven",
    },
    Matter {
        topic: "sundhedskort",
        kle: "29",
        title: "Nyt sundhedskort",
        question: "Jeg har mistet mit sundhedskort",
        message: "Mit sundhedskort er væk, og jeg kan ikke bestille et nyt på nettet.",
        call: "Bestilte kortet sammen med borgeren.",
        basis: "Sundhedsloven",
    },
];

const FIRST: [&str; 12] =
    ["Alma", "Bo", "Clara", "Dagny", "Ejnar", "Frida", "Gorm", "Hilda", "Ivan", "Jytte", "Knud", "Liva"];
const LAST: [&str; 8] =
    ["Demosen", "Tænktby", "Prøvestrup", "Opdigtet", "Eksempelgaard", "Fiktivsen", "Modelby", "Påfund"];

impl Plan {
    fn new(house: &House, number: u64, of: u64) -> Self {
        let mut dice = Dice(number.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x5EED);
        let now = house.clock.now();
        // Spread over the last seven weeks, oldest first, in office hours.
        let age = i64::try_from(49 - (number % of.max(1)) * 49 / of.max(1)).unwrap_or(0);
        let day = local(now).date().saturating_sub(age.days());
        let at = day.at(
            8 + i8::try_from(dice.below(7)).unwrap_or(0),
            i8::try_from(dice.below(60)).unwrap_or(0),
            0,
            0,
        );
        let begins = at.to_zoned(copenhagen()).map_or(now, |zoned| office_hours(zoned.timestamp()));
        let matter = &MATTERS[dice.index(MATTERS.len())];
        let name = format!("{} {}", dice.pick(&FIRST), dice.pick(&LAST));
        // Each municipality has something at every stage: inquiries that are no case yet, and closed cases.
        let offices = OFFICES.len() as u64;
        let stage = STAGES - 1 - number / offices % STAGES;
        let tenant_index = usize::try_from(number % offices).unwrap_or(0);
        Self { number, tenant_index, begins: begins.min(now), matter, name, stage, dice }
    }

    fn key(&self, step: &str) -> String {
        format!("demo-{}-{step}", self.number)
    }

    fn conversation(&self) -> ConversationId {
        skranke_chat::counter::conversation_of(self.key("conversation").as_bytes())
    }

    async fn carry_out(&self, house: &Arc<House>, staff: &Staff) -> anyhow::Result<()> {
        let (tenant, people) = staff[self.tenant_index];
        let inquiry = self.inquire(house, tenant).await?;
        if self.stage == 0 {
            return Ok(());
        }
        let mut clerk = Clerk { house, plan: self, tenant, at: self.begins, people };
        if self.stage == 1 {
            return clerk.close_with_guidance(inquiry).await;
        }
        let case = clerk.open(inquiry).await?;
        clerk.handle(case).await
    }

    /// At the counter: a question, its answer, and an inquiry, on the day it happens.
    async fn inquire(&self, house: &Arc<House>, tenant: Tenant) -> anyhow::Result<InquiryId> {
        let Learned { library, understanding } = house.counter.learned();
        let counter =
            Counter::new(house.desk.clone(), library, understanding, Arc::new(StoppedClock(self.begins)));
        let conversation = self.conversation();
        let said = Incoming::Text(self.matter.question.to_owned());
        counter.hear(conversation, ChatChannel::Web, said, Some(Lang::Da), &self.key("question")).await?;
        let kind = if self.dice.peek(2) == 0 { InquiryKind::CallBack } else { InquiryKind::Written };
        let left = counter
            .leave_inquiry(
                conversation,
                LeaveInquiry {
                    kind,
                    channel: ChatChannel::Web,
                    name: self.name.clone(),
                    // No Danish number begins with 00: it can be nobody's.
                    phone: format!("00 00 {:02} {:02}", self.number / 100 % 100, self.number % 100),
                    email: String::new(),
                    municipality: tenant,
                    topic: TopicSlug::try_new(self.matter.topic),
                    message: self.matter.message.to_owned(),
                    when: Some("any".to_owned()),
                    lang: Lang::Da,
                    form_key: self.key("form"),
                },
            )
            .await?;
        Ok(left.inquiry)
    }
}

/// The instant at which an invented citizen stands at the counter.
struct StoppedClock(Timestamp);

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        self.0
    }
}

/// The people behind the counter, going through a case step by step.
struct Clerk<'a> {
    house: &'a Arc<House>,
    plan: &'a Plan,
    tenant: Tenant,
    at: Timestamp,
    people: [UserId; STAFF.len()],
}

impl Clerk<'_> {
    /// An act of one of the people, an hour or more after the last.
    fn act(&mut self, who: usize, step: &str) -> Act {
        let pause = 40 + i64::try_from(self.plan.dice.peek(240)).unwrap_or(0);
        self.at = office_hours(self.at + SignedDuration::from_mins(pause)).min(self.house.clock.now());
        let (_, _, roles) = STAFF[who];
        Act {
            actor: Actor::Staff(self.people[who]),
            roles: roles.iter().copied().collect(),
            purpose: Some(skranke_domain::Purpose::CaseHandling),
            idempotency: Some(self.plan.key(step)),
            ..Act::system(self.tenant, self.at, self.house.desk.ids().next())
        }
    }

    fn under(&self, act: &Act) -> Circumstances {
        Circumstances::of(act, self.house.rulebook.on(act.tenant, local_date(act.at)))
    }

    async fn close_with_guidance(&mut self, inquiry: InquiryId) -> anyhow::Result<()> {
        let stream = Inquiry::stream(self.tenant, inquiry);
        let text = "Ringede tilbage og vejledte. Borgeren klarer resten sammen med biblioteket.".to_owned();
        for (command, step) in
            [(InquiryCommand::GiveGuidance { text }, "guide"), (InquiryCommand::Close {}, "close-inquiry")]
        {
            let act = self.act(0, step);
            self.house.desk.execute::<Inquiry>(&stream, command, &act).await?;
        }
        Ok(())
    }

    async fn open(&mut self, inquiry: InquiryId) -> anyhow::Result<CaseId> {
        let act = self.act(0, "open");
        let wish = OpenCase {
            number: String::new(),
            received: Some(local_date(self.plan.begins)),
            channel: Some(Channel::Web),
            kle: None,
            inquiry: Some(inquiry),
            topic: TopicSlug::try_new(self.plan.matter.topic),
            subject: SubjectId::new(self.house.desk.ids().next()),
            title: self.plan.matter.title.to_owned(),
            party: self.plan.name.clone(),
        };
        let under = |act: &Act| self.under(act);
        let (case, _) =
            skranke_graphql::open_case(&self.house.desk, wish, Some(inquiry), under, &act).await?;
        Ok(case)
    }

    async fn handle(&mut self, case: CaseId) -> anyhow::Result<()> {
        let plan = self.plan;
        let caseworker = usize::from(plan.dice.peek(2) == 1);
        let colleague = 1 - caseworker;
        let outcome = [Outcome::Granted, Outcome::Granted, Outcome::PartlyGranted, Outcome::Refused]
            [usize::try_from(plan.dice.peek(4)).unwrap_or(0)];
        let classify = CaseAct::Classify { kle: plan.matter.kle.to_owned(), facet: "G01".to_owned() };
        let assign = CaseAct::Assign {
            to: self.people[caseworker],
            roles: STAFF[caseworker].2.iter().copied().collect(),
        };
        let call = CaseAct::NoteCall { direction: Direction::Outgoing, text: plan.matter.call.to_owned() };
        let waive = CaseAct::WaiveHearing {
            statute: "FVL § 19, stk. 2".to_owned(),
            reason: "Afgørelsen bygger kun på oplysninger, som borgeren selv har givet.".to_owned(),
        };
        let steps = [
            (2, caseworker, "assign", Step::Act(assign)),
            (3, caseworker, "classify", Step::Act(classify)),
            (4, caseworker, "call", Step::Act(call)),
            (4, caseworker, "waive", Step::Act(waive)),
            (5, caseworker, "inform", Step::Act(CaseAct::Inform)),
            (6, caseworker, "draft", Step::Act(CaseAct::DraftDecision(Box::new(plan.draft(outcome))))),
            (6, caseworker, "submit", Step::Act(CaseAct::SubmitDecision { version: 1 })),
            (7, colleague, "approve", Step::Approve),
            (7, caseworker, "decide", Step::Act(CaseAct::MakeDecision)),
            (8, caseworker, "send", Step::Send),
            (8, caseworker, "close", Step::Act(CaseAct::Close)),
        ];
        // Every second of those that came no further than being opened is left for somebody to take.
        let left_alone = plan.stage == 2 && plan.number % 2 == 1;
        for (stage, who, name, wish) in steps {
            if stage > plan.stage || left_alone {
                break;
            }
            let act = self.act(who, name);
            let (wish, stored) = match wish {
                Step::Act(wish) => (wish, Vec::new()),
                Step::Approve => {
                    let (letters, stored) = self.print(case).await?;
                    (CaseAct::ApproveDecision { version: 1, letters }, stored)
                }
                Step::Send => (CaseAct::SendDecision { letters: self.letters(case).await? }, Vec::new()),
            };
            let command = CaseCommand { act: wish, under: self.under(&act) };
            self.house
                .desk
                .execute::<Case>(&Case::stream(self.tenant, case), command, &act)
                .await
                .with_context(|| format!("demo case {}: {name}", plan.number))?;
            for stored in &stored {
                self.house.schema.office().documents.keep(stored).await?;
            }
        }
        Ok(())
    }

    /// The letters of the decision, stored.
    async fn print(&self, case: CaseId) -> anyhow::Result<(Vec<AddressedFile>, Vec<Received>)> {
        let office = self.house.schema.office();
        let (kind, author) = (LetterKind::Decision, self.people[0]);
        let (mut letters, mut stored) = (Vec::new(), Vec::new());
        for printed in office.print_letters(self.tenant, case, kind, Lang::Da, author).await? {
            letters.push(office.address_of(self.tenant, &printed).await?);
            stored.push(office.store_letter(self.tenant, case, &printed).await?);
        }
        Ok((letters, stored))
    }

    /// The letters that were approved.
    async fn letters(&self, case: CaseId) -> anyhow::Result<Vec<(DocumentId, ContentHash)>> {
        let (state, _) = self.house.desk.load::<Case>(&Case::stream(self.tenant, case)).await?;
        let Case::File(file) = state else { return Ok(Vec::new()) };
        let letters = file.draft.iter().flat_map(DraftState::letters);
        Ok(letters.map(|(_, letter)| (letter.id, letter.hash)).collect())
    }
}

/// A step through a case.
enum Step {
    Act(CaseAct),
    /// Approves the letters as they are printed.
    Approve,
    /// Sends the approved ones.
    Send,
}

impl Plan {
    fn draft(&self, outcome: Outcome) -> Draft {
        let adverse = !outcome.fully_in_favour();
        let part = |text: &str| if adverse { text.to_owned() } else { String::new() };
        Draft {
            outcome: Some(outcome),
            others: Vec::new(),
            text: format!(
                "Kære {}\n\nVi har behandlet din ansøgning ({}). Resultatet fremgår af denne afgørelse.",
                self.name,
                self.matter.title.to_lowercase()
            ),
            legal_basis: self.matter.basis.to_owned(),
            grounds_rules: part(self.matter.basis),
            grounds_discretion: part(
                "Vi har lagt vægt på dine oplyste forhold og på, hvad loven giver mulighed for.",
            ),
            grounds_facts: part("Du har selv oplyst de forhold, som afgørelsen bygger på."),
            complaint: adverse.then(|| ComplaintGuidance {
                body: "Ankestyrelsen".to_owned(),
                how: "Klag til kommunen, mundtligt eller skriftligt. Kommunen vurderer sagen igen."
                    .to_owned(),
                limit: "4 uger fra modtagelsen".to_owned(),
            }),
        }
    }
}

/// The instant itself when offices work, else nine in the morning of the next working day.
fn office_hours(instant: Timestamp) -> Timestamp {
    let now = local(instant);
    if calendar::is_working_day(now.date()) && (8..16).contains(&now.hour()) {
        return instant;
    }
    let day = if now.hour() < 8 { now.date() } else { now.date().saturating_add(1.days()) };
    let morning = calendar::working_day_from(day).at(9, 5, 0, 0).to_zoned(copenhagen());
    morning.map_or(instant, |zoned| zoned.timestamp())
}

/// Splitmix64 (Steele, Lea and Flood 2014): small, and the same everywhere.
#[derive(Clone, Copy)]
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.roll() % limit.max(1)
    }

    /// An index into something of that length, which must not be empty.
    fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap_or(0)
    }

    /// The same for the same plan, however often it is asked.
    fn peek(mut self, limit: u64) -> u64 {
        self.below(limit)
    }

    fn pick<'a>(&mut self, among: &[&'a str]) -> &'a str {
        among[self.index(among.len())]
    }
}

impl House {
    /// Whether somebody made demo accounts in this log before.
    async fn has_demo_accounts(&self) -> anyhow::Result<bool> {
        let tenant = Tenant::try_new(OFFICES[0])?;
        let (user, _) = self
            .desk
            .load::<User>(&User::stream(tenant, skranke_graphql::user_id(tenant, STAFF[0].0)))
            .await?;
        Ok(matches!(user, User::Known(_)))
    }

    /// Whether the conversation of a plan has been held.
    async fn desk_has(&self, plan: &Plan) -> anyhow::Result<bool> {
        let stream = skranke_domain::conversation::Conversation::stream(plan.conversation());
        let first = self.desk.log().read_stream(&stream, 0, skranke_store::Direction::Forwards, 1).await?;
        Ok(!first.is_empty())
    }
}
