//! What a scope's series ever said, as of one visit: a tree of immutable blocks (history → day pages → day blocks).
//! A visit writes only what changed; the rest is shared with the visit before.

use crate::StoreError;
use crate::backend::Tx;
use crate::codec::{Content, pack_json, unpack_json};
use crate::hash::Hash;
use crate::observation::{Arrival, Encoded, append, describe_newer, identity};
use crate::table::block;
use loadline_model::{Day, Fact};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The root. A series' place in `series` is its name inside pages and never changes.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct History {
    series: Vec<Fact>,
    days: BTreeMap<Day, Hash>,
}

/// One day: which block each series has.
type Page = BTreeMap<usize, Hash>;

/// Blocks to be written.
type Blocks = BTreeMap<Hash, Vec<u8>>;

/// Adds what arrived to the previous history and answers the new one's address.
pub(crate) async fn record(
    tx: &mut Tx,
    previous: Option<Hash>,
    arrivals: Vec<Arrival>,
) -> Result<Option<Hash>, StoreError> {
    if arrivals.is_empty() {
        return Ok(previous);
    }
    let mut history = match previous {
        Some(hash) => read(tx, hash).await?,
        None => History::default(),
    };
    let by_day = history.place(arrivals);
    let touched: Vec<Hash> = by_day.keys().filter_map(|day| history.days.get(day).copied()).collect();
    let pages = block::read_many(tx, &touched).await?;
    let mut fresh = Blocks::new();
    for (day, arrived) in by_day {
        let mut page: Page = match history.days.get(&day).and_then(|hash| pages.get(hash)) {
            Some(body) => unpack_json(body)?,
            None => Page::new(),
        };
        add_to_page(tx, &mut page, arrived, &mut fresh).await?;
        history.days.insert(day, put(&mut fresh, &page)?);
    }
    let root = put(&mut fresh, &history)?;
    // All at once and in the order of their addresses: two accounts that store equal blocks never wait for each other
    // in a circle.
    block::write_many(tx, fresh).await?;
    Ok(Some(root))
}

/// Which facts are wanted.
pub(crate) type Keep<'a> = &'a (dyn Fn(&Fact) -> bool + Send + Sync);

/// The wanted series of a history with all their days joined.
pub(crate) async fn load(tx: &mut Tx, root: Hash, keep: Keep<'_>) -> Result<Vec<Fact>, StoreError> {
    let History { mut series, days } = read(tx, root).await?;
    let wanted: Vec<bool> = series.iter().map(keep).collect();
    if !wanted.contains(&true) {
        return Ok(Vec::new());
    }
    for (_, page) in days {
        let mut page: Page = unpack_json(&block::read_one(tx, page).await?)?;
        page.retain(|place, _| wanted.get(*place).copied().unwrap_or_default());
        let hashes: Vec<Hash> = page.values().copied().collect();
        let blocks = block::read_many(tx, &hashes).await?;
        for (place, hash) in page {
            if let (Some(fact), Some(body)) = (series.get_mut(place), blocks.get(&hash)) {
                append(&mut fact.body, Content::decode(body)?)?;
            }
        }
    }
    let mut wanted = wanted.into_iter();
    series.retain(|_| wanted.next().unwrap_or_default());
    Ok(series)
}

/// The addresses reachable from a history, itself included.
pub(crate) async fn reachable(tx: &mut Tx, root: Hash) -> Result<Vec<Hash>, StoreError> {
    let pages: Vec<Hash> = read(tx, root).await?.days.into_values().collect();
    let mut found = vec![root];
    for body in block::read_many(tx, &pages).await?.into_values() {
        found.extend(unpack_json::<Page>(&body)?.into_values());
    }
    found.extend(pages);
    Ok(found)
}

impl History {
    /// Finds or makes each series' place and sorts its days by day.
    fn place(&mut self, arrivals: Vec<Arrival>) -> BTreeMap<Day, Vec<(usize, Encoded)>> {
        let mut places: BTreeMap<String, usize> =
            self.series.iter().enumerate().filter_map(|(place, fact)| Some((identity(fact)?, place))).collect();
        let mut by_day: BTreeMap<Day, Vec<(usize, Encoded)>> = BTreeMap::new();
        for Arrival { header, days } in arrivals {
            let Some(identity) = identity(&header) else { continue };
            let place = *places.entry(identity).or_insert(self.series.len());
            match self.series.get_mut(place) {
                Some(known) => describe_newer(known, header),
                None => self.series.push(header),
            }
            for (day, encoded) in days {
                by_day.entry(day).or_default().push((place, encoded));
            }
        }
        by_day
    }
}

/// A series' later word on a day is merged with what it said before, and both revisions stay.
async fn add_to_page(
    tx: &mut Tx,
    page: &mut Page,
    arrived: Vec<(usize, Encoded)>,
    fresh: &mut Blocks,
) -> Result<(), StoreError> {
    let revised: Vec<Hash> =
        arrived.iter().filter_map(|(place, e)| page.get(place).filter(|known| **known != e.hash).copied()).collect();
    let earlier = block::read_many(tx, &revised).await?;
    for (place, encoded) in arrived {
        let encoded = match page.get(&place) {
            Some(known) if *known == encoded.hash => continue,
            Some(known) => {
                let body =
                    earlier.get(known).ok_or_else(|| StoreError::damaged(format!("block {known} is missing")))?;
                Encoded::new(Content::decode(body)?.merge(encoded.content)?)?
            }
            None => encoded,
        };
        page.insert(place, encoded.hash);
        fresh.insert(encoded.hash, encoded.body);
    }
    Ok(())
}

async fn read(tx: &mut Tx, hash: Hash) -> Result<History, StoreError> {
    unpack_json(&block::read_one(tx, hash).await?)
}

fn put<T: Serialize>(fresh: &mut Blocks, value: &T) -> Result<Hash, StoreError> {
    let body = pack_json(value)?;
    let hash = Hash::of(&body);
    fresh.insert(hash, body);
    Ok(hash)
}
