//! A desk: a temporary folder laid out like the project, on which the real binary is run.
//!
//! It holds copies of `configs/`, `stdlib/` and `strategies/`, generated market data under `data/`, and `mine.rhai` with
//! `mine.yaml`, which are BASIS-1 under another name, there to be spoilt. Nothing outside the folder is read or written.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A temporary project folder.
pub struct Desk {
    dir: tempfile::TempDir,
    mounts: RefCell<Vec<PathBuf>>,
}

/// What a command left: its status and what it printed.
#[derive(Debug)]
pub struct Ran {
    /// Exit status; none when a signal ended it.
    pub status: Option<i32>,
    /// What programs read.
    pub stdout: String,
    /// What people read.
    pub stderr: String,
}

/// Hours of generated data: ten days.
pub const HOURS: usize = 240;
/// The same in days.
const DAYS: usize = HOURS / 24;

impl Desk {
    /// A desk with everything in order.
    pub fn new() -> Self {
        let desk = Self {
            dir: tempfile::tempdir().expect("a temporary folder can be made"),
            mounts: RefCell::default(),
        };
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        for name in ["configs", "stdlib", "strategies"] {
            copy(&root.join(name), &desk.path(name));
        }
        copy(&root.join("strategies/bench/basis1.rhai"), &desk.path("mine.rhai"));
        copy(&root.join("strategies/bench/basis1.yaml"), &desk.path("mine.yaml"));
        desk.generate_data();
        desk
    }

    /// A path on the desk.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The text of a file.
    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name))
            .unwrap_or_else(|error| panic!("{name} cannot be read: {error}"))
    }

    /// The `summary.json` of a run.
    pub fn summary(&self, id: &str) -> serde_json::Value {
        let name = format!("results/{id}/summary.json");
        serde_json::from_str(&self.read(&name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Writes a file, making its folder.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("below the desk")).expect("a folder");
        std::fs::write(path, content).unwrap_or_else(|error| panic!("{name}: {error}"));
    }

    /// Removes a file or a folder.
    pub fn remove(&self, name: &str) {
        let path = self.path(name);
        let removed =
            if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
        removed.unwrap_or_else(|error| panic!("{name} cannot be removed: {error}"));
    }

    /// Replaces a text that must stand in a file.
    pub fn replace(&self, name: &str, from: &str, to: &str) {
        let text = self.read(name);
        assert!(text.contains(from), "{name} does not hold {from:?}");
        self.write(name, text.replacen(from, to, 1));
    }

    /// Changes the lines of a file; the first has number 1.
    pub fn edit_lines(&self, name: &str, edit: impl FnOnce(&mut Vec<String>)) {
        let mut lines: Vec<String> = self.read(name).lines().map(str::to_owned).collect();
        edit(&mut lines);
        self.write(name, lines.join("\n") + "\n");
    }

    /// Runs the binary in the desk's folder, without the environment's settings.
    pub fn basis(&self, arguments: &[&str]) -> Ran {
        ran(self.command(arguments).output().expect("the binary can be started"))
    }

    /// Runs the binary with its stdout going into a file, such as `/dev/full`.
    pub fn basis_onto(&self, stdout: &str, arguments: &[&str]) -> Ran {
        let file = std::fs::OpenOptions::new().write(true).open(stdout).expect("can be opened");
        let mut command = self.command(arguments);
        ran(command.stdout(file).output().expect("the binary can be started"))
    }

    /// The command of [`Desk::basis`], not yet started.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_basis"));
        command.args(arguments).current_dir(self.dir.path()).stdin(Stdio::null());
        for name in ["BASIS_DATA_DIR", "BASIS_RESULTS_DIR", "BASIS_LOG_LEVEL", "RUST_BACKTRACE"] {
            command.env_remove(name);
        }
        command
    }

    /// Runs the binary and insists that it succeeds; returns the run's id.
    pub fn run(&self, arguments: &[&str]) -> String {
        let ran = self.basis(arguments);
        assert_eq!(ran.status, Some(0), "basis {}: {}", arguments.join(" "), ran.stderr);
        let ids = self.names("results");
        assert_eq!(ids.len(), 1, "one run was made on this desk, not {ids:?}");
        ids.into_iter().next().expect("there is one")
    }

    /// What lies in a folder, sorted; nothing when it is absent.
    pub fn names(&self, folder: &str) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.path(folder)) else { return Vec::new() };
        let mut names: Vec<String> = entries
            .map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    /// Every file below a folder of the desk, as paths inside it, sorted.
    pub fn files(&self, folder: &str) -> Vec<String> {
        let root = self.path(folder);
        let (mut found, mut folders) = (Vec::new(), vec![root.clone()]);
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).into_iter().flatten() {
                let path = entry.expect("readable").path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let inside = path.strip_prefix(&root).expect("below the folder");
                    found.push(inside.display().to_string());
                }
            }
        }
        found.sort();
        found
    }

    /// Makes a folder with a disk of its own of so many bytes; false where this process may not mount.
    pub fn small_disk(&self, folder: &str, kibibytes: u32) -> bool {
        let path = self.path(folder);
        std::fs::create_dir_all(&path).expect("a folder");
        let size = format!("size={kibibytes}k");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "tmpfs"])
            .arg(&path)
            .stderr(Stdio::null())
            .status();
        let is_mounted = mounted.is_ok_and(|status| status.success());
        if is_mounted {
            self.mounts.borrow_mut().push(path);
        }
        is_mounted
    }

    /// The market data that BTC basis and BASIS-1 read: a price that wanders by a rule, funding that changes its sign.
    fn generate_data(&self) {
        let candles = |base: usize, shift: usize| {
            let mut text = "timestamp,open,high,low,close,volume\n".to_owned();
            for hour in 0..HOURS {
                let price = |hour: usize| base + (hour * 37 + shift) % 901 + (hour / 24) * 150;
                let (open, close) = (price(hour), price(hour + 1));
                let (low, high) = (open.min(close) - 5, open.max(close) + 5);
                text.push_str(&format!("{},{open}.5,{high}.5,{low}.5,{close}.5,1200\n", at(hour)));
            }
            text
        };
        for venue in ["binance", "bybit"] {
            self.write(&format!("data/spot/{venue}_BTCUSDT_1h.csv"), candles(42_000, 0));
            self.write(&format!("data/perp/{venue}_BTCUSDT_1h.csv"), candles(42_010, 3));
            let mut funding = "timestamp,funding_rate\n".to_owned();
            for hour in (0..HOURS).step_by(8) {
                let rate = if hour % 72 == 64 { "-0.00002" } else { "0.00012" };
                funding.push_str(&format!("{},{rate}\n", at(hour)));
            }
            self.write(&format!("data/funding/{venue}_BTCUSDT.csv"), funding);
        }
        self.write("data/spot/bybit_ETHUSDT_1h.csv", candles(2_300, 7));
        let gas: String =
            (0..HOURS).map(|hour| format!("{},{}\n", at(hour), 12 + hour % 9)).collect();
        self.write("data/gas/ethereum_gas.csv", format!("timestamp,gas_price_gwei\n{gas}"));
        self.generate_chain();
        self.write("data/SYNTHETIC", "Made by a rule for the tests.\n");
    }
}

impl Desk {
    /// What the modes on chain read: staking tokens that grow, indices that grow, and pools that pay a little less.
    fn generate_chain(&self) {
        // Two days before the first step: between two snapshots a value grows as it did between the two before.
        let days = || (0..DAYS + 2).map(|day| (day, snapshot(day)));
        for (token, rate) in [("weETH", "1.04"), ("wstETH", "1.16")] {
            let rates: String = days().map(|(day, at)| format!("{at},{rate}{day:04}\n")).collect();
            let head = "timestamp,exchange_rate\n";
            self.write(&format!("data/lst/{token}_exchange_rate.csv"), format!("{head}{rates}"));
            let sold: String = (0..HOURS).map(|hour| format!("{},{rate}\n", at(hour))).collect();
            let name = format!("data/lst/{token}_dex_rate_24h_median_1h.csv");
            self.write(&name, format!("timestamp,rate\n{sold}"));
        }
        for token in ["USDT", "WETH", "weETH", "wstETH"] {
            let mut text = "timestamp,liquidity_rate,variable_borrow_rate,liquidity_index,variable_borrow_index,total_supplied,total_variable_debt\n".to_owned();
            for (day, at) in days() {
                let row =
                    format!("{at},0.015,0.024,1.02{day:04},1.04{:04},900000,700000\n", day * 2);
                text.push_str(&row);
            }
            self.write(&format!("data/aave_v3/{token}_rates.csv"), text);
        }
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        for path in self.mounts.get_mut() {
            // Without it the temporary folder could not be removed; there is nobody left to tell.
            let _ = Command::new("umount").arg(path).status();
        }
    }
}

/// The time of an hour of the generated data.
pub fn at(hour: usize) -> String {
    format!("2024-01-{:02}T{:02}:00:00Z", 1 + hour / 24, hour % 24)
}

/// The time of a daily snapshot; the third is the first step of the generated data.
fn snapshot(day: usize) -> String {
    match day {
        0 | 1 => format!("2023-12-{}T00:00:00Z", 30 + day),
        _ => at((day - 2) * 24),
    }
}

/// What a finished process left.
pub fn ran(output: Output) -> Ran {
    let text = |bytes| String::from_utf8(bytes).expect("what is printed is text");
    Ran { status: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// Copies a file, or a folder with all that is in it.
pub fn copy(from: &Path, to: &Path) {
    if from.is_file() {
        std::fs::copy(from, to).unwrap_or_else(|error| panic!("{}: {error}", from.display()));
        return;
    }
    std::fs::create_dir_all(to).expect("a folder");
    for entry in
        std::fs::read_dir(from).unwrap_or_else(|error| panic!("{}: {error}", from.display()))
    {
        let entry = entry.expect("readable");
        copy(&entry.path(), &to.join(entry.file_name()));
    }
}
