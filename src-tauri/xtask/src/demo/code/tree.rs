//! The source tree of the demo's one repository: which files there are, how large and complex they are, and what becomes of them.

use crate::demo::story::{self, at};
use loadline_model::{DAYS_PER_MONTH, Timestamp, num};

/// A source file at the audit.
pub(super) struct File {
    pub(super) path: &'static str,
    /// Lines of code.
    lines: f64,
    /// Cognitive complexity.
    complexity: f64,
    /// How often it is changed, against the others.
    pub(super) weight: f64,
    /// Exists from then on.
    pub(super) from: &'static str,
}

/// Before every commit that is read.
const EVER: &str = "2024-06-03 09:00";

/// Path, lines, complexity, weight: as they were at the audit.
const OLD: &[(&str, u32, u32, u32)] = &[
    ("api/src/app.ts", 412, 61, 9),
    ("api/src/server.ts", 96, 12, 2),
    ("api/src/auth/login.ts", 238, 41, 4),
    ("api/src/auth/password.ts", 121, 18, 1),
    ("api/src/auth/session.ts", 187, 29, 3),
    ("api/src/auth/signup.ts", 264, 46, 5),
    ("api/src/users/model.ts", 342, 44, 6),
    ("api/src/users/routes.ts", 428, 67, 7),
    ("api/src/users/follow.ts", 196, 33, 3),
    ("api/src/users/avatar.ts", 88, 9, 1),
    ("api/src/feed/build.ts", 684, 142, 14),
    ("api/src/feed/home.ts", 371, 74, 8),
    ("api/src/feed/rank.ts", 293, 71, 6),
    ("api/src/feed/routes.ts", 318, 52, 7),
    ("api/src/feed/posts.ts", 402, 63, 7),
    ("api/src/chat/messages.ts", 561, 118, 12),
    ("api/src/chat/presence.ts", 204, 39, 3),
    ("api/src/chat/rooms.ts", 447, 88, 10),
    ("api/src/chat/routes.ts", 286, 43, 5),
    ("api/src/chat/socket.ts", 338, 76, 6),
    ("api/src/notifications/deliver.ts", 416, 97, 9),
    ("api/src/notifications/digest.ts", 231, 45, 3),
    ("api/src/notifications/push.ts", 178, 31, 2),
    ("api/src/notifications/routes.ts", 154, 22, 2),
    ("api/src/search/index.ts", 259, 58, 4),
    ("api/src/search/query.ts", 198, 47, 3),
    ("api/src/uploads/images.ts", 312, 64, 4),
    ("api/src/uploads/store.ts", 167, 26, 2),
    ("api/src/moderation/report.ts", 226, 37, 2),
    ("api/src/moderation/rules.ts", 281, 69, 2),
    ("api/src/shared/config.ts", 143, 14, 3),
    ("api/src/shared/db.ts", 276, 49, 6),
    ("api/src/shared/errors.ts", 92, 8, 1),
    ("api/src/shared/http.ts", 188, 34, 3),
    ("api/src/shared/log.ts", 71, 6, 1),
    ("api/src/shared/mail.ts", 149, 27, 2),
    ("api/src/shared/validate.ts", 163, 24, 2),
    ("api/scripts/backfill.ts", 204, 38, 1),
    ("api/scripts/deploy.ts", 132, 21, 1),
    ("web/src/main.tsx", 84, 5, 1),
    ("web/src/router.tsx", 176, 19, 3),
    ("web/src/state/cache.ts", 243, 52, 3),
    ("web/src/state/session.ts", 157, 23, 2),
    ("web/src/state/store.ts", 298, 48, 4),
    ("web/src/api/client.ts", 264, 45, 4),
    ("web/src/api/socket.ts", 191, 40, 2),
    ("web/src/feed/Composer.tsx", 327, 51, 4),
    ("web/src/feed/Feed.tsx", 389, 66, 6),
    ("web/src/feed/Post.tsx", 304, 42, 4),
    ("web/src/chat/Message.tsx", 218, 27, 3),
    ("web/src/chat/Room.tsx", 421, 79, 6),
    ("web/src/chat/RoomList.tsx", 246, 34, 3),
    ("web/src/profile/Edit.tsx", 281, 38, 2),
    ("web/src/profile/Profile.tsx", 233, 30, 2),
    ("web/src/signup/Signup.tsx", 296, 49, 3),
    ("web/src/signup/Invite.tsx", 142, 17, 1),
    ("web/src/notifications/Bell.tsx", 124, 16, 2),
    ("web/src/notifications/List.tsx", 197, 24, 2),
    ("web/src/search/Search.tsx", 213, 31, 2),
    ("web/src/ui/Button.tsx", 62, 4, 1),
    ("web/src/ui/Dialog.tsx", 138, 15, 1),
    ("web/src/ui/Field.tsx", 117, 11, 1),
    ("web/src/ui/Image.tsx", 103, 13, 1),
    ("web/src/ui/List.tsx", 174, 26, 2),
    ("web/src/ui/format.ts", 129, 20, 1),
];

/// Path, lines, complexity, weight, and the moment from which it exists.
const NEW: &[(&str, u32, u32, u32, &str)] = &[
    ("api/src/shared/page.ts", 118, 17, 2, story::PAGINATION),
    ("api/src/shared/cache.ts", 164, 26, 3, story::CACHE),
    ("api/src/feed/timeline.ts", 247, 36, 5, story::CACHE),
    ("api/src/events/bus.ts", 121, 14, 2, story::CACHE),
    ("api/src/events/handlers.ts", 208, 29, 4, story::CACHE),
    ("api/src/uploads/presign.ts", 96, 11, 2, story::CONTAINERS),
    ("api/src/jobs/digest.ts", 143, 19, 2, story::CONTAINERS),
    ("api/src/jobs/run.ts", 88, 10, 2, story::CONTAINERS),
    ("api/src/shared/health.ts", 74, 8, 1, story::CONTAINERS),
    ("api/src/chat/history.ts", 176, 25, 4, story::CONTAINERS),
    ("api/src/shared/flags.ts", 83, 9, 2, story::PIPELINE),
    ("api/src/shared/retry.ts", 91, 13, 1, story::OBSERVED),
    ("api/src/shared/metrics.ts", 152, 18, 3, story::OBSERVED),
    ("api/src/shared/limit.ts", 107, 14, 1, story::OBSERVED),
    ("web/src/ui/Page.tsx", 94, 12, 2, story::PAGINATION),
    ("web/src/feed/usePages.ts", 108, 16, 2, story::PAGINATION),
    ("web/src/profile/Privacy.tsx", 187, 22, 2, story::PIPELINE),
];

/// A file that was taken apart: when, and what remains of its lines and its complexity.
const TIDIED: &[(&str, &str, f64, f64)] = &[
    ("api/src/shared/db.ts", story::MANAGED, 0.74, 0.55),
    ("api/src/chat/rooms.ts", story::PAGINATION, 0.78, 0.52),
    ("api/src/users/routes.ts", story::PAGINATION, 0.80, 0.58),
    ("api/src/feed/home.ts", story::CACHE, 0.62, 0.40),
    ("api/src/feed/build.ts", story::CACHE, 0.71, 0.63),
    ("api/src/notifications/digest.ts", story::CONTAINERS, 0.41, 0.30),
    ("api/src/uploads/images.ts", story::CONTAINERS, 0.55, 0.36),
    ("api/src/chat/messages.ts", "2026-07-27 10:00", 0.68, 0.42),
    ("api/src/app.ts", story::PIPELINE, 0.49, 0.38),
    ("api/src/feed/build.ts", "2026-09-21 10:00", 0.62, 0.46),
    ("api/src/shared/mail.ts", story::OBSERVED, 0.86, 0.61),
    ("api/src/users/model.ts", "2026-10-05 10:00", 0.83, 0.66),
];

/// Every file, those of the audit first.
pub(super) fn files() -> Vec<File> {
    let file = |path, lines: u32, complexity: u32, weight: u32, from| File {
        path,
        lines: f64::from(lines),
        complexity: f64::from(complexity),
        weight: f64::from(weight),
        from,
    };
    let old = OLD.iter().map(|(path, lines, complexity, weight)| file(path, *lines, *complexity, *weight, EVER));
    old.chain(NEW.iter().map(|(path, lines, complexity, weight, from)| file(path, *lines, *complexity, *weight, from)))
        .collect()
}

impl File {
    /// Its folder.
    pub(super) fn module(&self) -> &'static str {
        self.path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    pub(super) fn exists(&self, time: Timestamp) -> bool {
        at(self.from) <= time
    }

    /// Lines at a moment.
    pub(super) fn lines(&self, time: Timestamp) -> f64 {
        (self.lines * self.grown(time, 0.0014) * self.kept(time, |t| t.2)).round()
    }

    /// Cognitive complexity at a moment: what changes often grows knots, until somebody takes it apart.
    pub(super) fn complexity(&self, time: Timestamp) -> f64 {
        (self.complexity * self.grown(time, 0.0021) * self.kept(time, |t| t.3)).round()
    }

    /// Complexity a month over the year before, where it is more than chance (Theil and Sen, Mann and Kendall).
    pub(super) fn trend(&self, time: Timestamp) -> Option<f64> {
        let month = |n: i64| Timestamp(time.0 - (n as f64 * DAYS_PER_MONTH * 86_400_000.0) as i64);
        let past: Vec<f64> = (0..12).rev().map(month).filter(|t| self.exists(*t)).map(|t| self.complexity(t)).collect();
        let pairs: Vec<(f64, f64)> = (0..past.len())
            .flat_map(|i| (i + 1..past.len()).map(move |j| (i, j)))
            .map(|(i, j)| (past[j] - past[i], (j - i) as f64))
            .collect();
        let agree: f64 = pairs
            .iter()
            .map(|(rise, _)| {
                if *rise > 0.0 {
                    1.0
                } else if *rise < 0.0 {
                    -1.0
                } else {
                    0.0
                }
            })
            .sum();
        let n = past.len() as f64;
        let spread = num::sqrt(n * (n - 1.0) * (2.0 * n + 5.0) / 18.0);
        let slopes: Vec<f64> = pairs.iter().map(|(rise, months)| rise / months).collect();
        let slope = num::median(&slopes).filter(|s| s.abs() > 0.0)?;
        (past.len() >= 6 && agree.abs() > 1.0 && (agree.abs() - 1.0) / spread > 1.96).then(|| num::round9(slope))
    }

    /// Growth since the audit, in proportion to how often it is changed; half of it once it was taken apart.
    fn grown(&self, time: Timestamp, rate: f64) -> f64 {
        let months = |until: Timestamp| until.days_since(at(story::BEFORE)) / DAYS_PER_MONTH;
        let tidied = TIDIED.iter().filter(|t| t.0 == self.path).map(|t| at(t.1)).min().unwrap_or(time);
        let alone = months(tidied.min(time));
        1.0 + rate * self.weight * (alone + 0.5 * (months(time) - alone))
    }

    fn kept(&self, time: Timestamp, share: impl Fn(&(&str, &str, f64, f64)) -> f64) -> f64 {
        TIDIED.iter().filter(|t| t.0 == self.path && at(t.1) <= time).map(share).product()
    }
}
