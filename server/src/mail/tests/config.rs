//! The configuration, and the errors in it.

use super::super::workers::MailWorkers;
use super::super::{MailConfig, MailConfigError};

#[test]
fn rejects_invalid_configurations_without_showing_the_password() {
    let with_smtp = |url: &str| MailConfig { smtp: Some(url.to_owned()), ..MailConfig::default() };
    for url in ["", "mail.example.com", "http://jo:s3cret@example.com", "smtps://jo:s3cret@"] {
        let error = MailWorkers::new(&with_smtp(url)).unwrap_err();
        assert!(matches!(error, MailConfigError::InvalidSmtpUrl), "{url}");
        assert!(!format!("{error} {error:?}").contains("s3cret"));
    }
    let mut config = with_smtp("smtps://jo:s3cret@mail.example.com");
    assert!(matches!(MailWorkers::new(&config), Err(MailConfigError::MissingSender)));
    config.from = Some("backpack@example.com".to_owned());
    let workers = MailWorkers::new(&config).unwrap();
    assert!(!format!("{config:?} {workers:?}").contains("s3cret"));
    // The last one would make the header line longer than mail servers accept.
    let long = format!("{} <jo@example.com>", "a".repeat(1000));
    for sender in ["nobody", "-option@example.com", "Backpack <--to=jo@example.com>", "a..b@example.com", &long] {
        let invalid_sender = MailConfig { from: Some(sender.to_owned()), ..MailConfig::default() };
        assert!(matches!(MailWorkers::new(&invalid_sender), Err(MailConfigError::InvalidSender(_))), "{sender}");
    }
}
