//! Timers, schedulers and work without an owner beside requests. Whether the process serves requests is asked of the
//! repository: a file of a worker is no web process.

use super::pattern::{Pattern, Words, find_calls, find_words};
use super::{Idiom, What};
use crate::language::Language;
use crate::read::Source;

const PATTERNS: &[Pattern] = &[
    Pattern {
        on: &["", "global", "window"],
        likely: false,
        ..Pattern::of(Language::JavaScript, &["setInterval"], "a timer in the process")
    },
    Pattern {
        on: &["cron", "schedule", "nodeCron"],
        ..Pattern::of(Language::JavaScript, &["schedule", "scheduleJob"], "a schedule in the process")
    },
    Pattern::of(Language::JavaScript, &["CronJob", "Cron", "Interval"], "a schedule in the process"),
    Pattern {
        on: &["background_tasks", "background", "tasks"],
        ..Pattern::of(Language::Python, &["add_task"], "`BackgroundTasks` runs in the process that answered")
    },
    Pattern {
        ..Pattern::of(
            Language::Python,
            &["BackgroundScheduler", "AsyncIOScheduler"],
            "a schedule in the process (APScheduler)",
        )
    },
    Pattern {
        on: &["threading", "asyncio", "loop", ""],
        file_with: &["import threading", "from threading", "import asyncio"],
        likely: false,
        ..Pattern::of(
            Language::Python,
            &["Thread", "create_task", "ensure_future", "Timer"],
            "work that nobody waits for",
        )
    },
    Pattern {
        on: &["Scheduler"],
        file_with: &["Rufus", "rufus"],
        ..Pattern::of(Language::Ruby, &["new"], "a schedule in the process (Rufus)")
    },
    Pattern {
        on: &["Thread"],
        likely: false,
        ..Pattern::of(Language::Ruby, &["new"], "a thread that nobody waits for")
    },
    Pattern::of(Language::Java, &["Scheduled"], "`@Scheduled` runs in every member"),
    Pattern {
        likely: false,
        ..Pattern::of(
            Language::Java,
            &["Async", "newScheduledThreadPool", "newSingleThreadScheduledExecutor"],
            "work beside requests in the process",
        )
    },
    Pattern { likely: false, on: &["Task"], ..Pattern::of(Language::CSharp, &["Run"], "work that nobody waits for") },
    Pattern {
        on: &[""],
        ..Pattern::of(Language::Php, &["fastcgi_finish_request"], "work after the answer in the worker that gave it")
    },
    Pattern {
        on: &["cron", "gocron"],
        ..Pattern::of(Language::Go, &["New", "NewScheduler"], "a schedule in the process")
    },
    Pattern {
        on: &["time"],
        likely: false,
        ..Pattern::of(Language::Go, &["NewTicker", "Tick"], "a timer in the process")
    },
    Pattern { on: &["JobScheduler"], ..Pattern::of(Language::Rust, &["new"], "a schedule in the process") },
    Pattern {
        on: &["tokio", "task"],
        likely: false,
        ..Pattern::of(Language::Rust, &["spawn"], "work that nobody waits for")
    },
];

const WORDS: &[Words] = &[
    Words {
        language: Language::Go,
        all: &["go func("],
        none: &[],
        likely: false,
        how: "a goroutine that nobody waits for",
    },
    Words {
        language: Language::CSharp,
        all: &["AddHostedService<"],
        none: &[],
        likely: true,
        how: "`AddHostedService` runs in every member",
    },
];

/// Folders of programs that serve no requests.
const WORKERS: &[&str] =
    &["worker", "jobs", "tasks", "cron", "scheduler", "scripts", "cli", "consumer", "test", "spec"];

pub(super) fn find(source: &Source<'_>, found: &mut Vec<Idiom>) {
    let path = source.path.to_ascii_lowercase();
    let page = source.language == Language::Tsx || path.ends_with(".jsx");
    if page || WORKERS.iter().any(|w| path.contains(w)) {
        return;
    }
    find_calls(What::BackgroundWork, PATTERNS, source, found);
    find_words(What::BackgroundWork, WORDS, source, found);
}

#[cfg(test)]
mod tests {
    use super::What;
    use crate::idiom::cases::table;

    #[test]
    fn cases() {
        table(
            What::BackgroundWork,
            &[
                ("src/app.js", "cron.schedule('* * * * *', f);\nsetInterval(f, 1000);\nnew CronJob(t, f);\n", "1 2? 3"),
                ("src/worker/app.js", "cron.schedule('* * * * *', f);\n", ""),
                ("src/page.tsx", "setInterval(f, 1000);\n", ""),
                ("src/a.ts", "class A { @Cron('* * * * *')\n run() {} }\n", "1"),
                (
                    "app.py",
                    "import asyncio\nbackground_tasks.add_task(f)\nasyncio.create_task(g())\nBackgroundScheduler()\n",
                    "2 3? 4",
                ),
                ("app.rb", "require 'rufus-scheduler'\nRufus::Scheduler.new\nThread.new { f }\n", "2 3?"),
                ("A.java", "class A {\n @Scheduled(fixedRate = 5)\n void f() {} }", "2"),
                ("A.cs", "class A { void F() { s.AddHostedService<B>();\n Task.Run(g); } }", "1 2?"),
                ("a.php", "<?php\nfastcgi_finish_request();\n", "2"),
                ("a.go", "package a\nfunc f() { c := cron.New()\n go func() {}() }", "2 3?"),
                ("a.rs", "fn f() { tokio::spawn(g());\n JobScheduler::new(); }", "1? 2"),
            ],
        );
    }
}
