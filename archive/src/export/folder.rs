//! Writes the files of an export into a folder.
//!
//! A file that has the same bytes already is not written. A file that no export has written, or that was changed since,
//! is never touched.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use super::content::names::fold_path;
use super::content::object::list_objects;
use super::file_list::{FileList, replace_file};
use super::format::{Format, render};
use super::report::{ExportError, Fate, Report};
use crate::model::Account;

/// Exports an account into a folder, which is created if it does not exist. With `prune`, files of earlier exports that
/// this one does not have are removed.
///
/// # Errors
///
/// [`ExportError`] if the folder cannot be written, or the fates of the objects do not balance. A single file that
/// cannot be written is part of the report.
pub fn write_folder(account: &Account, format: Format, folder: &Path, prune: bool) -> Result<Report, ExportError> {
    let rendering = render(account, format)?;
    let mut report = Report { pages_with_html: rendering.pages_with_html, ..Report::default() };
    rendering.skipped.iter().for_each(|(object, reason)| report.add_skipped(*object, reason));
    let io_error = |source: io::Error| ExportError::Io { path: folder.to_owned(), source };
    fs::create_dir_all(folder).map_err(io_error)?;
    let mut list = FileList::open(folder, format.name())?;
    let mut folded_paths = BTreeSet::new();
    for file in &rendering.files {
        let fate = if folded_paths.insert(fold_path(&file.path)) {
            write_file(folder, &file.path, &file.content, &mut list)
                .unwrap_or_else(|error| Fate::Failed(error.to_string()))
        } else {
            Fate::Failed("another file of this export has the same name".to_owned())
        };
        report.add_file(&file.path, &file.objects, fate);
    }
    let names: BTreeSet<&str> = rendering.files.iter().map(|file| file.path.as_str()).collect();
    for name in list.list_others(&names) {
        match remove_stale(folder, &name, &mut list, prune).map_err(io_error)? {
            Stale::Removed => report.files.removed += 1,
            Stale::Kept => report.stale.push(name),
            Stale::Missing => {}
        }
    }
    list.save().map_err(io_error)?;
    report.check_balance(&list_objects(account))?;
    Ok(report)
}

/// Writes a file, unless it has the same bytes already or belongs to the user.
fn write_file(folder: &Path, name: &str, content: &[u8], list: &mut FileList) -> io::Result<Fate> {
    let path = folder.join(name);
    match fs::read(&path) {
        Ok(old) if old == content => {
            list.set(name, content);
            return Ok(Fate::Unchanged);
        }
        Ok(old) if !list.has_written(name, &old) => {
            let reason = if list.contains(name) {
                "the file was changed after the last export: move or delete it to get the new one"
            } else {
                "a file that is not from an export has this name: move it"
            };
            return Ok(Fate::Failed(reason.to_owned()));
        }
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent)?;
            }
        }
        Err(error) => return Err(error),
    }
    list.announce(name, content)?;
    replace_file(&path, content)?;
    list.set(name, content);
    Ok(Fate::Written)
}

/// Fate of a file of an earlier export.
enum Stale {
    Removed,
    Kept,
    Missing,
}

/// Removes a file of an earlier export if `prune`, and the folder that becomes empty. Keeps a file that was changed.
fn remove_stale(folder: &Path, name: &str, list: &mut FileList, prune: bool) -> io::Result<Stale> {
    let path = folder.join(name);
    match fs::read(&path) {
        Ok(content) if prune && list.has_written(name, &content) => {
            fs::remove_file(&path)?;
            list.remove(name);
            if let Some(parent) = path.parent().filter(|parent| *parent != folder) {
                // It may have other files.
                let _ = fs::remove_dir(parent);
            }
            Ok(Stale::Removed)
        }
        Ok(_) => Ok(Stale::Kept),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            list.remove(name);
            Ok(Stale::Missing)
        }
        Err(error) => Err(error),
    }
}
