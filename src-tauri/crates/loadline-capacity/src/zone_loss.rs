//! What the survivors carry after the worst zone is lost (`scoring.md` §4.6).

use crate::forecast::LARGEST_MULTIPLE;
use loadline_model::{Graph, Kind, Limited, Node, Relation, SubjectId, SubjectRef, Utilisation, ZoneLoss, num};
use std::collections::BTreeMap;

/// Utilisation after `lost` of `members` equal members: u n / (n - lost). Losing all of them is written as
/// [`LARGEST_MULTIPLE`]. `None` without members or for impossible input.
pub fn after_loss(u: f64, members: u32, lost: u32) -> Option<f64> {
    if members == 0 || lost > members || !u.is_finite() || u < 0.0 {
        return None;
    }
    let left = f64::from(members - lost);
    Some(if left == 0.0 { LARGEST_MULTIPLE } else { u * f64::from(members) / left })
}

/// Capacity that must stand ready so that losing one of `zones` equal zones is not felt, as a multiple of what peak
/// needs: z / (z - 1). `None` below two zones.
pub fn static_stability(zones: u32) -> Option<f64> {
    (zones >= 2).then(|| f64::from(zones) / f64::from(zones - 1))
}

/// The worst zone of every service and database group whose members' zones and load are all known.
pub(crate) fn zone_losses(graph: &Graph, utilisation: &[Utilisation]) -> Vec<ZoneLoss> {
    let mut members: BTreeMap<&SubjectId, Vec<&Node>> = BTreeMap::new();
    for edge in graph.edges.iter().filter(|e| e.relation == Relation::MemberOf) {
        if let Some(node) = graph.node(&edge.from) {
            members.entry(&edge.to).or_default().push(node);
        }
    }
    members
        .into_iter()
        .filter_map(|(id, mut nodes)| {
            nodes.sort_by(|a, b| a.id.cmp(&b.id));
            nodes.dedup_by(|a, b| a.id == b.id);
            let group = graph.node(id).filter(|n| matches!(n.kind, Kind::Service | Kind::Database))?;
            worst_zone(graph, group, &nodes, utilisation)
        })
        .collect()
}

fn worst_zone(graph: &Graph, group: &Node, members: &[&Node], utilisation: &[Utilisation]) -> Option<ZoneLoss> {
    let mut by_zone: BTreeMap<&SubjectId, u32> = BTreeMap::new();
    for member in members {
        *by_zone.entry(member.zone.as_ref()?).or_insert(0) += 1;
    }
    let total = u32::try_from(members.len()).ok().filter(|n| *n >= 2)?;
    // The first of equally bad zones by id.
    let (zone, lost) = by_zone.into_iter().rev().max_by_key(|(_, n)| *n)?;
    let before = load(group, members, utilisation)?;
    Some(ZoneLoss {
        subject: SubjectRef {
            id: group.id.clone(),
            kind: Some(group.kind),
            name: group.name.clone(),
            account: group.account.clone(),
            region: group.region.clone(),
        },
        zone: graph.node(zone).map_or_else(|| zone.to_string(), |n| n.name.clone()),
        members: total,
        lost,
        before: num::round9(before),
        after: num::round9(after_loss(before, total, lost)?),
    })
}

/// CPU or busy workers of the group at peak, upper end of the interval, the higher; else the mean over its members, whose
/// load moves to the survivors.
fn load(group: &Node, members: &[&Node], utilisation: &[Utilisation]) -> Option<f64> {
    let of = |id: &SubjectId, limited: Limited| {
        utilisation.iter().find(|u| u.subject.id == *id && u.limited == limited).map(|u| u.now.p90)
    };
    [Limited::Cpu, Limited::Workers]
        .into_iter()
        .filter_map(|limited| {
            of(&group.id, limited).or_else(|| {
                let each: Option<Vec<f64>> = members.iter().map(|m| of(&m.id, limited)).collect();
                each.map(|all| all.iter().sum::<f64>() / all.len() as f64)
            })
        })
        .max_by(f64::total_cmp)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn survivors_carry_the_load() {
        assert_eq!(after_loss(0.4, 2, 1), Some(0.8));
        assert_eq!(after_loss(0.4, 3, 1).map(num::round9), Some(0.6));
        assert_eq!(after_loss(0.4, 2, 2), Some(LARGEST_MULTIPLE));
        assert_eq!(after_loss(0.4, 0, 0), None);
        assert_eq!([2, 3, 1].map(static_stability), [Some(2.0), Some(1.5), None]);
    }
}
