//! A mode's files, read and laid over each other once: what values are then set upon, as often as it is asked.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::types::Code;

use super::faults::{Fault, Faults};
use super::load::{LoadRequest, ReadFiles, apply_flags, read_layers};
use super::located::located;
use super::own_script::own_script;
use super::raw::Node;
use super::resolve::{StrategyRef, resolve};
use super::section::Section;
use super::setup::Setup;
use super::{layers, lower, show};

/// A merged configuration before the command line has its say.
#[derive(Debug)]
pub struct Draft {
    mode: String,
    script: Option<PathBuf>,
    declared: Node,
    faults: Faults,
}

impl Draft {
    /// Reads the files that a request names.
    ///
    /// # Errors
    /// When there is no such mode, or its own file cannot be read.
    pub(super) fn read(request: &LoadRequest, read: &ReadFiles) -> Result<Self, Faults> {
        let resolved = resolve(&request.strategy, &request.config_dir)?;
        let (declared, faults) = read_layers(&resolved.config, request, read)?;
        Ok(Self { mode: resolved.mode, script: resolved.script, declared, faults })
    }

    /// The configuration with what a request sets.
    ///
    /// # Errors
    /// Every fault of the files and of what is set.
    pub fn lowered(&self, request: &LoadRequest) -> Result<Setup, Faults> {
        self.lower(request, |merged| (show::hash(merged), show::with_origins(merged)))
    }

    /// What is wrong with what a request sets. To write the configuration down would take as long again.
    pub fn faults(&self, request: &LoadRequest) -> Faults {
        self.lower(request, |_| Default::default()).err().unwrap_or_default()
    }

    fn lower(
        &self,
        request: &LoadRequest,
        shown: impl FnOnce(&Node) -> (String, String),
    ) -> Result<Setup, Faults> {
        let mut found = self.faults.clone();
        let mut merged = self.declared.clone();
        apply_flags(&mut merged, request, &mut found);
        // A misspelt name hides nothing else; a file of the wrong form would be told twice.
        if found.iter().any(|fault| fault.code != Code::Config002) {
            return Err(found);
        }
        let faults = RefCell::new(found);
        let named = self.script.as_deref();
        let script = {
            let section = Section::root(&merged, &faults).at("script");
            own_script(&section, named, &request.config_dir)
        };
        let (hash, text) = shown(&merged);
        let context = lower::Context {
            mode: self.mode.clone(),
            script,
            declared: Section::root(&self.declared, &faults),
            costs: request.costs,
            hash,
            merged: text,
        };
        let setup = lower::lower(Section::root(&merged, &faults), context);
        faults.into_inner().check()?;
        setup.ok_or_else(|| {
            let sentence = "the configuration is incomplete";
            Faults::from(Fault::new(Code::Config004, sentence))
        })
    }

    /// Whether a value can be set by this name.
    ///
    /// # Errors
    /// Why not.
    pub fn has(&self, key: &str) -> Result<(), Fault> {
        layers::reach(&self.declared, key, &Arc::from("--set"))
    }
}

/// A mode as it stands in its files. Its setup is for looking at: the configuration is not written down in it, nor hashed.
pub type Drafted = (Draft, Arc<Setup>);

/// The modes of a folder, each read once however often it is asked for.
#[derive(Debug)]
pub struct Drafts {
    config_dir: PathBuf,
    read: ReadFiles,
    /// By the file of the configuration: a mode and its script name the same.
    known: Mutex<BTreeMap<PathBuf, Arc<Drafted>>>,
}

impl Drafts {
    /// Those of a folder with configurations.
    pub fn of(config_dir: &Path) -> Self {
        Self {
            config_dir: config_dir.to_owned(),
            read: ReadFiles::default(),
            known: Mutex::default(),
        }
    }

    /// The folder.
    pub fn config_dir(&self) -> &Path {
        &self.config_dir
    }

    /// What a mode's name or a script's path stands for, with full costs.
    ///
    /// # Errors
    /// Every fault of the files.
    pub fn get(&self, name: &str) -> Result<Arc<Drafted>, Faults> {
        let strategy = StrategyRef { name: name.to_owned(), config: None };
        let file = resolve(&strategy, &self.config_dir)?.config;
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = known().get(&file) {
            return Ok(found.clone());
        }
        let request = LoadRequest::of_mode(name, &self.config_dir);
        let read = Draft::read(&request, &self.read).and_then(|draft| {
            // Nobody asks for it to be written down.
            let setup = Arc::new(draft.lower(&request, |_| Default::default())?);
            Ok((draft, setup))
        });
        let (draft, setup) = read.map_err(|faults| located(faults, &request))?;
        Ok(known().entry(file).or_insert(Arc::new((draft, setup))).clone())
    }
}
