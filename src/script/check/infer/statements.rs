//! What statements do to variables, and what they give.

use rhai::{ASTFlags, Expr, Position, Stmt};

use super::super::bodies;
use super::super::env::Env;
use super::super::facts::{Place, What};
use super::super::same;
use super::super::types::Type;
use super::loops::Turns;
use super::{Key, Look, Sort, Way, flows};

impl Look<'_> {
    /// Statements one after the other; what the last of them gives.
    pub(super) fn block(&mut self, statements: &[Stmt], env: &mut Env) -> Type {
        let depth = env.open();
        let around = std::mem::replace(&mut self.depth, depth);
        self.nested += 1;
        let mut gives = Type::Unit;
        let mut has_ended = false;
        self.answered(statements);
        self.turned_guards(statements);
        self.set_together(statements);
        for (number, statement) in statements.iter().enumerate() {
            if has_ended && !statement.is_noop() {
                let leaves = statements[number - 1].position();
                self.leaves(statement.position(), leaves);
                self.tell(statement.position(), What::Unreachable);
                break;
            }
            gives = self.statement(statement, env);
            has_ended = gives == Type::Never && ends(statement);
            if number + 1 < statements.len() && !has_ended {
                self.dropped(statement, gives.clone());
            }
        }
        self.depth = around;
        self.nested -= 1;
        for (what, at) in env.close(depth) {
            if !(self.is_tried && matches!(what, What::Unplanned { .. })) {
                self.tell_left(at, what);
            }
        }
        gives
    }

    /// What is left to say of a variable that goes. That it hides another says why nobody reads it.
    pub(super) fn tell_left(&mut self, at: Position, what: What) {
        if self.tells() && matches!(what, What::Shadowed { .. }) {
            let place = Place { file: self.at, at };
            self.facts
                .retain(|fact| fact.place != place || !matches!(fact.what, What::Unread { .. }));
        }
        self.tell(at, what);
    }

    /// What a statement gives; `Never` when it does not go on to the next.
    pub(super) fn statement(&mut self, statement: &Stmt, env: &mut Env) -> Type {
        match statement {
            Stmt::Noop(_) | Stmt::Import(..) | Stmt::Export(..) | Stmt::Share(_) => Type::Unit,
            Stmt::Expr(expr) => self.expr(expr, env),
            Stmt::FnCall(call, at) => self.call(call, *at, env),
            Stmt::Block(block) => self.block(block.statements(), env),
            Stmt::Var(parts, flags, at) => {
                let of = self.expr(&parts.1, env);
                self.nothing_taken(&parts.1, &of);
                if matches!(&parts.1, Expr::Stmt(block) if block.is_empty()) {
                    self.tell(parts.1.position(), What::EmptyBraces);
                }
                if env.has_outside(&parts.0.name, self.depth) {
                    // In the block of a function itself that is a parameter; another is told where it is read behind.
                    if self.nested > 1 {
                        env.hide(&parts.0.name, statement.position());
                    } else {
                        let name = parts.0.name.to_string();
                        self.tell(statement.position(), What::Shadowed { name });
                    }
                }
                let at = (!flags.contains(ASTFlags::CONSTANT)).then_some(*at);
                env.declare(&parts.0.name, of, at);
                let by = self.called_by(&parts.1);
                env.set(&parts.0.name, statement.position(), by);
                env.sign_as(&parts.0.name, &parts.1);
                env.stands_for(&parts.0.name, &parts.1);
                self.holds_field(&parts.0.name, &parts.1);
                let flow = flows::of(&parts.1, env);
                env.flows_from(&parts.0.name, flow);
                self.market_named(&parts.0.name, &parts.1);
                Type::Unit
            }
            Stmt::Assignment(parts) => {
                self.assignment(&parts.0, &parts.1.lhs, &parts.1.rhs, env);
                Type::Unit
            }
            Stmt::If(parts, _) => {
                self.condition(&parts.expr, env);
                self.asked_again(parts);
                let is_empty = |block: &[Stmt]| block.iter().all(Stmt::is_noop);
                if is_empty(parts.body.statements()) && is_empty(parts.branch.statements()) {
                    self.tell(parts.expr.start_position(), What::Empty);
                }
                if same::blocks(parts.body.statements(), parts.branch.statements()) {
                    self.tell(parts.expr.start_position(), What::SameBlocks);
                }
                let (mut yes, mut no) = (env.clone(), env.clone());
                yes.assume(&parts.expr, true);
                no.assume(&parts.expr, false);
                let first = self.block(parts.body.statements(), &mut yes);
                let second = self.block(parts.branch.statements(), &mut no);
                env.meet(yes, first == Type::Never, no, second == Type::Never);
                self.order_or_list(parts, (&first, &second));
                self.other_sort(parts, (&first, &second));
                let end = |block: &[Stmt]| block.last().map_or(Position::NONE, bodies::begins);
                self.undecided(&[
                    Way { of: first.clone(), at: end(parts.body.statements()), by: None },
                    Way { of: second.clone(), at: end(parts.branch.statements()), by: None },
                ]);
                first.join(second)
            }
            Stmt::Switch(parts, at) => {
                let of = self.expr(&parts.0, env);
                let nothing = self.cases(&parts.0, *at, &of, env);
                env.doubt(&parts.0);
                let mut gives = Type::Never;
                let before = env.clone();
                for (number, case) in parts.1.expressions.iter().enumerate() {
                    let mut inside = before.clone();
                    if let (Some(nothing), Expr::Variable(asked, ..)) = (nothing, &parts.0) {
                        inside.switched(&asked.1, number == nothing);
                    }
                    if !matches!(case.lhs, Expr::BoolConstant(true, _)) {
                        self.condition(&case.lhs, &mut inside);
                    }
                    let of = self.expr(&case.rhs, &mut inside);
                    let has_ended = of == Type::Never;
                    gives = gives.join(of);
                    let now = env.clone();
                    env.meet(now, false, inside, has_ended);
                }
                if parts.1.def_case.is_none() { gives.join(Type::Unit) } else { gives }
            }
            Stmt::While(parts, _) => {
                let is_endless = matches!(parts.expr, Expr::Unit(_));
                if !is_endless {
                    self.condition(&parts.expr, env);
                    self.invariant(&parts.expr, parts.body.statements());
                }
                let broken = self.looped(env, Turns::Any, |look, env| {
                    if !is_endless {
                        env.assume(&parts.expr, true);
                    }
                    let gives = look.block(parts.body.statements(), env);
                    look.dropped_at_end(parts.body.statements(), gives);
                });
                match broken {
                    _ if !is_endless => Type::Unit,
                    Some(of) => of,
                    None => Type::Never,
                }
            }
            Stmt::Do(parts, ..) => {
                self.looped(env, Turns::OneAtLeast, |look, env| {
                    look.block(parts.body.statements(), env);
                });
                self.condition(&parts.expr, env);
                Type::Unit
            }
            Stmt::For(parts, _) => {
                let over = self.expr(&parts.2.expr, env);
                let place = parts.2.expr.start_position();
                self.tell(place, What::Over { of: over.clone() });
                let item = match over {
                    Type::List(of) => *of,
                    Type::Never => Type::Never,
                    _ => Type::Any,
                };
                let item = self.each(&parts.2.expr).unwrap_or(item.loosened());
                let turns = self.turns(&parts.2.expr);
                self.looped(env, turns, |look, env| {
                    let depth = env.open();
                    env.declare(&parts.0.name, item.clone(), None);
                    env.set(&parts.0.name, statement.position(), None);
                    if let Some(counter) = &parts.1 {
                        env.declare(&counter.name, Type::Int, None);
                    }
                    let gives = look.block(parts.2.body.statements(), env);
                    look.dropped_at_end(parts.2.body.statements(), gives);
                    for (what, at) in env.close(depth) {
                        look.tell_left(at, what);
                    }
                });
                Type::Unit
            }
            Stmt::TryCatch(parts, _) => {
                let (mut tried, mut caught) = (env.clone(), env.clone());
                let before = std::mem::replace(&mut self.is_tried, true);
                let first = self.block(parts.body.statements(), &mut tried);
                self.is_tried = before;
                if let Expr::Variable(variable, ..) = &parts.expr {
                    caught.declare(&variable.1, Type::Any, None);
                }
                let second = self.block(parts.branch.statements(), &mut caught);
                env.meet(tried, first == Type::Never, caught, second == Type::Never);
                first.join(second)
            }
            Stmt::BreakLoop(value, flags, _) => {
                let of = value.as_ref().map_or(Type::Unit, |value| self.expr(value, env));
                if let Some(leaving) = self.leaving.last_mut() {
                    leaving.push(env.clone());
                }
                if flags.contains(ASTFlags::BREAK)
                    && let Some(broken) = self.broken.last_mut()
                {
                    *broken = Some(broken.take().map_or(of.clone(), |before| before.join(of)));
                }
                Type::Never
            }
            Stmt::Return(value, flags, _) => {
                let of = value.as_ref().map_or(Type::Unit, |value| self.expr(value, env));
                if let (true, Some(value)) = (flags.contains(ASTFlags::BREAK), value) {
                    self.refused(value, env);
                }
                if !flags.contains(ASTFlags::BREAK) {
                    let by = value.as_ref().and_then(|value| self.called_by(value));
                    self.returned.push(Way { of, at: statement.position(), by });
                }
                Type::Never
            }
            _ => Type::Any,
        }
    }

    pub(super) fn assignment(
        &mut self,
        op: &rhai::OpAssignment,
        to: &Expr,
        from: &Expr,
        env: &mut Env,
    ) {
        let mut of = self.expr(from, env);
        self.nothing_taken(from, &of);
        if same::are(to, from) && !op.is_op_assignment() {
            self.tell(to.start_position(), What::Same { op: "=" });
        }
        if let Expr::ThisPtr(at) = to {
            self.uses_this(*at);
            self.state_is_open = true;
            if !matches!(from, Expr::Map(parts, _) if parts.0.is_empty()) && !self.is_of_another() {
                self.tell(*at, What::Replaced);
            }
        }
        if let Expr::Variable(variable, ..) = to
            && variable.2.path.first().is_some_and(|it| it.name == "global")
        {
            let name = variable.1.to_string();
            return self.tell(to.start_position(), What::ConstantSet { name });
        }
        self.changes_field(to, op.is_op_assignment());
        if let Expr::Dot(parts, ..) | Expr::Index(parts, ..) = to
            && let Expr::Variable(variable, ..) = &parts.lhs
            && let Type::Host(object) = env.is(&variable.1)
        {
            let member = match &parts.rhs {
                Expr::Property(property, _) => Some(&property.2),
                Expr::Dot(inner, ..) | Expr::Index(inner, ..) => match &inner.lhs {
                    Expr::Property(property, _) => Some(&property.2),
                    _ => None,
                },
                _ => None,
            };
            let member = member.map(|name| name.to_string());
            return self.tell(to.start_position(), What::HostSet { object, member });
        }
        if let Some((.., sign)) = op.get_op_assignment_info() {
            let before = match to {
                Expr::Variable(variable, ..) if !env.has(&variable.1) => Type::Any,
                to => self.expr(to, env),
            };
            if let (Type::List(items), "+") = (&before, sign) {
                // A list takes in another, or one thing more.
                let more = match of {
                    Type::List(more) => *more,
                    one => one,
                };
                let items = (**items).clone().join(more);
                if let Expr::Variable(variable, ..) = to {
                    env.assign(&variable.1, Type::List(Box::new(items)));
                }
                return;
            }
            self.note(op.position(), &[to, from], env);
            if let (true, "+", Type::Text(_)) = (before.is_number(), sign, &of) {
                let (name, was, is) =
                    ("what stands before +=".to_owned(), Sort::Number, Sort::Text);
                self.tell(to.start_position(), What::OtherSort { name, was, is });
            }
            of = self.operator((sign, false), before, of, op.position());
        }
        match to {
            Expr::Variable(variable, ..) if variable.2.is_empty() && !env.has(&variable.1) => {
                let name = variable.1.to_string();
                self.tell(to.start_position(), What::NoVariable { name });
            }
            Expr::Variable(variable, ..) => {
                if !op.is_op_assignment() {
                    self.sort_kept(&variable.1, to.start_position(), &of, env);
                }
                env.assign(&variable.1, of);
                if !op.is_op_assignment() {
                    env.stands_for(&variable.1, from);
                }
                let mut flow = flows::of(from, env);
                if let Some((.., sign)) = op.get_op_assignment_info() {
                    flow = if sign == "-" { flow.turned() } else { flow };
                    flow = flow.and(env.flow(&variable.1));
                }
                env.flows_from(&variable.1, flow);
                env.expect_reader(&variable.1, to.start_position());
                if !op.is_op_assignment() {
                    let by = self.called_by(from);
                    env.set(&variable.1, to.start_position(), by);
                }
            }
            Expr::Dot(parts, ..) | Expr::Index(parts, ..) => {
                let is_index = matches!(to, Expr::Index(..));
                if is_index && !is_chain(to) {
                    let of = match &parts.lhs {
                        Expr::Variable(variable, ..) => env.is(&variable.1),
                        _ => Type::Any,
                    };
                    self.quoted_index(&parts.rhs, &of, Some(from), env);
                }
                if let Expr::ThisPtr(at) = parts.lhs {
                    self.uses_this(at);
                    self.tell(from.position(), What::Stored { of: of.clone() });
                    self.keep(&parts.rhs, is_chain(to), of.clone(), env);
                    self.keeps_item(to, is_chain(to));
                }
                if is_chain(to) {
                    // items[i].name = …: of what is there a part is set.
                    self.expr(to, env);
                    if let Expr::Variable(variable, ..) = &parts.lhs {
                        env.put_anything(&variable.1);
                    }
                    return;
                }
                if let Expr::Index(..) = to {
                    let subject = match &parts.lhs {
                        Expr::Variable(variable, ..) => env.is(&variable.1),
                        _ => Type::Any,
                    };
                    let by = self.key(&parts.rhs, &subject, env);
                    if let Expr::Variable(..) = &parts.lhs {
                        let what = What::Indexed { subject, by };
                        self.note(parts.rhs.start_position(), &[&parts.lhs], env);
                        self.tell(parts.rhs.start_position(), what);
                    }
                }
                if let (Expr::Variable(map, ..), Expr::Property(property, at)) =
                    (&parts.lhs, &parts.rhs)
                    && matches!(env.is(&map.1), Type::Map(_))
                    && matches!(env.is(&property.2), Type::Text(_))
                    && !matches!(from, Expr::Variable(variable, ..) if variable.1 == property.2)
                {
                    let (map, name) = (map.1.to_string(), property.2.to_string());
                    self.tell(*at, What::NamedAsVariable { map, name });
                }
                if let Expr::Variable(variable, ..) = &parts.lhs {
                    let name = match &parts.rhs {
                        Expr::Property(property, _) => Some(property.2.to_string()),
                        Expr::StringConstant(name, _) => Some(name.to_string()),
                        _ => None,
                    };
                    env.put_field(&variable.1, name, of);
                }
            }
            _ => {}
        }
    }

    /// The function of the script whose result an expression is.
    fn called_by(&self, expr: &Expr) -> Option<Key> {
        match expr {
            Expr::FnCall(call, _) if call.op_token.is_none() => self.own_function(call),
            _ => None,
        }
    }
}

/// Whether a statement leaves its block by itself.
fn ends(statement: &Stmt) -> bool {
    !matches!(statement, Stmt::Expr(_) | Stmt::FnCall(..))
}

/// `items[i].name`, `items[i][k]`: a part of an item.
fn is_chain(to: &Expr) -> bool {
    matches!(to, Expr::Index(parts, flags, _)
        if matches!(parts.rhs, Expr::Dot(..) | Expr::Index(..)) && !flags.contains(ASTFlags::BREAK))
}
