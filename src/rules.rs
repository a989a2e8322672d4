//! `skranke rules`: checks rule files and a KLE list, and publishes them for a municipality from the command line.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Subcommand;
use jiff::civil::Date;
use skranke_content::{Fault, Files, RuleBook};
use skranke_domain::ruleset::{Part, PublishRules, RuleVersionPublished, RuleVersions};
use skranke_domain::{Act, By, Tenant};

use crate::cli::say;
use crate::config::{Config, Secrets};
use crate::house::House;
use crate::rulebook::{Named, checked};
use crate::telemetry;

/// The KLE list's file in a folder.
const KLE: &str = "kle.csv";

#[derive(Debug, Subcommand)]
pub(crate) enum Rules {
    /// Read the rule files (rules/*.toml) and the KLE list (kle.csv) of a folder, and tell every fault with its line
    Check {
        /// The folder
        dir: PathBuf,
    },
    /// Publish what is new in a folder for a municipality
    ///
    /// A rule file says itself what it is called and from when it holds; what is published already is passed over. The KLE
    /// list is published when it is given a version and a first day. With an embedded log the server must not be running;
    /// while it runs, an administrator publishes with POST /api/rules.
    Publish {
        /// The folder
        dir: PathBuf,
        /// The municipality's code, for example 0190
        #[arg(long)]
        tenant: Tenant,
        /// What the KLE list is called
        #[arg(long, requires = "kle_from")]
        kle_version: Option<String>,
        /// The first day on which the KLE list is in force
        #[arg(long, requires = "kle_version")]
        kle_from: Option<Date>,
        /// Without a key in the environment: use the demonstration's key file
        #[arg(long)]
        demo: bool,
    },
}

pub(crate) async fn execute(command: Rules, config: Config, secrets: &Secrets) -> anyhow::Result<()> {
    match command {
        Rules::Check { dir } => {
            RuleBook::from_dir(&dir)?;
            for wish in versions(&dir, None)? {
                say(&format!("{} holds from {}", wish.version, wish.valid_from))?;
            }
            say("the rules have no faults")
        }
        Rules::Publish { dir, tenant, kle_version, kle_from, demo } => {
            let wishes = versions(&dir, kle_version.zip(kle_from))?;
            telemetry::start(&config.telemetry)?;
            let house = House::open(config, secrets, demo).await?;
            let published = publish(&house, tenant, wishes).await;
            house.close().await;
            published
        }
    }
}

/// Every version of a folder, read and checked.
fn versions(dir: &Path, kle: Option<(String, Date)>) -> anyhow::Result<Vec<RuleVersionPublished>> {
    let files = Files::from_dir(dir)?;
    let mut versions = Vec::new();
    for (file, bytes) in files.under("rules") {
        versions.push(
            checked(Part::Rules, Named::default(), bytes.to_vec()).map_err(|faults| told(file, &faults))?,
        );
    }
    if let Some(named) = kle {
        let bytes = files.get(KLE).with_context(|| format!("there is no {KLE} in {}", dir.display()))?;
        let named = Named { version: Some(named.0), from: Some(named.1), template: None };
        versions.push(checked(Part::Kle, named, bytes.to_vec()).map_err(|faults| told(KLE, &faults))?);
    }
    Ok(versions)
}

fn told(file: &str, faults: &[Fault]) -> anyhow::Error {
    let lines: Vec<String> = faults.iter().map(|fault| format!("{file}: {fault}")).collect();
    anyhow::anyhow!(lines.join("\n"))
}

async fn publish(house: &House, tenant: Tenant, wishes: Vec<RuleVersionPublished>) -> anyhow::Result<()> {
    let stream = RuleVersions::stream(tenant);
    for wish in wishes {
        if wish.part == Part::Rules && house.rulebook.shipped().has_version(&wish.version) {
            say(&format!("{} is what the program was shipped with", wish.version))?;
            continue;
        }
        let act = Act::system(tenant, house.clock.now(), house.desk.ids().next());
        let (version, valid_from) = (wish.version.clone(), wish.valid_from);
        let before = house.desk.load::<RuleVersions>(&stream).await?.1;
        let command = PublishRules { wish, shipped: false, under: By::of(&act) };
        let receipt = house
            .desk
            .execute::<RuleVersions>(&stream, command, &act)
            .await
            .with_context(|| format!("{version} was not published"))?;
        if receipt.revision == before {
            say(&format!("{version} is published already"))?;
        } else {
            say(&format!("{version} is published and holds from {valid_from}"))?;
        }
    }
    Ok(())
}
