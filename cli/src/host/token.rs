//! `backpack host token`.

use backpack_server::tokens;
use clap::Subcommand;

use super::args::{DataFile, UserArgs};
use crate::error::CommandError;
use crate::lookup::not_found_as;
use crate::output::OutputArgs;

#[derive(Subcommand)]
pub(crate) enum TokenCommand {
    /// Create a token and print it. It cannot be shown again.
    Create {
        #[command(flatten)]
        user: UserArgs,
        #[command(flatten)]
        data: DataFile,
    },
    /// List the tokens of a user, oldest first: fingerprint and creation time.
    ///
    /// Tokens are stored as hashes only. The fingerprint is the start of the SHA-256:
    /// `printf %s TOKEN | sha256sum | head -c 8`.
    List {
        #[command(flatten)]
        user: UserArgs,
        #[command(flatten)]
        data: DataFile,
    },
    /// Revoke one token, or all tokens of a user; prints the number revoked.
    Revoke {
        #[command(flatten)]
        user: UserArgs,
        /// Fingerprint of the token, as `list` shows it.
        #[arg(required_unless_present = "all", conflicts_with = "all")]
        fingerprint: Option<String>,
        /// Revoke all tokens of the user.
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        data: DataFile,
    },
}

/// Heading of the number of revoked tokens.
const REVOKED: &[&str; 1] = &["REVOKED"];

impl TokenCommand {
    /// Runs the command and prints its result.
    pub(crate) fn run(self, output: OutputArgs) -> Result<(), CommandError> {
        match self {
            Self::Create { user, data } => {
                let store = data.open()?;
                let user = user.find(&store)?;
                let token = store.write_blocking(move |db| tokens::create(db, user))?;
                output.print_row(&["TOKEN"], [token.expose().into()])
            }
            Self::List { user, data } => {
                let store = data.open_read_only()?;
                let user = user.find(&store)?;
                let tokens = store.read_blocking(move |db| tokens::list(db, user))?;
                let rows =
                    tokens.into_iter().map(|token| [token.fingerprint.into(), token.created_at.to_string().into()]);
                output.print_rows(&["FINGERPRINT", "CREATED"], rows)
            }
            // Without a fingerprint, `--all` is given: clap requires one of the two.
            Self::Revoke { user, fingerprint, all: _, data } => {
                let store = data.open()?;
                let id = user.find(&store)?;
                let Some(fingerprint) = fingerprint else {
                    let revoked = store.write_blocking(move |db| tokens::revoke_all(db, id))?;
                    return output.print_row(REVOKED, [revoked.into()]);
                };
                let missing = format!("user {id} of {} has no token {fingerprint}", user.account);
                let result = store.write_blocking(move |db| tokens::revoke(db, id, &fingerprint));
                not_found_as(result, missing)?;
                output.print_row(REVOKED, [1.into()])
            }
        }
    }
}
