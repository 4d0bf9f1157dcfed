//! The file `credentials.toml`: accounts and their tokens, in the order in which they were logged in.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use backpack_api::Secret;
use etcetera::BaseStrategy;
use serde::{Deserialize, Serialize};

use crate::error::CommandError;

/// Accounts that `backpack login` stored.
pub(crate) struct Credentials {
    /// Path of the file; `None` if the user has no home folder.
    path: Option<PathBuf>,
    content: Content,
}

/// Content of the file.
#[derive(Serialize, Deserialize, Default)]
struct Content {
    /// Accounts; the one logged in last is last.
    #[serde(default, rename = "account")]
    accounts: Vec<StoredAccount>,
}

/// Account that `backpack login` stored.
#[derive(Serialize, Deserialize, Clone)]
pub(crate) struct StoredAccount {
    /// Name by which commands select the account.
    pub(crate) name: String,
    /// Base URL, without a slash at its end.
    pub(crate) url: String,
    /// Token of the user.
    pub(crate) token: Secret,
}

/// First lines of the file.
const HEADER: &str = "# Written by `backpack login`. Each token is a password.\n\n";

impl Credentials {
    /// Reads the file. A missing file has no accounts.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or is not valid. The error shows nothing of its content.
    pub(crate) fn load() -> Result<Self, CommandError> {
        let Some(path) = find_path() else { return Ok(Self { path: None, content: Content::default() }) };
        let text = match fs::read_to_string(&path) {
            Ok(text) => Secret::new(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Secret::default(),
            Err(error) => return Err(format!("cannot read {}: {error}", path.display()).into()),
        };
        let content = toml::from_str(text.expose()).map_err(|error| describe_error(&path, text.expose(), &error))?;
        Ok(Self { path: Some(path), content })
    }

    /// Path of the file, whether it exists or not; `None` if the user has no home folder.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// Returns the account with this name; `None` if it is not stored.
    pub(crate) fn find(&self, name: &str) -> Option<&StoredAccount> {
        self.content.accounts.iter().find(|account| account.name == name)
    }

    /// Returns the account that was logged in last; `None` if none is stored.
    pub(crate) fn last(&self) -> Option<&StoredAccount> {
        self.content.accounts.last()
    }

    /// Stores an account, in place of one with the same name.
    ///
    /// # Errors
    ///
    /// If the file cannot be written. It then keeps its content.
    pub(crate) fn store(&mut self, account: StoredAccount) -> Result<(), CommandError> {
        self.content.accounts.retain(|stored| stored.name != account.name);
        self.content.accounts.push(account);
        self.save()
    }

    /// Removes an account. Returns `false` if it is not stored.
    ///
    /// # Errors
    ///
    /// If the file cannot be written. It then keeps its content.
    pub(crate) fn remove(&mut self, name: &str) -> Result<bool, CommandError> {
        let before = self.content.accounts.len();
        self.content.accounts.retain(|stored| stored.name != name);
        let is_removed = self.content.accounts.len() < before;
        if is_removed {
            self.save()?;
        }
        Ok(is_removed)
    }

    /// Replaces the file. Only its owner can read it.
    fn save(&self) -> Result<(), CommandError> {
        let file = self.path().ok_or("there is no home folder for credentials.toml")?;
        let content = Secret::new(toml::to_string(&self.content)?);
        let text = Secret::new([HEADER, content.expose()].concat());
        write_private(file, text.expose().as_bytes())
            .map_err(|error| format!("cannot write {}: {error}", file.display()).into())
    }
}

/// Finds the path of the file, in the configuration folder of the user; `None` if the user has no home folder.
fn find_path() -> Option<PathBuf> {
    let folders = etcetera::choose_base_strategy().ok()?;
    Some(folders.config_dir().join("backpack").join("credentials.toml"))
}

/// Writes a file that only its owner can read, through a temporary file in the same folder, which is created if it does
/// not exist.
fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)?;
    // The crate creates the file with the mode 0600.
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

/// Describes a mistake in the file by its line. The message of the parser may contain a token.
fn describe_error(path: &Path, text: &str, error: &toml::de::Error) -> CommandError {
    let before = error.span().and_then(|span| text.get(..span.start));
    let line = before.map(|before| format!(", line {}", before.matches('\n').count() + 1)).unwrap_or_default();
    format!("{} is not valid{line}: correct it, or delete it and run `backpack login`", path.display()).into()
}
