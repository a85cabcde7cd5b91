//! `loadline demo --json`.

use super::{Asked, Ended, json, print};
use loadline_engine::workspace::AsOf;
use loadline_engine::{Place, Workspace};

pub(super) async fn assess(asked: &Asked) -> Ended {
    let workspace = Workspace::open(&Place::Demo).await?;
    let as_of = std::env::args().skip_while(|a| a != "--as-of").nth(1);
    let assessment = asked.assessed(&workspace, &AsOf::parse(as_of.as_deref())).await?;
    print::json("assessment", json::assessment(&assessment)?)?;
    Ok(0)
}
