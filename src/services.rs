//! `skranke services`: looks after the register of self-service solutions.

use std::time::Duration;

use clap::{Subcommand, ValueEnum};
use jiff::civil::Date;
use skranke_domain::service::{LinkState, Service, ServiceCommand, Stage};
use skranke_domain::time::local_date;
use skranke_domain::{Act, ServiceId, Tenant};
use skranke_store::Left;

use crate::cli::say;
use crate::config::{Config, Secrets};
use crate::house::House;
use crate::linkcheck::{Checker, Manners};
use crate::telemetry;

/// How long the views may take to read what has happened since they were last open.
const CATCH_UP: Duration = Duration::from_mins(10);

/// How many solutions are read at a time.
const PAGE: usize = 200;

#[derive(Debug, Subcommand)]
pub(crate) enum Services {
    /// Ask every address of the register and of the content files whether it still answers
    ///
    /// What has changed since the last time is noted in the register; a link that is down is reported and nothing
    /// more. With an embedded log the server must not be running.
    Check {
        /// Check only these
        #[arg(long)]
        only: Option<Part>,
        /// Without a key in the environment: use the demonstration's key file
        #[arg(long)]
        demo: bool,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// The solutions that the municipalities have submitted
    Register,
    /// The self-service areas of the content files
    Content,
}

/// An address of a solution of the register.
struct Registered {
    tenant: Tenant,
    id: ServiceId,
    address: String,
}

pub(crate) async fn execute(command: Services, config: Config, secrets: &Secrets) -> anyhow::Result<()> {
    let Services::Check { only, demo } = command;
    telemetry::start(&config.telemetry)?;
    let house = House::open(config, secrets, demo).await?;
    let checked = check(&house, only).await;
    house.close().await;
    checked
}

async fn check(house: &House, only: Option<Part>) -> anyhow::Result<()> {
    let registered = if only == Some(Part::Content) { Vec::new() } else { registered(house).await? };
    let mut addresses: Vec<String> = registered.iter().map(|one| one.address.clone()).collect();
    if only != Some(Part::Register) {
        addresses.extend(house.library.services().iter().map(|service| service.link.clone()));
    }
    let found = Checker::try_new(Manners::default())?.check_all(addresses).await;
    let today = local_date(house.clock.now());
    for (address, state) in &found {
        say(&format!("{today}  {}  {address}", words(state)))?;
    }
    let mut noted = 0;
    for one in registered {
        if let Some(state) = found.get(&one.address) {
            noted += usize::from(note(house, one, state.clone(), today).await);
        }
    }
    let at_fault = found.values().filter(|state| **state != LinkState::Works).count();
    say(&format!("{} addresses checked, {at_fault} of them at fault, {noted} changes noted", found.len()))
}

/// Every address of every solution on offer.
async fn registered(house: &House) -> anyhow::Result<Vec<Registered>> {
    let head = house.desk.log().head().await?;
    anyhow::ensure!(
        house.views.wait_for(head, CATCH_UP).await,
        "the views have not caught up with the log: see what /readyz or the log say, and try again"
    );
    let mut all = Vec::new();
    for &tenant in &house.offices {
        let mut after = None;
        loop {
            let page = house.views.services(tenant, None, after, PAGE).await?;
            for sheet in page.items.iter().map(|item| &item.row).filter(|row| row.stage != Stage::Withdrawn) {
                let of = |address: &str| Registered { tenant, id: sheet.id, address: address.to_owned() };
                all.extend(sheet.addresses().map(of));
            }
            after = page.end().cloned();
            if !page.more {
                break;
            }
        }
    }
    Ok(all)
}

/// Notes what came of a check; whether that was news.
async fn note(house: &House, one: Registered, state: LinkState, on: Date) -> bool {
    let Registered { tenant, id, address } = one;
    let act = Act::system(tenant, house.clock.now(), house.desk.ids().next());
    let stream = Service::stream(tenant, id);
    let before = house.desk.load::<Service>(&stream).await.ok().and_then(|(_, revision)| revision);
    match house.desk.execute::<Service>(&stream, ServiceCommand::CheckLink { address, state, on }, &act).await
    {
        Ok(receipt) => receipt.revision != before,
        Err(failure) => {
            let told = failure.to_string();
            // Somebody may have given the solution another address meanwhile.
            if !matches!(failure.left(), Ok(Left::Nothing)) {
                tracing::warn!(service.id = %id, error = told, "a check of solution {id} was not noted");
            }
            false
        }
    }
}

fn words(state: &LinkState) -> String {
    match state {
        LinkState::Works => "works".to_owned(),
        LinkState::Moved { to } => format!("moved to {to} from"),
        LinkState::Broken { status } => format!("broken ({status})"),
        LinkState::Unreachable => "unreachable".to_owned(),
    }
}
