//! Generated source text of eight languages, a file at a time: nothing of it is kept.

use super::{Numbers, file, history, signed};
use std::io::{Result, Write};

/// Files of two million lines.
pub(super) const FILES: u64 = 20_000;
/// Lines of a file.
pub(super) const LINES: u64 = 100;

/// Ending, first lines, ten lines of a function (`@` is a number), last line.
const LANGUAGES: [(&str, &str, &str, &str); 8] = [
    (
        "py",
        "import requests\nfrom shop.part@ import names\n",
        "def work_@(user, order, limit=@):\n    total = 0\n    for line in order:\n        if line.open and user.known or limit > @:\n            total += line.price * @\n        elif line.free:\n            total -= 1\n    return requests.get(ADDRESS, timeout=@).json(), total\n\nLIMIT_@ = @\n",
        "",
    ),
    (
        "ts",
        "import { names } from '../part@/names';\nimport axios from 'axios';\n",
        "export async function work@(user: User, order: Line[]) {\n  let total = @;\n  for (const line of order) {\n    if (line.open && user.known || total > @) {\n      total += line.price;\n    } else { total -= @; }\n  }\n  await axios.get(`/x/${total}`, { timeout: @ });\n  return total;\n}\n",
        "",
    ),
    (
        "js",
        "const names = require('../part@/names');\nconst db = require('db');\n",
        "exports.work@ = async (user, order) => {\n  let total = @;\n  for (const line of order) {\n    if (line.open && user.known || total > @) {\n      total += line.price;\n    } else { total -= @; }\n  }\n  await db.query('SELECT id FROM t WHERE a = @ LIMIT 1');\n  return total;\n};\n",
        "",
    ),
    (
        "go",
        "package part\nimport \"shop/part@\"\n",
        "func Work@(user User, order []Line) int {\n\ttotal := @\n\tfor _, line := range order {\n\t\tif line.Open && user.Known || total > @ {\n\t\t\ttotal += line.Price\n\t\t} else {\n\t\t\ttotal -= @\n\t\t}\n\t}\n\treturn total }\n",
        "",
    ),
    (
        "rs",
        "use crate::part@::names;\nuse std::collections::BTreeMap;\n",
        "pub fn work_@(user: &User, order: &[Line]) -> u64 {\n    let mut total = @;\n    for line in order {\n        if line.open && user.known || total > @ {\n            total += line.price;\n        } else {\n            total -= @;\n        }\n    }\n    total }\n",
        "",
    ),
    (
        "java",
        "import shop.part@.Names;\nclass Part@ {\n",
        "  int work@(User user, List<Line> order) {\n    int total = @;\n    for (Line line : order) {\n      if (line.open && user.known || total > @) {\n        total += line.price;\n      } else {\n        total -= @;\n      }\n    }\n    return total; }\n",
        "}\n",
    ),
    (
        "rb",
        "require 'part@/names'\nclass Part@\n",
        "  def work_@(user, order)\n    total = @\n    order.each do |line|\n      if line.open && user.known || total > @\n        total += line.price\n      else\n        total -= @\n      end\n    end\n  end\n",
        "end\n",
    ),
    (
        "php",
        "<?php\nuse Shop\\Part@\\Names;\n",
        "function work@($user, $order) {\n  $total = @;\n  foreach ($order as $line) {\n    if ($line->open && $user->known || $total > @) {\n      $total += $line->price;\n    } else {\n      $total -= @;\n    }\n  }\n  return $total; }\n",
        "",
    ),
];

/// Writes one commit of so many files as `git fast-import` reads it.
pub(super) fn write(out: &mut dyn Write, files: u64) -> Result<()> {
    let mut numbers = Numbers(11);
    writeln!(out, "commit refs/heads/main\nmark :1")?;
    signed(out, "ann", history::end().plus_days(-30))?;
    for n in 0..files {
        let (ending, first, body, last) = LANGUAGES[(n % 8) as usize];
        let mut text = filled(first, &mut numbers);
        let about = LINES as usize - first.lines().count() - last.lines().count();
        let mut lines = 0;
        while lines + body.lines().count() <= about {
            text += &filled(body, &mut numbers);
            lines += body.lines().count();
        }
        let comment = if ending == "py" || ending == "rb" { "# why\n" } else { "// why\n" };
        text += &comment.repeat(about - lines);
        text += last;
        file(out, &format!("src/part{}/room{}/file{n}.{ending}", n % 200, n % 31), &text)?;
    }
    writeln!(out)
}

fn filled(text: &str, numbers: &mut Numbers) -> String {
    let mut parts = text.split('@');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        filled += &numbers.below(200).to_string();
        filled += part;
    }
    filled
}
