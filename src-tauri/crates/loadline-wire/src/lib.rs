//! The contract between Loadline's window and its shell: every command's name, request and reply, and the one error.
//! Both sides are Rust and use the same structs, so they cannot drift. It holds no logic and never a secret's value
//! except in [`accounts::Connect`] and [`accounts::TestDraft`], on its one way from the form to the keychain.

pub mod accounts;
pub mod codebase;
pub mod configure;
pub mod databases;
pub mod decisions;
pub mod error;
pub mod incidents;
pub mod names;
pub mod performance;
pub mod reports;
pub mod settings;
pub mod test_runs;
pub mod what_if;
pub mod workspace;

pub use error::{ApiError, Code};

use serde::{Serialize, de::DeserializeOwned};

/// A command of the window: the request is the implementing struct.
pub trait Command: Serialize + DeserializeOwned {
    /// Name on the wire.
    const NAME: &'static str;
    /// What comes back.
    type Reply: Serialize + DeserializeOwned;
}

macro_rules! commands {
    ($($(#[$doc:meta])* $request:ty => $name:literal -> $reply:ty;)+) => {
        $(
            impl Command for $request {
                const NAME: &'static str = $name;
                type Reply = $reply;
            }
        )+
        /// The name of every command, in the order of the pages that use them.
        pub const COMMANDS: &[&str] = &[$($name),+];
    };
}

commands! {
    workspace::Load => "load" -> workspace::WorkspaceState;
    workspace::OpenDemo => "open_demo" -> workspace::WorkspaceState;
    workspace::OpenOwn => "open_own" -> workspace::WorkspaceState;
    workspace::ViewAsOf => "view_as_of" -> workspace::WorkspaceState;
    what_if::TryOut => "try_out" -> what_if::TriedOut;
    performance::LookAtSpread => "spread" -> loadline_model::performance::Spread;
    performance::LookAtPromises => "promises" -> loadline_model::performance::Promises;
    performance::SaveChart => "save_chart" -> settings::Written;
    incidents::Record => "record_incident" -> workspace::WorkspaceState;
    incidents::Forget => "forget_incident" -> workspace::WorkspaceState;
    test_runs::Record => "record_test" -> workspace::WorkspaceState;
    test_runs::Forget => "forget_test" -> workspace::WorkspaceState;
    databases::LookAt => "databases" -> loadline_model::databases::Databases;
    codebase::LookAt => "codebase" -> loadline_model::codebase::Codebase;
    codebase::LookAtOthers => "others" -> Vec<loadline_model::codebase::OtherFinding>;
    decisions::Decide => "decide" -> decisions::Decided;
    decisions::Undo => "undo" -> decisions::Decided;
    decisions::DecisionLog => "decision_log" -> Vec<loadline_model::Decision>;
    accounts::Providers => "providers" -> Vec<accounts::ProviderInfo>;
    accounts::TestDraft => "test_draft" -> accounts::TestReport;
    accounts::Connect => "connect" -> accounts::AccountCard;
    accounts::TestAccount => "test_account" -> accounts::TestReport;
    configure::LookAt => "account_settings" -> configure::AccountSettings;
    configure::Change => "configure" -> configure::AccountSettings;
    names::LookAt => "names" -> names::NameTable;
    names::Give => "give_name" -> names::NameTable;
    accounts::Disconnect => "disconnect" -> workspace::WorkspaceState;
    accounts::DeleteAccountData => "delete_account_data" -> workspace::WorkspaceState;
    accounts::Estimate => "estimate" -> accounts::CollectionEstimate;
    accounts::CollectStart => "collect_start" -> accounts::CollectProgress;
    accounts::CollectStatus => "collect_status" -> accounts::CollectProgress;
    accounts::CollectCancel => "collect_cancel" -> accounts::CollectProgress;
    reports::Preview => "preview_report" -> reports::PreviewPage;
    reports::Export => "export_report" -> reports::Exported;
    settings::GetSettings => "settings" -> settings::Settings;
    settings::SaveSettings => "save_settings" -> settings::Settings;
    settings::Backup => "backup" -> settings::Written;
    settings::Diagnostics => "diagnostics" -> settings::Written;
    settings::Licences => "licences" -> Vec<settings::LicenceNotice>;
}

#[cfg(test)]
mod tests {
    #[test]
    fn command_names_are_unique() {
        let mut names = super::COMMANDS.to_vec();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), super::COMMANDS.len());
    }
}
