//! What every client asks first, without a password: what the server can do, and which nodes there are.

use std::net::SocketAddr;
use std::sync::Arc;

use tonic::{Request, Response, Status, async_trait};
use uuid::Uuid;

use super::convert::{IdForm, id_as};
use super::proto::event_store::client::Empty;
use super::proto::event_store::client::gossip::gossip_server::Gossip;
use super::proto::event_store::client::gossip::member_info::VNodeState;
use super::proto::event_store::client::gossip::{ClusterInfo, EndPoint, MemberInfo};
use super::proto::event_store::client::server_features::server_features_server::ServerFeatures;
use super::proto::event_store::client::server_features::{SupportedMethod, SupportedMethods};

/// Clients ask for a version before they use what a later one brought (25.1: appends to several streams).
const VERSION: &str = "25.0.0";
/// In lower case, unlike in the definitions: so it is on the wire.
const STREAMS: &str = "event_store.client.streams.streams";

/// The one node there is.
pub(super) struct Nodes {
    writable: bool,
    instance: Uuid,
}

impl Nodes {
    pub(super) fn new(writable: bool, instance: Uuid) -> Self {
        Self { writable, instance }
    }
}

#[async_trait]
impl ServerFeatures for Nodes {
    async fn get_supported_methods(
        self: Arc<Self>,
        _: Request<Empty>,
    ) -> Result<Response<SupportedMethods>, Status> {
        let method = |name: &str, features: &[&str]| SupportedMethod {
            method_name: name.to_owned(),
            service_name: STREAMS.to_owned(),
            features: features.iter().map(|feature| (*feature).to_owned()).collect(),
        };
        let mut methods = vec![method("read", &["position", "events"])];
        if self.writable {
            methods.extend([
                method("append", &[]),
                method("batchappend", &["deadline_duration"]),
                method("delete", &[]),
                method("tombstone", &[]),
            ]);
        }
        Ok(Response::new(SupportedMethods { methods, event_store_server_version: VERSION.to_owned() }))
    }
}

#[async_trait]
impl Gossip for Nodes {
    async fn read(self: Arc<Self>, request: Request<Empty>) -> Result<Response<ClusterInfo>, Status> {
        // The address that this client reached us at; the one we listen on may be 0.0.0.0.
        let address: Option<SocketAddr> = request.local_addr();
        let http_end_point =
            address.map(|at| EndPoint { address: at.ip().to_string(), port: u32::from(at.port()) });
        let node = MemberInfo {
            instance_id: Some(id_as(self.instance, IdForm::Text)),
            time_stamp: 0,
            state: VNodeState::Leader.into(),
            is_alive: true,
            http_end_point,
        };
        Ok(Response::new(ClusterInfo { members: vec![node] }))
    }
}
