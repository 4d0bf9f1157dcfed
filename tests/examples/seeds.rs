//! Writes the seeds of the fuzz targets that are made from the schema's examples.

use std::{fs, io};

use backpack_tests::{fuzz, schema};

fn main() -> io::Result<()> {
    for (target, name, seed) in fuzz::make_seeds() {
        let folder = schema::repository_root().join("fuzz/corpus").join(target);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(name), seed)?;
    }
    Ok(())
}
