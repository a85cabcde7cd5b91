//! What the window may ask, one file per page. Every command of the contract has its line in [`answer`].

mod accounts;
mod codebase;
mod configure;
mod databases;
mod decisions;
mod desk;
mod incidents;
mod names;
mod performance;
mod reports;
mod settings;
mod test_runs;
mod what_if;
mod workspace;

pub(crate) use desk::Desk;
pub(crate) use settings::licences;

use loadline_engine::EngineError;
use loadline_wire::{ApiError, Command};
use serde_json::Value;

/// The error as it crosses to the window.
fn api(error: EngineError) -> ApiError {
    ApiError::new(error.code, error.message)
}

/// Answers a command by name.
pub(crate) async fn answer(desk: &std::sync::Arc<Desk>, name: &str, payload: Value) -> Result<Value, ApiError> {
    use loadline_wire::{
        accounts as a, codebase as c, configure as f, databases as b, decisions as d, incidents as i, names as n,
        performance as p, reports as r,
    };
    use loadline_wire::{settings as s, test_runs as l, what_if as t, workspace as w};
    macro_rules! answers {
        ($($request:ty => $handler:expr;)+) => {
            match name {
                $(<$request as Command>::NAME => reply::<$request>($handler(desk, request(payload)?).await),)+
                other => Err(ApiError::new("unknown_command", format!("The window asked for `{other}`, which this version does not have. Install Loadline again."))),
            }
        };
    }
    answers! {
        w::Load => workspace::load;
        w::OpenDemo => workspace::open_demo;
        w::OpenOwn => workspace::open_own;
        w::ViewAsOf => workspace::view_as_of;
        t::TryOut => what_if::try_out;
        p::LookAtSpread => performance::spread;
        p::LookAtPromises => performance::promises;
        p::SaveChart => performance::save;
        i::Record => incidents::record;
        i::Forget => incidents::forget;
        l::Record => test_runs::record;
        l::Forget => test_runs::forget;
        b::LookAt => databases::look_at;
        c::LookAt => codebase::look_at;
        c::LookAtOthers => codebase::others;
        d::Decide => decisions::decide;
        d::Undo => decisions::undo;
        d::DecisionLog => decisions::log;
        a::Providers => accounts::providers;
        a::TestDraft => accounts::test_draft;
        a::Connect => accounts::connect;
        a::TestAccount => accounts::test_account;
        f::LookAt => configure::look_at;
        f::Change => configure::change;
        n::LookAt => names::look_at;
        n::Give => names::give;
        a::Disconnect => accounts::disconnect;
        a::DeleteAccountData => accounts::delete_account_data;
        a::Estimate => accounts::estimate;
        a::CollectStart => accounts::collect_start;
        a::CollectStatus => accounts::collect_status;
        a::CollectCancel => accounts::collect_cancel;
        r::Preview => reports::preview;
        r::Export => reports::export;
        s::GetSettings => settings::get;
        s::SaveSettings => settings::save;
        s::Backup => settings::backup;
        s::Diagnostics => settings::diagnostics;
        s::Licences => settings::licence_list;
    }
}

fn request<T: serde::de::DeserializeOwned>(payload: Value) -> Result<T, ApiError> {
    serde_json::from_value(payload).map_err(|e| {
        ApiError::new("not_understood", format!("The window sent something this version does not understand: {e}."))
    })
}

fn reply<C: Command>(answer: Result<C::Reply, EngineError>) -> Result<Value, ApiError> {
    let answer = answer.map_err(api)?;
    serde_json::to_value(answer)
        .map_err(|e| ApiError::new("not_understood", format!("An answer could not be written: {e}.")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use loadline_engine::{Place, Workspace};

    #[tokio::test]
    async fn every_command_of_the_contract_has_a_handler() {
        let workspace = Workspace::open(&Place::Own(loadline_engine::Location::Memory)).await.expect("memory");
        let desk = std::sync::Arc::new(Desk::new(workspace, Place::Demo));
        for name in loadline_wire::COMMANDS {
            let answered = answer(&desk, name, Value::Null).await;
            let code = answered.err().map(|e| e.code.0);
            assert_ne!(code.as_deref(), Some("unknown_command"), "{name}");
        }
    }
}
