//! Writes the seeds of the fuzz targets that are made from the schema's examples.

use std::{fs, io};

use backpack_tests::{fuzz, schema};

fn main() -> io::Result<()> {
    for (target, name, seed) in fuzz::seeds() {
        let folder = schema::root().join("fuzz/corpus").join(target);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(name), seed)?;
    }
    Ok(())
}
