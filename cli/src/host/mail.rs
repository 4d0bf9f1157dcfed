//! `backpack host mail`.

use std::io::Read;

use backpack_server::mail;
use clap::Subcommand;

use super::args::DataFile;
use crate::error::CommandError;
use crate::output::OutputArgs;

#[derive(Subcommand)]
pub(crate) enum MailCommand {
    /// Read a mail from standard input, add it to its page and print the page's id.
    ///
    /// To be run by a mail server, as a pipe: `backpack host mail receive --data FILE --recipient ADDRESS`. The exit
    /// code is 75 if the data file cannot be written at the moment; mail servers then try again later.
    Receive {
        /// E-mail address of the page, by default taken from the headers.
        #[arg(long, value_name = "ADDRESS")]
        recipient: Option<String>,
        #[command(flatten)]
        data: DataFile,
    },
}

impl MailCommand {
    /// Runs the command and prints its result.
    pub(crate) fn run(self, output: OutputArgs) -> Result<(), CommandError> {
        let Self::Receive { recipient, data } = self;
        let store = data.open()?;
        let mut mail = Vec::new();
        // One byte more than the limit, so that `receive` sees that the mail is too large.
        std::io::stdin().lock().take(mail::MAX_MAIL_SIZE + 1).read_to_end(&mut mail)?;
        let pages = mail::receive(&store, &mail, recipient.as_deref())?;
        output.print_rows(&["PAGE"], pages.into_iter().map(|page| [page.0.into()]))
    }
}
