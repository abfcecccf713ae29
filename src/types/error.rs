//! The registry of error codes: one meaning a code, for logs, documents and exit statuses.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($($name:ident = $text:literal, $meaning:literal, $action:literal;)*) => {
        /// A stable error code. `docs/errors.md` is generated from this list.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(
                #[doc = concat!($text, ": ", $meaning)]
                $name,
            )*
        }

        impl Code {
            /// All codes, in the order of the document.
            pub const ALL: &'static [Code] = &[$(Code::$name),*];

            /// The code as it is written everywhere.
            pub const fn text(self) -> &'static str {
                match self { $(Code::$name => $text),* }
            }

            /// What it means.
            pub const fn meaning(self) -> &'static str {
                match self { $(Code::$name => $meaning),* }
            }

            /// What to do about it.
            pub const fn action(self) -> &'static str {
                match self { $(Code::$name => $action),* }
            }
        }
    };
}

codes! {
    Pos001 = "POS-001", "the venue's balances differ from the books", "read the mismatch, find its cause at the venue, accept it";
    Pos002 = "POS-002", "a posting would make a balance invalid", "a bug or a lie of a venue; the run stops, report it with its folder";
    Pos003 = "POS-003", "a venue's state cannot be read", "check the venue; nothing is sent until it answers";
    Pos004 = "POS-004", "a withdrawal asks for more than can be paid", "it is refused and nothing is lost: ask for less, or wind the run down";
    Exp001 = "EXP-001", "exposure cannot be computed", "a price is missing; check the data";
    Exp002 = "EXP-002", "net delta is outside its band", "the strategy corrects it with perps";
    Exp003 = "EXP-003", "a holding has no price in the share class", "add a pricing series to the mode's configuration";
    Risk001 = "RISK-001", "the health factor is below its limit", "the strategy deleverages; below exit the engine leaves";
    Risk002 = "RISK-002", "the loan-to-value ratio is over its threshold", "the strategy deleverages";
    Risk003 = "RISK-003", "a venue's margin ratio is below its limit", "add margin or cut the position";
    Risk004 = "RISK-004", "equity fell below the emergency drawdown stop", "the run left its positions and stopped; read why before the next start";
    Risk005 = "RISK-005", "an order is larger than its cap", "lower the order or raise the cap in the configuration";
    Risk006 = "RISK-006", "the data is too old for new risk", "wait for fresh data; only reducing orders pass";
    Risk007 = "RISK-007", "there is too little for gas", "nothing was sent; fund the gas tank, or wait for cheaper gas";
    Risk008 = "RISK-008", "an exchange closed a position that nobody asked it to", "what hedged it stands alone; the strategy cuts it or hedges it anew";
    Risk009 = "RISK-009", "a lending pool has less than an order takes from it", "nothing was sent; it waits until borrowers have brought enough back";
    Pnl001 = "PNL-001", "profit by cause does not sum to the change of equity", "a bug: report it with the run's folder";
    Pnl002 = "PNL-002", "equity cannot be computed", "a price is missing; check the data";
    Exec001 = "EXEC-001", "a venue refused an order", "read the venue's words in the message";
    Exec002 = "EXEC-002", "an order or plan did not end in time", "it is queried until its fate is known";
    Exec003 = "EXEC-003", "the ledger does not reconcile after an order", "the key is locked; compare with the venue, then accept the difference";
    Exec004 = "EXEC-004", "the execution system failed", "the run stops; resume it from its journal";
    Exec005 = "EXEC-005", "an atomic group failed and was rolled back", "read which leg failed and why";
    Exec006 = "EXEC-006", "a fill lies outside the bounds that the order promised", "the plan stops; widen slippage_bps only if the price was fair";
    Exec007 = "EXEC-007", "legs that belong together stood unhedged for too long, by too much, or at the end of their plan", "read what is awaited; execution.leg_risk holds the limits";
    Ven001 = "VEN-001", "no venue for an order", "check the venue's name and kind";
    Ven002 = "VEN-002", "a venue did not answer in time", "the order is unknown and is queried";
    Ven003 = "VEN-003", "a venue or market is unavailable", "wait; nothing was sent";
    Ven005 = "VEN-005", "a venue refused our credentials", "check the keys of the environment";
    Ven006 = "VEN-006", "a venue's rate limit is reached", "requests are spaced; lower their number";
    Log001 = "LOG-001", "a record cannot be written", "free the disk or choose another --out; whole lines are kept";
    Log002 = "LOG-002", "the output folder cannot be made or is not writable", "choose another --out";
    Log003 = "LOG-003", "a record cannot be read", "the file is damaged before its last line; use a copy";
    Strat001 = "STRAT-001", "the strategy's decision failed", "read the script's line in the message";
    Strat002 = "STRAT-002", "an order's expected deltas cannot be computed", "a price or a rate is missing for it";
    Strat003 = "STRAT-003", "an order is invalid", "read which rule it breaks";
    Strat004 = "STRAT-004", "a script does not load", "read the line and the suggestion";
    Strat005 = "STRAT-005", "a script went over a limit of the sandbox", "bound its loops and its memory";
    Strat006 = "STRAT-006", "a script's state is not plain data", "keep numbers, strings, arrays and maps in this";
    Data001 = "DATA-001", "a subscribed series is absent", "add the file, or name a proxy in the mode's configuration";
    Data002 = "DATA-002", "a series does not cover the range", "choose another range, or name a proxy";
    Data003 = "DATA-003", "a row of a series cannot be read", "mend the row";
    Data004 = "DATA-004", "the rows of a series are not in strictly ascending time", "sort the file and drop repeated stamps";
    Data005 = "DATA-005", "a series has a gap", "a warning: nothing trades on it and no new risk is taken";
    Data006 = "DATA-006", "the range is empty or reversed", "give --from before --to, on the grid of the step";
    Data007 = "DATA-007", "a stress cannot do in this run what it is for", "read the message; docs/stress.md tells what each stress changes";
    Config001 = "CONFIG-001", "a configuration file cannot be read", "check the path and the YAML";
    Config002 = "CONFIG-002", "a configuration has an unknown key", "read the suggestion";
    Config003 = "CONFIG-003", "a configuration value is invalid", "read what is expected";
    Config004 = "CONFIG-004", "a configuration value is missing", "add it; there are no hidden defaults";
    Config005 = "CONFIG-005", "two configuration values contradict each other", "read which";
    Config006 = "CONFIG-006", "unknown mode or strategy", "read the suggestion";
    Test001 = "TEST-001", "a test of a script fails, or asks for what its world cannot do", "read left and right, and the trace of decisions";
    Engine001 = "ENGINE-001", "a run's journal cannot be used", "the file is damaged before its last line, or belongs to another run";
    Engine002 = "ENGINE-002", "a replay differs from the journal", "script, configuration or data changed since; start a new run";
    Engine003 = "ENGINE-003", "another run owns this account scope, or another process this run", "stop it first";
    Engine004 = "ENGINE-004", "the program itself failed", "report it with the run's folder; its numbers count for nothing";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

/// Why a text is no code of the registry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not an error code")]
pub struct NotACode(String);

impl FromStr for Code {
    type Err = NotACode;
    fn from_str(text: &str) -> Result<Self, NotACode> {
        Self::ALL
            .iter()
            .copied()
            .find(|code| code.text() == text)
            .ok_or_else(|| NotACode(text.to_owned()))
    }
}

impl Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.text())
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A code with a sentence that a person can act on; the shape in which errors cross layers.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("{code}: {message}")]
pub struct Coded {
    /// Which error.
    pub code: Code,
    /// What happened, with the names in it, and what to do.
    pub message: String,
}

impl Coded {
    /// An error of a code with its sentence.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}
