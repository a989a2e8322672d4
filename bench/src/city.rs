//! A municipality with any number of cases: what the views, the lists and the search are measured on.
//!
//! Every case is decided by the real rules, act by act, on the days on which it happened; sealed with keys of its own; and
//! appended as an office would write it: each visit to a case is an append of its own, with those to other cases before
//! and after it. The same number of cases from the same seed on the same day is the same municipality, up to the keys.

mod dice;
mod life;
mod words;

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use bench_measure::Measured;
use jiff::Timestamp;
use jiff::civil::Date;
use sha2::{Digest, Sha256};
use skranke_content::RuleBook;
use skranke_domain::case::{Case, Phase, Reach};
use skranke_domain::id::from_digest;
use skranke_domain::team::{Team, TeamAct, TeamCommand};
use skranke_domain::time::{Ids, local_date};
use skranke_domain::user::{User, UserAct, UserCommand};
use skranke_domain::{Act, Actor, By, Purpose, Role, Roles, SubjectId, TeamId, Tenant, UserId};
use skranke_store::{Desk, EventLog, KeyRing, StreamWrite};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::making::Making;
use crate::seed::{UNDER_WAY, master_key};
use crate::world::{SOFTWARE, Uuids, log_url, now, tenant};

use dice::Dice;
use life::{Life, Visit, Who};
pub(crate) use words::{ABSENT, FREQUENT, RARE};

/// The log-in name of the caseworker whom the API is measured with. Leads two teams.
pub(crate) const LOGIN: &str = "maaler";
/// The teams of that caseworker: the first ones.
pub(crate) const OWN_TEAMS: usize = 2;
/// Teams of the municipality.
const TEAMS: usize = 8;
/// Members of each.
const MEMBERS: usize = 5;
/// Cases that are made together. Visits to one case lie one to three such blocks apart, so that each falls into another
/// batch of whoever follows the log, as they do in an office.
const BLOCK: u64 = 256;

/// Fills a folder and says what is in it.
pub(crate) async fn city(dir: &Path, cases: u64, seed: u64) -> anyhow::Result<Vec<Measured>> {
    let log = skranke_store::open(&log_url(dir)?).await?;
    anyhow::ensure!(log.head().await?.0 == 0, "{} holds events already: name a new folder", dir.display());
    let keys = KeyRing::open(dir, master_key(dir)?)?;
    let began = Instant::now();
    let office = Arc::new(Office::new(cases, seed)?);
    let desk = Desk::new(Arc::clone(&log), Arc::new(keys.clone()), Arc::new(Uuids), SOFTWARE);
    office.hire(&desk).await?;

    let (mut told, mut rounds) = (Told::default(), VecDeque::<Vec<StreamWrite>>::new());
    let mut started = 0;
    while started < cases || !rounds.is_empty() {
        let block = started..(started + BLOCK).min(cases);
        started = block.end;
        let due = rounds.pop_front().unwrap_or_default();
        let (made, written) = tokio::join!(make(&office, &keys, block), append(&log, due));
        told.events += written?;
        for (phase, visits) in made? {
            *told.phases.entry(phase).or_default() += 1;
            for (round, write) in visits {
                if rounds.len() <= round {
                    rounds.resize_with(round + 1, Vec::new);
                }
                rounds[round].push(write);
            }
        }
        if started.is_multiple_of(BLOCK * 256) {
            eprintln!("{started} cases, {} events, {} s", told.events, began.elapsed().as_secs());
        }
    }
    let took = began.elapsed();
    log.close().await;
    eprintln!("{:?}", told.phases);
    Ok(vec![
        Measured::replay("city", told.events, took),
        Measured::one("city: cases", "cases", cases),
        Measured::one("city: events", "events", told.events),
        Measured::one("city: closed", "cases", told.phases.get(&Phase::Closed).copied().unwrap_or(0)),
        Measured::one("city: log and keys", "bytes", bytes_of(dir)?),
    ])
}

/// What was made.
#[derive(Default)]
struct Told {
    events: u64,
    phases: BTreeMap<Phase, u64>,
}

/// How many bytes the files of a folder have.
pub(crate) fn bytes_of(dir: &Path) -> anyhow::Result<u64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        let file = entry.metadata()?;
        bytes += if file.is_dir() { bytes_of(&entry.path())? } else { file.len() };
    }
    Ok(bytes)
}

/// How far a case came, and what is appended for it, each with the round in which it is its turn.
type Made = (Phase, Vec<(usize, StreamWrite)>);

async fn make(
    office: &Arc<Office>,
    keys: &KeyRing,
    block: std::ops::Range<u64>,
) -> anyhow::Result<Vec<Made>> {
    let mut tasks = JoinSet::new();
    for number in block {
        let (office, keys) = (Arc::clone(office), keys.clone());
        tasks.spawn(async move { anyhow::Ok((number, office.live(&keys, number).await?)) });
    }
    let mut made = Vec::new();
    while let Some(done) = tasks.join_next().await {
        made.push(done??);
    }
    made.sort_unstable_by_key(|(number, _)| *number);
    Ok(made.into_iter().map(|(_, made)| made).collect())
}

/// Appends what is due, several hundred at a time, and answers how many events that were. The next visit to a case comes
/// in a later round.
async fn append(log: &Arc<dyn EventLog>, due: Vec<StreamWrite>) -> anyhow::Result<u64> {
    let (mut tasks, mut written) = (JoinSet::new(), 0);
    for write in due {
        let log = Arc::clone(log);
        written += u64::try_from(write.events.len())?;
        tasks.spawn(async move { log.append(write, None).await.map(drop) });
        if tasks.len() >= UNDER_WAY
            && let Some(done) = tasks.join_next().await
        {
            done??;
        }
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    Ok(written)
}

/// The municipality.
struct Office {
    tenant: Tenant,
    now: Timestamp,
    today: Date,
    cases: u64,
    seed: u64,
    rules: RuleBook,
    /// Who works in each team; the caseworker whom the API is measured with is the first of all.
    teams: [(TeamId, [UserId; MEMBERS]); TEAMS],
}

impl Office {
    fn new(cases: u64, seed: u64) -> anyhow::Result<Self> {
        let (tenant, now) = (tenant()?, now());
        let teams = std::array::from_fn(|team| {
            let id = TeamId::new(from_digest(&Sha256::digest(format!("bench/team/{team}")).into()));
            (id, std::array::from_fn(|member| user_id(tenant, &login(team, member))))
        });
        let rules = RuleBook::builtin()?;
        Ok(Self { tenant, now, today: local_date(now), cases, seed, rules, teams })
    }

    /// Registers the staff and forms the teams. The account of [`LOGIN`] is not made: it needs a password.
    async fn hire(&self, desk: &Desk) -> anyhow::Result<()> {
        let administrator = UserId::new(from_digest(&Sha256::digest("bench/administrator").into()));
        let roles = Roles::default().with(Role::Administrator);
        let mut dice = Dice::new(self.seed, u64::MAX);
        for (number, (team, members)) in self.teams.iter().enumerate() {
            let mut acts = vec![TeamAct::Form { name: words::TEAMS[number].to_owned() }];
            acts.extend(members.iter().map(|member| TeamAct::Join { member: *member, known: true }));
            if (1..OWN_TEAMS).contains(&number) {
                acts.push(TeamAct::Join { member: self.teams[0].1[0], known: true });
            }
            for team_act in acts {
                let act = Act {
                    actor: Actor::Staff(administrator),
                    roles,
                    ..Act::system(self.tenant, self.now, Uuids.next())
                };
                let command = TeamCommand { act: team_act, under: By::of(&act) };
                desk.execute::<Team>(&Team::stream(self.tenant, *team), command, &act).await?;
            }
            for (member, id) in members.iter().enumerate() {
                let login = login(number, member);
                if login == LOGIN {
                    continue;
                }
                let act = Act::system(self.tenant, self.now, Uuids.next());
                let register = UserAct::Register {
                    subject: SubjectId::new(Uuids.next()),
                    login,
                    name: words::name(&mut dice),
                    // The hash of no password: nobody logs in as them.
                    password_hash: String::new(),
                    roles: roles_of(member),
                    one_time_until: None,
                };
                let command = UserCommand { user: *id, act: register, under: By::of(&act) };
                desk.execute::<User>(&User::stream(self.tenant, *id), command, &act).await?;
            }
        }
        Ok(())
    }

    /// Leads one case through its life.
    async fn live(&self, keys: &KeyRing, number: u64) -> anyhow::Result<Made> {
        let mut dice = Dice::new(self.seed, number);
        let life = Life::of(&mut dice, (number, self.cases), self.today, TEAMS, MEMBERS);
        let mut making = Making::begin(keys, self.tenant, life.id, life.subject).await?;
        let (mut visits, mut round) = (Vec::new(), 0);
        let (team, members) = &self.teams[life.team];
        let rules = self.rules.on(life.received);
        for Visit { on, acts } in life.visits(*team, members[life.worker], &rules, self.tenant) {
            let rules = self.rules.on(on);
            for (place, (who, wish)) in acts.into_iter().enumerate() {
                let at = self.at(on, i64::try_from(place)?)?;
                let act = self.act_of(&life, who, at, dice.uuid(at));
                let reach = Reach { teams: vec![*team], stands_in_for: Vec::new(), open_sub_case: false };
                making.act(wish, &act, &rules, reach, || dice.uuid(at))?;
            }
            visits.extend(making.hand_over().map(|write| (round, write)));
            round += 1 + dice.below(3);
        }
        let phase = match making.case() {
            Case::File(file) => file.phase,
            Case::Unopened => anyhow::bail!("case {number} was not opened"),
        };
        Ok((phase, visits))
    }

    fn act_of(&self, life: &Life, who: Who, at: Timestamp, correlation: Uuid) -> Act {
        let system = Act::system(self.tenant, at, correlation);
        let member = match who {
            Who::Worker => life.worker,
            Who::Colleague => life.colleague,
            Who::Clock => return system,
        };
        Act {
            actor: Actor::Staff(self.teams[life.team].1[member]),
            roles: roles_of(member),
            purpose: Some(Purpose::CaseHandling),
            ..system
        }
    }

    /// An instant of that day in office hours, and not after this one.
    fn at(&self, on: Date, place: i64) -> anyhow::Result<Timestamp> {
        let morning = on.at(9, 0, 0, 0).to_zoned(skranke_domain::time::copenhagen())?.timestamp();
        Ok((morning + jiff::SignedDuration::from_mins(17 * place)).min(self.now))
    }
}

fn login(team: usize, member: usize) -> String {
    if (team, member) == (0, 0) { LOGIN.to_owned() } else { format!("sb{team}{member}") }
}

/// The first member of a team leads it.
fn roles_of(member: usize) -> Roles {
    let roles = Roles::default().with(Role::Caseworker);
    if member == 0 { roles.with(Role::TeamLead) } else { roles }
}

/// The id that the program gives the account of a log-in name.
fn user_id(tenant: Tenant, login: &str) -> UserId {
    UserId::new(from_digest(&Sha256::digest(format!("user/{tenant}/{login}")).into()))
}

#[cfg(test)]
mod tests {
    use skranke_store::{Direction, Filter, Position};

    use super::*;

    #[tokio::test]
    async fn a_city_has_cases_in_every_phase_and_most_are_closed() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let measured = city(&data, 600, 7).await.unwrap();
        let figure =
            |name: &str| measured.iter().find(|one| one.name == name).map(|one| one.rounds[0]).unwrap();
        let closed = figure("city: closed") / figure("city: cases");
        assert!((0.80..0.95).contains(&closed), "{closed}");
        let per_case = figure("city: events") / figure("city: cases");
        assert!((9.0..16.0).contains(&per_case), "{per_case}");
        // The events of a case lie apart, with those of others between them.
        let log = skranke_store::open(&log_url(&data).unwrap()).await.unwrap();
        let all = log.read_all(Position(0), Direction::Forwards, 20_000, &Filter::default()).await.unwrap();
        let cases: Vec<_> = all.events.iter().filter(|event| event.stream.category() == "case").collect();
        let first = &cases[0].stream;
        let places: Vec<_> = cases.iter().filter(|event| event.stream == *first).collect();
        assert!(places[places.len() - 1].position.0 - places[0].position.0 > 256, "all at once");
        let opened = cases.iter().filter(|event| event.event_type == "CaseOpened").count();
        assert_eq!(opened, 600);
        log.close().await;
        assert!(city(&data, 1, 7).await.is_err(), "a folder is filled once");
    }

    #[test]
    fn every_phase_has_its_share_of_a_large_city() {
        let today = "2026-11-20".parse().unwrap();
        let mut phases = BTreeMap::<Phase, u32>::new();
        let mut words = BTreeMap::<&str, u32>::new();
        for number in 0..20_000 {
            let life = Life::of(&mut Dice::new(7, number), (number, 20_000), today, TEAMS, MEMBERS);
            *phases.entry(life.far).or_default() += 1;
            assert!(life.received <= today && life.worker != life.colleague);
            for word in [FREQUENT, RARE, ABSENT] {
                *words.entry(word).or_default() += u32::from(life.title.contains(word));
            }
        }
        assert_eq!(phases.values().sum::<u32>(), 20_000);
        // Those that a case goes through on its way to a decision: the city orders nothing and forwards nothing.
        let way = [
            Phase::Registered,
            Phase::UnderInvestigation,
            Phase::InHearing,
            Phase::Informed,
            Phase::DecisionProposed,
            Phase::Decided,
            Phase::Closed,
        ];
        assert!(phases.keys().copied().eq(way), "{phases:?}");
        assert!((17_000..18_000).contains(&phases[&Phase::Closed]), "{phases:?}");
        assert!(words[FREQUENT] > 1_000 && (1..20).contains(&words[RARE]) && words[ABSENT] == 0, "{words:?}");
    }
}
