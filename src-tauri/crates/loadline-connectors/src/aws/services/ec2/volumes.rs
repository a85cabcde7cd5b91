//! Volumes that outlive their machine, and the snapshots of them.

use super::shapes::{Attachment, Snapshot, Volume};
use crate::aws::services::telling::{Telling, tag};
use loadline_model::{BackupEvent, BackupKind, Basis, Kind, Limited, Relation, Resource};

/// Says the volumes that are kept when their machine goes: those hold data. A volume that goes with its machine is
/// part of the machine.
pub(super) fn say(t: &mut Telling<'_>, volumes: &[&Volume], snapshots: &[&Snapshot]) {
    for volume in volumes {
        let kept = |a: &&Attachment| a.delete_on_termination == Some(false);
        let (Some(id), Some(attached)) = (volume.volume_id.as_deref(), volume.attachment_set.iter().find(kept)) else {
            continue;
        };
        let subject = t.place.arn("ec2", &format!("volume/{id}"));
        let name = tag(&volume.tag_set, "Name").unwrap_or(id);
        let resource = t.resource(Kind::Store, name, &volume.tag_set);
        t.call("ec2:DescribeVolumes");
        t.exists(&subject, Resource { managed: Some(true), ..resource });
        t.in_zone(&subject, volume.availability_zone.as_deref());
        t.limit(&subject, Limited::Iops, volume.iops, "1/s");
        if let Some(machine) = attached.instance_id.as_deref() {
            let machine = t.place.instance(machine);
            t.edge(&machine, Relation::DependsOn { hard: true }, &subject);
        }
        t.call("ec2:DescribeSnapshots");
        for snapshot in snapshots.iter().filter(|s| s.volume_id.as_deref() == Some(id)) {
            let (Some(at), Some(status)) = (snapshot.start_time, snapshot.status.as_deref()) else { continue };
            if !matches!(status, "completed" | "error") {
                continue;
            }
            let location = snapshot.owner_id.as_ref().map(|owner| format!("{owner}, {}", t.place.region));
            let event = BackupEvent {
                kind: BackupKind::Snapshot,
                at,
                succeeded: status == "completed",
                location,
                duration_s: None,
                validated: None,
                tool: Some("EBS snapshot".to_owned()),
            };
            t.say(&subject, Basis::Measured, event);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::shapes::*;
    use super::*;
    use crate::aws::services::testing::{check, parsed, said};
    use serde_json::{Value, json};

    /// Shapes of the examples in "DescribeVolumes" and "DescribeSnapshots", Amazon EC2 API Reference.
    fn read(kept: Value, status: &str) -> Vec<String> {
        let volumes: Volumes = parsed(json!({"volumeSet": {"item": {
            "volumeId": "vol-1", "size": "80", "iops": "3000", "availabilityZone": "eu-west-1a", "status": "in-use",
            "attachmentSet": {"item": {"volumeId": "vol-1", "instanceId": "i-1", "device": "/dev/sdh",
                "status": "attached", "deleteOnTermination": kept}}
        }}}));
        let snapshots: Snapshots = parsed(json!({"snapshotSet": {"item": {
            "snapshotId": "snap-1", "volumeId": "vol-1", "status": status, "startTime": "2026-11-20T03:00:00.000Z",
            "ownerId": "111122223333"
        }}}));
        let (volumes, snapshots): (Vec<_>, Vec<_>) =
            (volumes.volume_set.iter().collect(), snapshots.snapshot_set.iter().collect());
        said(|t| say(t, &volumes, &snapshots))
    }

    #[test]
    fn a_volume_that_is_kept_is_a_store_with_its_snapshots() {
        let expected = [
            "ec2:volume/vol-1 is store vol-1, managed",
            "ec2:volume/vol-1 limit iops = 3000 1/s",
            "ec2:instance/i-1 needs ec2:volume/vol-1",
            "ec2:volume/vol-1 Snapshot worked 2026-11-20T03:00:00Z",
        ];
        check(&read(json!("false"), "completed"), &expected, &["ec2:volume/vol-1 backup"]);
    }

    #[test]
    fn what_goes_with_the_machine_or_is_unfinished_says_nothing() {
        assert!(read(json!("true"), "completed").is_empty());
        assert!(read(json!(""), "completed").is_empty());
        check(&read(json!("false"), "pending"), &[], &["ec2:volume/vol-1 Snapshot"]);
    }
}
