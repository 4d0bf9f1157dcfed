//! Accounts with many pages in the service, for measurements.

/// Returns SQL that adds pages to an account of the service, all of 3 KB: each has two notes, and a list of ten items.
/// They are shared with a user of another account, if there is one.
pub fn insert_pages(account: u64, pages: u32, friend: Option<u64>) -> String {
    let body = "Leaves at *nine* from pier 4, \"weather & tide\":http://example.com/tide permitting.\n".repeat(10);
    let numbers = "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n <";
    let own = format!("FROM pages WHERE account_id = {account}");
    let friend = friend.map_or("NULL".to_owned(), |user| user.to_string());
    format!(
        "{numbers} {pages})
         INSERT INTO pages (account_id, title, mailbox, created_at, updated_at)
         SELECT {account}, 'Crossing ' || n, 'crossing-{account}-' || n, 1237000000, 1237000000 FROM numbers;
         {numbers} 2)
         INSERT INTO notes (page_id, title, body, created_at)
         SELECT pages.id, 'Ferry ' || n, '{body}', 1237000000 FROM pages JOIN numbers WHERE account_id = {account};
         INSERT INTO lists (page_id, name) SELECT id, 'Luggage' {own};
         {numbers} 10)
         INSERT INTO items (list_id, content, position, updated_at)
         SELECT lists.id, 'Life jacket ' || n, n, 1237000000 FROM lists JOIN numbers
         WHERE page_id IN (SELECT id {own});
         INSERT INTO belongings (page_id, position, kind, widget_id)
         SELECT page_id, row_number() OVER (PARTITION BY page_id ORDER BY kind, id), kind, id FROM (
             SELECT page_id, 'Note' AS kind, id FROM notes UNION ALL SELECT page_id, 'List', id FROM lists
         ) WHERE page_id IN (SELECT id {own});
         INSERT INTO friends (page_id, user_id) SELECT id, {friend} {own} AND {friend} IS NOT NULL;"
    )
}
