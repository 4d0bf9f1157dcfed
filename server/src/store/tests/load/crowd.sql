-- Adds rows to every table, beside those of the measured calls, for each n of the table `numbers`. The ids of a group
-- of rows begin at a million, two million and so on. Most groups belong to Jo, to page 1, to the account of Jo, or to
-- an account of their own.

INSERT INTO accounts (id, name, created_at) SELECT 1000000 + n, 'account-' || n, 0 FROM numbers;
INSERT INTO users (id, account_id, name, email_address, admin, created_at, updated_at)
    SELECT 1000000 + n, 1, 'User ' || n, 'user-' || n || '@example.com', 0, 0, 0 FROM numbers;
INSERT INTO users (id, account_id, name, email_address, admin, created_at, updated_at)
    SELECT 2000000 + n, 1000000 + n, 'User ' || n, 'user-' || n || '@example.com', 1, 0, 0 FROM numbers;
INSERT INTO tokens SELECT randomblob(32), 1000000 + n, 0 FROM numbers;
INSERT INTO tokens SELECT randomblob(32), 1, 0 FROM numbers;

INSERT INTO pages (id, account_id, title, public, mailbox, created_at, updated_at)
    SELECT 1000000 + n, 1, 'Page ' || n, 1, 'own-' || n, 0, 0 FROM numbers;
INSERT INTO pages (id, account_id, title, public, mailbox, created_at, updated_at)
    SELECT 2000000 + n, 1000000 + n, 'Page ' || n, 1, 'other-' || n, 0, 0 FROM numbers;
INSERT INTO friends SELECT 1, 2000000 + n FROM numbers;
INSERT INTO friends SELECT 2000000 + n, 1 FROM numbers;
INSERT INTO links SELECT 1, 1000000 + n FROM numbers;
INSERT INTO links SELECT 1000000 + n, 1 FROM numbers;
INSERT INTO belongings (id, page_id, position, kind, widget_id)
    SELECT 1000000 + n, 1, 10 + n, 'Note', 1000000 + n FROM numbers;
INSERT INTO belongings (id, page_id, position, kind, widget_id)
    SELECT 2000000 + n, 1000000 + n, 1, 'Note', 2000000 + n FROM numbers;

INSERT INTO lists (id, page_id, name) SELECT 1000000 + n, 1, 'List' FROM numbers;
INSERT INTO lists (id, page_id, name) SELECT 2000000 + n, 1000000 + n, 'List' FROM numbers;
INSERT INTO items (list_id, content, completed, position, updated_at)
    SELECT 1, 'Item', n % 2, 10 + n, 0 FROM numbers;
INSERT INTO items (list_id, content, completed, position, updated_at)
    SELECT 2000000 + n, 'Item', n % 2, 1, 0 FROM numbers;
INSERT INTO notes (id, page_id, title, body, created_at) SELECT 1000000 + n, 1, '', '', 0 FROM numbers;
INSERT INTO notes (id, page_id, title, body, created_at) SELECT 2000000 + n, 1000000 + n, '', '', 0 FROM numbers;
INSERT INTO separators (page_id, name) SELECT 1, '' FROM numbers;
INSERT INTO separators (page_id, name) SELECT 1000000 + n, '' FROM numbers;
INSERT INTO emails (page_id, subject, body, created_at, message_id) SELECT 1, '', '', 0, n FROM numbers;
INSERT INTO emails (page_id, subject, body, created_at, message_id) SELECT 1000000 + n, '', '', 0, n FROM numbers;
INSERT INTO galleries (id, page_id, name) SELECT 1000000 + n, 1000000 + n, '' FROM numbers;
INSERT INTO images (gallery_id, file_name) SELECT 1, '' FROM numbers;
INSERT INTO images (gallery_id, file_name) SELECT 1000000 + n, '' FROM numbers;
INSERT INTO attachments (page_id, file_name) SELECT 1, '' FROM numbers;
INSERT INTO attachments (page_id, file_name) SELECT 1000000 + n, '' FROM numbers;
INSERT INTO tags (id, account_id, name) SELECT 1000000 + n, 1, 'Tag ' || n FROM numbers;
INSERT INTO tags (id, account_id, name) SELECT 2000000 + n, 1000000 + n, 'Travel' FROM numbers;
INSERT INTO page_tags (page_id, tag_id, position) SELECT 1000000 + n, 2, 1 FROM numbers;
INSERT INTO page_tags (page_id, tag_id, position) SELECT 1000000 + n, 1000000 + n, 2 FROM numbers;

-- The reminders of Jo and of other accounts are to come, those of Bo are past.
INSERT INTO reminders (id, creator_id, content, remind_at, sent_at)
    SELECT 1000000 + n, 1, '', 1283428800 + n, NULL FROM numbers
    UNION ALL SELECT 2000000 + n, 2, '', 1283342400 - n, 1283342400 FROM numbers
    UNION ALL SELECT 3000000 + n, 2000000 + n, '', 1283428800 + n, NULL FROM numbers;
INSERT INTO remindees (reminder_id, user_id)
    SELECT 1000000 + n, 1 FROM numbers UNION ALL SELECT 2000000 + n, 2 FROM numbers
    UNION ALL SELECT 2000000 + n, 1000000 + n FROM numbers UNION ALL SELECT 3000000 + n, 2000000 + n FROM numbers;
INSERT INTO statuses (user_id, message, updated_at) SELECT 2000000 + n, '', 0 FROM numbers;
INSERT INTO journal_entries (user_id, body, created_at, updated_at)
    SELECT 1, '', 0, 0 FROM numbers UNION ALL SELECT 1000000 + n, '', 0, 0 FROM numbers
    UNION ALL SELECT 2000000 + n, '', 0, 0 FROM numbers;
INSERT INTO bookmarks (user_id, kind, target_id, position)
    SELECT 1, 'Page', 1000000 + n, n FROM numbers UNION ALL SELECT 1, 'Tag', 1000000 + n, n FROM numbers
    UNION ALL SELECT 2000000 + n, 'Page', 2000000 + n, n FROM numbers;
INSERT INTO calendars (id, account_id, owner_id, shared, name, color, token, created_at, updated_at)
    SELECT 1000000 + n, 1, 1000000 + n, 0, 'Own', '3c7a89', 'own-' || n, 0, 0 FROM numbers
    UNION ALL SELECT 2000000 + n, 1000000 + n, 2000000 + n, 1, 'Other', '3c7a89', 'other-' || n, 0, 0 FROM numbers;
INSERT INTO events (calendar_id, creator_id, title, occurs_at, remind, created_at, updated_at)
    SELECT 1, 1, '', 1283364000 + n, 1, 0, 0 FROM numbers UNION ALL SELECT 3, 1, '', NULL, 0, 0, 0 FROM numbers
    UNION ALL SELECT 2000000 + n, 2000000 + n, '', 1283428800 + n, 1, 0, 0 FROM numbers;
INSERT INTO outbox (account_id, recipient, subject, body, created_at, attempts, next_attempt_at)
    SELECT 1, '', '', '', 0, n % 9, 1283346000 + n FROM numbers
    UNION ALL SELECT 1000000 + n, '', '', '', 0, 1, 1283346000 + n FROM numbers;
INSERT INTO imports (account_id, kind, number, row_id, fingerprint)
    SELECT 1, 'pages', n, 1000000 + n, 0 FROM numbers UNION ALL SELECT 1000000 + n, 'pages', n, 2000000 + n, 0 FROM numbers;
