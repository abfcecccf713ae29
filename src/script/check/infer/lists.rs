//! What stands in a list of orders: each once, none before what it uses, flash loans paid back.

use rhai::{ASTNode, Expr, FnCallExpr, Position};

use super::super::env::Env;
use super::super::facts::{Misplaced, Place, What};
use super::super::origins::Origin;
use super::super::same;
use super::super::types::{Object, Type};
use super::Look;

impl Look<'_> {
    /// A list that stands in the script.
    pub(super) fn list_of(&mut self, items: &[Expr], env: &mut Env) {
        let names: Vec<Option<&str>> = items.iter().map(variable).collect();
        for (index, item) in items.iter().enumerate() {
            if let Some(name) = names[index]
                && names[..index].contains(&Some(name))
                && matches!(env.read(name), Type::Host(Object::Order(_) | Object::Group))
            {
                self.misplaced(item, Misplaced::Twice, name);
            }
            for used in outputs(item) {
                if names[index + 1..].contains(&Some(&used)) {
                    self.misplaced(item, Misplaced::Before, &used);
                }
            }
        }
    }

    /// `parallel([…])` and `atomic([…])`.
    pub(super) fn group(&mut self, call: &FnCallExpr, at: Position) {
        let Some(Expr::Array(items, _)) = call.args.first() else { return };
        let names: Vec<Option<&str>> = items.iter().map(variable).collect();
        match call.name.as_str() {
            "parallel" => {
                self.same_way(items);
                for item in items {
                    let name = order(item).unwrap_or_default();
                    if name.starts_with("flash_") {
                        self.misplaced(item, Misplaced::Loose, name);
                        self.origin_of_group(item, at);
                    }
                    for used in outputs(item) {
                        if names.contains(&Some(&used)) {
                            self.misplaced(item, Misplaced::Beside, &used);
                        }
                    }
                }
            }
            "atomic" => {
                let loans =
                    |name: &str| items.iter().filter(|item| order(item) == Some(name)).count();
                let all_are_orders =
                    items.iter().all(|item| order(item).is_some() || variable(item).is_some());
                let (taken, paid) = (loans("flash_borrow"), loans("flash_repay"));
                if all_are_orders && taken != paid {
                    let one = items
                        .iter()
                        .find(|item| order(item).is_some_and(|name| name.starts_with("flash_")));
                    if let Some(one) = one {
                        self.misplaced(one, Misplaced::Unpaid, "a flash loan");
                    }
                }
                for item in items {
                    let name = order(item).unwrap_or_default();
                    if ["spot_", "perp_", "protect"].iter().any(|start| name.starts_with(start)) {
                        self.misplaced(item, Misplaced::OffChain, name);
                        self.origin_of_group(item, at);
                    }
                }
            }
            _ => {}
        }
    }

    /// Two legs at one venue that both buy or both sell hedge nothing.
    fn same_way(&mut self, items: &[Expr]) {
        let leg = |item: &Expr| {
            let (kind, side) = order(item)?.split_once('_')?;
            let is_leg = ["spot", "perp"].contains(&kind) && ["buy", "sell"].contains(&side);
            is_leg.then(|| (kind.to_owned(), side.to_owned()))
        };
        let [first, second] = items else { return };
        let (Some(a), Some(b)) = (leg(first), leg(second)) else { return };
        let (Expr::FnCall(one, _), Expr::FnCall(other, _)) = (first, second) else { return };
        let is_same = |index: usize| match (one.args.get(index), other.args.get(index)) {
            (Some(one), Some(other)) => same::alike(one, other),
            _ => false,
        };
        if a.0 == b.0 || !is_same(0) || !is_same(1) {
            return;
        }
        // Two legs against each other say what the script is for.
        self.perps_sold.0 += usize::from(a.1 != b.1);
        if a.1 == b.1 {
            let sells = [one, other].iter().filter(|it| it.name == "perp_sell").count();
            self.perps_sold.1 += if self.is_last { sells } else { 0 };
            self.tell(second.start_position(), What::SameWay { first: one.name.to_string() });
            let at = Place { file: self.at, at: first.start_position() };
            let place = Place { file: self.at, at: second.start_position() };
            self.origins.add(place, Origin::Leg { at });
        }
    }

    /// An order that may sell a perp.
    pub(super) fn sells_perp(&mut self, name: &str) {
        if self.is_last && ["perp_sell", "perp_to"].contains(&name) {
            self.perps_sold.0 += 1;
        }
    }

    /// A script that sells a perp nowhere, but beside coins that it sells, and hedges nowhere, is long on purpose.
    pub(super) fn long_on_purpose(&mut self) {
        let (all, beside_coins) = self.perps_sold;
        if all == beside_coins {
            self.facts.retain(|fact| !matches!(fact.what, What::SameWay { .. }));
        }
    }

    /// The group in which an order stands is told with it.
    fn origin_of_group(&mut self, item: &Expr, at: Position) {
        let place = Place { file: self.at, at: item.start_position() };
        self.origins.add(place, Origin::Group { at: Place { file: self.at, at } });
    }

    fn misplaced(&mut self, item: &Expr, why: Misplaced, name: &str) {
        self.tell(item.start_position(), What::InList { why, name: name.to_owned() });
    }
}

fn variable(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Variable(variable, ..) => Some(&variable.1),
        _ => None,
    }
}

/// The order that an item is made by, when it is `orders::…(…)`.
fn order(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::FnCall(call, _) => {
            let module = call.namespace.path.first()?;
            (module.name == "orders").then_some(call.name.as_str())
        }
        _ => None,
    }
}

/// The variables whose `.out` an expression uses.
fn outputs(expr: &Expr) -> Vec<String> {
    let mut found = Vec::new();
    expr.walk(&mut Vec::new(), &mut |path: &[ASTNode<'_>]| {
        if let Some(ASTNode::Expr(Expr::Dot(parts, ..))) = path.last()
            && let (Expr::Variable(variable, ..), Expr::Property(property, _)) =
                (&parts.lhs, &parts.rhs)
            && property.2 == "out"
        {
            found.push(variable.1.to_string());
        }
        true
    });
    found
}
