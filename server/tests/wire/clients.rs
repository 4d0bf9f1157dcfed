//! Historical clients: the bytes that each one sends, and the parts of the response that it relies on.

use std::io::Write;

use crate::support::{EMPTY_ENVELOPE, RawResponse, TestServer, read_response};

/// Sends a request like Net::Backpack (Perl, 2005 to 2007): over LWP, with indented XML under any content type.
fn send_perl(server: &TestServer, path: &str, payload: &str) -> RawResponse {
    let head = format!(
        "POST {path} HTTP/1.1
         TE: deflate,gzip;q=0.3
         Connection: TE, close
         Host: demo.backpackit.com
         User-Agent: Net::Backpack/1.13
         Content-Type: application/x-www-form-urlencoded
         X-POST-DATA-FORMAT: xml"
    );
    server.send(&head, &format!("\n  <request>\n    <token>TOKEN</token>\n    {payload}\n  </request>\n"))
}

#[test]
fn net_backpack_sends_indented_xml_as_a_form() {
    let server = TestServer::start();
    let created = send_perl(
        &server,
        "/ws/pages/new",
        "<page>\n  <title>Trip</title>\n  <description>Soon</description>\n</page>",
    );
    let page = created.id();
    assert_eq!(created.payload(), format!("<page title=\"Trip\" id=\"{page}\"/>"));
    assert!(send_perl(&server, &format!("/ws/page/{page}"), "").payload().contains(">Soon</"));
}

/// Net::Backpack has no separate call for unlinking: it sends the request for a link again, and needs a success. The
/// pages stay linked.
#[test]
fn net_backpack_can_link_a_page_again() {
    let server = TestServer::start();
    for _ in 0..2 {
        let linked = send_perl(&server, "/ws/page/1/link", "<linked_page_id>2</linked_page_id>");
        assert_eq!((linked.status(), linked.body.as_str()), (200, EMPTY_ENVELOPE));
    }
    let page = send_perl(&server, "/ws/page/1", "");
    assert!(page.payload().contains("<linked_pages><page title=\"The boat\" id=\"2\""), "{}", page.body);
}

#[test]
fn net_backpack_separates_tags_by_line_breaks_and_lists_pages_by_tag_id() {
    let server = TestServer::start();
    assert_eq!(
        send_perl(&server, "/ws/page/2/tags/tag", "<tags>Garden\n\"Slow Food\"\nBikes</tags>").body,
        EMPTY_ENVELOPE
    );
    let page = send_perl(&server, "/ws/page/2", "");
    let tags = page.payload().split("<tag ").skip(1).collect::<Vec<_>>();
    assert_eq!(tags.len(), 3, "{}", page.body);
    let slow_food = tags.iter().find(|tag| tag.contains("name=\"Slow Food\"")).expect("a tag with a space");
    let id: String = slow_food
        .split_once("id=\"")
        .map(|(_, id)| id.chars().take_while(char::is_ascii_digit).collect())
        .unwrap_or_default();
    let pages = send_perl(&server, &format!("/ws/tags/{id}"), "");
    assert!(pages.payload().contains("title=\"The boat\""), "{}", pages.body);
}

#[test]
fn net_backpack_shares_with_an_empty_public() {
    let server = TestServer::start();
    let payload = "<email_addresses>tom@example.com</email_addresses>\n<page>\n<public></public>\n</page>";
    assert_eq!(send_perl(&server, "/ws/page/1/share", payload).body, EMPTY_ENVELOPE);
}

/// Sends a request like the Ruby wrapper of 2005: YAML under Ruby's default content type, with Ruby's spelling of
/// headers.
fn send_ruby(server: &TestServer, path: &str, yaml: &str) -> RawResponse {
    let head = format!(
        "POST /ws/{path} HTTP/1.1
         Accept: */*
         X-Post_data_format: yaml
         Content-Type: application/x-www-form-urlencoded
         Host: demo.backpackit.com"
    );
    server.send(&head, &format!("--- \n{yaml}token: TOKEN\n"))
}

#[test]
fn the_ruby_wrapper_sends_yaml_and_needs_200() {
    let server = TestServer::start();
    assert!(send_ruby(&server, "pages/all", "").payload().contains("title=\"The boat\""));
    let created = send_ruby(&server, "page/1/items/add", "item: \n  content: \"Caf\\xC3\\xA9, then \\\"ferry\\\"\"\n");
    assert!(created.payload().contains(">Café, then \"ferry\"</item>"), "{}", created.body);
    let moved = send_ruby(&server, "page/1/items/move/1", "direction: move_lower\n");
    assert_eq!((moved.status(), moved.body.as_str()), (200, EMPTY_ENVELOPE));
    let shared = send_ruby(
        &server,
        "page/1/share",
        "page: \n  public: \nemail_addresses: \n- tom@example.com\n- jo@example.com\n",
    );
    assert_eq!((shared.status(), shared.body.as_str()), (200, EMPTY_ENVELOPE));
    let reminder = send_ruby(&server, "reminders/create", "reminder: \n  content: +30 Call back\n  remind_at: \n");
    assert!(reminder.payload().ends_with(">Call back</reminder>"), "{}", reminder.body);
}

/// A Ruby wrapper of 2006 for calendars, which uses underscores in element names.
#[test]
fn the_ruby_calendar_wrapper_needs_a_location_and_types_with_values() {
    let server = TestServer::start();
    let send = |line: &str, body: &str| {
        let head = format!(
            "{line} HTTP/1.1
             Accept: application/xml
             X-Bp-Token: TOKEN
             Content-Type: application/xml
             Host: demo.backpackit.com"
        );
        server.send(&head, body)
    };
    let event =
        "<request><event><calendar_id>1</calendar_id><title>9/27 Dinner</title><remind>1</remind></event></request>";
    let created = send("POST /calendar_events.xml", event);
    assert_eq!(created.status(), 201);
    assert_eq!(
        created.header("location"),
        Some(&*format!("http://demo.backpackit.com/calendar_events/{}.xml", created.location_id()))
    );
    for line in ["GET /calendars.xml", "GET /calendars/1/calendar_events.xml"] {
        let listed = send(line, "");
        assert!(!listed.body.contains("type=\"array\""), "{}", listed.body);
        for tag in listed.body.split('<').filter(|tag| tag.contains("type=\"datetime\"")) {
            assert!(!tag.ends_with('>') && !tag.contains("nil"), "{tag} should have a value");
        }
    }
    let show = send(&format!("GET /calendar_events/{}.xml", created.location_id()), "");
    assert!(show.body.contains("<title>Dinner</title>"), "{}", show.body);
}

/// The Emacs client recognizes success only by the attribute `success`. Through a proxy, it sends an absolute URL as
/// the request target.
#[test]
fn emacs_sends_paths_or_absolute_urls_and_reads_success() {
    let server = TestServer::start();
    for target in
        ["/ws/pages/all", "http://demo.backpackit.com/ws/pages/all", "http://demo.backpackit.com:80/ws/pages/all"]
    {
        let head = format!(
            "POST {target} HTTP/1.1
             MIME-Version: 1.0
             Connection: keep-alive
             Extension: Security/Digest Security/SSL
             Host: demo.backpackit.com
             Accept: */*
             User-Agent: backpack.el URL/Emacs
             X-POST_DATA_FORMAT: xml"
        );
        let pages = server.send(&head, "<request><token>TOKEN</token></request>");
        assert!(pages.payload().starts_with("<pages>"), "{}", pages.body);
    }
}

#[test]
fn an_absolute_request_target_takes_precedence_over_the_host_header() {
    let server = TestServer::start();
    let head = "GET http://demo.example.com/calendars.xml HTTP/1.1\nHost: proxy.example.com:3128\nX-BP-Token: TOKEN";
    assert_eq!(server.send(head, "").status(), 200);
}

/// The assertions cover the elements and attributes that the Python client reads.
#[test]
fn the_python_client_finds_what_it_reads() {
    let server = TestServer::start();
    let send = |path: &str, payload: &str| {
        let head = format!(
            "POST {path} HTTP/1.1
             Accept-Encoding: identity
             Host: demo.backpackit.com
             Content-type: application/xml
             X-post_data_format: xml
             Connection: close
             User-agent: Python-urllib/2.4"
        );
        server.send(&head, &format!("<request>\n<token>TOKEN</token>\n{payload}</request>"))
    };
    let emails = send("/ws/page/1/emails/list", "");
    assert!(emails.payload().contains(" subject=\"Timetable\""), "{}", emails.body);
    let found = send("/ws/pages/search", "<term>ferry</term>");
    assert!(found.payload().contains(">note</send></page>"), "{}", found.body);
    let reminders = send("/ws/reminders", "");
    assert!(reminders.payload().starts_with("<reminders><reminder remind_at=\""), "{}", reminders.body);
    let export = send("/ws/account/export", "");
    assert!(export.body.contains("?>\n<backpack username=\""), "{}", export.body);
}

/// A Ruby client for the journal, which wraps write requests in `<request>`, with the token inside.
#[test]
fn the_journal_client_wraps_its_write_requests() {
    let server = TestServer::start();
    let user = server.user();
    let send = |line: &str, body: &str| {
        server.send(&format!("{line} HTTP/1.1\nHost: demo.backpackit.com\nContent-Type: application/xml"), body)
    };
    let entry = "<request><token>TOKEN</token><journal-entry><body>Sanded</body></journal-entry></request>";
    let created = send(&format!("POST /users/{user}/journal_entries.xml"), entry);
    assert_eq!(created.status(), 201);
    let shown = send(&format!("GET /journal_entries/{}.xml?token=TOKEN", created.location_id()), "");
    assert!(shown.body.contains("<body>Sanded</body>"), "{}", shown.body);
    let status = "<request><token>TOKEN</token><status><message>At the boat</message></status></request>";
    assert_eq!(send(&format!("PUT /users/{user}/status.xml"), status).status(), 200);
    let status = send(&format!("GET /users/{user}/status.xml?token=TOKEN"), "");
    assert!(status.body.contains("<message>At the boat</message>"), "{}", status.body);
}

/// A C# client of 2008. It sends the token in the query of REST paths, a byte order mark and .NET's XML declaration. It
/// reads the status from the `Status` header.
#[test]
fn the_c_sharp_client_reads_the_status_header() {
    let server = TestServer::start();
    let user = server.user();
    let send = |line: &str, body: &str| {
        let head = format!(
            "{line} HTTP/1.1
             User-Agent: Backpack.NET
             Content-Type: text/xml
             Host: demo.backpackit.com
             Connection: Keep-Alive"
        );
        server.send(&head, body)
    };
    let status =
        "\u{FEFF}<?xml version=\"1.0\" encoding=\"utf-16\"?>\r\n<status>\r\n  <message>In</message>\r\n</status>\r\n";
    let put = send(&format!("PUT /users/{user}/status.xml?token=TOKEN"), status);
    assert_eq!(put.header("Status"), Some("200 OK"));
    let listed = send("GET /statuses.xml?token=TOKEN", "");
    assert_eq!(listed.header("Status"), Some("200 OK"));
    assert!(listed.body.contains("<message>In</message>"), "{}", listed.body);
    assert_eq!(send("GET /users/99/status.xml?token=TOKEN", "").header("Status"), Some("404 Record not found"));
}

/// A C# client, which reads with `POST` like it writes. The token is in the path, and in the body if there is one.
#[test]
fn the_c_sharp_client_reads_users_with_post() {
    let server = TestServer::start();
    let user = server.user();
    let send = |line: &str, body: &str| {
        let head = format!("{line} HTTP/1.1\nHost: demo.backpackit.com\nContent-Type: text/xml");
        let response = server.send(&head, body);
        (response.status(), response.body)
    };
    for path in ["/TOKEN/me.xml".to_owned(), "/TOKEN/users.xml".to_owned(), format!("/TOKEN/users/{user}.xml")] {
        let read = send(&format!("GET {path}"), "");
        assert_eq!(read.0, 200);
        for body in ["", "<request><token>TOKEN</token></request>"] {
            assert_eq!(send(&format!("POST {path}"), body), read, "{path} {body}");
        }
    }
}

/// The examples of the documentation. Without a header, curl labels every body as a form.
#[test]
fn curl_sends_the_documented_examples() {
    let server = TestServer::start();
    let send = |line: &str, headers: &str, body: &str| {
        let head =
            format!("{line} HTTP/1.1\nHost: demo.backpackit.com\nUser-Agent: curl/7.16.3\nAccept: */*\n{headers}");
        server.send(&head, body)
    };
    let request = "<request>\n  <token>TOKEN</token>\n</request>";
    for headers in [
        "Content-Type: application/xml",
        "Content-Type: text/xml",
        "X-POST_DATA_FORMAT: xml\nContent-Type: application/x-www-form-urlencoded",
        "Content-Type: application/x-www-form-urlencoded",
    ] {
        assert!(send("POST /ws/page/1", headers, request).payload().starts_with("<page title="), "{headers}");
    }
    let item = "<request>\n  <token>TOKEN</token>\n  <item><content>Try the API</content></item>\n</request>";
    let item = send("POST /ws/page/1/items/create", "X-POST_DATA_FORMAT: xml", item);
    assert!(item.payload().ends_with(">Try the API</item>"), "{}", item.body);
    let reminder = "<reminder>\n  <content>+30 Call</content>\n</reminder>";
    assert_eq!(send("POST /TOKEN/reminders.xml", "Content-Type: application/xml", reminder).status(), 201);
    assert_eq!(send("GET /calendars.xml", "X-BP-Token: TOKEN", "").status(), 200);
    let token = "<request><token>TOKEN</token></request>";
    assert_eq!(send("DELETE /pages/1/separators/1.xml", "Content-Type: application/xml", token).status(), 204);
}

/// The client uses HTTP/1.0, so it sends no `Host`, and reaches the default account.
#[test]
fn a_client_that_closes_its_sending_side_receives_the_response() {
    let server = TestServer::start_with(|config| config.accounts.default_account = Some("demo".to_owned()));
    let mut stream = server.connect();
    let request = server.build_request("POST /ws/pages/all HTTP/1.0", "<request><token>TOKEN</token></request>");
    stream.write_all(&request).expect("the request should be sent");
    stream.shutdown(std::net::Shutdown::Write).expect("the sending side should close");
    assert_eq!(read_response(&mut stream).status(), 200);
}
