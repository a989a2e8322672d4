//! A case in the making, without a desk: decided by the real rules, sealed with keys of its own and encoded as the desk
//! does it. Only the waiting is left out, for whoever fills a folder has nobody to answer.

use std::sync::Arc;

use cqrs_es::{Aggregate, DomainEvent};
use skranke_domain::case::{Case, CaseAct, CaseCommand, Circumstances, Reach};
use skranke_domain::rules::RuleSet;
use skranke_domain::{Act, CaseId, Sealable, StreamId, SubjectId, Tenant, codec};
use skranke_store::{Expected, KeyRing, Metadata, NewEvent, StreamSeals, StreamWrite};
use uuid::Uuid;

use crate::world::SOFTWARE;

/// A case and what of it is not handed over yet.
pub(crate) struct Making {
    stream: StreamId,
    seals: StreamSeals,
    case: Case,
    /// Events that were handed over before.
    revision: Option<u64>,
    events: Vec<NewEvent>,
}

impl Making {
    /// A case that is not opened yet. Waits until the key of its subject is durable.
    pub(crate) async fn begin(
        keys: &KeyRing,
        tenant: Tenant,
        id: CaseId,
        subject: SubjectId,
    ) -> anyhow::Result<Self> {
        keys.ensure(tenant, [subject]).await?;
        let stream = Case::stream(tenant, id);
        let seals = keys.for_stream(&stream);
        Ok(Self { stream, seals, case: Case::default(), revision: None, events: Vec::new() })
    }

    /// Carries out an act by the rules of its day. `ids` names its events.
    pub(crate) fn act(
        &mut self,
        wish: CaseAct,
        act: &Act,
        rules: &Arc<RuleSet>,
        reach: Reach,
        mut ids: impl FnMut() -> Uuid,
    ) -> anyhow::Result<()> {
        let mut metadata = Metadata::from_act(act, SOFTWARE);
        let under = Circumstances::of(act, Arc::clone(rules)).reaching(reach);
        for mut event in self.case.decide(CaseCommand { act: wish, under })? {
            self.case.apply(event.clone());
            event.lock_all(&self.seals)?;
            let encoded = codec::encode(&event)?;
            metadata.schema = event.event_version();
            self.events.push(NewEvent {
                id: ids(),
                event_type: encoded.event_type.into(),
                data: encoded.data,
                metadata: metadata.to_json()?,
                recorded_at: act.at,
            });
        }
        Ok(())
    }

    /// How it stands.
    pub(crate) const fn case(&self) -> &Case {
        &self.case
    }

    /// What happened since the last time, to be appended after what was handed over then. `None` when nothing did.
    pub(crate) fn hand_over(&mut self) -> Option<StreamWrite> {
        let events = std::mem::take(&mut self.events);
        let last = u64::try_from(events.len()).ok()?.checked_sub(1)?;
        let expected = Expected::after(self.revision);
        self.revision = Some(self.revision.map_or(last, |before| before + 1 + last));
        Some(StreamWrite { stream: self.stream.clone(), expected, events })
    }
}
