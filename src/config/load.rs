//! The loader: finds a strategy's files, lays them over each other, and hands the merged tree to be checked and lowered.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rust_decimal::Decimal;

use crate::types::{Code, Timestamp};

use super::draft::Draft;
use super::faults::{Fault, Faults, nearest};
use super::forms;
use super::layers;
use super::located::{blamed, located, shown};
use super::raw::{self, Node};
use super::resolve::StrategyRef;
use super::schema::{self, ROOT, Shape};
use super::setup::{Costs, Setup};

/// The largest file that is read; the shipped ones have a fiftieth of it.
const FILE_BYTES_MAX: usize = 256 * 1024;

/// What a run's configuration is made from.
#[derive(Clone, Debug)]
pub struct LoadRequest {
    /// A mode's name or a script's path, and `--config`.
    pub strategy: StrategyRef,
    /// The folder with `defaults.yaml`, `share_classes`, `venues` and `modes`.
    pub config_dir: PathBuf,
    /// `--set key=value`, in order; a later one covers an earlier one.
    pub sets: Vec<(String, String)>,
    /// `--capital`, in the share class.
    pub capital: Option<Decimal>,
    /// `--from`.
    pub from: Option<Timestamp>,
    /// `--to`.
    pub to: Option<Timestamp>,
    /// `--costs`.
    pub costs: Costs,
}

impl LoadRequest {
    /// The request for a mode as it is shipped, with full costs.
    pub fn of_mode(mode: &str, config_dir: &Path) -> Self {
        Self {
            strategy: StrategyRef { name: mode.to_owned(), config: None },
            config_dir: config_dir.to_owned(),
            sets: Vec::new(),
            capital: None,
            from: None,
            to: None,
            costs: Costs::Full,
        }
    }
}

/// Loads, merges and checks a configuration.
///
/// # Errors
/// Every fault that was found: CONFIG-001 to CONFIG-006, each with its file, key and suggestion.
pub fn load(request: LoadRequest) -> Result<Setup, Faults> {
    let files = ReadFiles::default();
    Draft::read(&request, &files)
        .and_then(|draft| draft.lowered(&request))
        .map_err(|faults| located(blamed(faults, &request, &files), &request))
}

/// A mode's file laid over what it stands on, and what is wrong with them.
///
/// # Errors
/// What is wrong with the mode's own file, where nothing further can be looked up.
pub(super) fn read_layers(
    config: &Path,
    request: &LoadRequest,
    read: &ReadFiles,
) -> Result<(Node, Faults), Faults> {
    let mut files = Files { dir: &request.config_dir, faults: Faults::default(), read };
    let Some(mut mode) = files.read_named(config, &ROOT) else { return Err(files.faults) };
    // A share class is a file: the one that is set is the one that is read.
    for (key, value) in request.sets.iter().filter(|(key, _)| key == "share_class") {
        if let Err(found) = layers::set(&mut mode, key, value, &Arc::from("--set")) {
            files.faults.append(found);
        }
    }
    let declared = merge(&mut files, mode, config);
    Ok((declared, files.faults))
}

/// Lays the mode over its venues, its share class and the defaults.
fn merge(files: &mut Files, mode: Node, config: &Path) -> Node {
    let defaults = files.read("defaults.yaml", &ROOT);
    let mut tree = defaults.unwrap_or_else(|| Node::Map(Vec::new()));
    if let Some(name) = value(&mode, "share_class") {
        let place = mode.get("share_class").and_then(Node::origin);
        let class = files.read_one_of(
            ("share_classes", "share class"),
            name,
            (place, "share_class"),
            &ROOT,
        );
        layers::cover(&mut tree, class.unwrap_or_else(|| Node::Map(Vec::new())));
    } else if mode.get("share_class").is_none_or(Node::is_unset) {
        // Its token, its decimals and its capital would all be missing.
        let known = names_in(&files.dir.join("share_classes")).join(", ");
        let fault = Fault::new(Code::Config004, "a value is needed here").on("share_class");
        let fault = fault.at(files.shown(config)).suggest(format!("choose one of {known}"));
        files.faults.push(fault);
    }
    let names: Vec<String> =
        mode.get("venues").map_or(Vec::new(), |venues| venues.names().map(str::to_owned).collect());
    let venues = names
        .into_iter()
        .filter_map(|name| {
            let place = mode.get("venues").and_then(|venues| venues.get(&name)?.origin());
            let key = format!("venues.{name}");
            let venue =
                files.read_one_of(("venues", "venue"), &name, (place, &key), &schema::VENUE)?;
            Some((name, venue))
        })
        .collect();
    layers::cover(&mut tree, Node::Map(vec![("venues".to_owned(), Node::Map(venues))]));
    layers::cover(&mut tree, mode);
    tree
}

/// Lays the command line's values over the files'.
pub(super) fn apply_flags(tree: &mut Node, request: &LoadRequest, faults: &mut Faults) {
    let costs = match request.costs {
        Costs::Full => "full",
        Costs::Fees => "fees",
        Costs::None => "none",
    };
    // No file may set it: what a run charges is said where it is started.
    let charged = Node::text(costs, &Arc::from("--costs"));
    layers::cover(tree, Node::Map(vec![("costs".to_owned(), charged)]));
    let mut set = |key: &str, value: &str, flag: &str| {
        if let Err(found) = layers::set(tree, key, value, &Arc::from(flag)) {
            faults.append(found);
        }
    };
    for (key, value) in &request.sets {
        set(key, value, "--set");
    }
    if let Some(capital) = request.capital {
        set("capital", &capital.to_string(), "--capital");
    }
    for (key, flag, time) in [("from", "--from", request.from), ("to", "--to", request.to)] {
        if let Some(time) = time {
            set(key, &time.to_string(), flag);
        }
    }
}

fn value<'a>(node: &'a Node, key: &str) -> Option<&'a str> {
    match node.get(key) {
        Some(node) if node.is_unset() => None,
        Some(Node::Text { value, .. }) => Some(value),
        _ => None,
    }
}

/// The files of a configuration folder, with the faults found in reading them.
struct Files<'a> {
    dir: &'a Path,
    faults: Faults,
    read: &'a ReadFiles,
}

/// Files that were read, and what is wrong with each: modes stand on the same venues and defaults.
#[derive(Debug, Default)]
pub(super) struct ReadFiles(Mutex<BTreeMap<PathBuf, (Option<Node>, Faults)>>);

impl Files<'_> {
    /// Reads a file of the folder.
    fn read(&mut self, name: &str, shape: &'static Shape) -> Option<Node> {
        self.read_named(&self.dir.join(name), shape)
    }

    /// Reads `folder/name.yaml`, or tells which names there are; the file and the key are where the name stands, the noun is
    /// what it is a name of.
    fn read_one_of(
        &mut self,
        (folder, noun): (&str, &str),
        name: &str,
        (place, key): (Option<&Arc<str>>, &str),
        shape: &'static Shape,
    ) -> Option<Node> {
        let path = self.dir.join(folder).join(format!("{name}.yaml"));
        if path.is_file() {
            return self.read_named(&path, shape);
        }
        let known = names_in(&self.dir.join(folder));
        let sentence = format!("'{name}' is no {noun}: {} is not there", self.shown(&path));
        let mut fault = Fault::new(Code::Config003, sentence).on(key);
        fault.place = place.map(|place| place.to_string());
        self.faults.push(match nearest(name, &known) {
            Some(near) => fault.suggest(format!("did you mean '{near}'?")),
            None => fault.suggest(format!("there are {}", known.join(", "))),
        });
        None
    }

    fn read_named(&mut self, path: &Path, shape: &'static Shape) -> Option<Node> {
        let known = || self.read.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((node, faults)) = known().get(path).cloned() {
            self.faults.append(faults);
            return node;
        }
        let (node, faults) = self.parsed(path, shape);
        known().insert(path.to_owned(), (node.clone(), faults.clone()));
        self.faults.append(faults);
        node
    }

    /// A file, and what is wrong with it.
    fn parsed(&self, path: &Path, shape: &'static Shape) -> (Option<Node>, Faults) {
        let mut faults = Faults::default();
        let origin: Arc<str> = self.shown(path).into();
        let read = fs::read_to_string(path)
            .map_err(|error| Fault::new(Code::Config001, error.to_string()))
            .and_then(|yaml| match yaml.len() {
                0..=FILE_BYTES_MAX => Ok(yaml),
                size => {
                    let sentence = format!("it has {size} bytes, more than {FILE_BYTES_MAX}");
                    Err(Fault::new(Code::Config001, sentence))
                }
            })
            .map_err(|fault| fault.at(&*origin))
            .and_then(|yaml| Ok((raw::read(&yaml, &origin)?, yaml)));
        match read {
            Ok((mut node, yaml)) => {
                forms::check(&mut node, shape, (&origin, &yaml), &mut faults);
                (Some(node), faults)
            }
            Err(fault) => {
                faults.push(fault);
                (None, faults)
            }
        }
    }

    fn shown(&self, path: &Path) -> String {
        shown(self.dir, path)
    }
}

fn names_in(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<String> = entries
        .filter_map(|entry| Some(entry.ok()?.path().file_stem()?.to_string_lossy().into_owned()))
        .collect();
    names.sort();
    names
}
