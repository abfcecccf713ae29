//! Names of functions and members that other languages have, and what stands for them here.

/// What is meant by a name that neither the host nor the language has.
pub(in crate::script) fn meant(name: &str) -> Option<&'static str> {
    Some(match name {
        "length" | "size" | "count" | "Count" => "write len()",
        "sum" => "write list.reduce(|sum, x| sum + x, 0.0)",
        "mean" | "average" | "avg" => "write list.reduce(|sum, x| sum + x, 0.0) / list.len()",
        "toFixed" | "to_fixed" => "write round(2) for two places, or round_to(x, 0.01)",
        "rand" | "random" | "randint" => {
            "a run ends the same way each time: scripts have no chance"
        }
        "timestamp" | "now" | "Date" | "date" | "time" | "today" | "datetime" => {
            "the time of the step is ctx.now, in ms"
        }
        "hour" | "minute" | "day" | "weekday" | "hours" => {
            "ctx.now is in ms: the hour of the day is ctx.now % 86400000 / 3600000.0"
        }
        "state" | "memory" | "storage" | "context" => {
            "what a strategy keeps from step to step is in this: this.name = …"
        }
        "includes" | "has" | "has_key" | "contains_key" | "hasOwnProperty" => "write contains(x)",
        "slice" | "substring" | "substr" => "write list.extract(0, 2), or text.sub_string(0, 2)",
        "forEach" | "each" => "write for x in list { … }",
        "indexOf" | "findIndex" => "write index_of(x)",
        "toString" | "str" | "String" | "string" => "write x.to_string(), or `${x}`",
        "format" | "sprintf" => "a text with values in it stands in backticks: `${x} of ${y}`",
        "toUpperCase" | "upper" => "write to_upper()",
        "toLowerCase" | "lower" => "write to_lower()",
        "startsWith" | "startswith" => "write starts_with(text)",
        "endsWith" | "endswith" => "write ends_with(text)",
        "parseFloat" | "float" | "Number" | "to_float" | "decimal" | "Decimal" => {
            "write x.to_decimal(); of a text, parse_decimal(text)"
        }
        "parseInt" | "to_integer" => "write x.to_int(); of a text, parse_int(text)",
        "any" => "write list.some(|x| x > 1.0)",
        "every" => "write list.all(|x| x > 1.0)",
        "items" | "entries" => "write for name in map.keys() { let value = map[name]; … }",
        "add" | "unshift" => "write list.push(x)",
        "concat" => "write a + b",
        "join" => "write list.reduce(|all, x| if all == \"\" { x } else { `${all}, ${x}` }, \"\")",
        "ceil" => "write ceiling()",
        "trunc" => "write floor()",
        "fabs" => "write abs(x)",
        "println" | "printf" | "warn" | "alert" => "write log(\"info\", `${x}`)",
        "isNaN" | "is_nan" | "isnan" | "isNull" | "is_null" | "is_none" => "write x == ()",
        "sorted" => "write list.sort(), which changes the list itself",
        "reversed" => "write list.reverse(), which changes the list itself",
        "enumerate" => "write for (item, index) in list { … }",
        "assert_true" | "assertTrue" | "assertFalse" | "assert_that" | "expect"
        | "assert_false" => "write assert(x > 1)",
        "assert_raises" | "assertRaises" | "assert_error" | "assert_throw" => {
            "write assert_throws(|| …, \"words of the error\")"
        }
        "assert_gt" | "assert_lt" | "assert_ge" | "assert_le" | "assert_greater" => {
            "write assert(left > right): a failure shows both sides"
        }
        "assert_equal" | "assert_equals" | "assertEqual" | "assertEquals" => {
            "write assert_eq(left, right)"
        }
        "assert_almost_equal" | "assert_close" | "assert_approx" | "approx" => {
            "write assert_near(left, right, within)"
        }
        "typeof" | "typeOf" | "type" => "write type_of(x)",
        "not" => "write !x",
        "assert" | "assert_eq" => "asserting is for tests: throw \"why\" in a strategy",
        _ => return None,
    })
}
