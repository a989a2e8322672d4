//! What happens at the counter: forwarded inquiries, exemptions, self-service solutions, the register of authorities.

use jiff::civil::Date;
use skranke_domain::authority::{Authority, AuthorityCommand, AuthoritySlug, Card, Kind as Body};
use skranke_domain::conversation::TopicSlug;
use skranke_domain::exemption::{
    Applicant, Area, Exemption, ExemptionCommand, Grant, Grounds, Request, Standing,
};
use skranke_domain::inquiry::{
    Addressee, Channel, Contact, Forward, InquiryCommand, InquiryKind, Notice, Receive,
};
use skranke_domain::service::{
    ActionPage, Compliance, ContactBlock, Kind, LinkState, Service, ServiceCommand, Stage, Submission,
    Supplier,
};
use skranke_domain::{ExemptionId, InquiryId, ServiceId, SubjectId, Tenant};
use uuid::Uuid;

use crate::house::{House, Office, SECRET, TODAY, aarhus, furesoe, now, person, staff};

fn secret() -> String {
    SECRET.to_owned()
}

fn slug(text: &str) -> AuthoritySlug {
    AuthoritySlug::try_new(text).unwrap()
}

fn subject() -> SubjectId {
    SubjectId::new(Uuid::from_u128(0xabcd))
}

impl Office {
    /// A bit of everything that happens at a counter.
    pub(crate) async fn front_desk(&self, tenant: Tenant) {
        let letter = self.letter(tenant).await;
        self.pass_on(tenant, letter, Notice::Given { how: secret() }).await;
        let letter = self.letter(tenant).await;
        self.pass_on(tenant, letter, Notice::Waived { reason: secret() }).await;
        let general = self.exemption(tenant, Area::Everything).await;
        self.to_exemption(tenant, general, grant(None)).await;
        let withdraw = ExemptionCommand::Withdraw { on: TODAY, reason: secret() };
        self.to_exemption(tenant, general, withdraw).await;
        let refused = self.exemption(tenant, Area::Everything).await;
        self.to_exemption(tenant, refused, ExemptionCommand::Refuse { reason: secret() }).await;
        self.exemption(tenant, Area::Topic(TopicSlug::new("flytning"))).await;
        let solution = self.solution(tenant).await;
        for wish in solution_life() {
            self.to_service(tenant, solution, wish).await;
        }
        self.solution(tenant).await;
        for wish in [publish("Eksempelnævnet"), AuthorityCommand::Withdraw { shipped: false }] {
            self.to_authority(tenant, "eksempelnaevnet", wish).await;
        }
        self.to_authority(tenant, "klagenaevnet", publish("Klagenævnet")).await;
    }

    async fn letter(&self, tenant: Tenant) -> InquiryId {
        let id = InquiryId::new(self.next());
        let wish = Receive {
            reference: format!("REF-{}", id.uuid().as_u128()),
            kind: InquiryKind::Written,
            channel: Channel::Letter,
            topic: None,
            received: now(),
            now: now(),
            subject: SubjectId::new(self.next()),
            contact: Contact { name: secret(), phone: None, email: None, address: Some(secret()) },
            message: secret(),
            when: None,
            conversation: None,
            transcript: Vec::new(),
            forwarded_from: None,
            forwarded_case: None,
        };
        self.to_inquiry(tenant, id, InquiryCommand::Receive(Box::new(wish))).await;
        id
    }

    async fn pass_on(&self, tenant: Tenant, id: InquiryId, notice: Notice) {
        let to = Addressee {
            authority: slug("ankestyrelsen"),
            name: "Ankestyrelsen".into(),
            municipality: None,
            received_as: None,
        };
        let forward = Forward { from: tenant, to: Some(to), notice: Some(notice) };
        self.to_inquiry(tenant, id, InquiryCommand::Forward(Box::new(forward))).await;
    }

    async fn exemption(&self, tenant: Tenant, area: Area) -> ExemptionId {
        let id = ExemptionId::new(self.next());
        let request = Request {
            authority: Some(slug("udbetaling-danmark")),
            area: Some(area),
            channel: Channel::Counter,
            received: TODAY,
            today: TODAY,
            inquiry: None,
            subject: subject(),
            applicant: Applicant { name: secret(), through: None },
            grounds: Some(grounds()),
        };
        self.to_exemption(tenant, id, ExemptionCommand::Request(Box::new(request))).await;
        id
    }

    async fn to_exemption(&self, tenant: Tenant, id: ExemptionId, wish: ExemptionCommand) {
        let by = staff(tenant, person(1), self.next());
        self.desk.execute::<Exemption>(&Exemption::stream(tenant, id), wish, &by).await.unwrap();
    }

    async fn solution(&self, tenant: Tenant) -> ServiceId {
        let id = ServiceId::new(self.next());
        self.to_service(tenant, id, submit(Kind::New)).await;
        id
    }

    async fn to_service(&self, tenant: Tenant, id: ServiceId, wish: ServiceCommand) {
        let by = staff(tenant, person(1), self.next());
        self.desk.execute::<Service>(&Service::stream(tenant, id), wish, &by).await.unwrap();
    }

    async fn to_authority(&self, tenant: Tenant, name: &str, wish: AuthorityCommand) {
        let by = staff(tenant, person(1), self.next());
        self.desk.execute::<Authority>(&Authority::stream(tenant, &slug(name)), wish, &by).await.unwrap();
    }
}

fn grounds() -> Grounds {
    Grounds { named: vec!["language".into()], text: secret() }
}

fn grant(until: Option<Date>) -> ExemptionCommand {
    let grant = Grant { today: TODAY, from: TODAY, until, grounds: Some(grounds()) };
    ExemptionCommand::Grant(Box::new(grant))
}

fn publish(name: &str) -> AuthorityCommand {
    AuthorityCommand::Publish(Box::new(Card {
        name_da: name.into(),
        name_en: name.into(),
        kind: Body::State,
        decides: true,
        phone: "00 00 00 00".into(),
        email: "post@eksempel.dk".into(),
        address: "Prøvevej 1".into(),
    }))
}

fn submit(kind: Kind) -> ServiceCommand {
    ServiceCommand::Submit(Box::new(Submission {
        kind,
        title: "Søg byggetilladelse".into(),
        url: "https://eksempel.dk/byg".into(),
        description: "Søg om at bygge.".into(),
        supplier: Supplier { name: secret(), email: "kontakt@eksempel.dk".into() },
        subject: SubjectId::new(Uuid::from_u128(0xbeef)),
    }))
}

fn solution_life() -> Vec<ServiceCommand> {
    let page = ActionPage {
        title: "Søg byggetilladelse".into(),
        intro: "Søg her.".into(),
        steps: vec!["Log ind.".into()],
        have_ready: vec!["Tegninger".into()],
        submit: "Send.".into(),
        contact: ContactBlock { phone: "00 00 00 00".into(), ..ContactBlock::default() },
        ..ActionPage::default()
    };
    let answer = |compliance, note: &str| ServiceCommand::AnswerRequirement {
        requirement: Some("nemlog-in".into()),
        compliance,
        note: note.into(),
    };
    let link =
        |state| ServiceCommand::CheckLink { address: "https://eksempel.dk/byg".into(), state, on: TODAY };
    vec![
        ServiceCommand::Return { reason: secret() },
        submit(Kind::New),
        ServiceCommand::DraftActionPage(Box::new(page)),
        ServiceCommand::Accept {},
        ServiceCommand::PublishActionPage { version: 1, url: Some("https://www.borger.dk/H".into()) },
        answer(Compliance::NotMet, SECRET),
        answer(Compliance::Met, ""),
        link(LinkState::Moved { to: "https://eksempel.dk/ny".into() }),
        link(LinkState::Broken { status: 404 }),
        link(LinkState::Works),
        submit(Kind::Existing),
        ServiceCommand::Withdraw { reason: secret() },
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn views_of_the_counter_are_the_same_live_and_rebuilt() {
    let house = House::new();
    house.front_desk(furesoe()).await;
    house.front_desk(aarhus()).await;
    house.caught_up().await;
    let live = house.views.digest().await.unwrap();
    assert_eq!(live, house.fresh_digest("again").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_list_of_the_counter_is_answered_from_an_index() {
    let house = House::new();
    house.front_desk(furesoe()).await;
    house.caught_up().await;
    let mut plan = house.views.explain_exemptions(furesoe()).await.unwrap();
    plan.extend(house.views.explain_services(furesoe()).await.unwrap());
    plan.extend(house.views.explain_authorities(furesoe()).await.unwrap());
    let looks: Vec<_> = plan.iter().filter(|line| !line.contains("TEMP B-TREE FOR")).collect();
    assert_eq!(looks.len(), 7, "{plan:?}");
    for line in looks {
        assert!(line.starts_with("SEARCH ") && line.contains("(tenant=?"), "{line}");
    }
    // The first two letters of an area's order are sorted among the few exemptions of one person.
    assert!(plan.len() <= 8, "{plan:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exemption_holds_for_its_authority_its_area_and_its_days() {
    let house = House::new();
    let ask = async |authority: &str, area: &str, on: Date| {
        house.caught_up().await;
        let area = TopicSlug::new(area);
        let found = house.views.holding_exemption(furesoe(), subject(), slug(authority), area, on).await;
        found.unwrap().map(|sheet| sheet.id)
    };
    let (first, last) = (TODAY, "2026-12-24".parse::<Date>().unwrap());
    let flytning = house.exemption(furesoe(), Area::Topic(TopicSlug::new("flytning"))).await;
    assert_eq!(ask("udbetaling-danmark", "flytning", TODAY).await, None, "it was only asked for");
    house.to_exemption(furesoe(), flytning, grant(Some(last))).await;
    for on in [first, last] {
        assert_eq!(ask("udbetaling-danmark", "flytning", on).await, Some(flytning), "{on}");
    }
    for on in [first.yesterday().unwrap(), last.tomorrow().unwrap()] {
        assert_eq!(ask("udbetaling-danmark", "flytning", on).await, None, "{on}");
    }
    assert_eq!(ask("udbetaling-danmark", "boligstoette", TODAY).await, None, "another area");
    assert_eq!(ask("skattestyrelsen", "flytning", TODAY).await, None, "another authority");
    let general = house.exemption(furesoe(), Area::Everything).await;
    house.to_exemption(furesoe(), general, grant(None)).await;
    assert_eq!(ask("udbetaling-danmark", "boligstoette", last.tomorrow().unwrap()).await, Some(general));
    let withdraw = ExemptionCommand::Withdraw { on: last, reason: String::new() };
    house.to_exemption(furesoe(), general, withdraw).await;
    assert_eq!(ask("udbetaling-danmark", "boligstoette", last.yesterday().unwrap()).await, Some(general));
    assert_eq!(ask("udbetaling-danmark", "boligstoette", last).await, None, "withdrawn from that day on");
    let area = TopicSlug::new("flytning");
    let elsewhere =
        house.views.holding_exemption(aarhus(), subject(), slug("udbetaling-danmark"), area, TODAY);
    assert_eq!(elsewhere.await.unwrap(), None, "another municipality");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_over_is_found_from_the_next_day_on() {
    let house = House::new();
    let id = house.exemption(furesoe(), Area::Everything).await;
    house.to_exemption(furesoe(), id, grant(Some(TODAY))).await;
    house.caught_up().await;
    let tomorrow = TODAY.tomorrow().unwrap();
    assert_eq!(house.views.exemptions_over(furesoe(), TODAY).await.unwrap(), []);
    assert_eq!(house.views.exemptions_over(furesoe(), tomorrow).await.unwrap(), [id]);
    house.to_exemption(furesoe(), id, ExemptionCommand::Expire { today: tomorrow }).await;
    house.caught_up().await;
    assert_eq!(house.views.exemptions_over(furesoe(), tomorrow).await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_filtered_and_paged_in_the_order_of_arrival() {
    let house = House::new();
    house.front_desk(furesoe()).await;
    house.caught_up().await;
    let mut standings = Vec::new();
    let mut after = None;
    loop {
        let page = house.views.exemptions(furesoe(), None, after, 2).await.unwrap();
        standings.extend(page.items.iter().map(|item| item.row.standing));
        after = page.end().cloned();
        if !page.more {
            break;
        }
    }
    assert_eq!(standings, [Standing::Withdrawn, Standing::Refused, Standing::Requested]);
    let waiting = house.views.exemptions(furesoe(), Some(Standing::Requested), None, 10).await.unwrap();
    assert_eq!(waiting.items.len(), 1);
    let submitted = house.views.services(furesoe(), Some(Stage::Submitted), None, 10).await.unwrap();
    assert_eq!(submitted.items.len(), 1);
    let all = house.views.services(furesoe(), None, None, 10).await.unwrap();
    let old = &all.items[0].row;
    assert_eq!((old.stage, old.kind), (Stage::Withdrawn, Kind::Existing));
    assert_eq!(old.published().map(|page| page.version), Some(1));
    assert_eq!((old.requirements.len(), old.links.len()), (1, 1));
    let said = house.views.authorities(furesoe()).await.unwrap();
    let said: Vec<_> = said.iter().map(|one| (one.slug.as_str(), one.card.is_some())).collect();
    assert_eq!(said, [("eksempelnaevnet", false), ("klagenaevnet", true)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_inbox_tells_where_an_inquiry_went() {
    let house = House::new();
    let letter = house.letter(furesoe()).await;
    house.pass_on(furesoe(), letter, Notice::Given { how: secret() }).await;
    house.caught_up().await;
    let sheet = house.views.inquiry(furesoe(), letter).await.unwrap().unwrap();
    assert!(!sheet.open);
    let forwarded = sheet.forwarded.unwrap();
    assert_eq!(forwarded.name, "Ankestyrelsen");
    assert!(forwarded.informed.is_some() && forwarded.waived.is_none());
}
