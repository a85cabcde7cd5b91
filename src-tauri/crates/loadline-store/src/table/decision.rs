//! The log of decisions: append-only, with author.

use super::counter;
use crate::{Store, StoreError};
use loadline_model::{Choice, Decision, Timestamp};

const APPEND: &str = "INSERT INTO decision (number, at, author, choice) VALUES ($1, $2, $3, $4)";
const LIST: &str = "SELECT number, at, author, choice FROM decision ORDER BY number";

impl Store {
    /// Appends a decision and answers its number.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn append_decision(&self, author: &str, at: Timestamp, choice: &Choice) -> Result<i64, StoreError> {
        let mut tx = self.write().await?;
        let number = counter::next(&mut tx, "decision").await?;
        execute!(&mut tx, APPEND, number, at.0, author, serde_json::to_string(choice)?)?;
        tx.commit().await?;
        Ok(number)
    }

    /// Every decision, oldest first.
    ///
    /// # Errors
    /// When the database does not answer or a decision cannot be read.
    pub async fn decisions(&self) -> Result<Vec<Decision>, StoreError> {
        let mut tx = self.read().await?;
        let rows: Vec<(i64, i64, String, String)> = fetch!(&mut tx, LIST)?;
        let decision = |(number, at, author, choice): (i64, i64, String, String)| {
            Ok(Decision { number, at: Timestamp(at), author, choice: serde_json::from_str(&choice)? })
        };
        rows.into_iter().map(decision).collect()
    }
}
