//! `basis new NAME --from MODE`: a strategy of one's own, begun from one that is shipped: script, configuration and tests.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::config::{mode_in_words, mode_names, nearest};

use super::Failure;

#[derive(Debug, Args)]
pub struct NewArguments {
    /// The name of the new strategy: small letters, digits and _.
    name: String,
    /// The mode that it begins as a copy of.
    #[arg(long, value_name = "MODE")]
    from: Option<String>,
    /// The folder that it is written to.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// The folder with defaults, share classes, venues and modes; strategies/ and stdlib/ lie beside it.
    #[arg(long, value_name = "DIR", default_value = "configs")]
    config_dir: PathBuf,
}

pub fn run(arguments: NewArguments) -> Result<(), Failure> {
    let NewArguments { name, from, dir, config_dir } = arguments;
    let home = config_dir.parent().unwrap_or(Path::new("")).to_owned();
    let strategies = home.join("strategies");
    named(&name)?;
    let modes = mode_names(&config_dir);
    let Some(from) = from else {
        let list = listed(&modes, &config_dir);
        let what =
            format!("say what {name} begins as a copy of: basis new {name} --from MODE\n{list}");
        return Err(Failure::Usage(what));
    };
    if modes.contains(&name) {
        let what = format!("'{name}' is a mode that is shipped; choose another name");
        return Err(Failure::Usage(what));
    }
    if !modes.contains(&from) {
        // A mode is not named by its script.
        let stem =
            Path::new(&from).file_stem().map_or(from.clone(), |stem| stem.to_string_lossy().into());
        let help = match nearest(&stem, modes.iter().map(String::as_str)) {
            Some(near) => format!("did you mean '{near}'?"),
            None => format!("there are {}", modes.join(", ")),
        };
        return Err(Failure::Usage(format!("there is no mode '{from}'; {help}")));
    }
    let dir = dir.unwrap_or(strategies.clone());
    let sources = [
        (strategies.join(format!("{from}.rhai")), dir.join(format!("{name}.rhai"))),
        (config_dir.join("modes").join(format!("{from}.yaml")), dir.join(format!("{name}.yaml"))),
        (strategies.join(format!("{from}.test.rhai")), dir.join(format!("{name}.test.rhai"))),
    ];
    if let Some((_, taken)) = sources.iter().find(|(_, target)| target.exists()) {
        let what = format!("{} is there already; choose another name", taken.display());
        return Err(Failure::Usage(what));
    }
    let mut texts = Vec::new();
    for (source, target) in sources {
        let text = std::fs::read_to_string(&source).map_err(|error| {
            Failure::Usage(format!("{} cannot be read: {error}", source.display()))
        })?;
        texts.push((target, renamed(&text, &from, &name)));
    }
    let unwritten = |path: &Path, error: std::io::Error| {
        Failure::Usage(format!("{} cannot be written: {error}", path.display()))
    };
    std::fs::create_dir_all(&dir).map_err(|error| unwritten(&dir, error))?;
    let mut told = String::new();
    for (target, text) in &texts {
        std::fs::write(target, text).map_err(|error| unwritten(target, error))?;
        told.push_str(&format!("{}\n", target.display()));
    }
    let script = texts[0].0.display();
    told.push_str(&format!(
        "next: basis check {script}\n      basis test {script}\n      basis run {script}\n"
    ));
    super::print(&told).map_err(Failure::Failed)
}

/// The modes, each with what it is.
fn listed(modes: &[String], config_dir: &Path) -> String {
    let width = modes.iter().map(String::len).max().unwrap_or_default();
    let line = |mode: &String| {
        let words = mode_in_words(mode, config_dir).unwrap_or_default();
        format!("  {mode:<width$}  {words}").trim_end().to_owned()
    };
    modes.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Words of the language and the host that no module can be called.
const TAKEN: [&str; 36] = [
    "as", "async", "await", "break", "call", "case", "catch", "const", "continue", "ctx", "curry",
    "default", "do", "else", "eval", "export", "false", "fn", "for", "global", "if", "import",
    "in", "let", "loop", "match", "new", "orders", "private", "return", "switch", "this", "throw",
    "true", "try", "while",
];

/// Names are those of files and of imports.
fn named(name: &str) -> Result<(), Failure> {
    if TAKEN.contains(&name) {
        let what = format!("'{name}' is a word that scripts have already; choose another name");
        return Err(Failure::Usage(what));
    }
    if is_name(name) {
        return Ok(());
    }
    let path = Path::new(name);
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().to_lowercase());
    let meant: String =
        stem.unwrap_or_default().chars().map(|c| if is_name_sign(c) { c } else { '_' }).collect();
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let dir = folder.map_or(String::new(), |folder| format!(" --dir {}", folder.display()));
    let help = match is_name(&meant) && !TAKEN.contains(&meant.as_str()) {
        true => format!("write {meant}{dir}"),
        false => "such as my_basis".to_owned(),
    };
    let what = format!(
        "'{name}' is no name: begin with a small letter, go on with small letters, digits and _; {help}"
    );
    Err(Failure::Usage(what))
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(is_name_sign)
}

fn is_name_sign(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'
}

/// The text with the one name for the other, where it stands as a word. The configuration's own `script:` is left out: it lies
/// beside its script.
fn renamed(text: &str, from: &str, to: &str) -> String {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut renamed = String::with_capacity(text.len());
    for line in text.lines().filter(|line| !line.starts_with("script:")) {
        let mut rest = line;
        while let Some(at) = rest.find(from) {
            let (before, after) = (&rest[..at], &rest[at + from.len()..]);
            let is_whole = !before.ends_with(is_word) && !after.starts_with(is_word);
            renamed.push_str(before);
            renamed.push_str(if is_whole { to } else { from });
            rest = after;
        }
        renamed.push_str(rest);
        renamed.push('\n');
    }
    renamed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_none_is_told_with_the_one_that_is_meant() {
        for (name, meant) in [
            ("My-Basis", "write my_basis"),
            ("mine.rhai", "write mine"),
            ("strategies/mine.rhai", "write mine --dir strategies"),
            ("1st", "such as my_basis"),
            ("fn", "choose another name"),
        ] {
            let Err(Failure::Usage(told)) = named(name) else { panic!("{name} is a name") };
            assert!(told.ends_with(meant), "{told}");
        }
        assert!(named("my_basis").is_ok());
    }

    #[test]
    fn a_name_is_replaced_where_it_is_a_word() {
        let text =
            "// eth\nscript: strategies/eth.rhai\nimport \"eth\" as eth;\nlet wseth = eth_2;\n";
        assert_eq!(
            renamed(text, "eth", "mine"),
            "// mine\nimport \"mine\" as mine;\nlet wseth = eth_2;\n"
        );
    }
}
