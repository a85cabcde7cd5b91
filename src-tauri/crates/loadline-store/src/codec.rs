//! A day of one series as bytes: times and values through pco, distributions as their shapes (zstd) and counts (pco).
//! Equal content gives equal bytes, so that reading a day twice stores it once.

use crate::StoreError;
use loadline_model::{Distribution, HourDistribution, Sample, Timestamp};
use pco::data_types::Number;
use pco::standalone::{simple_compress, simple_decompress};
use pco::{ChunkConfig, DeltaSpec, ModeSpec};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::collections::BTreeMap;

const SAMPLES: u8 = 1;
const HOURS: u8 = 2;
/// Level 3 is zstd's default; higher levels gained under 3 % on these short texts.
const ZSTD_LEVEL: i32 = 3;

/// What a block holds: one UTC day of one series, ascending in time.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Content {
    Samples(Vec<Sample>),
    Hours(Vec<HourDistribution>),
}

/// One hour's distribution without its counts.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Shape {
    Exponential { start: Timestamp, schema: i8, buckets: usize, sum: Option<f64> },
    Classic { start: Timestamp, bounds: Vec<f64>, buckets: usize, sum: Option<f64> },
    Gauges { start: Timestamp, quantiles: Vec<(f64, f64)>, count: Option<u64> },
}

impl Content {
    /// The union by time; where both speak of one time, the later said wins.
    pub(crate) fn merge(self, later: Self) -> Result<Self, StoreError> {
        match (self, later) {
            (Self::Samples(a), Self::Samples(b)) => {
                let merged: BTreeMap<Timestamp, Sample> = a.into_iter().chain(b).map(|s| (s.at, s)).collect();
                Ok(Self::Samples(merged.into_values().collect()))
            }
            (Self::Hours(a), Self::Hours(b)) => {
                let merged: BTreeMap<Timestamp, HourDistribution> =
                    a.into_iter().chain(b).map(|h| (h.start, h)).collect();
                Ok(Self::Hours(merged.into_values().collect()))
            }
            _ => Err(StoreError::damaged("a series' day holds samples and distributions at once")),
        }
    }

    pub(crate) fn encode(&self) -> Result<Vec<u8>, StoreError> {
        match self {
            Self::Samples(samples) => {
                let times: Vec<i64> = samples.iter().map(|s| s.at.0).collect();
                let values: Vec<f64> = samples.iter().map(|s| s.value).collect();
                Ok(join(SAMPLES, &[pack(&times, &times_config())?, pack(&values, &numbers_config())?]))
            }
            Self::Hours(hours) => encode_hours(hours),
        }
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, StoreError> {
        match split(bytes) {
            Some((SAMPLES, parts)) => {
                let [times, values] = parts[..] else { return Err(unreadable()) };
                let (times, values) = (unpack_numbers::<i64>(times)?, unpack_numbers::<f64>(values)?);
                if times.len() != values.len() {
                    return Err(unreadable());
                }
                let samples = times.into_iter().zip(values).map(|(at, value)| Sample { at: Timestamp(at), value });
                Ok(Self::Samples(samples.collect()))
            }
            Some((HOURS, parts)) => {
                let [shapes, indices, counts] = parts[..] else { return Err(unreadable()) };
                let (indices, counts) = (unpack_numbers::<i32>(indices)?, unpack_numbers::<u64>(counts)?);
                decode_hours(unpack_json(shapes)?, indices, counts).map(Self::Hours).ok_or_else(unreadable)
            }
            _ => Err(unreadable()),
        }
    }
}

fn encode_hours(hours: &[HourDistribution]) -> Result<Vec<u8>, StoreError> {
    let (mut shapes, mut indices, mut all_counts) = (Vec::new(), Vec::new(), Vec::new());
    for HourDistribution { start, distribution } in hours {
        let start = *start;
        shapes.push(match distribution {
            Distribution::Exponential { schema, zero, counts, sum } => {
                indices.extend(counts.iter().map(|(i, _)| *i));
                all_counts.push(*zero);
                all_counts.extend(counts.iter().map(|(_, n)| *n));
                Shape::Exponential { start, schema: *schema, buckets: counts.len(), sum: *sum }
            }
            Distribution::Classic { bounds, counts, sum } => {
                all_counts.extend(counts);
                Shape::Classic { start, bounds: bounds.clone(), buckets: counts.len(), sum: *sum }
            }
            Distribution::Gauges { quantiles, count } => {
                Shape::Gauges { start, quantiles: quantiles.clone(), count: *count }
            }
        });
    }
    Ok(join(HOURS, &[pack_json(&shapes)?, pack(&indices, &numbers_config())?, pack(&all_counts, &numbers_config())?]))
}

fn decode_hours(shapes: Vec<Shape>, indices: Vec<i32>, counts: Vec<u64>) -> Option<Vec<HourDistribution>> {
    let (mut indices, mut counts) = (indices.into_iter(), counts.into_iter());
    let hour = |shape| {
        let (start, distribution) = match shape {
            Shape::Exponential { start, schema, buckets, sum } => {
                let zero = counts.next()?;
                let pairs: Option<Vec<_>> = (0..buckets).map(|_| Some((indices.next()?, counts.next()?))).collect();
                (start, Distribution::Exponential { schema, zero, counts: pairs?, sum })
            }
            Shape::Classic { start, bounds, buckets, sum } => {
                let taken: Option<Vec<_>> = (0..buckets).map(|_| counts.next()).collect();
                (start, Distribution::Classic { bounds, counts: taken?, sum })
            }
            Shape::Gauges { start, quantiles, count } => (start, Distribution::Gauges { quantiles, count }),
        };
        Some(HourDistribution { start, distribution })
    };
    shapes.into_iter().map(hour).collect()
}

/// Any value as compressed JSON.
pub(crate) fn pack_json<T: Serialize>(value: &T) -> Result<Vec<u8>, StoreError> {
    let text = serde_json::to_vec(value).map_err(|e| StoreError::Encoding(e.to_string()))?;
    zstd::encode_all(&text[..], ZSTD_LEVEL).map_err(|e| StoreError::Encoding(e.to_string()))
}

/// What [`pack_json`] wrote.
pub(crate) fn unpack_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, StoreError> {
    let text = zstd::decode_all(bytes).map_err(|_| unreadable())?;
    Ok(serde_json::from_slice(&text)?)
}

/// Half the time of pco's default level for 1 % more bytes on a day of utilisation.
fn numbers_config() -> ChunkConfig {
    ChunkConfig::default().with_compression_level(4)
}

/// Times are a steady beat with breaks: told so, pco needs a tenth of the time and two thirds of the bytes.
fn times_config() -> ChunkConfig {
    numbers_config().with_delta_spec(DeltaSpec::TryConsecutive(1)).with_mode_spec(ModeSpec::Classic)
}

fn pack<T: Number>(numbers: &[T], config: &ChunkConfig) -> Result<Vec<u8>, StoreError> {
    simple_compress(numbers, config).map_err(|e| StoreError::Encoding(e.to_string()))
}

fn unpack_numbers<T: Number>(bytes: &[u8]) -> Result<Vec<T>, StoreError> {
    simple_decompress(bytes).map_err(|_| unreadable())
}

/// A tag, then each part preceded by its length.
fn join(tag: u8, parts: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = vec![tag];
    for part in parts {
        bytes.extend((part.len() as u32).to_le_bytes());
        bytes.extend(part);
    }
    bytes
}

fn split(bytes: &[u8]) -> Option<(u8, Vec<&[u8]>)> {
    let (tag, mut rest) = bytes.split_first()?;
    let mut parts = Vec::new();
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let (part, after) = after.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        parts.push(part);
        rest = after;
    }
    rest.is_empty().then_some((*tag, parts))
}

fn unreadable() -> StoreError {
    StoreError::damaged("a block cannot be decoded")
}

#[cfg(test)]
#[path = "codec_tests.rs"]
mod tests;
