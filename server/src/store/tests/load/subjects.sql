-- The rows that the measured calls are about. 1283342400 is the time of the calls.

INSERT INTO accounts (id, name, created_at) VALUES (1, 'acme', 0), (2, 'calm', 0), (3, 'other', 0);
INSERT INTO users (id, account_id, name, email_address, created_at, updated_at) VALUES
    (1, 1, 'Jo', 'jo@example.com', 0, 0),
    (2, 1, 'Bo', 'bo@example.com', 0, 0),
    (3, 2, 'Cy', 'cy@example.com', 0, 0),
    (4, 3, 'Ed', 'ed@example.com', 0, 0),
    (5, 1, 'Al', 'al@example.com', 0, 0);
INSERT INTO tokens SELECT unhex('01234567' || hex(zeroblob(28))), 1, 0;

-- Page 1 gets the crowd of rows beside those of the calls, page 2 gets none. Page 3 belongs to the account without a
-- crowd of its own, and page 4 is shared by another account.
INSERT INTO pages (id, account_id, title, public, mailbox, created_at, updated_at) VALUES
    (1, 1, 'Crowded', 0, 'crowded', 0, 0),
    (2, 1, 'Quiet', 1, 'quiet', 0, 0),
    (3, 2, 'Calm', 0, 'calm', 0, 0),
    (4, 3, 'Shared', 0, 'shared', 0, 0);
INSERT INTO friends VALUES (4, 1), (4, 3), (2, 4);
INSERT INTO links VALUES (1, 2), (2, 1), (3, 4);
INSERT INTO belongings (id, page_id, position, kind, widget_id) VALUES
    (1, 1, 1, 'List', 1), (2, 1, 2, 'Note', 1), (3, 1, 3, 'Separator', 1), (4, 1, 4, 'Email', 1),
    (5, 2, 1, 'List', 2), (6, 2, 2, 'Note', 2), (7, 2, 3, 'Separator', 2), (8, 2, 4, 'Email', 2),
    (9, 2, 5, 'Gallery', 2), (10, 2, 6, 'Attachment', 2), (11, 3, 1, 'List', 3), (12, 3, 2, 'Note', 3);
INSERT INTO lists (id, page_id, name) VALUES (1, 1, 'Crowded'), (2, 2, 'Quiet'), (3, 3, 'Calm');
INSERT INTO items (id, list_id, content, completed, position, updated_at) VALUES
    (1, 1, 'Boots', 0, 1, 0), (2, 1, 'Tent', 0, 2, 0), (3, 1, 'Map', 1, 3, 0),
    (4, 2, 'Boots', 0, 1, 0), (5, 2, 'Tent', 0, 2, 0), (6, 2, 'Map', 1, 3, 0), (7, 3, 'Boots', 0, 1, 0);
INSERT INTO notes (id, page_id, title, body, created_at) VALUES
    (1, 1, 'Ferry', 'At nine', 0), (2, 2, 'Ferry', 'At nine', 0), (3, 3, 'Ferry', 'At nine', 0);
INSERT INTO separators (id, page_id, name) VALUES (1, 1, 'Later'), (2, 2, 'Later');
INSERT INTO emails (id, page_id, subject, body, created_at) VALUES (1, 1, 'Ferry', '', 0), (2, 2, 'Ferry', '', 0);
INSERT INTO galleries (id, page_id, name) VALUES (1, 1, 'Bay'), (2, 2, 'Bay');
INSERT INTO images (gallery_id, file_name) VALUES (1, 'bay.jpg'), (2, 'bay.jpg');
INSERT INTO attachments (id, page_id, file_name) VALUES (1, 1, 'map.pdf'), (2, 2, 'map.pdf');
INSERT INTO tags (id, account_id, name) VALUES (1, 1, 'Travel'), (2, 1, 'Crowded');
INSERT INTO page_tags (page_id, tag_id, position) VALUES (2, 1, 1);

-- Reminder 1 is of Jo for both, reminder 2 of Bo, reminder 3 of Bo for Al only, and reminder 4 of Al for both.
INSERT INTO reminders (id, creator_id, content, remind_at) VALUES
    (1, 1, 'Call back', 1283346000), (2, 2, 'Call back', 1283346000), (3, 2, 'Call back', 1283346000),
    (4, 5, 'Call back', 1283346000), (5, 3, 'Call back', 1283346000);
INSERT INTO remindees (reminder_id, user_id) VALUES (1, 1), (1, 2), (2, 2), (3, 5), (4, 1), (4, 5), (5, 3);
INSERT INTO statuses (user_id, message, updated_at) VALUES (2, 'Out', 0), (3, 'Out', 0);
INSERT INTO journal_entries (id, user_id, body, created_at, updated_at) VALUES (1, 1, 'Painted', 0, 0);
INSERT INTO bookmarks (user_id, kind, target_id, position) VALUES (2, 'Page', 2, 1);

-- Calendar 1 gets a crowd of dated events, calendar 2 none, and calendar 3 one of events without a date.
INSERT INTO calendars (id, account_id, owner_id, shared, name, color, token, created_at, updated_at) VALUES
    (1, 1, 1, 0, 'Crowded', '3c7a89', 'crowded', 0, 0),
    (2, 1, 1, 1, 'Quiet', '3c7a89', 'quiet', 0, 0),
    (3, 1, 1, 0, 'Undated', '3c7a89', 'undated', 0, 0),
    (4, 1, 5, 1, 'Of Al', '3c7a89', 'al', 0, 0);
INSERT INTO events (id, calendar_id, creator_id, title, occurs_at, remind, created_at, updated_at) VALUES
    (1, 1, 1, 'Ferry', 1283342400, 0, 0, 0), (2, 2, 1, 'Ferry', 1283343300, 1, 0, 0),
    (3, 3, 1, 'Ferry', 1283342400, 0, 0, 0), (4, 2, 5, 'Ferry', 1283342400, 0, 0, 0),
    (5, 4, 5, 'Ferry', 1283342400, 0, 0, 0);
INSERT INTO outbox (account_id, recipient, subject, body, created_at, next_attempt_at) VALUES
    (1, 'jo@example.com', 'Ferry', 'At nine', 0, 1283342400);
