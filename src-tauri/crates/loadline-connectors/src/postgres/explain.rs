//! EXPLAIN without ANALYZE: the statement is planned and never run, inside the guarded transaction that every read has.

use super::plannable::{Plannable, quoted};
use super::session::{Refusal, Session, guarded};
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, PgConnection, Postgres, Row, Transaction};
use std::collections::BTreeSet;

/// An index to suppose, in this session alone.
pub(super) struct Supposed<'a> {
    /// The extension's schema, quoted by the server.
    pub schema: &'a str,
    /// `CREATE INDEX ON …`, its names quoted.
    pub statement: String,
}

/// Plans get no workers, so that the rows of a scan are those of the table.
const SETTINGS: &str = "SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL jit = off";
/// What a session may keep after its transaction is over.
const FORGET: &str = "DEALLOCATE ALL";

impl Session {
    /// The plan as JSON, with the index that is supposed to exist, if any.
    ///
    /// # Errors
    /// [`Refusal`], for a missing privilege too: EXPLAIN asks for SELECT on what the statement reads.
    pub(super) async fn explain(
        &self,
        version: u32,
        wanted: &Plannable,
        supposed: Option<&Supposed<'_>>,
    ) -> Result<String, Refusal> {
        self.timed(async {
            let mut lent = self.lend().await?;
            let answer = plan(&mut lent.connection, version, wanted, supposed).await;
            let answer = match forget(&mut lent.connection, supposed).await {
                Ok(()) => answer,
                Err(refusal) => Err(refusal),
            };
            lent.give_back(answer)
        })
        .await
    }
}

async fn plan(
    connection: &mut PgConnection,
    version: u32,
    wanted: &Plannable,
    supposed: Option<&Supposed<'_>>,
) -> Result<String, Refusal> {
    let mut transaction = guarded(connection).await?;
    sqlx::raw_sql(SETTINGS).execute(&mut *transaction).await?;
    if let Some(index) = supposed {
        let create = AssertSqlSafe(format!("SELECT indexrelid FROM {}.hypopg_create_index($1)", index.schema));
        sqlx::query(create).bind(&index.statement).persistent(false).execute(&mut *transaction).await?;
    }
    let path = format!("pg_catalog, {}", schemas(wanted).iter().map(|s| quoted(s)).collect::<Vec<_>>().join(", "));
    sqlx::query("SELECT set_config('search_path', $1, true)")
        .bind(path)
        .persistent(false)
        .execute(&mut *transaction)
        .await?;
    let row = generic(&mut transaction, version, wanted).await?;
    let text = row.try_get_raw(0).map_err(Refusal::from)?.as_str().map(str::to_owned);
    transaction.rollback().await?;
    text.map_err(|_| Refusal::lost("the plan is not text"))
}

/// The plan that serves every value of the parameters.
async fn generic(
    transaction: &mut Transaction<'_, Postgres>,
    version: u32,
    wanted: &Plannable,
) -> Result<PgRow, Refusal> {
    if version >= 160_000 {
        // The simple protocol: the extended one would ask for the parameters. The text holds no semicolon.
        let explain = AssertSqlSafe(format!("EXPLAIN (GENERIC_PLAN, VERBOSE, FORMAT JSON) {}", wanted.text));
        return Ok(sqlx::raw_sql(explain).fetch_one(&mut **transaction).await?);
    }
    let prepare = AssertSqlSafe(format!("PREPARE loadline_plan AS {}", wanted.text));
    sqlx::query(prepare).persistent(false).execute(&mut **transaction).await?;
    let nothing = vec!["NULL"; wanted.parameters].join(", ");
    let values = if nothing.is_empty() { nothing } else { format!("({nothing})") };
    let explain = AssertSqlSafe(format!("EXPLAIN (VERBOSE, FORMAT JSON) EXECUTE loadline_plan{values}"));
    Ok(sqlx::query(explain).persistent(false).fetch_one(&mut **transaction).await?)
}

/// Prepared statements and supposed indexes outlive a transaction, in this session's memory.
async fn forget(connection: &mut PgConnection, supposed: Option<&Supposed<'_>>) -> Result<(), Refusal> {
    sqlx::raw_sql("ROLLBACK").execute(&mut *connection).await?;
    sqlx::raw_sql(FORGET).execute(&mut *connection).await?;
    if let Some(index) = supposed {
        let reset = AssertSqlSafe(format!("SELECT {}.hypopg_reset()", index.schema));
        sqlx::raw_sql(reset).execute(connection).await?;
    }
    Ok(())
}

fn schemas(wanted: &Plannable) -> BTreeSet<&str> {
    wanted.tables.iter().filter_map(|t| t.split_once('.')).map(|(schema, _)| schema).collect()
}
