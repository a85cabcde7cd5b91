//! Why a secret cannot be had or kept. No variant ever carries a secret.

use std::path::PathBuf;

/// What can go wrong with secrets. [`SecretError::code`] is stable; the text is one sentence for people.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SecretError {
    /// There is no keychain to talk to.
    #[error(
        "This system offers no keychain ({detail}). Name an environment variable with `--secret-env NAME`, or keep secrets in an encrypted file with `--secret-store file:PATH`."
    )]
    StoreMissing {
        /// What the system said.
        detail: String,
    },
    /// There is a keychain, and it is closed to us.
    #[error(
        "The keychain is locked or refused access ({detail}). Unlock it and try again, name an environment variable with `--secret-env NAME`, or use an encrypted file with `--secret-store file:PATH`."
    )]
    StoreLocked {
        /// What the system said.
        detail: String,
    },
    /// The keychain answered with something else.
    #[error(
        "The keychain could not do that ({detail}). Try again, name an environment variable with `--secret-env NAME`, or use an encrypted file with `--secret-store file:PATH`."
    )]
    StoreFailed {
        /// What the system said.
        detail: String,
    },
    /// Nothing is kept under that name.
    #[error("No secret is kept under `{name}`; connect the account again to enter it.")]
    NotFound {
        /// The entry's name.
        name: String,
    },
    /// A referenced variable is not there.
    #[error("The environment variable {variable} is not set, empty or not text; set it where Loadline is started.")]
    EnvironmentMissing {
        /// Its name.
        variable: String,
    },
    /// Variables are read, never written.
    #[error("A secret cannot be kept in the environment variable {variable}; set it where Loadline is started.")]
    EnvironmentReadOnly {
        /// Its name.
        variable: String,
    },
    /// An encrypted file was named without its passphrase.
    #[error("{} is encrypted and no passphrase was given; enter it when asked.", path.display())]
    PassphraseMissing {
        /// The file.
        path: PathBuf,
    },
    /// The passphrase does not open the file.
    #[error("The passphrase does not open {}; try again.", path.display())]
    PassphraseWrong {
        /// The file.
        path: PathBuf,
    },
    /// The file is not what we write.
    #[error(
        "{} is not a Loadline secret file or is damaged; restore it from a backup, or choose another path.",
        path.display()
    )]
    FileDamaged {
        /// The file.
        path: PathBuf,
    },
    /// The file system refused.
    #[error("{} could not be read or written: {source}. Check that the folder exists and is yours.", path.display())]
    FileIo {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The work was ended before it was done.
    #[error("Loadline was shutting down before the secret store answered; try again.")]
    Interrupted,
}

impl SecretError {
    /// The stable code for scripts and pages.
    pub fn code(&self) -> &'static str {
        match self {
            Self::StoreMissing { .. } => "secret_store_missing",
            Self::StoreLocked { .. } => "secret_store_locked",
            Self::StoreFailed { .. } => "secret_store_failed",
            Self::NotFound { .. } => "secret_not_found",
            Self::EnvironmentMissing { .. } => "secret_env_missing",
            Self::EnvironmentReadOnly { .. } => "secret_env_read_only",
            Self::PassphraseMissing { .. } => "secret_passphrase_missing",
            Self::PassphraseWrong { .. } => "secret_passphrase_wrong",
            Self::FileDamaged { .. } => "secret_file_damaged",
            Self::FileIo { .. } => "secret_file_io",
            Self::Interrupted => "secret_interrupted",
        }
    }
}
