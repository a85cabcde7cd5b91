"""Pairs of versions, and which of them other people's implementations put first.

packaging orders PyPI's versions, semantic_version those of npm, crates.io and Go, univers those of RubyGems, Maven and NuGet.
"""

import random

from packaging.version import Version
from semantic_version import Version as Semver
from univers.versions import MavenVersion, NugetVersion, RubygemsVersion

CASES = 120


def number(draw):
    return str(draw.choice([0, 0, 1, 1, 2, 3, 9, 10, 11, 20]))


def numbers(draw, least, most):
    return ".".join(number(draw) for _ in range(draw.randint(least, most)))


def semver(draw):
    words = ["alpha", "beta", "rc", "x-y", "a1", "1", "10", "2", "0"]
    before = "-" + ".".join(draw.choice(words) for _ in range(draw.randint(1, 3)))
    return draw.choice([before, ""]) + draw.choice(["", "", "", "+build.5"])


def pep440(draw):
    words = ["a", "b", "c", "rc", "alpha", "beta", "pre", "preview"]
    before = draw.choice(["", ".", "-", "_"]) + draw.choice(words) + draw.choice(["", "1", ".2", "10"])
    after = draw.choice([".post1", "-post2", ".rev3", "-4", ".post"])
    development = draw.choice([".dev1", "dev2", "-dev"])
    local = draw.choice(["+abc.1", "+5", "+abc-2"])
    return "".join(part for part in (before, after, development, local) if draw.random() < 0.4)


def gem(draw):
    return draw.choice(["", "", ".a", ".b1", ".rc2", ".pre.1", "-rc1", ".alpha10", ".beta.0", ".0a1", ".0"])


def maven(draw):
    # Not RELEASE, which univers does not know to mean nothing, no word that means nothing before another, and no word behind a
    # dot, which Maven 4 orders otherwise than those before it.
    words = ["-alpha", "-beta-2", "-rc1", "-RC2", "-M3", "-SNAPSHOT", "-sp1", "-jre", "-b12", "-1", "a1"]
    nothing = draw.choice(["", "", "", ".Final", "-GA", ".0"])
    return "".join(draw.choice(words) for _ in range(draw.randint(0, 2))) + nothing


def nuget(draw):
    return draw.choice(["", "", "-alpha", "-Beta.2", "-BETA.2", "-rc.10", "-rc.9", "-preview1"])


# How many numbers a version has, what may stand behind them, and who orders it.
KINDS = {
    "npm": ((3, 3), semver, Semver),
    "PyPI": ((1, 4), pep440, Version),
    "RubyGems": ((1, 4), gem, RubygemsVersion),
    "Maven": ((1, 4), maven, MavenVersion),
    "NuGet": ((2, 4), nuget, NugetVersion),
}


def orders():
    made = []
    for name, (length, behind, read) in KINDS.items():
        draw = random.Random(name)
        for _ in range(CASES):
            core = numbers(draw, *length)
            # The same numbers half of the time: near neighbours tell more than strangers.
            other = core if draw.random() < 0.5 else numbers(draw, *length)
            a, b = core + behind(draw), other + behind(draw)
            x, y = read(a), read(b)
            made.append({"ecosystem": name, "a": a, "b": b, "order": (x > y) - (x < y)})
    return made
