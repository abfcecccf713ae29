//! Bundles: what may be imported, what is embedded, and that the same texts are the same bundle.

use std::fs;
use std::sync::Arc;

use tempfile::TempDir;

use super::{listed, step};
use crate::engine::{Memory, Strategy};
use crate::script::{Bundle, ScriptFault, ScriptStrategy};
use crate::types::Code;

const EXIT: &str = "fn exit(ctx) { hold(\"\") }";

/// A folder with a script and stdlib files.
fn folder(script: &str, modules: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("s.rhai"), script).unwrap();
    fs::create_dir_all(folder.path().join("lib/deep")).unwrap();
    for (name, text) in modules {
        fs::write(folder.path().join("lib").join(name), text).unwrap();
    }
    folder
}

fn load(folder: &TempDir) -> Result<Bundle, Vec<ScriptFault>> {
    let path = folder.path();
    Bundle::load(&path.join("s.rhai"), &path.join("lib"), &step().view.setup)
}

fn importing(import: &str, body: &str) -> String {
    format!("{import}\nfn decide(ctx) {{ {body} }}\n{EXIT}\n")
}

#[test]
fn modules_are_embedded_with_their_imports_and_outlive_their_files() {
    let script = importing("import \"stdlib/a\" as a;", "hold(\"\" + a::twice(ctx))");
    let folder = folder(
        &script,
        &[
            ("a.rhai", "import \"stdlib/deep/b\" as b;\nfn twice(ctx) { b::one(ctx) * 2 }"),
            ("deep/b.rhai", "fn one(ctx) { ctx.equity }"),
        ],
    );
    let bundle = load(&folder).unwrap_or_else(|faults| panic!("{}", listed(&faults)));
    let files: Vec<String> = bundle.files().map(|(path, _)| path.to_owned()).collect();
    assert_eq!(files, ["s.rhai", "stdlib/a.rhai", "stdlib/deep/b.rhai"]);
    drop(folder);
    let texts = bundle.files().map(|(path, text)| (path.to_owned(), text.to_owned())).collect();
    let again = Bundle::from_texts(texts, &step().view.setup).unwrap();
    assert_eq!(bundle.hash(), again.hash());
    for bundle in [bundle, again] {
        let mut strategy = ScriptStrategy::new(Arc::new(bundle));
        let decision = strategy.decide(&step().share(), &mut Memory::default()).unwrap();
        assert_eq!(&*decision.reason, "200000");
    }
}

#[test]
fn the_hash_is_of_names_and_texts_of_all_files() {
    let script = importing("import \"stdlib/a\" as a;", "hold(\"\" + a::one())");
    let hash = |script: &str, module: &str| {
        let bundle = load(&folder(script, &[("a.rhai", module)])).unwrap();
        bundle.hash().to_string()
    };
    let first = hash(&script, "fn one() { 1 }");
    assert_eq!(first.len(), 64);
    assert_eq!(first, hash(&script, "fn one() { 1 }"));
    assert_ne!(first, hash(&script, "fn one() { 2 }"));
    assert_ne!(first, hash(&format!("{script} "), "fn one() { 1 }"));
}

#[test]
fn only_plain_names_under_stdlib_can_be_imported() {
    for import in [
        "import \"../s\" as a;",
        "import \"stdlib/../s\" as a;",
        "import \"/etc/passwd\" as a;",
        "import \"stdlib//a\" as a;",
        "import \"stdlib/\" as a;",
        "import \"stdlib/A\" as a;",
        "import \"stdlib/a.rhai\" as a;",
        "import \"other/a\" as a;",
    ] {
        let faults =
            load(&folder(&importing(import, "hold(\"\")"), &[("a.rhai", "")])).unwrap_err();
        assert!(faults[0].message.contains("cannot be imported"), "{import}: {}", faults[0]);
        assert!(faults[0].to_string().contains("--> s.rhai:1:8"), "{import}: {}", faults[0]);
    }
    let computed = importing("let n = \"stdlib/a\"; import n as a;", "hold(\"\")");
    let faults = load(&folder(&computed, &[("a.rhai", "")])).unwrap_err();
    assert!(faults[0].message.contains("an import needs a literal name"), "{}", faults[0]);
}

#[test]
fn a_missing_module_is_told_with_the_nearest() {
    let script = importing("import \"stdlib/sizng\" as s;", "hold(\"\")");
    let faults = load(&folder(&script, &[("sizing.rhai", "")])).unwrap_err();
    assert!(
        faults[0].to_string().contains("help: did you mean \"stdlib/sizing\"?"),
        "{}",
        faults[0]
    );
}

#[test]
fn imports_in_a_circle_are_refused() {
    let script = importing("import \"stdlib/a\" as a;", "hold(\"\")");
    let modules =
        [("a.rhai", "import \"stdlib/b\" as b;"), ("b.rhai", "import \"stdlib/a\" as a;")];
    let faults = load(&folder(&script, &modules)).unwrap_err();
    let told = faults[0].to_string();
    assert!(told.contains("stdlib/a → stdlib/b → stdlib/a"), "{told}");
    assert!(told.contains("--> stdlib/b.rhai:1:8"), "{told}");
}

#[cfg(unix)]
#[test]
fn a_link_is_no_module() {
    let folder =
        folder(&importing("import \"stdlib/a\" as a;", "hold(\"\")"), &[("real.rhai", "")]);
    let lib = folder.path().join("lib");
    std::os::unix::fs::symlink(lib.join("real.rhai"), lib.join("a.rhai")).unwrap();
    let faults = load(&folder).unwrap_err();
    assert!(faults[0].message.contains("is a link"), "{}", faults[0]);
}

#[test]
fn a_module_that_is_too_large_is_refused() {
    let module = " ".repeat(300_000);
    let script = importing("import \"stdlib/a\" as a;", "hold(\"\")");
    let faults = load(&folder(&script, &[("a.rhai", &module)])).unwrap_err();
    assert!(faults[0].message.contains("more than 262144"), "{}", faults[0]);
}

#[test]
fn a_modules_faults_name_its_own_file() {
    let script = importing("import \"stdlib/a\" as a;", "hold(\"\" + a::f(ctx))");
    let faults = load(&folder(&script, &[("a.rhai", "fn f(ctx) {\n  ctx.equty\n}")])).unwrap_err();
    assert!(faults[0].to_string().contains("--> stdlib/a.rhai:2:7"), "{}", faults[0]);

    let bundle =
        load(&folder(&script, &[("a.rhai", "fn f(ctx) {\n  let v = \"x\";\n  ctx.spot(v, v)\n}")]));
    let mut strategy = ScriptStrategy::new(Arc::new(bundle.unwrap()));
    let error = strategy.decide(&step().share(), &mut Memory::default()).unwrap_err();
    assert!(error.message.contains("--> stdlib/a.rhai:3:7"), "{}", error.message);
    assert_eq!(&*error.origin.file, "stdlib/a.rhai");

    let bundle = load(&folder(&script, &[("a.rhai", "fn f(ctx) {\n  loop { }\n}")]));
    let mut strategy = ScriptStrategy::new(Arc::new(bundle.unwrap()));
    let error = strategy.decide(&step().share(), &mut Memory::default()).unwrap_err();
    assert!(error.message.contains("--> stdlib/a.rhai:2:"), "{}", error.message);
    assert_eq!(error.code, Code::Strat005);
}

#[test]
fn a_module_that_does_not_end_is_stopped_at_load() {
    let script = importing("import \"stdlib/a\" as a;", "hold(\"\")");
    let faults = load(&folder(&script, &[("a.rhai", "let x = 0;\nloop { x += 1; }")])).unwrap_err();
    assert_eq!(faults[0].code, Code::Strat005, "{}", faults[0]);
}

#[test]
fn nothing_is_imported_while_a_script_runs() {
    let script = format!(
        "fn decide(ctx) {{ if ctx.equity < 0 {{ import \"stdlib/a\" as a; }} hold(\"fine\") }}\n{EXIT}"
    );
    let bundle = load(&folder(&script, &[("a.rhai", "fn one() { 1 }")])).unwrap();
    let mut strategy = ScriptStrategy::new(Arc::new(bundle));
    let decision = strategy.decide(&step().share(), &mut Memory::default()).unwrap();
    assert_eq!(&*decision.reason, "fine");
}

#[test]
fn an_order_knows_the_line_that_built_it_in_whatever_file() {
    let script = importing("import \"stdlib/a\" as a;", "entry_partial(\"\", [a::buy()])");
    let module = "fn buy() {\n  orders::spot_buy(\"binance\", \"BTCUSDT\", 0.1)\n}";
    let bundle = load(&folder(&script, &[("a.rhai", module)])).unwrap();
    let mut strategy = ScriptStrategy::new(Arc::new(bundle));
    let decision = strategy.decide(&step().share(), &mut Memory::default()).unwrap();
    let origin = &decision.plan.orders().next().unwrap().origin;
    assert_eq!((&*origin.file, origin.line), ("stdlib/a.rhai", 2));
}

#[test]
fn a_bundle_of_texts_needs_exactly_one_script() {
    let text = |name: &str| (name.to_owned(), format!("fn decide(ctx) {{ hold(\"\") }} {EXIT}"));
    let setup = step().view.setup.clone();
    assert!(Bundle::from_texts(vec![text("a.rhai")], &setup).is_ok());
    assert!(Bundle::from_texts(vec![], &setup).is_err());
    assert!(Bundle::from_texts(vec![text("a.rhai"), text("b.rhai")], &setup).is_err());
}

const DOUBLES: &str = "fn twice(x) { double(x) }\nprivate fn double(x) { 2.0 * x }\n";
const TRIPLES: &str = "import \"stdlib/m\" as m;\nfn decide(ctx) { hold(`${m::twice(1.0)} ${m::twice(1.0)} ${double(1.0)}`) }\nfn exit(ctx) { hold(\"flat\") }\nfn double(x) { 3.0 * x }\n";

#[test]
fn a_function_that_would_be_called_for_its_namesake_in_a_module_is_refused() {
    let texts = |script: &str| {
        let text = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        vec![text("stdlib/m.rhai", DOUBLES), text("a.rhai", script)]
    };
    let setup = &step().view.setup;
    let faults = Bundle::from_texts(texts(TRIPLES), setup).unwrap_err();
    assert_eq!(faults.len(), 1);
    assert_eq!((&*faults[0].file, faults[0].line), ("a.rhai", 4));
    assert_eq!(faults[0].message, "stdlib/m.rhai has a fn double of one parameter too");
    // With another number of parameters, by another name, or called by the module alone, each is its own.
    for (was, is) in [
        ("double(1.0)}`", "double(1.0, 0)}`"),
        ("double(1.0)}`", "triple(1.0)}`"),
        (" ${double(1.0)}`", "`"),
    ] {
        let fitting = TRIPLES.replace(was, is).replace(
            "fn double(x)",
            match is {
                "double(1.0, 0)}`" => "fn double(x, y)",
                "triple(1.0)}`" => "fn triple(x)",
                _ => "fn double(x)",
            },
        );
        assert!(Bundle::from_texts(texts(&fitting), setup).is_ok(), "{fitting}");
    }
}

#[test]
fn a_namesake_that_is_called_by_a_pointer_is_refused_too() {
    let text = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    let module = "fn twice(x) { let f = Fn(\"help\"); f.call(x) }\nfn help(x) { \"A\" + x }\n";
    let main = "import \"stdlib/m\" as m;\nfn decide(ctx) { hold(help(1) + m::twice(2)) }\nfn exit(ctx) { hold(\"x\") }\nfn help(x) { \"M\" + x }\n";
    let handed = "import \"stdlib/m\" as m;\nfn decide(ctx) { hold(m::run(Fn(\"help\"), 1)) }\nfn exit(ctx) { hold(\"x\") }\nfn help(x) { \"M\" + x }\n";
    let runs = "fn run(f, x) { f.call(x) }\nfn help(x) { \"A\" + x }\n";
    for (module, main) in [(module, main), (runs, handed)] {
        let texts = vec![text("stdlib/m.rhai", module), text("a.rhai", main)];
        let faults = Bundle::from_texts(texts, &step().view.setup).unwrap_err();
        assert!(faults[0].message.contains("has a fn help of one parameter too"), "{faults:?}");
    }
}

/// Why such scripts are refused. Where this fails, Rhai has mended it, and they need not be any more.
#[test]
fn rhai_calls_a_function_of_a_module_for_its_namesake() {
    let mut engine = rhai::Engine::new();
    let module = engine.compile(DOUBLES).unwrap();
    let module = rhai::Module::eval_ast_as_new(rhai::Scope::new(), &module, &engine).unwrap();
    engine.register_static_module("m", module.into());
    let script = "fn double(x) { 3.0 * x }\n[m::twice(1.0), m::twice(1.0), double(1.0)]";
    let said: rhai::Array = engine.eval(script).unwrap();
    let said: Vec<String> = said.iter().map(ToString::to_string).collect();
    assert_eq!(said, ["2.00", "2.00", "2.00"], "the last would be 3.00");
}
