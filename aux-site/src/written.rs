//! A site on the disk. It is brought from what it is to what it should be: what is the same stays,
//! and nobody's work goes: what a site did not have is not overwritten, and what somebody changed is
//! named.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::{Component, Path};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use aux_gen::disk::{BulkWriter, DiskError, acquire_lock, entries};
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::error::SiteError;
use crate::site::{File, Site};

/// The file with what a site has: a hash and a path on each line.
pub const RECORD: &str = ".aux-gen-site";

/// The same of files that are about to be written, while a run is under way.
const JOURNAL: &str = ".aux-gen-site.journal";

/// What hosts of pages want beside a site, and git.
const BESIDE: [&str; 2] = ["CNAME", "robots.txt"];

/// What was done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Written {
    /// Files of the site.
    pub files: usize,
    /// Those that were written, as they were not there or another text.
    pub written: usize,
    /// Those that the site had and has no more.
    pub removed: usize,
    /// Bytes of all files.
    pub bytes: u64,
}

/// The hashes that each file of a site may have: one, or two where a run was ended half way.
type Record = BTreeMap<String, Vec<String>>;

/// Brings a folder to what a site is. Each file is replaced by rename, so it is old or new whenever
/// the run is ended. What a file will be is noted before it is written, so that the next run knows
/// what an ended one has left. `progress` is told how many files of how many are done.
///
/// # Errors
/// When files stand in the folder that are of no site, or pages were changed: nothing is written
/// then. When the disk refuses, or a page cannot be made: what is written by then is right, and the
/// next run writes the rest.
pub fn write(
    site: &Site<'_>,
    folder: &Path,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Written, SiteError> {
    fs::create_dir_all(folder).map_err(|error| SiteError::NoFolder {
        folder: folder.to_owned(),
        source: error,
    })?;
    let _held = acquire_lock(folder)?;
    let disk = BulkWriter::new(folder)?;
    let files = site.files();
    let record = read_record(&disk, folder)?;
    must_be_ours(site, &disk, folder, &files, record.as_ref())?;
    if disk.read(JOURNAL)?.is_some() {
        sweep(&disk, &files, record.as_ref())?;
    }
    let record = record.unwrap_or_default();
    let journal = Journal::new(&disk, folder)?;
    let done = AtomicUsize::new(0);
    let total = files.len();
    let each = files.par_iter().map(|file| {
        let content = site.content(file)?;
        let hash = hash(&content);
        let is_new = bring(&disk, file, &content, &hash, &journal).map_err(SiteError::Partly)?;
        progress(done.fetch_add(1, Ordering::Relaxed) + 1, total);
        Ok((file.path.clone(), hash, is_new, content.len() as u64))
    });
    let each: Vec<(String, String, bool, u64)> = each.collect::<Result<_, SiteError>>()?;
    let mut written = Written {
        files: total,
        ..Written::default()
    };
    let mut now = Record::new();
    for (path, hash, is_new, bytes) in each {
        written.written += usize::from(is_new);
        written.bytes += bytes;
        now.insert(path, vec![hash]);
    }
    for path in record.keys().filter(|path| !now.contains_key(*path)) {
        if disk.read(path)?.is_some() {
            disk.remove(path)?;
            written.removed += 1;
        }
    }
    write_record(&disk, &now)?;
    disk.remove(JOURNAL)?;
    Ok(written)
}

/// Writes one file unless it is as it should be.
fn bring(
    disk: &BulkWriter,
    file: &File,
    content: &[u8],
    hash: &str,
    journal: &Journal,
) -> Result<bool, DiskError> {
    let before = disk.read(&file.path)?;
    if before.as_deref() == Some(content) {
        return Ok(false);
    }
    journal.note(hash, &file.path)?;
    disk.replace(&file.path, before.as_deref(), content)?;
    Ok(true)
}

/// What is about to be written, a line each.
struct Journal {
    path: std::path::PathBuf,
    file: Mutex<fs::File>,
}

impl Journal {
    fn new(disk: &BulkWriter, folder: &Path) -> Result<Self, DiskError> {
        let path = folder.join(JOURNAL);
        if disk.read(JOURNAL)?.is_none() {
            disk.replace(JOURNAL, None, b"")?;
        }
        let opened = fs::OpenOptions::new().append(true).open(&path);
        let file = Mutex::new(opened.map_err(|error| DiskError::write(&path, error))?);
        Ok(Self { path, file })
    }

    fn note(&self, hash: &str, path: &str) -> Result<(), DiskError> {
        let line = format!("{hash} {path}\n");
        let mut file = self.file.lock().expect("nobody panics while writing");
        let written = file.write_all(line.as_bytes());
        written.map_err(|error| DiskError::write(&self.path, error))
    }
}

/// Removes what an ended run has left in the folders of the site.
fn sweep(disk: &BulkWriter, files: &[File], record: Option<&Record>) -> Result<(), DiskError> {
    let paths = files.iter().map(|file| file.path.as_str());
    let paths = paths.chain(
        record
            .into_iter()
            .flat_map(Record::keys)
            .map(String::as_str),
    );
    let folders: BTreeSet<&str> = paths
        .map(|path| path.rsplit_once('/').map_or("", |(folder, _)| folder))
        .collect();
    folders
        .into_iter()
        .try_for_each(|folder| disk.sweep(folder))
}

/// Everything that is there must be as a site left it, or be what it will be.
fn must_be_ours(
    site: &Site<'_>,
    disk: &BulkWriter,
    folder: &Path,
    files: &[File],
    record: Option<&Record>,
) -> Result<(), SiteError> {
    let wanted: BTreeMap<&str, &File> = files
        .iter()
        .map(|file| (file.path.as_str(), file))
        .collect();
    let nothing = Record::new();
    let record = match record {
        Some(record) => record,
        // What git and hosts keep there may be of the same name as a file of the site.
        None => {
            must_be_empty(folder)?;
            &nothing
        }
    };
    let mut paths: Vec<&str> = record.keys().map(String::as_str).collect();
    paths.extend(wanted.keys().filter(|path| !record.contains_key(**path)));
    let changed = paths.into_par_iter().filter_map(|path| {
        let there = match disk.read(path) {
            Ok(there) => there?,
            Err(error) => return Some(Err(SiteError::from(error))),
        };
        let hash = hash(&there);
        if record.get(path).is_some_and(|known| known.contains(&hash)) {
            return None;
        }
        let wanted = wanted.get(path).map(|file| site.content(file));
        match wanted {
            Some(Ok(wanted)) if *wanted == there => None,
            Some(Err(error)) => Some(Err(error)),
            _ => Some(Ok(path)),
        }
    });
    let changed: Vec<&str> = changed.collect::<Result<_, SiteError>>()?;
    // Somebody put a file where the site has none yet.
    if let Some(foreign) = changed
        .iter()
        .filter(|path| !record.contains_key(**path))
        .min()
    {
        return Err(SiteError::Foreign {
            folder: folder.display().to_string(),
            file: folder.join(foreign).display().to_string(),
        });
    }
    match changed.iter().min() {
        None => Ok(()),
        Some(first) => Err(SiteError::Changed {
            file: folder.join(first).display().to_string(),
            count: changed.len(),
        }),
    }
}

/// A folder where no site was may have what git and hosts of pages keep there, and nothing else.
fn must_be_empty(folder: &Path) -> Result<(), SiteError> {
    let there = entries(folder)?;
    let foreign = there.iter().find(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        !name.starts_with('.') && !BESIDE.contains(&&*name)
    });
    match foreign {
        None => Ok(()),
        Some(file) => Err(SiteError::Foreign {
            folder: folder.display().to_string(),
            file: file.display().to_string(),
        }),
    }
}

/// What a site left, and what one that was ended half way may have left; none if there was none.
fn read_record(disk: &BulkWriter, folder: &Path) -> Result<Option<Record>, SiteError> {
    let mut record: Option<Record> = None;
    for name in [RECORD, JOURNAL] {
        let path = folder.join(name);
        let Some(text) = disk.read(name)? else {
            continue;
        };
        let damaged = || SiteError::Record { path: path.clone() };
        let text = String::from_utf8(text).map_err(|_| damaged())?;
        let record = record.get_or_insert_default();
        // The last line of a journal may be half a line.
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        for line in whole.lines().filter(|line| !line.starts_with('#')) {
            let (hash, file) = line.split_once(' ').ok_or_else(damaged)?;
            let mut parts = Path::new(file).components();
            if !parts.all(|part| matches!(part, Component::Normal(_))) {
                return Err(damaged());
            }
            let known = record.entry(file.to_owned()).or_default();
            known.push(hash.to_owned());
        }
    }
    Ok(record)
}

fn write_record(disk: &BulkWriter, record: &Record) -> Result<(), SiteError> {
    let mut text =
        String::from("# What `aux-gen site` wrote here: it replaces and removes nothing else.\n");
    for (path, hashes) in record {
        for hash in hashes {
            text.push_str(&format!("{hash} {path}\n"));
        }
    }
    let before = disk.read(RECORD)?;
    if before.as_deref() != Some(text.as_bytes()) {
        disk.replace(RECORD, before.as_deref(), text.as_bytes())?;
    }
    Ok(())
}

/// Half of a SHA-256 is enough to see a change that nobody makes on purpose.
fn hash(content: &[u8]) -> String {
    hex::encode(&Sha256::digest(content)[..16])
}
