//! Rhai definition files (`*.d.rhai`), by which editors complete names and show what they mean.

use std::fmt::Write;
use std::path::Path;

use crate::script::api::{Entry, Kind, Owner, Param, Shape};
use crate::script::sandbox::speak;

use super::stdlib::Module;
use super::tables;

/// The files by name: what the language has, what the host adds (`basis`, `orders`), what tests add, and the modules.
///
/// # Errors
/// A sentence, when a module cannot be read.
pub fn definitions(stdlib: &Path) -> Result<Vec<(String, String)>, String> {
    let mut engine = rhai::Engine::new_raw();
    speak(&mut engine);
    let mut files: Vec<(String, String)> = engine.definitions().iter_files().collect();
    let [scripts, tests] = tables();
    let is_order = |entry: &&Entry| entry.owner == Owner::Orders;
    let of_host: Vec<&Entry> = scripts.iter().filter(|entry| !is_order(entry)).collect();
    files.push(("basis.d.rhai".to_owned(), file("static", of_host)));
    files.push((
        "orders.d.rhai".to_owned(),
        file("orders", scripts.iter().filter(is_order).collect()),
    ));
    files.push(("basis-tests.d.rhai".to_owned(), file("static", tests.iter().collect())));
    for module in Module::all(stdlib)? {
        files.push((format!("{}.d.rhai", module.name), module_file(&module)));
    }
    files.sort();
    Ok(files)
}

fn file(module: &str, entries: Vec<&Entry>) -> String {
    let mut text = format!("module {module};\n");
    for entry in entries {
        // Writing into a string cannot fail.
        let _ = write!(text, "\n{}", definition(entry));
    }
    text
}

/// A definition for each number of arguments that the function takes: the language has no optional ones.
fn definition(entry: &Entry) -> String {
    let mut text = String::new();
    let subject = entry.owner.subject().map(|name| name.replace("Sent order", "Sent"));
    let needed = entry.params.iter().filter(|param| !param.is_optional).count();
    for count in needed..=entry.params.len() {
        let _ = writeln!(text, "/// {}", entry.doc);
        for param in &entry.params[..count] {
            let _ = writeln!(text, "///\n/// * `{}`: {}", param.name, param.unit);
        }
        if entry.returns != "()" {
            let _ = writeln!(text, "///\n/// Gives: {}", entry.gives());
        }
        let get = if entry.shape == Shape::Property { "get " } else { "" };
        let mut params: Vec<String> =
            subject.iter().map(|name| format!("{}: {name}", name.to_lowercase())).collect();
        params.extend(
            entry.params[..count].iter().map(|param| format!("{}: {}", param.name, word(param))),
        );
        let _ = writeln!(
            text,
            "fn {get}{}({}) -> {};",
            entry.name,
            params.join(", "),
            given(entry.returns)
        );
    }
    text
}

const fn word(param: &Param) -> &'static str {
    match param.kind {
        Kind::Number => "decimal",
        Kind::Amount => "decimal | Amount",
        Kind::Options | Kind::Parts => "Map",
        Kind::Orders => "Array",
        Kind::Decision => "Decision",
        Kind::Function => "Fn",
        Kind::Any => "?",
        _ => "String",
    }
}

/// The type of what an entry gives, by its words.
fn given(returns: &str) -> String {
    let (plain, or_nothing) = match returns.strip_suffix(", or ()") {
        Some(plain) => (plain, " | ()"),
        None => (returns, ""),
    };
    let first = plain.split([' ', ',', ':']).next().unwrap_or_default();
    let word = match first {
        "()" => "()",
        "bool" => "bool",
        "integer" => "int",
        "text" | "venue" => "String",
        "list" => "Array",
        "map" => "Map",
        "order" => "Order",
        "group" => "Group",
        "decision" => "Decision",
        "amount" => "Amount",
        "risk" => "Risk",
        "market" => "Market",
        "pair" => "Pair",
        "hedge" => "Hedge",
        "parameters" => "Map",
        "world" => "World",
        "step" => "Step",
        "ctx" => "Ctx",
        "one" => "?",
        text if text.starts_with('"') => "String",
        _ => "decimal",
    };
    format!("{word}{or_nothing}")
}

fn module_file(module: &Module) -> String {
    let mut text = format!("module {};\n", module.name);
    for function in &module.functions {
        text.push('\n');
        for line in function.doc.lines() {
            let _ = writeln!(text, "/// {line}");
        }
        let params: Vec<String> = function.params.iter().map(|name| format!("{name}: ?")).collect();
        let _ = writeln!(text, "fn {}({}) -> ?;", function.name, params.join(", "));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definitions_name_parameters_units_and_types() {
        let files = definitions(&Path::new(env!("CARGO_MANIFEST_DIR")).join("stdlib")).unwrap();
        let text = |name: &str| &files.iter().find(|(known, _)| known == name).unwrap().1;
        assert!(text("orders.d.rhai").contains(
            "fn spot_buy(venue: String, symbol: String, quantity: decimal | Amount) -> Order;\n"
        ));
        assert!(text("orders.d.rhai").contains("/// * `quantity`: coins, floored to the lot\n"));
        assert!(text("basis.d.rhai").contains("fn get equity(ctx: Ctx) -> decimal;\n"));
        assert!(
            text("basis.d.rhai")
                .contains("fn entry_price(ctx: Ctx, key: String) -> decimal | ();\n")
        );
        assert!(text("basis-tests.d.rhai").contains("fn step(world: World) -> Step;\n"));
        assert!(text("sizing.d.rhai").contains("fn deployed(ctx: ?) -> ?;\n"));
    }
}
