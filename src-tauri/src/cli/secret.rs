//! Secrets on the command line: from a variable, from standard input or from a prompt; never as an argument.

use super::wrong_usage;
use clap::Args;
use loadline_engine::EngineError;
use loadline_engine::accounts::SecretInput;
use loadline_engine::parts::Secret;
use std::io::{IsTerminal, Read};

#[derive(Args)]
pub(super) struct SecretWords {
    /// Read the secret from this environment variable at each use; only its name is stored
    #[arg(long, value_name = "NAME", conflicts_with = "secret_stdin")]
    secret_env: Option<String>,
    /// Read the secret from standard input
    #[arg(long)]
    secret_stdin: bool,
    /// Where to keep it: `keychain` or file:PATH (encrypted with a passphrase)
    #[arg(long, value_name = "PLACE", default_value = "keychain")]
    secret_store: String,
    /// Environment variable that holds the passphrase of the secret file
    #[arg(long, value_name = "NAME")]
    passphrase_env: Option<String>,
}

impl SecretWords {
    /// The secret and where it goes. Without an option and without a terminal: none.
    pub(super) fn read(self, label: Option<&str>) -> Result<SecretInput, EngineError> {
        if let Some(name) = self.secret_env {
            return Ok(SecretInput::Environment(name));
        }
        let secret = if self.secret_stdin {
            from_stdin()?
        } else if let (Some(label), true) = (label, std::io::stdin().is_terminal()) {
            let typed = rpassword::prompt_password(format!("{label} (empty for none): "))?;
            Secret::new(typed)
        } else {
            return Ok(SecretInput::None);
        };
        if secret.expose().is_empty() {
            return Ok(SecretInput::None);
        }
        match self.secret_store.as_str() {
            "keychain" => Ok(SecretInput::Keychain(secret)),
            place => {
                let Some(path) = place.strip_prefix("file:").filter(|p| !p.is_empty()) else {
                    let message = format!("--secret-store `{place}` is neither `keychain` nor file:PATH.");
                    return Err(wrong_usage(message));
                };
                let passphrase = passphrase(self.passphrase_env.as_deref())?;
                Ok(SecretInput::File { path: path.to_owned(), secret, passphrase })
            }
        }
    }
}

/// The passphrase of a secret file: from a variable or a prompt.
pub(super) fn passphrase(variable: Option<&str>) -> Result<Secret, EngineError> {
    if let Some(name) = variable {
        let value = std::env::var(name)
            .map_err(|_| wrong_usage(format!("The variable `{name}` for the passphrase is not set.")))?;
        return Ok(Secret::new(value));
    }
    if let Ok(value) = std::env::var("LOADLINE_PASSPHRASE") {
        return Ok(Secret::new(value));
    }
    if std::io::stdin().is_terminal() {
        return Ok(Secret::new(rpassword::prompt_password("Passphrase of the secret file: ")?));
    }
    Err(wrong_usage(
        "A secret file needs its passphrase, and there is no terminal to ask. Use --passphrase-env NAME or LOADLINE_PASSPHRASE.",
    ))
}

/// The passphrase, when the environment has one; for commands that may not need it.
pub(super) fn passphrase_if_set() -> Option<Secret> {
    std::env::var("LOADLINE_PASSPHRASE").ok().map(Secret::new)
}

fn from_stdin() -> Result<Secret, EngineError> {
    const LIMIT: u64 = 64 * 1024;
    let mut text = String::new();
    std::io::stdin().take(LIMIT).read_to_string(&mut text)?;
    let end = text.trim_end_matches(['\r', '\n']).len();
    text.truncate(end);
    if text.is_empty() {
        return Err(wrong_usage(
            "--secret-stdin was given, but standard input is empty. Pipe the secret in, or leave the option out.",
        ));
    }
    Ok(Secret::new(text))
}
