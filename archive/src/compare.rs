//! Names the differences between two responses to a request.

use std::collections::BTreeMap;
use std::path::Path;

use crate::archive::{Archive, describe_read_error, locate_file};
use crate::document::read_response;
use crate::request::Request;

/// Returns the requests that list what the account has. Their responses show whether an archive is up to date.
pub fn listings(archive: &Archive) -> Vec<Request> {
    let entries = archive.manifest().into_iter().flat_map(|manifest| &manifest.responses);
    let requests = entries.filter_map(|entry| entry.request());
    requests.filter(|request| !matches!(request, Request::Page(_) | Request::Emails(_))).collect()
}

/// Compares the archive's response to a request with the current one. Returns a clause for each difference.
///
/// # Errors
///
/// A clause that describes why a response cannot be read.
pub fn compare(folder: &Path, archive: &Archive, request: Request, current: &[u8]) -> Result<Vec<String>, String> {
    let file = request.file();
    let archived = std::fs::read(locate_file(folder, &file, archive.is_moving()))
        .map_err(|error| format!("{file}: {}", describe_read_error(&error)))?;
    if archived == current {
        return Ok(Vec::new());
    }
    let (archived, current) = (hash_objects(request, &archived)?, hash_objects(request, current)?);
    let mut differences = Vec::new();
    for ((kind, number), hash) in &archived {
        match current.get(&(*kind, *number)) {
            None => differences.push(format!("{kind} {number} is gone from {file}")),
            Some(current) if current != hash => differences.push(format!("{kind} {number} has changed in {file}")),
            Some(_) => {}
        }
    }
    let new = current.keys().filter(|object| !archived.contains_key(object));
    differences.extend(new.map(|(kind, number)| format!("{kind} {number} is new in {file}")));
    Ok(differences)
}

/// Reads a response. Returns a hash of each object.
fn hash_objects(request: Request, body: &[u8]) -> Result<BTreeMap<(&'static str, u64), u64>, String> {
    let read = read_response(request, body).map_err(|problem| format!("{}: {problem}", request.file()))?;
    let mut hashes = BTreeMap::new();
    read.document.visit_objects(|object| {
        hashes.insert((object.kind, object.number), object.value.hash_value());
    });
    Ok(hashes)
}
