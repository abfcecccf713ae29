//! The habits themselves.

/// Words in a row, what is said of them, and what to write. Beside words and signs there stand: NAME, NUMBER, TEXT, WORD for
/// anything; `~` before one that stands right behind the one before it, without a space.
pub(super) type Habit = (&'static [&'static str], &'static str, &'static str);

const NOTHING: &str =
    "nothing is (): ask x == (), or give another value in its place with x ?? 0.0";
const CLOSURE: &str = "a function without a name is |x| x * 2.0, or |x| { … }";
const FUNCTION: &str = "a function is fn name(x) { … }, one without a name |x| x * 2.0";
pub(in super::super) const MATHS: &str =
    "functions of numbers stand alone: max(a, b), abs(x), sqrt(x), x ** 2";
const LOOP: &str = "write for i in 0..3 { … }, or for item in list { … }";
pub(in super::super) const PAIRS: &str =
    "write for (item, index) in list { … }; of a map, for name in map.keys() { … }";
pub(in super::super) const BRANCH: &str =
    "an if has a value: let a = if x > 1.0 { 2.0 } else { 3.0 };";
pub(in super::super) const SWITCH: &str = "write switch x { \"a\" => …, \"b\" => …, _ => … }";
pub(in super::super) const MAP: &str = "a map is #{ name: value }";
const TEMPLATE: &str = "a text with values in it stands in backticks: `${x} of ${y}`";
const IMPORT: &str = "write import \"stdlib/name\" as name; at the top";
pub(super) const PLAIN_NUMBERS: &str = "numbers are written out: 0.0001, not 1e-4";
const PARTS: &str = "a part of a list is list.extract(0..2)";
pub(in super::super) const ONE_EACH: &str = "each variable has a let of its own";
const BPS: &str = "a number has no unit: 10 basis points are 0.001, 5 percent 0.05";

const LOG: &str = "write log(\"info\", `${x}`)";
const TRY: &str = "write try { … } catch (error) { … }";
const TOGETHER: &str = "what belongs together is a map, #{ name: value }";
const EVERY: &str = "every fn of a module can be called, but for private fn";
const KEPT: &str = "what lasts is kept in this: this.name; a constant of the file is global::NAME";
const WAITS: &str = "a script looks at one step; nothing in it waits";
const PARAMETERS: &str = "write fn name(x, y) { … }";

/// Those that say more stand before those that say less.
pub(super) const HABITS: [Habit; 136] = [
    (&["=", "function"], "a function has no such word here", CLOSURE),
    (&["function"], "'function' is not a word of the language", FUNCTION),
    (&["def"], "'def' is not a word of the language", FUNCTION),
    (&["func"], "'func' is not a word of the language", FUNCTION),
    (&["lambda"], "'lambda' is not a word of the language", CLOSURE),
    (&["=", "fn", "("], "a function without a name has no 'fn'", CLOSURE),
    (&["(", "fn", "("], "a function without a name has no 'fn'", CLOSURE),
    (&[",", "fn", "("], "a function without a name has no 'fn'", CLOSURE),
    (&["else", "=", "~>"], "there is no 'else' in a switch", SWITCH),
    (&["default", "=", "~>"], "there is no 'default'", SWITCH),
    (&["=", "~>"], "there is no '=>' between values", "write >="),
    (&["(", "NAME", ":"], "a parameter is named without a type", PARAMETERS),
    (&[",", "NAME", ":"], "a parameter is named without a type", PARAMETERS),
    (&["(", "NAME", "="], "a parameter has no value of its own", PARAMETERS),
    (&[",", "NAME", "="], "a parameter has no value of its own", PARAMETERS),
    (&[")", "-", "~>"], "what a function gives has no type", PARAMETERS),
    (&[")", ":", "NAME"], "what a function gives has no type", PARAMETERS),
    (&["NAME", "=", "~>"], "'=>' makes no function here", CLOSURE),
    (&[")", "=", "~>"], "'=>' makes no function here", FUNCTION),
    (
        &["NAME", "-", "~>", "NAME"],
        "'->' is no sign of the language",
        "a member is read with a point, x.y; a function without a name is |x| …",
    ),
    (&["null"], "there is no 'null'", NOTHING),
    (&["undefined"], "there is no 'undefined'", NOTHING),
    (&["None"], "there is no 'None'", NOTHING),
    (&["nil"], "there is no 'nil'", NOTHING),
    (&["True"], "there is no 'True'", "write true"),
    (&["False"], "there is no 'False'", "write false"),
    (&["=", "~=", "~="], "there is no '==='", "write =="),
    (&["!", "~=", "~="], "there is no '!=='", "write !="),
    (&[">", "~=", "~="], "there is no '>=='", "write >="),
    (&["<", "~=", "~="], "there is no '<=='", "write <="),
    (&["=", "~<"], "there is no '=<'", "write <="),
    (
        &["<", "~-"],
        "there is no '<-'",
        "write let x = 1.0; to compare, put a space before the minus",
    ),
    (&["let", "NAME", "=", "~="], "'==' compares two values", "write let x = 1.0;"),
    (&[":", "~="], "there is no ':='", "write let x = 1.0;"),
    (&["?", "~?", "~="], "there is no '??='", "write x = x ?? 1.0;"),
    (&["|", "~|", "~="], "there is no '||='", "write x = x || y;"),
    (&["&", "~&", "~="], "there is no '&&='", "write x = x && y;"),
    (&["<", "~>"], "there is no '<>'", "write !="),
    (&["+", "~+"], "there is no '++'", "write x += 1"),
    (&["-", "~-"], "there is no '--'", "write x -= 1"),
    (&["elif"], "there is no 'elif'", "write else if x > 1.0 { … }"),
    (&["elsif"], "there is no 'elsif'", "write else if x > 1.0 { … }"),
    (&["elseif"], "there is no 'elseif'", "write else if x > 1.0 { … }"),
    (&["is", "not"], "there is no 'is not'", "write !="),
    (&["not", "in"], "there is no 'not in'", "write x !in list"),
    (&["and"], "there is no 'and'", "write &&"),
    (&["or"], "there is no 'or'", "write ||"),
    (&["not"], "there is no 'not'", "write !x"),
    (&["NAME", "is", "WORD"], "there is no 'is'", "write =="),
    (&["unless"], "there is no 'unless'", "write if !(x > 1.0) { … }"),
    (&["mod", "WORD"], "there is no 'mod'", "write x % y"),
    (&["div", "WORD"], "there is no 'div'", "write x / y; of whole numbers, (x / y).to_int()"),
    (&["typeof", "NAME"], "there is no 'typeof'", "write type_of(x)"),
    (&["print", "NAME"], "'print' is not a word of the language", LOG),
    (&["print", "TEXT"], "'print' is not a word of the language", LOG),
    (&["print", "NUMBER"], "'print' is not a word of the language", LOG),
    (&["echo", "WORD"], "there is no 'echo'", LOG),
    (&["then"], "there is no 'then'", BRANCH),
    (&["Date", "."], "there is no 'Date'", "the time of the step is ctx.now, in ms"),
    (&["global", "."], "a constant of the file is no member", "write global::NAME"),
    (
        &[".", "this"],
        "'this' is a word of the language",
        "in a test, what a strategy keeps is world.memory",
    ),
    (&["for", "(", "const"], "a loop goes over what stands behind 'in'", LOOP),
    (&["Math", "."], "there is no 'Math'", MATHS),
    (&["math", "."], "there is no 'math'", MATHS),
    (&["np", "."], "there is no 'np'", MATHS),
    (&["console", "."], "there is no 'console'", LOG),
    (&["self", "."], "there is no 'self'", "what a strategy keeps is in this: this.name"),
    (&["for", "(", "let"], "a loop does not count like that here", LOOP),
    (&["for", "(", "NAME", "="], "a loop does not count like that here", LOOP),
    (&["for", "(", "NAME", "in"], "a loop has no parentheses", LOOP),
    (&["for", "NAME", "of"], "a loop goes over what stands behind 'in'", LOOP),
    (&["for", "NAME", ",", "NAME", "in"], "two variables of a loop stand in parentheses", PAIRS),
    (&["foreach"], "there is no 'foreach'", LOOP),
    (&["[", "NUMBER", ":"], "a part of a list is not taken like that", PARTS),
    (&["[", ":", "NUMBER"], "a part of a list is not taken like that", PARTS),
    (&["f", "~TEXT"], "a text is not filled like that", TEMPLATE),
    (&["'"], "a text stands in double quotes", "write \"text\""),
    (&["let", "NAME", ":"], "a variable is declared without a type", "write let x = 1.0;"),
    (&["const", "NAME", ":"], "a constant is declared without a type", "write const X = 1.0;"),
    (&["var", "NAME"], "there is no 'var'", "write let x = 1.0;"),
    (&["let", "mut"], "there is no 'mut'", "what let declares may be changed"),
    (&["let", "NAME", "-", "NAME"], "a name has no '-' in it", "write let my_name = 1.0;"),
    (&["let", "NAME", "NAME", "="], "a variable is declared without a type", "write let x = 1.0;"),
    (&["let", "NAME", "NUMBER"], "a '=' is missing", "write let x = 1.0;"),
    (&["let", "NAME", "TEXT"], "a '=' is missing", "write let x = \"text\";"),
    (
        &["static", "NAME"],
        "there is no 'static'",
        "write const X = 1.0; what lasts is kept in this",
    ),
    (&["global", "NAME"], "there is no 'global'", KEPT),
    (&["nonlocal", "NAME"], "there is no 'nonlocal'", KEPT),
    (&["let", "NAME", ","], "a let declares one variable", ONE_EACH),
    (&["let", "{"], "a let declares one variable", ONE_EACH),
    (&["let", "["], "a let declares one variable", ONE_EACH),
    (&["let", "("], "a let declares one variable", ONE_EACH),
    (&["from", "NAME", "import"], "a module is not imported like that", IMPORT),
    (&["use", "NAME"], "a module is not imported like that", IMPORT),
    (&["require", "("], "a module is not imported like that", IMPORT),
    (&["import", "NAME"], "a module is not imported like that", IMPORT),
    (&["match"], "there is no 'match'", SWITCH),
    (&["case"], "there is no 'case'", SWITCH),
    (&["default", ":"], "there is no 'default'", SWITCH),
    (&["try", ":"], "a block stands in braces", TRY),
    (&["catch", "NAME"], "what is caught stands in parentheses", TRY),
    (
        &["finally"],
        "there is no 'finally'",
        "what is done in both cases stands behind try { … } catch (error) { … }",
    ),
    (&["except"], "there is no 'except'", TRY),
    (&["raise"], "there is no 'raise'", "write throw \"why\";"),
    (&["throw", "new"], "there is no 'new'", "write throw \"why\";"),
    (&["new", "NAME"], "there is no 'new'", "a list is [], a map #{}"),
    (&["class", "NAME"], "there are no classes", TOGETHER),
    (&["struct", "NAME"], "there are no structs", TOGETHER),
    (&["interface", "NAME"], "there are no interfaces", TOGETHER),
    (&["trait", "NAME"], "there are no traits", TOGETHER),
    (&["impl", "NAME"], "there is no 'impl'", TOGETHER),
    (&["type", "NAME", "="], "there is no 'type'", TOGETHER),
    (&["enum", "NAME"], "there are no enums", "write texts: \"in\", \"out\""),
    (&["pub", "fn"], "there is no 'pub'", EVERY),
    (&["export", "fn"], "a function is not exported", EVERY),
    (&["public", "fn"], "there is no 'public'", EVERY),
    (&["with", "NAME"], "there is no 'with'", "a script opens nothing; what it needs is in ctx"),
    (&["await"], "there is no 'await'", WAITS),
    (&["async"], "there is no 'async'", WAITS),
    (&["pass"], "there is no 'pass'", "an empty body is { }"),
    (&["[", "NUMBER", ";"], "a list is not made like that", "write [0, 0, 0]"),
    (&["{", "NAME", ":"], "a map begins with #", MAP),
    (&["{", "TEXT", ":"], "a map begins with #", MAP),
    (&["NUMBER", "%"], "a percent sign divides here, and keeps the rest", BPS),
    (&["NUMBER", "~bps"], "a number stands without its unit", BPS),
    (&["NUMBER", ",", "~000"], "a number has no ',' in it", "write 1000 or 1_000"),
    (&["$"], "there is no '$' outside of a text", TEMPLATE),
    (&["?"], "there is no '? :'", BRANCH),
    (
        &["as", "NAME"],
        "a value is not turned into another type like that",
        "write x.to_int(), x.to_decimal() or x.to_string()",
    ),
    (&["(", "int", ")"], "a value is not turned into another type like that", "write x.to_int()"),
    (
        &["(", "float", ")"],
        "a value is not turned into another type like that",
        "write x.to_decimal()",
    ),
    (&["NAME", "for", "NAME", "in"], "a list is not made like that", "write list.map(|x| x * 2.0)"),
    (
        &["NUMBER", "for", "NAME", "in"],
        "a list is not made like that",
        "write list.map(|x| x * 2.0)",
    ),
    (&["&", "~&", "{"], "something is missing behind '&&'", "write if a && b { … }"),
    (&["|", "~|", "{"], "something is missing behind '||'", "write if a || b { … }"),
    (&["#"], "a comment begins with //", "write // and the comment"),
];
