//! Keys about the people who run the product: on-call, power over production, unplanned work, migrations, tests. Numbers of people,
//! never names.

keys! {
    /// Every setting key about people and their work.
    PEOPLE:
    // On-call; said of the organisation or of a schedule.
    /// number: people whom a page of a critical service reaches one after the other; 0 nobody.
    ONCALL_LEVELS = "oncall.levels";
    /// number: people who take turns.
    ONCALL_PEOPLE = "oncall.people";
    /// number (hours): time of the next 14 days in which nobody is on call.
    ONCALL_GAP_HOURS_14D = "oncall.gap_hours_14d";
    /// number (0–1): share of the shifts that the person with most of them takes.
    ONCALL_LARGEST_SHARE = "oncall.largest_share";
    // Power over production; said of the organisation or of an account.
    /// number: active people who hold a right; item = a word of [`RIGHTS`].
    ACCESS_HOLDERS = "access.holders";
    /// bool: a right that is lost can be won back without its holder (recovery codes in escrow); item = a word of [`RIGHTS`].
    ACCESS_RECOVERABLE = "access.recoverable";
    /// bool: several people use the root user of a cloud account.
    ACCESS_ROOT_SHARED = "access.root_shared";
    // Work and migrations; said of the organisation.
    /// number (0–1): share of the team's working time that incidents and unplanned work took; item = first day of the weeks
    /// it is about, such as `2026-11-02`.
    WORK_UNPLANNED = "work.unplanned_share";
    /// number (0–1): how much of a migration is done, by traffic or endpoints; item = name of the migration. Each answer
    /// stays known with its time.
    MIGRATION_PROGRESS = "migration.progress";
    /// number (0–1): share of the traffic that the old path still serves; item = name of the migration.
    MIGRATION_OLD_TRAFFIC = "migration.old_traffic";
    /// text: day since which old and new path write the same data; item = name of the migration.
    MIGRATION_BOTH_WRITE_SINCE = "migration.both_write_since";
    /// bool: the load of what is critical was raised to twice its peak or more in the last 90 days; said of the organisation.
    TEST_LOAD_90D = "test.load_90d";
    /// bool: the failure of any critical part was rehearsed in the last 180 days; said of the organisation.
    TEST_DRILL_180D = "test.drill_180d";
}

/// Rights that a company dies without: to deploy, over the cloud account, its root user, DNS, the domain, billing.
pub const RIGHTS: [&str; 6] = ["deploy", "cloud", "root", "dns", "domain", "billing"];
