"""Golden values of our statistics from other people's implementations.

python golden.py <folder> writes one JSON file per crate: inputs (small, seeded), what the reference says of them, and its
version. The crates' tests read the committed files; `cargo xtask bench --oracles` makes them again and compares.
"""

import json
import math
import pathlib
import sys
from fractions import Fraction
from importlib.metadata import version

import numpy as np
import pymannkendall
import ruptures
from hdrh.histogram import HdrHistogram
from otava.analysis import compute_change_points
from scipy import optimize, special, stats

import trees
import versions

TOOLS = ["apache-otava", "hdrhistogram", "lizard", "numpy", "packaging", "pydriller", "pymannkendall", "radon", "ruptures", "scipy", "semantic-version", "truckfactor", "univers"]

# Gunther, Guerrilla Capacity Planning (Springer 2007): SPEC SDM91 on a SPARCcenter 2000, users and scripts per hour. The
# same seven points are `specsdm91` of the R package usl, which prints alpha 0.0277285, beta 0.0001044, gamma 89.9952330
# (README of github.com/smoeding/usl) and the efficiencies 0.7211 0.6148 0.5100 0.2860 0.1882 0.1370 0.0876
# (tests/efficiency.Rout.save), from which the points follow.
SPECSDM91 = [(1, 64.9), (18, 995.9), (36, 1652.4), (72, 1853.2), (108, 1828.9), (144, 1775.0), (216, 1702.2)]
PUBLISHED = {"alpha": 0.0277285, "beta": 0.0001044, "gamma": 89.9952330, "peak": 96.5}


def plain(value):
    """JSON with 12 significant digits, so that the last bits of a machine's linear algebra do not show."""
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain(v) for v in value]
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating, Fraction)):
        return float(f"{float(value):.11e}")
    return value


def draws(seed):
    return np.random.Generator(np.random.PCG64(seed))


def rounded(values, digits=6):
    return [float(f"{v:.{digits}g}") for v in values]


# Distributions


def native_bucket(value, schema):
    """Bucket of Prometheus' native histograms: the smallest i with value <= 2^(i / 2^schema), by comparison of bounds."""
    scale = 2.0**schema
    i = math.floor(math.log2(value) * scale) - 2
    while 2.0 ** (i / scale) * (1 + 1e-12) < value:
        i += 1
    return i


def histogram_quantile(q, bounds, counts):
    """Prometheus' rule for classic buckets: the first that reaches the rank, linear inside; null beyond the last bound."""
    rank, below = q * sum(counts), 0
    for low, high, count in zip([0.0] + bounds, bounds, counts):
        if count and below + count >= rank:
            return low + (high - low) * (rank - below) / count
        below += count
    return None


def model():
    samples = {
        "lognormal": rounded(draws(1).lognormal(-1.6, 0.5, 400)),
        "two humps": rounded(np.concatenate([draws(2).gamma(9, 0.004, 300), draws(3).gamma(16, 0.05, 100)])),
        "powers of two": [2.0**k for k in range(-6, 7)] * 8,
    }
    native = []
    for name, values in samples.items():
        for schema in [-1, 0, 3, 5, 8]:
            buckets, counts = np.unique([native_bucket(v, schema) for v in values], return_counts=True)
            native.append({"name": name, "schema": schema, "buckets": list(zip(buckets, counts))})
    wanted = [0.01, 0.25, 0.5, 0.9, 0.95, 0.99, 1.0]
    exact = {name: [[q, np.quantile(v, q, method="inverted_cdf")] for q in wanted] for name, v in samples.items()}
    bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5]
    classic = []
    for name, values in samples.items():
        counts = np.bincount(np.searchsorted(bounds, values, side="left"), minlength=len(bounds) + 1)
        found = [[q, histogram_quantile(q, bounds, counts)] for q in wanted]
        classic.append({"name": name, "bounds": bounds, "counts": counts, "quantiles": found})
    parts = [rounded(draws(10 + k).lognormal(-1.9 + 0.5 * k, 0.4, 400), 5) for k in range(3)]
    whole = HdrHistogram(1, 3_600_000_000, 3)
    for part in parts:
        one = HdrHistogram(1, 3_600_000_000, 3)
        for v in part:
            one.record_value(round(v * 1e6))
        whole.add(one)
    merged = np.concatenate(parts)
    hdr = {
        "parts": parts,
        "quantiles": [
            [q, whole.get_value_at_percentile(100 * q) / 1e6, np.quantile(merged, q, method="inverted_cdf")]
            for q in [0.25, 0.5, 0.9, 0.95, 0.99]
        ],
    }
    ranks = [
        {"values": values, "quantiles": [[q, np.quantile(values, q)] for q in [0.0, 0.1, 0.5, 0.77, 0.95, 1.0]]}
        for values in [[3.0], [2.0, 1.0], rounded(draws(5).normal(0, 3, 41)), rounded(draws(6).normal(0, 3, 60))]
    ]
    return {"samples": samples, "exact": exact, "native": native, "classic": classic, "merged": hdr, "linear": ranks}


# Before and after


def stepped(seed, levels, noise=0.04):
    random = draws(seed)
    flat = np.concatenate([np.full(n, level) for n, level in levels])
    return rounded(flat * np.exp(noise * random.standard_normal(len(flat))))


def divergence(x, y):
    """E-divisive Q by its definition: every pair counted, none with itself."""
    x, y = np.asarray(x), np.asarray(y)
    between = np.abs(x[:, None] - y[None, :]).mean()

    def within(z):
        return np.abs(z[:, None] - z[None, :])[~np.eye(len(z), dtype=bool)].mean() if len(z) > 1 else 0.0

    return len(x) * len(y) / (len(x) + len(y)) * (2 * between - within(x) - within(y))


def change_points():
    series = {
        "a third slower": stepped(21, [(28, 1.0), (20, 1.33)]),
        "half": stepped(22, [(20, 0.8), (40, 0.4)]),
        "an eighth": stepped(23, [(45, 0.2), (45, 0.225)]),
        "up and down again": stepped(24, [(30, 1.0), (25, 1.5), (30, 0.9)]),
        "two steps in a year": stepped(25, [(70, 1.4), (30, 0.26), (25, 0.5)]),
        "quiet": stepped(26, [(60, 0.3)]),
    }
    cases = []
    for name, values in series.items():
        logs = np.log(values)
        noise = (np.median(np.abs(np.diff(logs))) / (stats.norm.ppf(0.75) * math.sqrt(2))) ** 2
        penalty = 3 * math.log(len(logs)) * noise
        pelt = ruptures.Pelt(model="l2", min_size=5, jump=1).fit(logs[:, None]).predict(pen=penalty)[:-1]
        binary = ruptures.Binseg(model="l2", min_size=5, jump=1).fit(logs[:, None]).predict(pen=penalty)[:-1]
        found, _ = compute_change_points(list(logs), window_len=50, max_pvalue=0.001, min_magnitude=0.0)
        relative = []
        bounds = [0] + [c.index for c in found] + [len(values)]
        for a, b, c in zip(bounds, bounds[1:], bounds[2:]):
            relative.append(abs(np.median(values[b:c]) / np.median(values[a:b]) - 1))
        cases.append(
            {
                "name": name,
                "series": values,
                "pelt": pelt,
                "binseg": binary,
                "otava": [c.index for c, r in zip(found, relative) if r >= 0.05],
            }
        )
    plain_series = rounded(draws(27).normal(5, 1, 24))
    splits = [[tau, kappa, divergence(plain_series[:tau], plain_series[tau:kappa])] for tau in (1, 5, 12, 20) for kappa in (21, 24)]
    return {"series": cases, "divergence": {"series": plain_series, "splits": splits}}


def sign_flips():
    cases = []
    for seed, n, shift in [(31, 6, 0.3), (32, 7, 0.05), (33, 10, -0.1), (34, 12, 0.0), (35, 14, -0.08), (36, 14, 0.02)]:
        random = draws(seed)
        values, weights = rounded(random.normal(shift, 0.15, n)), rounded(random.uniform(6, 24, n), 3)
        terms = np.array(values) * np.array(weights)
        found = stats.permutation_test(
            (terms,), np.sum, permutation_type="samples", n_resamples=np.inf, alternative="two-sided"
        )
        cases.append({"pairs": list(zip(values, weights)), "p": found.pvalue})
    return cases


def intervals():
    cases = []
    for seed, n in [(41, 14), (42, 13), (44, 30)]:
        random = draws(seed)
        values, weights = random.normal(-0.2, 0.1, n), rounded(random.uniform(6, 24, n), 3)
        values = rounded(values)
        centred = np.array(values) - np.mean(values)
        lag1 = float((centred[1:] * centred[:-1]).sum() / (centred**2).sum())
        assert lag1 <= 0.3, "in blocks there is no reference"
        weighed = np.array(values) * np.array(weights)
        found = stats.bootstrap(
            (weighed, np.array(weights)),
            lambda a, w, axis=-1: a.sum(axis=axis) / w.sum(axis=axis),
            paired=True,
            method="percentile",
            confidence_level=0.95,
            n_resamples=200_000,
            batch=10_000,
            rng=draws(seed + 1000),
        ).confidence_interval
        cases.append(
            {
                "pairs": list(zip(values, weights)),
                "lag1": lag1,
                "mean": np.average(values, weights=weights),
                "low": found.low,
                "high": found.high,
            }
        )
    return cases


def stats_values():
    wilson = []
    for hits, total in [(7, 25), (0, 40), (11, 200), (82, 1000), (3, 3), (412, 5000)]:
        for level in (0.90, 0.95):
            found = stats.binomtest(hits, total).proportion_ci(confidence_level=level, method="wilson")
            wilson.append([hits, total, stats.norm.ppf((1 + level) / 2), found.low, found.high])
    p_values = [[0.01, 0.04, 0.03, 0.005], [0.2], [0.5, 0.5, 0.01, 0.01, 0.9], rounded(draws(51).uniform(0, 1, 20) ** 3)]
    welch = []
    for seed, n, m, gap, spread in [(61, 12, 9, 0.0, 1.0), (62, 5, 30, 0.4, 2.0), (63, 40, 40, 0.05, 1.0), (64, 8, 8, 3.0, 0.3)]:
        random = draws(seed)
        left, right = rounded(random.normal(1, 0.2, n)), rounded(random.normal(1 + gap, 0.2 * spread, m))
        welch.append({"left": left, "right": right, "p": stats.ttest_ind(left, right, equal_var=False).pvalue})
    cliffs = []
    for seed, n, m in [(71, 9, 7), (72, 14, 14)]:
        random = draws(seed)
        before, after = random.integers(0, 12, n).astype(float), random.integers(2, 14, m).astype(float)
        u = stats.mannwhitneyu(after, before).statistic
        cliffs.append({"before": before, "after": after, "delta": 2 * u / (n * m) - 1})
    odds = []
    for before, after in [((20, 1000), (11, 900)), ((0, 50), (50, 50)), ((480, 500), (495, 500))]:
        # Half an observation is added to each cell; twice the table is whole again and has the same odds.
        table = [[2 * after[0] + 1, 2 * (after[1] - after[0]) + 1], [2 * before[0] + 1, 2 * (before[1] - before[0]) + 1]]
        ratio = stats.contingency.odds_ratio(table, kind="sample").statistic
        odds.append({"before": before, "after": after, "theta": math.log(ratio)})
    beta = [[x, a, b, special.betainc(a, b, x)] for x in (0.01, 0.3, 0.77, 0.999) for a, b in ((0.5, 0.5), (3.7, 0.5), (40, 0.5))]
    return {
        "wilson": wilson,
        "benjamini_hochberg": [[p, stats.false_discovery_control(p)] for p in p_values],
        "welch": welch,
        "beta": beta,
        "cliffs_delta": cliffs,
        "log_odds": odds,
        "sign_flip": sign_flips(),
        "bootstrap": intervals(),
        "change_points": change_points(),
    }


# Capacity


def erlang(servers, arrivals, rate):
    """Erlang C by the factorial formula in exact rational numbers."""
    load, rho = Fraction(arrivals) / Fraction(rate), Fraction(arrivals) / Fraction(rate) / servers
    term, below = Fraction(1), Fraction(1)
    for k in range(1, servers):
        term *= load / k
        below += term
    last = term * load / servers / (1 - rho)
    probability = last / (below + last)
    wait = probability / (servers * Fraction(rate) - Fraction(arrivals))
    return probability, wait, wait + 1 / Fraction(rate)


def usl(n, gamma, alpha, beta):
    return gamma * n / (1 + alpha * (n - 1) + beta * n * (n - 1))


def fitted(points, start):
    n, x = np.array(points, dtype=float).T
    found, _ = optimize.curve_fit(usl, n, x, p0=start, ftol=1e-14, xtol=1e-14, gtol=1e-14)
    gamma, alpha, beta = found
    return {"points": points, "gamma": gamma, "alpha": alpha, "beta": beta, "peak": math.sqrt((1 - alpha) / beta)}


def capacity():
    queues = []
    for servers, arrivals, rate in [(1, 0.5, 1), (4, 3, 1), (8, 6, 1), (20, 14, 1), (10, 400, 50), (12, 400, 50), (60, 57, 1), (200, 190, 1)]:
        probability, wait, response = erlang(servers, arrivals, rate)
        longer = float(probability) * math.exp(-(servers * rate - arrivals) * 0.25 / rate)
        queues.append([servers, arrivals, rate, probability, wait, response, 0.25 / rate, longer])
    lines = []
    for seed, n, outliers in [(81, 12, 0), (82, 26, 3), (83, 9, 1)]:
        random = draws(seed)
        x = np.arange(n, dtype=float)
        y = np.array(rounded(2 + 0.3 * x + random.normal(0, 0.4, n)))
        y[random.integers(0, n, outliers)] *= 5
        found = stats.theilslopes(y, x, method="joint")
        lines.append({"points": list(zip(x, y)), "slope": found.slope, "intercept": found.intercept})
    levels = [1, 2, 4, 8, 16, 32, 64, 96]
    noise = np.exp(0.02 * draws(91).standard_normal(len(levels)))
    noisy = [(n, v) for n, v in zip(levels, rounded(usl(np.array(levels), 100, 0.05, 0.0005) * noise))]
    no_single = [(n, v) for n, v in zip(levels[1:], rounded(usl(np.array(levels[1:]), 40, 0.02, 0.001) * noise[1:]))]
    laws = [{**fitted(SPECSDM91, [65, 0.02, 1e-4]), "published": PUBLISHED}, fitted(noisy, [90, 0.04, 4e-4]), fitted(no_single, [35, 0.03, 8e-4])]
    months = 30.4375
    forecasts = []
    for u, line in [(0.42, 0.70), (0.55, 0.80), (0.60, 0.85), (0.31, 0.70)]:
        for gamma in (0.6, 1.0, 1.4):
            for growth in (0.15, 0.20, 0.25):
                days = optimize.brentq(lambda t: u * (1 + growth) ** (gamma * t / months) - line, 0, 5000, xtol=1e-10)
                multiple = optimize.brentq(lambda m: u * m**gamma - line, 1, 1000, xtol=1e-12)
                forecasts.append([u, line, gamma, growth, days, multiple])
    growths = []
    for seed, n, growth in [(101, 20, 0.2), (102, 26, 0.05), (103, 12, -0.05)]:
        weeks = np.arange(n, dtype=float)
        peaks = rounded(50 * (1 + growth) ** (weeks * 7 / months) * np.exp(0.05 * draws(seed).standard_normal(n)))
        found = stats.theilslopes(np.log(peaks), weeks, alpha=0.8)
        monthly = [math.exp(s * months / 7) - 1 for s in (found.low_slope, found.slope, found.high_slope)]
        growths.append({"peaks": peaks, "monthly": monthly})
    return {"queues": queues, "growths": growths, "lines": lines, "laws": laws, "forecasts": forecasts}


def code():
    trends = []
    for seed, n, slope, digits in [(95, 12, 0.0, 3), (96, 12, 0.5, 3), (97, 12, 0.15, 1), (98, 24, -0.1, 2), (99, 5, 1.0, 2), (100, 30, 0.02, 1)]:
        values = rounded(10 + slope * np.arange(n) + draws(seed).normal(0, 0.8, n), digits + 1)
        found = pymannkendall.original_test(values)
        trends.append({"samples": values, "slope": stats.theilslopes(values).slope, "p": found.p})
    return {"trends": trends, "complexity": trees.complexity(), "histories": trees.histories(), "versions": versions.orders()}


def main():
    folder = pathlib.Path(sys.argv[1])
    tools = {tool: version(tool) for tool in TOOLS}
    for name, made in [("model", model), ("stats", stats_values), ("capacity", capacity), ("code", code)]:
        text = json.dumps({"generator": "tests/oracles/golden.py", "tools": tools, **plain(made())}, separators=(",", ":"))
        (folder / f"{name}.json").write_text(text + "\n")


main()
