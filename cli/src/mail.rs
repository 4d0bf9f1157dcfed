//! Mail: the settings for what goes out, and the way in for mail servers.

use std::io::Read;
use std::path::{Path, PathBuf};

use backpack_server::mail::{self, MailConfig};
use clap::{Args, Subcommand};

use crate::manage::Data;
use crate::{Failure, out};

/// Where mail goes out.
#[derive(Args)]
pub(crate) struct Outgoing {
    /// The server that takes mail, such as `smtps://user:password@mail.example.com`. The environment hides the password
    /// from other users of this machine.
    #[arg(long, value_name = "URL", env = "BACKPACK_SMTP", hide_env_values = true, requires = "mail_from")]
    smtp: Option<String>,
    /// The folder into which mail is written if there is no server; by default `outbox` beside the data.
    #[arg(long, value_name = "FOLDER", env = "BACKPACK_OUTBOX")]
    outbox: Option<PathBuf>,
    /// From whom mail comes, such as `Backpack <backpack@example.com>`; the server of `--smtp` needs it.
    #[arg(long, value_name = "ADDRESS", env = "BACKPACK_MAIL_FROM")]
    mail_from: Option<String>,
}

impl Outgoing {
    pub(crate) fn settings(&self, data: Option<&Path>) -> MailConfig {
        let mut settings = MailConfig::default();
        settings.smtp.clone_from(&self.smtp);
        settings.outbox = self.outbox.clone().or_else(|| Some(data?.with_file_name("outbox")));
        settings.from.clone_from(&self.mail_from);
        settings
    }
}

#[derive(Subcommand)]
pub(crate) enum Mail {
    /// Take in a mail from standard input, and print the number of the page where it is now.
    ///
    /// For a mail server, as a pipe: `backpack mail receive --data FILE --recipient ADDRESS`. A file that cannot be
    /// written just now ends with status 75, upon which mail servers try again later.
    Receive {
        /// The page's address. By default, the headers say it.
        #[arg(long, value_name = "ADDRESS")]
        recipient: Option<String>,
        #[command(flatten)]
        data: Data,
    },
}

impl Mail {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let Self::Receive { recipient, data } = self;
        let store = data.open()?;
        let mut mail = Vec::new();
        // One byte more than is taken, so that what is too large is seen to be.
        std::io::stdin().lock().take(mail::LARGEST + 1).read_to_end(&mut mail)?;
        for page in mail::receive(&store, &mail, recipient.as_deref())? {
            out::line(page)?;
        }
        Ok(())
    }
}
