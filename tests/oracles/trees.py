"""Small source files and histories, and what other people's tools say of them.

Files are random programs of one shape in nine languages; lizard and radon count their paths. Histories are streams of
`git fast-import`; pydriller counts commits by file and truckfactor how many people know most of it.
"""

import random
import subprocess
import sys
import tempfile
from datetime import datetime, timezone

import lizard
from pydriller import ModificationType, Repository
from pydriller.metrics.process.commits_count import CommitsCount
from radon.complexity import cc_visit

# How a language writes: ending, and-or, and each construct with its head. `{c}` is a condition, `{n}` a number.
BRACES = {
    "if": "if ({c}) {{",
    "elif": "}} else if ({c}) {{",
    "else": "}} else {{",
    "while": "while ({c}) {{",
    "try": "try {{",
    "switch": "switch (a{n}) {{",
    "case": "case {n}:",
    "default": "default:",
    "end": "}}",
}
LANGUAGES = {
    "js": BRACES | {"for": "for (const x of a) {{", "catch": "}} catch (e) {{", "break": True},
    "ts": BRACES | {"for": "for (const x of a) {{", "catch": "}} catch (e) {{", "break": True},
    "java": BRACES | {"for": "for (int x : a) {{", "catch": "}} catch (E e) {{", "break": True},
    "cs": BRACES | {"for": "foreach (var x in a) {{", "catch": "}} catch (E e) {{", "break": True},
    "php": BRACES | {"for": "foreach ($a as $x) {{", "catch": "}} catch (E $e) {{", "switch": "switch ($a{n}) {{", "break": True},
    "go": BRACES | {"if": "if {c} {{", "elif": "}} else if {c} {{", "for": "for _, x := range a {{", "while": "for {c} {{", "switch": "switch a{n} {{", "try": None},
    "rs": BRACES | {"if": "if {c} {{", "elif": "}} else if {c} {{", "for": "for x in a {{", "while": "while {c} {{", "switch": "match a{n} {{", "case": "{n} => {{", "default": "_ => {{", "arms": True, "try": None},
    "py": {"if": "if {c}:", "elif": "elif {c}:", "else": "else:", "for": "for x in a:", "while": "while {c}:", "try": "try:", "catch": "except ValueError:", "switch": "match a{n}:", "case": "case {n}:", "default": "case _:", "indented": True},
    # lizard ends a function of Ruby early at `case` and at loops in loops.
    "rb": {"if": "if {c}", "elif": "elsif {c}", "else": "else", "for": "a.each do |x|", "while": None, "try": "begin", "catch": "rescue E", "switch": None, "end": "end"},
}


class Writer:
    """Writes one program in one language; every language makes the same choices from the same seed."""

    def __init__(self, language, seed):
        self.language, self.words, self.random = language, LANGUAGES[language], random.Random(seed)
        self.lines, self.used = [], {}

    def put(self, depth, text):
        self.lines.append("    " * depth + text)

    def note(self, what):
        self.used[what] = self.used.get(what, 0) + 1

    def head(self, depth, what):
        condition = self.condition() if "{c}" in self.words[what] else ""
        text = self.words[what].format(c=condition, n=self.random.randint(1, 9))
        self.note(what)
        self.put(depth, text)

    def condition(self):
        atoms, text = self.random.choice([1, 1, 2, 3]), ""
        for n in range(atoms):
            word = self.random.choice(["and", "or"])
            if n:
                self.note("operator")
                text += f" {word} " if self.language == "py" else " && " if word == "and" else " || "
            text += ("$" if self.language == "php" else "") + f"b{self.random.randint(1, 9)}"
        return text

    def end(self, depth):
        if "end" in self.words:
            self.put(depth, self.words["end"].format())

    def call(self, depth):
        name = f"f{self.random.randint(1, 99)}()"
        self.put(depth, name + ("" if self.language in ("py", "rb", "go") else ";"))

    def body(self, depth, left):
        for _ in range(self.random.randint(1, 2)):
            kind = self.random.choice(["call", "if", "if", "for", "while", "switch", "try"]) if left else "call"
            if kind == "call" or not self.words[kind]:
                self.call(depth)
                continue
            if kind == "if":
                self.head(depth, "if")
                self.body(depth + 1, left - 1)
                for word in ["elif", "else"]:
                    if self.random.random() < 0.4:
                        self.head(depth, word)
                        self.body(depth + 1, left - 1)
            elif kind == "try":
                self.head(depth, "try")
                self.body(depth + 1, left - 1)
                self.head(depth, "catch")
                self.call(depth + 1)
            elif kind == "switch":
                self.head(depth, "switch")
                for word in ["case"] * self.random.randint(1, 3) + ["default"]:
                    self.head(depth + 1, word)
                    self.call(depth + 2)
                    if self.words.get("break"):
                        self.put(depth + 2, "break;")
                    if self.words.get("arms"):
                        self.put(depth + 1, "}")
            else:
                self.head(depth, kind)
                self.body(depth + 1, left - 1)
            self.end(depth)


def program(language, seed):
    """The text of a file, and for each function which constructs it holds."""
    begin, end = {
        "js": ("", ""), "ts": ("", ""), "py": ("", ""), "rs": ("", ""), "rb": ("", ""),
        "java": ("class A {\n", "}\n"), "cs": ("class A {\n", "}\n"), "php": ("<?php\n", ""), "go": ("package a\n", ""),
    }[language]
    head = {
        "js": "function {f}(a) {{", "ts": "function {f}(a: number[]) {{", "java": "void {f}(int[] a) {{", "cs": "void {f}(int[] a) {{",
        "php": "function {f}($a) {{", "go": "func {f}(a []int) {{", "rs": "fn {f}(a: &[u8]) {{", "py": "def {f}(a):", "rb": "def {f}(a)",
    }[language]
    text, functions = begin, []
    for n in range(8):
        writer = Writer(language, f"{seed}/{n}")
        writer.put(0, head.format(f=f"work{n}"))
        writer.body(1, 3)
        writer.end(0)
        text += "\n".join(writer.lines) + "\n\n"
        functions.append({"name": f"work{n}", "uses": dict(sorted(writer.used.items()))})
    return text + end, functions


def complexity():
    files = []
    for language in LANGUAGES:
        path = f"work.{language}"
        text, functions = program(language, 1)
        found = lizard.analyze_file.analyze_source_code(path, text).function_list
        counted = {f.name.split("::")[-1]: f.cyclomatic_complexity for f in found}
        paths = {f.name: f.complexity for f in cc_visit(text)} if language == "py" else {}
        for function in functions:
            function["lizard"] = counted[function["name"]]
            if paths:
                function["radon"] = paths[function["name"]]
        files.append({"path": path, "text": text, "functions": functions})
    return files


# Histories: people own so many files each.
OWNERS = {
    "one": [8],
    "two": [6, 2],
    "three": [5, 4, 3],
    "equals": [4, 4, 4],
    "one and helpers": [10, 1, 1, 1, 1],
    "exactly half": [3, 3, 3, 3],
    "an odd number": [5, 4, 2],
}
BEGIN = 1_772_323_200  # 2026-03-01
NAMES = ["Ann Lee", "Bo Lee", "Cy Lee", "Di Lee", "Ed Lee"]
BOT = "renovate[bot]"


class Stream:
    """A history as `git fast-import` reads it."""

    def __init__(self):
        self.text, self.mark = "", 0

    def commit(self, who, changes, branch="main", parents=None):
        self.mark += 1
        name = who.lower().replace(" ", ".").replace("[bot]", "")
        signed = f"{who} <{name}@acme.io> {BEGIN + self.mark * 3600} +0000"
        self.text += f"commit refs/heads/{branch}\nmark :{self.mark}\nauthor {signed}\ncommitter {signed}\ndata 4\nwork\n"
        parents = parents if parents is not None else [self.mark - 1] if self.mark > 1 else []
        for word, parent in zip(["from", "merge"], parents):
            self.text += f"{word} :{parent}\n"
        for change in changes:
            self.text += change + "\n"
        self.text += "\n"
        return self.mark


def file(path, n, version):
    text = "".join(f"v{n}_{line} = {100 + version if line == version % 5 else 0}\n" for line in range(5))
    return f"M 100644 inline {path}\ndata {len(text)}\n{text}"


def owned(counts):
    """Everybody makes their own files and changes them twice."""
    stream, n = Stream(), 0
    for who, count in zip(NAMES, counts):
        for _ in range(count):
            for version in range(3):
                stream.commit(who, [file(f"src/file{n}.py", n, version)])
            n += 1
    return stream.text


def busy(seed):
    """Random changes with renames, deletions, a machine, and branches that are merged."""
    stream, numbers = Stream(), random.Random(seed)
    files = [(f"src/file{n}.py", n) for n in range(12)]
    last = stream.commit(NAMES[0], [file(path, n, 0) for path, n in files])
    for version in range(1, 100):
        who = numbers.choice(NAMES + [BOT])
        at = numbers.randrange(len(files))
        path, n = files[at]
        if version % 11 == 0:
            moved = f"src/moved/file{version}.py"
            last = stream.commit(who, [f"R {path} {moved}", file(moved, n, version)], parents=[last])
            files[at] = (moved, n)
        elif version % 37 == 0:
            last = stream.commit(who, [f"D {path}"], parents=[last])
            del files[at]
        elif version % 17 == 0:
            new = (f"src/side{version}.py", 1000 + version)
            side = stream.commit(who, [file(*new, version)], branch=f"side{version}", parents=[last])
            last = stream.commit(NAMES[1], [file(*new, version)], parents=[last, side])
            files.append(new)
        else:
            some = numbers.sample(files, numbers.randint(1, 3))
            last = stream.commit(who, [file(path, n, version) for path, n in some], parents=[last])
    return stream.text


def commits_by_file(folder):
    """What pydriller's own metric says, and how many of those commits a machine made, found by the same walk."""
    since, to = datetime.fromtimestamp(BEGIN - 1, timezone.utc), datetime.fromtimestamp(BEGIN + 10**7, timezone.utc)
    whole = CommitsCount(folder, since=since, to=to).count()
    bots, renamed = {}, {}
    for commit in Repository(folder, since=since, to=to, order="reverse").traverse_commits():
        for modified in commit.modified_files:
            path = renamed.get(modified.new_path, modified.new_path)
            if modified.change_type == ModificationType.RENAME:
                renamed[modified.old_path] = path
            if commit.author.name == BOT:
                bots[path] = bots.get(path, 0) + 1
    return {path: [count, bots.get(path, 0)] for path, count in sorted(whole.items(), key=str) if path}


def histories():
    made = []
    streams = {name: owned(counts) for name, counts in OWNERS.items()} | {"busy": busy(1), "busier": busy(2)}
    for name, stream in streams.items():
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(["git", "init", "-q", "-b", "main", folder], check=True)
            subprocess.run(["git", "fast-import", "--quiet"], cwd=folder, input=stream.encode(), check=True)
            words = [sys.executable, "-m", "truckfactor.compute", folder, "--output=csv"]
            # A process of its own: the tool keeps renames from one repository to the next.
            said = subprocess.run(words, cwd="/", check=True, capture_output=True, text=True).stdout
            case = {"name": name, "stream": stream, "commits": commits_by_file(folder)}
            if name in OWNERS:
                case["truckfactor"] = int(said.split(",")[2])
            made.append(case)
    return made
