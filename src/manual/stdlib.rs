//! The functions of `stdlib/`, with what their authors say of them.

use std::path::Path;

use rhai::{Engine, FnAccess};

/// A module of `stdlib/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    /// Its name in imports, without `stdlib/`.
    pub name: String,
    /// What stands at its top.
    pub doc: String,
    /// Its functions, in the order of the file.
    pub functions: Vec<Function>,
}

/// A function of a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// Its parameters.
    pub params: Vec<String>,
    /// What is said of it.
    pub doc: String,
}

impl Module {
    /// All modules of a folder, sorted; tests are none.
    ///
    /// # Errors
    /// A sentence, when the folder or a file cannot be read or does not compile.
    pub fn all(folder: &Path) -> Result<Vec<Self>, String> {
        let unread =
            |error: std::io::Error| format!("{} cannot be read: {error}", folder.display());
        let mut modules = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(unread)? {
            let path = entry.map_err(unread)?.path();
            let file = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let Some(name) = file.strip_suffix(".rhai").filter(|name| !name.contains('.')) else {
                continue;
            };
            let text = std::fs::read_to_string(&path).map_err(unread)?;
            modules.push(Self::of(name, &text).map_err(|error| format!("{file}: {error}"))?);
        }
        modules.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(modules)
    }

    fn of(name: &str, text: &str) -> Result<Self, String> {
        let mut engine = Engine::new_raw();
        // The limits of the sandbox were held when the module was loaded; here it is only read.
        engine.set_max_expr_depths(0, 0);
        let ast = engine.compile(text).map_err(|error| error.to_string())?;
        let line_of = |function: &str| {
            let head = format!("fn {function}(");
            text.lines().position(|line| line.starts_with(&head)).unwrap_or(usize::MAX)
        };
        let mut functions: Vec<Function> = ast
            .iter_functions()
            // Closures have names that nobody calls, and what is private is called by its own module alone.
            .filter(|function| function.access == FnAccess::Public && !function.name.contains('$'))
            .map(|function| Function {
                name: function.name.to_owned(),
                params: function.params.iter().map(|name| (*name).to_owned()).collect(),
                doc: unmarked(function.comments.iter().flat_map(|text| text.lines()), "///"),
            })
            .collect();
        functions.sort_by_key(|function| line_of(&function.name));
        let top = text.lines().take_while(|line| line.starts_with("//"));
        Ok(Self { name: name.to_owned(), doc: unmarked(top, "//"), functions })
    }
}

/// The text of comment lines; an empty one begins a paragraph.
fn unmarked<'a>(lines: impl Iterator<Item = &'a str>, mark: &str) -> String {
    let mut text = String::new();
    for line in lines {
        let line = line.trim_start_matches(mark).trim();
        if line.is_empty() {
            text.push_str("\n\n");
        } else {
            if !text.is_empty() && !text.ends_with('\n') {
                text.push(' ');
            }
            text.push_str(line);
        }
    }
    text.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_is_told_with_its_comments_in_the_order_of_the_file() {
        let text = "// What it is.\n//\n// More.\n\n/// Twice\n/// as much.\nfn twice(a) { 2 * a }\n\nprivate fn own(a) { a }\n\nfn again(a, b) { a }\n";
        let module = Module::of("sums", text).unwrap();
        assert_eq!(module.doc, "What it is.\n\nMore.");
        let names: Vec<&str> = module.functions.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names, ["twice", "again"]);
        assert_eq!(module.functions[0].doc, "Twice as much.");
        assert_eq!(module.functions[1].params, ["a", "b"]);
    }
}
