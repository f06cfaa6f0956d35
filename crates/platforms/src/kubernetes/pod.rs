//! A pod, which every kind of workload has: its containers, and the sources of its volumes.

use std::collections::BTreeMap;

use packwright_documents::{Content, Entry, Value};
use packwright_planner::{Requested, Volume};

use super::cluster::{Cluster, Object, items, storage};
use super::container::{self, Container, Hosts};
use crate::container::CONTAINERS;
use crate::table::Table;

/// Keys of a pod that change nothing in its images.
const LEFT: &[&str] = &[
    "activeDeadlineSeconds",
    "affinity",
    "automountServiceAccountToken",
    "dnsConfig",
    "dnsPolicy",
    "enableServiceLinks",
    "ephemeralContainers",
    "hostAliases",
    "hostIPC",
    "hostNetwork",
    "hostPID",
    "hostUsers",
    "hostname",
    "hostnameOverride",
    "imagePullSecrets",
    "nodeName",
    "nodeSelector",
    "os",
    "overhead",
    "preemptionPolicy",
    "priority",
    "priorityClassName",
    "readinessGates",
    "resourceClaims",
    "resources",
    "restartPolicy",
    "runtimeClassName",
    "schedulerName",
    "schedulingGates",
    "schedulingGroup",
    "securityContext",
    "serviceAccount",
    "serviceAccountName",
    "setHostnameAsFQDN",
    "shareProcessNamespace",
    "subdomain",
    "tolerations",
    "topologySpreadConstraints",
    "volumes",
    "workloadRef",
];

/// What a pod says.
pub(super) struct Pod<'a> {
    /// Its labels.
    pub(super) labels: &'a [Entry],
    /// Its containers.
    pub(super) containers: Vec<Container>,
    /// Its containers that run before those, one after the other.
    pub(super) first: Vec<Container>,
    /// How long it has until it is killed, in seconds.
    pub(super) grace: Option<Requested<u32>>,
    /// The pod's own volumes, by the names they have in it.
    claims: BTreeMap<&'a str, Claim<'a>>,
}

/// What lasts longer than the pod.
struct Claim<'a> {
    name: &'a str,
    megabytes: Option<u64>,
}

/// Reads the pod in `table`, whose value is `value`.
pub(super) fn read<'a>(
    cluster: &Cluster<'_>,
    object: Object<'a>,
    value: &'a Value,
    table: &Table<'_>,
    hosts: Hosts<'_>,
    app: &str,
) -> Pod<'a> {
    table.leave(LEFT);
    let containers = |key: &str| {
        let is_map = |value: &&Value| matches!(value.content, Content::Map(_));
        let values = items(value, &[key]).iter().filter(is_map);
        let mut containers = Vec::new();
        for (table, value) in table.tables(key).into_iter().zip(values) {
            // One more than count, so that it is told.
            match containers.len() > CONTAINERS {
                true => table.leave_rest(),
                false => containers.push(container::read(cluster, &table, value, hosts, app)),
            }
        }
        containers
    };
    let claimed = items(value, &["volumes"]).iter().filter_map(|volume| {
        let name = volume.at(&["persistentVolumeClaim", "claimName"])?.word()?;
        Some((volume.text_of("name")?, Claim { name, megabytes: cluster.claimed(name) }))
    });
    let made = items(object.value, &["spec", "volumeClaimTemplates"]).iter().filter_map(|claim| {
        let name = claim.at(&["metadata", "name"])?.word()?;
        Some((name, Claim { name, megabytes: storage(claim) }))
    });
    let grace = table.number("terminationGracePeriodSeconds");
    Pod {
        labels: labels(object),
        containers: containers("containers"),
        first: containers("initContainers"),
        grace: grace.and_then(|grace| {
            Some(Requested { value: u32::try_from(grace.value).ok()?, origin: grace.origin })
        }),
        claims: claimed.chain(made).collect(),
    }
}

/// The labels of an object's pods.
pub(super) fn labels<'a>(object: Object<'a>) -> &'a [Entry] {
    let place: &[&str] = match object.kind {
        "Pod" => &["metadata", "labels"],
        "CronJob" => &["spec", "jobTemplate", "spec", "template", "metadata", "labels"],
        _ => &["spec", "template", "metadata", "labels"],
    };
    object.value.at(place).map(Value::entries).unwrap_or_default()
}

impl Pod<'_> {
    /// The volumes of a container that last.
    pub(super) fn volumes(&self, container: &Container) -> Vec<Volume> {
        let of = |(name, path): &(String, Requested<String>)| {
            let claim = self.claims.get(name.as_str())?;
            Some(Volume { name: Some(claim.name.to_owned()), path: path.clone(), megabytes: claim.megabytes })
        };
        container.mounts.iter().filter_map(of).collect()
    }
}
