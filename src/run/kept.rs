//! What a run keeps beside its results: what it was made from, its command, its journal, its metadata.

use std::path::Path;

use crate::config::Setup;
use crate::market::{Loaded, MarketData};
use crate::records::RecordLevel;
use crate::records::journal::{JournalReader, JournalWriter};
use crate::records::run_folder::{HostFacts, RunFolder, RunMetadata};
use crate::types::{Code, Coded};

use super::codec::Header;
use super::failure::Failure;

/// Keeps what the run was made from, so that it can be made again.
pub(super) fn keep_inputs(
    folder: &RunFolder,
    setup: &Setup,
    loaded: &Loaded,
    files: &[(String, String)],
    header: &Header,
    synthetic: bool,
) -> Result<(), Coded> {
    for (name, text) in files {
        folder.keep_input(&format!("script/{name}"), text.as_bytes())?;
    }
    folder.keep_input("config.yaml", setup.merged.as_bytes())?;
    let manifest: Vec<_> = loaded
        .files
        .iter()
        .map(|file| {
            serde_json::json!({
                "series": file.series, "file": file.file, "bytes": file.bytes, "rows": file.rows, "sha256": file.sha256,
            })
        })
        .collect();
    let mut manifest =
        serde_json::json!({ "hash": header.data, "synthetic": synthetic, "files": manifest });
    if !loaded.stress.begun.is_empty() {
        manifest["stress"] = loaded.stress.told().into();
    }
    folder.keep_input("data.json", format!("{manifest:#}\n").as_bytes())
}

/// Keeps the arguments beside the journal: a run that was cut off is begun again with them.
pub(super) fn keep_command(
    out: &Path,
    id: &str,
    command: &[(String, String)],
) -> Result<(), Coded> {
    let path = out.join("logs").join(id).join("command.json");
    let text = serde_json::to_string_pretty(command).unwrap_or_default();
    std::fs::write(&path, text).map_err(|error| {
        Coded::new(Code::Log001, format!("{} cannot be written: {error}", path.display()))
    })
}

/// The records that a run which is gone on with has made so far; they must come out again. None when it was cut off before
/// it could write any.
pub(super) fn journaled(run_logs: &Path, header: &Header) -> Result<Vec<Vec<u8>>, Failure> {
    let path = run_logs.join("journal.log");
    if !path.exists() {
        return Ok(Vec::new());
    }
    let read = || -> Result<Vec<Vec<u8>>, Coded> {
        let mut reader = JournalReader::open(&path)?;
        let mut records = Vec::new();
        while let Some(record) = reader.next_record()? {
            records.push(record.to_vec());
        }
        Ok(records)
    };
    let mut records = read().map_err(|error| Failure::Input(error.to_string()))?;
    if records.is_empty() {
        return Ok(records);
    }
    let was: Option<Header> = serde_json::from_slice(&records.remove(0)).ok();
    let changed = match &was {
        Some(was) if was == header => return Ok(records),
        Some(was) if was.script != header.script => "its script has",
        Some(was) if was.config != header.config => "its configuration has",
        Some(was) if was.data != header.data => "its data has",
        _ => "the program's way of writing journals has",
    };
    let message = format!("{changed} changed since the run was begun; start a new run");
    Err(Failure::Input(Coded::new(Code::Engine002, message).to_string()))
}

/// A new journal, in the place of one that was read.
pub(super) fn open_journal(
    folder: &RunFolder,
    header: &Header,
    level: RecordLevel,
) -> Result<Option<JournalWriter>, Coded> {
    if level == RecordLevel::None {
        return Ok(None);
    }
    let path = folder.journal();
    if path.exists() {
        std::fs::remove_file(&path).map_err(|error| {
            Coded::new(Code::Log001, format!("the old journal cannot be replaced: {error}"))
        })?;
    }
    let mut journal = JournalWriter::create(&path)?;
    let header = serde_json::to_vec(header).map_err(|error| {
        Coded::new(Code::Log001, format!("the journal's header cannot be written: {error}"))
    })?;
    journal.append(&header)?;
    // What the run is of must be known to whoever resumes it, however soon it dies.
    journal.flush()?;
    Ok(Some(journal))
}

pub(super) fn metadata(
    correlation_id: &str,
    setup: &Setup,
    header: &Header,
    data: &MarketData,
    started_at: &str,
    synthetic: bool,
) -> RunMetadata {
    RunMetadata {
        correlation_id: correlation_id.to_owned(),
        pid: std::process::id(),
        mode: "backtest".to_owned(),
        strategy: setup.mode.clone(),
        share_class: setup.share_class.name.clone(),
        capital: setup.capital.to_string(),
        from: Some(data.from().to_string()),
        to: Some(data.to().to_string()),
        synthetic,
        program_version: env!("CARGO_PKG_VERSION").to_owned(),
        script_version: header.script.clone(),
        config_hash: header.config.clone(),
        host: HostFacts::here(),
        started_at: started_at.to_owned(),
        ended_at: None,
    }
}

/// The run's tag: a hash of what decides every byte of it.
pub(super) fn tag_of(script: &str, config: &str, data: &str) -> u64 {
    use sha2::Digest;
    let digest = sha2::Sha256::digest(format!("{script}\n{config}\n{data}"));
    u64::from_be_bytes(digest[..8].try_into().expect("a digest has 32 bytes"))
}

/// The hash of a data manifest: of every file's hash, in order, and of what the data is bent to.
pub(super) fn hash_of(loaded: &Loaded) -> String {
    use sha2::Digest;
    let mut hasher = sha2::Sha256::new();
    for file in &loaded.files {
        hasher.update(format!("{} {}\n", file.file, file.sha256));
    }
    for stress in loaded.stress.told() {
        hasher.update(format!("{stress}\n"));
    }
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
