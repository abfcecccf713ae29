//! What `basis check` knows of the worlds that a file of tests makes: the modes that it may be about, and what can be set in them.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::config::{Costs, Drafts, Fault, Faults, LoadRequest, Setup, mode_names};
use crate::script::host::{self, HostError};
use crate::script::{Setting, Worlds, Wrong};
use crate::types::Code;

use super::shelf::{COSTS, OPTIONS, time};

/// The worlds of one file of tests.
pub(super) struct Checked<'a> {
    drafts: &'a Drafts,
    /// The strategy beside the tests.
    own: Option<String>,
    /// All modes that there are.
    modes: Vec<String>,
    /// Those that the tests may be about.
    named: Vec<String>,
    /// Those of them that hand out rewards, with rewards on, where the tests set that.
    rewarded: Vec<Setup>,
    /// What is wrong with what worlds set, which many of a file set alike.
    faults: RefCell<BTreeMap<(String, Sets), Faults>>,
}

/// What a world sets in its mode: paths with their values.
type Sets = Vec<(String, String)>;

impl<'a> Checked<'a> {
    /// Those of a text; beside no strategy it names its modes itself, and where it names none it may be about any.
    pub(super) fn of(drafts: &'a Drafts, own: Option<String>, text: &str) -> Self {
        let modes = mode_names(drafts.config_dir());
        let named = match &own {
            Some(own) => vec![own.clone()],
            None => {
                let is_named = |mode: &&String| text.contains(&format!("\"{mode}\""));
                let named: Vec<String> = modes.iter().filter(is_named).cloned().collect();
                if named.is_empty() { modes.clone() } else { named }
            }
        };
        let is_asked = text.contains(REWARDS_ON);
        let rewarded = named.iter().filter(|_| is_asked).filter_map(|mode| rewarded(drafts, mode));
        let rewarded = rewarded.collect();
        Self { drafts, own, modes, named, rewarded, faults: RefCell::default() }
    }

    /// The modes that the tests may be about, with rewards on: only where tests ask for them.
    pub(super) fn rewarded(&self) -> &[Setup] {
        &self.rewarded
    }

    /// The modes that the tests may be about.
    pub(super) fn names(&self) -> &[String] {
        &self.named
    }

    fn name<'n>(&'n self, mode: Option<&'n str>) -> Option<&'n str> {
        mode.or(self.own.as_deref())
    }
}

impl Worlds for Checked<'_> {
    fn options(&self) -> &[&str] {
        &OPTIONS
    }

    fn costs(&self) -> &[&str] {
        &COSTS
    }

    fn modes(&self) -> &[String] {
        &self.modes
    }

    fn is_time(&self, text: &str) -> bool {
        time(text).is_some()
    }

    fn wrong_key(&self, mode: Option<&str>, key: &str) -> Option<HostError> {
        let name = self.name(mode)?;
        let is_there = |setup: &Setup| host::key(&setup.universe, key).is_ok();
        if self.rewarded.iter().filter(|setup| setup.mode == name || mode.is_none()).any(is_there) {
            return None;
        }
        host::key(&self.drafts.get(name).ok()?.1.universe, key).err()
    }

    fn wrong_settings(&self, mode: Option<&str>, settings: &[Setting]) -> Vec<Wrong> {
        let Some(name) = self.name(mode) else { return Vec::new() };
        let Ok(drafted) = self.drafts.get(name) else { return Vec::new() };
        let draft = &drafted.0;
        let mut wrong = Vec::new();
        for (index, setting) in settings.iter().enumerate() {
            // A value that is not known may be a map, of which only the name can be wrong.
            if let Err(fault) = draft.has(&setting.path)
                && (setting.value.is_some() || fault.code == Code::Config002)
            {
                wrong.push(told(index, &setting.path, fault));
            }
        }
        if !wrong.is_empty() {
            return wrong;
        }
        if settings.is_empty() {
            return wrong;
        }
        let known = |setting: &Setting| Some((setting.path.clone(), setting.value.clone()?));
        let sets: Sets = settings.iter().filter_map(known).collect();
        let are_all_known = settings.iter().all(|setting| setting.value.is_some());
        let mut faults = self.faults.borrow_mut();
        let faults = faults.entry((name.to_owned(), sets)).or_insert_with_key(|(name, sets)| {
            let request = LoadRequest {
                sets: sets.clone(),
                // What a world charges is said elsewhere, and without costs less can be wrong.
                costs: Costs::None,
                ..LoadRequest::of_mode(name, self.drafts.config_dir())
            };
            draft.faults(&request)
        });
        let is_told = |fault: &&Fault| {
            // What does not fit together may do so with what is not known here.
            fault.place.as_deref() == Some("--set")
                && (are_all_known || fault.code != Code::Config005)
        };
        let of_one = |fault: &Fault| {
            let path = fault.key.as_deref().map(plain)?;
            let is_it = |setting: &Setting| is_within(&path, &setting.path);
            let index = settings.iter().position(is_it)?;
            settings[index].value.is_some().then(|| told(index, &path, fault.clone()))
        };
        faults.iter().filter(is_told).filter_map(of_one).collect()
    }
}

/// What a test sets that more tokens are there.
const REWARDS_ON: &str = "rewards.enabled";

/// A mode with rewards on; `None` where none of its venues hands out any.
fn rewarded(drafts: &Drafts, mode: &str) -> Option<Setup> {
    let sets = vec![(REWARDS_ON.to_owned(), "true".to_owned())];
    let request = LoadRequest { sets, ..LoadRequest::of_mode(mode, drafts.config_dir()) };
    drafts.get(mode).ok()?.0.lowered(&request).ok()
}

/// The path as `set:` has it: `lst` of `parameters.lst.value`.
fn plain(path: &str) -> String {
    let Some(of_parameter) = path.strip_prefix("parameters.") else { return path.to_owned() };
    let of_parameter = of_parameter.strip_suffix(".value").unwrap_or(of_parameter);
    of_parameter.replace(".values.", ".")
}

/// Whether one path is the other or leads on from it, whichever is longer.
fn is_within(one: &str, other: &str) -> bool {
    let leads_on = |long: &str, short: &str| {
        long.strip_prefix(short).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    leads_on(one, other) || leads_on(other, one)
}

fn told(setting: usize, path: &str, fault: Fault) -> Wrong {
    let is_unknown = fault.code == Code::Config002;
    let message = format!("{path}: {}", fault.sentence);
    Wrong { setting, is_unknown, message, help: fault.suggestion }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::suite;
    use super::*;

    /// What is said of a text in the place of a strategy's tests.
    fn said(text: &str) -> Vec<String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let file = root.join("strategies/btc_basis.test.rhai");
        let drafts = Drafts::of(&root.join("configs"));
        let found = suite::check_text(&file, text, &root.join("stdlib"), &drafts).unwrap();
        found.iter().map(|it| format!("{} {}", it.lint.name, it.fault)).collect()
    }

    #[test]
    fn nothing_is_said_of_worlds_that_can_be_made_nor_of_what_is_tried() {
        let text = r#"
            fn of(mode, set) { world(#{ mode: mode, costs: "none", set: set }) }
            fn split(shares) { world(#{ set: #{ hedge_allocation: shares } }) }
            fn rich() { #{ balances: #{ "wallet:BaseToken:USDT": 5 }, start: "2024-06-01T08:00" } }
            fn test_worlds() {
                of("eth_leveraged", #{ lst: "wstETH" }).step();
                split(#{ binance: 1, bybit: 0, okx: 0 }).step();
                world(rich()).step();
                let options = #{ costs: "fees", set: #{ lst: "wstETH" } };
                options.mode = "eth_staking_only";
                let world = world(options);
                world.step();
                assert(world.last.orders.all(|order| order.changes["binance:BaseToken:USDT"] != 1));
                assert_throws(|| world(#{ set: #{ nothing: 1 } }), "CONFIG-002");
                assert_throws(|| world.pnl("interest"), "unknown cause");
                for kind in ["spot", "perp", "none"] {
                    if kind != "none" { world.gap("binance", kind, "BTCUSDT"); }
                }
                for word in ["hold", "later"] { assert_ne(world.last.reason, word); }
            }"#;
        assert_eq!(said(text), Vec::<String>::new());
    }

    #[test]
    fn tokens_that_are_handed_out_are_there_where_a_test_asks_for_them() {
        let of = |set: &str| {
            format!(
                "fn test_rewards() {{\n    \
                 let world = world(#{{ mode: \"eth_staking_only\", set: #{{ {set} }} }});\n    \
                 world.reward(\"EIGEN\", 5);\n    world.wait(1);\n    \
                 assert_eq(world.balance(\"wallet:BaseToken:EIGEN\"), 5);\n}}\n"
            )
        };
        let said_of = |set: &str| {
            let root = Path::new(env!("CARGO_MANIFEST_DIR"));
            let file = root.join("strategies/eth_staking_only.test.rhai");
            let drafts = Drafts::of(&root.join("configs"));
            suite::check_text(&file, &of(set), &root.join("stdlib"), &drafts).unwrap()
        };
        let names = |set: &str| {
            let found = said_of(set);
            found.iter().filter(|it| it.lint.name == "unknown-name").count()
        };
        assert_eq!(names("\"rewards.enabled\": true"), 0);
        assert!(names("lst: \"weETH\"") > 0);
    }

    #[test]
    fn a_text_of_a_list_is_told_where_it_is_written() {
        let text = "fn test_kinds() {\n    let world = world();\n    for kind in [\n        \"spot\",\n        \
                    \"future\",\n    ] {\n        world.gap(\"binance\", kind, \"BTCUSDT\");\n    }\n}\n";
        let said = said(text);
        assert!(said.len() == 1 && said[0].contains(":5:"), "{said:?}");
    }
}
