//! `loadline demo --json`.

use super::{Ended, json, no_snapshot, print};
use loadline_engine::workspace::AsOf;
use loadline_engine::{Place, Workspace};

pub(super) async fn assess() -> Ended {
    let workspace = Workspace::open(&Place::Demo).await?;
    let as_of = std::env::args().skip_while(|a| a != "--as-of").nth(1);
    let assessment = workspace.assessment(&AsOf::parse(as_of.as_deref())).await?.ok_or_else(no_snapshot)?;
    print::json("assessment", json::assessment(&assessment)?)?;
    Ok(0)
}
