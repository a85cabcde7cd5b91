use super::*;
use loadline_model::hash::seed;
use proptest::prelude::*;

fn any_number() -> impl Strategy<Value = f64> {
    prop_oneof![
        -1e12f64..1e12,
        Just(0.0),
        Just(-0.0),
        Just(f64::MIN_POSITIVE),
        Just(f64::MAX),
        (0u32..100).prop_map(f64::from)
    ]
}

fn any_samples() -> impl Strategy<Value = Vec<Sample>> {
    prop::collection::btree_map(0i64..86_400_000, any_number(), 0..300)
        .prop_map(|m| m.into_iter().map(|(at, value)| Sample { at: Timestamp(at), value }).collect())
}

fn any_distribution() -> impl Strategy<Value = Distribution> {
    let sum = || prop::option::of(any_number());
    let exponential = (-4i8..=8, any::<u64>(), prop::collection::btree_map(any::<i32>(), any::<u64>(), 0..40), sum())
        .prop_map(|(schema, zero, counts, sum)| Distribution::Exponential {
            schema,
            zero,
            counts: counts.into_iter().collect(),
            sum,
        });
    let classic = (prop::collection::vec((any_number(), any::<u64>()), 0..20), sum()).prop_map(|(pairs, sum)| {
        let (bounds, mut counts): (Vec<f64>, Vec<u64>) = pairs.into_iter().unzip();
        counts.push(7);
        Distribution::Classic { bounds, counts, sum }
    });
    let gauges = (prop::collection::vec((any_number(), any_number()), 0..6), prop::option::of(any::<u64>()))
        .prop_map(|(quantiles, count)| Distribution::Gauges { quantiles, count });
    prop_oneof![exponential, classic, gauges]
}

fn any_hours() -> impl Strategy<Value = Vec<HourDistribution>> {
    prop::collection::btree_map(0i64..24, any_distribution(), 0..24).prop_map(|hours| {
        let hour = |(h, distribution)| HourDistribution { start: Timestamp(h * 3_600_000), distribution };
        hours.into_iter().map(hour).collect()
    })
}

fn check(content: Content) -> Result<(), TestCaseError> {
    let bytes = content.encode().expect("encodes");
    prop_assert_eq!(&content.encode().expect("encodes"), &bytes, "equal content, equal bytes");
    prop_assert_eq!(Content::decode(&bytes).expect("decodes"), content);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn samples_come_back_exactly(samples in any_samples()) {
        check(Content::Samples(samples))?;
    }

    #[test]
    fn distributions_come_back_exactly(hours in any_hours()) {
        check(Content::Hours(hours))?;
    }

    #[test]
    fn a_merge_is_the_union_and_the_later_wins(a in any_samples(), b in any_samples()) {
        let merged = Content::Samples(a.clone()).merge(Content::Samples(b.clone())).expect("same kind");
        let Content::Samples(merged) = merged else { panic!("samples") };
        prop_assert!(merged.windows(2).all(|w| w[0].at < w[1].at));
        prop_assert!(b.iter().all(|s| merged.contains(s)));
        let early = a.iter().filter(|s| b.iter().all(|l| l.at != s.at));
        prop_assert!(early.clone().all(|s| merged.contains(s)));
        prop_assert_eq!(merged.len(), b.len() + early.count());
    }

    #[test]
    fn damaged_bytes_are_refused_and_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), tag in 0u8..4) {
        let mut bytes = bytes;
        bytes.insert(0, tag);
        let _either = Content::decode(&bytes);
    }
}

#[test]
fn every_truncation_is_refused() {
    let samples = (0..100).map(|i| Sample { at: Timestamp(i * 60_000), value: i as f64 }).collect();
    let bytes = Content::Samples(samples).encode().expect("encodes");
    for length in 0..bytes.len() {
        let refused = Content::decode(&bytes[..length]).expect_err("cut short");
        assert_eq!(refused.code(), "workspace_damaged");
    }
}

/// What a day of utilisation looks like: a daily wave, noise and three decimals, once a minute.
fn utilisation() -> Vec<Sample> {
    let sample = |minute: i64| {
        let wave = 0.4 + 0.2 * loadline_model::num::sin(minute as f64 / 229.0);
        let noise = (seed(&["noise", &minute.to_string()]) % 1000) as f64 / 20_000.0;
        Sample { at: Timestamp(minute * 60_000), value: ((wave + noise) * 1000.0).round() / 1000.0 }
    };
    (0..1440).map(sample).collect()
}

#[test]
fn a_day_is_small() {
    let samples = utilisation();
    let count = samples.len() as f64;
    let bytes = Content::Samples(samples).encode().expect("encodes").len() as f64;
    println!("{:.2} bytes per sample ({bytes} bytes a day)", bytes / count);
    assert!(bytes / count < 2.0, "{} bytes per sample", bytes / count);

    let latency = |h: i64| {
        let values: Vec<f64> =
            (0..500).map(|i| 0.01 + (seed(&[&h.to_string(), &i.to_string()]) % 900) as f64 / 1e3).collect();
        HourDistribution { start: Timestamp(h * 3_600_000), distribution: Distribution::from_values(&values, 3) }
    };
    let hours: Vec<HourDistribution> = (0..24).map(latency).collect();
    let json = serde_json::to_vec(&hours).expect("json").len();
    let bytes = Content::Hours(hours).encode().expect("encodes").len();
    println!("{} bytes per hourly distribution (JSON: {})", bytes / 24, json / 24);
    assert!(bytes * 5 < json, "{bytes} of {json}");
}
