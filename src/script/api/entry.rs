//! A line of the table of functions: to whom a function belongs, what it takes and what it gives.

/// What an entry belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owner {
    /// Called by its bare name: decisions, groups, maths, `log`.
    Global,
    /// `orders::`
    Orders,
    /// `ctx.`
    Ctx,
    /// `ctx.risk.`
    Risk,
    /// What `ctx.market(…)` gives.
    Market,
    /// What `ctx.pair(…)` gives.
    Pair,
    /// What `ctx.hedge(…)` gives.
    Hedge,
    /// An amount that may be known only at execution.
    Amount,
    /// An order.
    Order,
    /// An error that a script has caught.
    Error,
    /// In tests: a world in which a strategy is tried.
    World,
    /// In tests: what a step was.
    Step,
    /// In tests: an order that was sent.
    Sent,
    /// In tests: one case of `check_all`.
    Case,
}

impl Owner {
    /// The type whose values it is of, as errors name it; `None` for what is called by itself.
    pub const fn subject(self) -> Option<&'static str> {
        Some(match self {
            Self::Global | Self::Orders => return None,
            Self::Ctx => "Ctx",
            Self::Risk => "Risk",
            Self::Market => "Market",
            Self::Pair => "Pair",
            Self::Hedge => "Hedge",
            Self::Amount => "Amount",
            Self::Order => "Order",
            Self::Error => "Error",
            Self::World => "World",
            Self::Step => "Step",
            Self::Sent => "Sent order",
            Self::Case => "Draw",
        })
    }

    /// What stands before a name of this owner.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Global => "",
            Self::Orders => "orders::",
            Self::Ctx => "ctx.",
            Self::Risk => "ctx.risk.",
            Self::Market => "market.",
            Self::Pair => "pair.",
            Self::Hedge => "hedge.",
            Self::Amount => "amount.",
            Self::Order => "order.",
            Self::Error => "error.",
            Self::World => "world.",
            Self::Step => "step.",
            Self::Sent => "sent.",
            Self::Case => "draw.",
        }
    }
}

/// Whether an entry is read or called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Read without parentheses.
    Property,
    /// Called.
    Call,
}

/// What a parameter is; names are checked against the run's universe when they stand literally in a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An instrument key.
    Key,
    /// A venue.
    Venue,
    /// A token.
    Token,
    /// A symbol of a spot market.
    SpotSymbol,
    /// A symbol of a perp market.
    PerpSymbol,
    /// A symbol of any market.
    Symbol,
    /// `"spot"` or `"perp"`.
    MarketKind,
    /// A subscribed series.
    Series,
    /// A number.
    Number,
    /// A number or an amount.
    Amount,
    /// A text.
    Text,
    /// A map of options.
    Options,
    /// A map of numbers by venue.
    Parts,
    /// A list of orders.
    Orders,
    /// A decision.
    Decision,
    /// A function, mostly written where it is used.
    Function,
    /// Anything.
    Any,
}

/// One parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Param {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub kind: Kind,
    /// Its unit, or what may stand there.
    pub unit: &'static str,
    /// Whether it may be left out.
    pub is_optional: bool,
    /// The words that a text may be; empty when it may be any.
    pub choices: &'static [&'static str],
}

impl Param {
    pub(crate) const fn new(name: &'static str, kind: Kind, unit: &'static str) -> Self {
        Self { name, kind, unit, is_optional: false, choices: &[] }
    }

    /// A text that is one of these words.
    pub(crate) const fn one_of(
        name: &'static str,
        choices: &'static [&'static str],
        unit: &'static str,
    ) -> Self {
        Self { choices, ..Self::new(name, Kind::Text, unit) }
    }

    pub(crate) const fn optional(self) -> Self {
        Self { is_optional: true, ..self }
    }
}

pub(crate) const KEY: Param = Param::new("key", Kind::Key, "instrument key");
pub(crate) const VENUE: Param = Param::new("venue", Kind::Venue, "venue");
pub(crate) const TOKEN: Param = Param::new("token", Kind::Token, "token");
pub(crate) const SPOT_SYMBOL: Param = Param::new("symbol", Kind::SpotSymbol, "BTCUSDT");
pub(crate) const PERP_SYMBOL: Param = Param::new("symbol", Kind::PerpSymbol, "BTCUSDT");
pub(crate) const SYMBOL: Param = Param::new("symbol", Kind::Symbol, "BTCUSDT");
pub(crate) const MARKET_KIND: Param = Param::new("kind", Kind::MarketKind, "\"spot\" or \"perp\"");

/// One line of the reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it belongs to.
    pub owner: Owner,
    /// Its name.
    pub name: &'static str,
    /// Read or called.
    pub shape: Shape,
    /// Its parameters.
    pub params: &'static [Param],
    /// What it gives, with its unit.
    pub returns: &'static str,
    /// The words that a text which it gives can be; empty when it can be any.
    pub choices: &'static [&'static str],
    /// What it means.
    pub doc: &'static str,
    /// When it fails, beside what is wrong with the kind of a parameter; empty when it does not.
    pub fails: &'static str,
}

impl Entry {
    /// A property.
    pub(crate) const fn property(
        owner: Owner,
        name: &'static str,
        returns: &'static str,
        doc: &'static str,
    ) -> Self {
        let (shape, params) = (Shape::Property, &[]);
        Self { owner, name, shape, params, returns, choices: &[], doc, fails: "" }
    }

    /// A function or method.
    pub(crate) const fn call(
        owner: Owner,
        name: &'static str,
        params: &'static [Param],
        returns: &'static str,
        doc: &'static str,
    ) -> Self {
        let shape = Shape::Call;
        Self { owner, name, shape, params, returns, choices: &[], doc, fails: "" }
    }

    /// When it fails, in a sentence's second half.
    pub(crate) const fn fails(self, fails: &'static str) -> Self {
        Self { fails, ..self }
    }

    /// The same, of a text that is one of these words.
    pub(crate) const fn one_of(self, choices: &'static [&'static str]) -> Self {
        Self { choices, ..self }
    }

    /// What it gives, with its unit or its words: `"spot" or "perp"`.
    pub fn gives(&self) -> String {
        match self.choices {
            [] => self.returns.to_owned(),
            choices => either(choices),
        }
    }

    /// How it is written: `orders::spot_buy(venue, symbol, quantity [, options])`.
    pub fn signature(&self) -> String {
        let mut text = format!("{}{}", self.owner.prefix(), self.name);
        if self.shape == Shape::Property {
            return text;
        }
        text.push('(');
        for (index, param) in self.params.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            if param.is_optional {
                text.push_str(&format!(" [{comma}{}]", param.name));
            } else {
                text.push_str(&format!("{comma}{}", param.name));
            }
        }
        text.push(')');
        text
    }

    /// Whether a call with this many arguments fits.
    pub fn takes(&self, arguments: usize) -> bool {
        let needed = self.params.iter().filter(|param| !param.is_optional).count();
        (needed..=self.params.len()).contains(&arguments)
    }
}

/// Words to choose from: `"warn", "reduce" or "exit"`.
pub(crate) fn either(choices: &[&str]) -> String {
    let quoted: Vec<String> = choices.iter().map(|choice| format!("\"{choice}\"")).collect();
    match &quoted[..] {
        [rest @ .., before, last] => {
            let rest: String = rest.iter().map(|word| format!("{word}, ")).collect();
            format!("{rest}{before} or {last}")
        }
        alone => alone.concat(),
    }
}
