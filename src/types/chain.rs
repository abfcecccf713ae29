//! What protocols on chain are to a run: reserves that lend and take, staking tokens and their queues, pools, gas.
//!
//! Numbers that governance moves carry the date from which they hold, as margin tiers do.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::id::{KeyId, ReserveId, RewardId, TokenId, VenueId};
use super::money::{Notional, Quantity, Rate};
use super::time::{Span, Timestamp};

/// One token at a venue that lends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reserve {
    /// Its index.
    pub id: ReserveId,
    /// The venue.
    pub venue: VenueId,
    /// The token that is lent.
    pub token: TokenId,
    /// Where the token lies while it is ours: the wallet's key.
    pub underlying: KeyId,
    /// What we have lent, scaled; `None` where the mode supplies nothing of it.
    pub supplied: Option<KeyId>,
    /// What we owe, scaled; `None` where the mode borrows nothing of it.
    pub borrowed: Option<KeyId>,
}

/// What a venue on chain does. Wallets and exchanges have none of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    /// Nothing beyond its kind.
    #[default]
    None,
    /// Lends against collateral, after Aave V3.
    Lending(LendingRules),
    /// Issues a staking token for ETH and takes it back through a queue.
    Staking(StakingRules),
    /// Swaps tokens.
    Swaps(Vec<SwapRule>),
    /// Lends for the length of one atomic group.
    Flash {
        /// Fee as a fraction of what is borrowed.
        fee: Rate,
    },
}

/// The rules of a lending venue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LendingRules {
    /// Of each reserve, by its id.
    pub reserves: Vec<ReserveRules>,
    /// The efficiency mode that the account is in.
    pub e_mode: Option<EMode>,
    /// The part of the debt that one liquidation may repay.
    pub close_factor: Rate,
    /// At this health factor and below the whole debt may be repaid.
    pub full_close_below: Decimal,
    /// With collateral or debt worth less than this the whole debt may be repaid, quote token.
    pub small_position: Notional,
}

/// The rules of one reserve.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReserveRules {
    /// Which.
    pub reserve: ReserveId,
    /// Its figures as collateral, outside an efficiency mode.
    pub collateral: Vec<CollateralRules>,
    /// The most that all suppliers together may supply, tokens.
    pub supply_cap: Option<Quantity>,
}

/// What a token is worth as collateral, from a date on. Fractions.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CollateralRules {
    /// In force from this time until the next.
    pub as_of: Timestamp,
    /// The most debt over collateral that a borrow or a withdrawal may leave.
    pub max_ltv: Rate,
    /// Debt over collateral at which the account can be liquidated.
    pub threshold: Rate,
    /// What a liquidator gets on top of what it repays.
    pub bonus: Rate,
}

/// An efficiency mode: tokens that move together, with figures of their own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EMode {
    /// What can be collateral in it.
    pub collateral: Vec<TokenId>,
    /// What can be borrowed in it.
    pub borrow: Vec<TokenId>,
    /// Its figures.
    pub rules: Vec<CollateralRules>,
}

/// The figures that are in force at a time.
pub fn in_force(rules: &[CollateralRules], now: Timestamp) -> Option<&CollateralRules> {
    rules.iter().filter(|rules| rules.as_of <= now).max_by_key(|rules| rules.as_of)
}

impl LendingRules {
    /// The figures of a token as collateral at a time: the efficiency mode's where it is part of it, else its own.
    pub fn collateral(
        &self,
        reserve: ReserveId,
        token: TokenId,
        now: Timestamp,
    ) -> Option<&CollateralRules> {
        in_force(self.table(reserve, token)?, now)
    }

    /// All dated figures of a token as collateral: the efficiency mode's where it is part of it, else its own.
    pub fn table(&self, reserve: ReserveId, token: TokenId) -> Option<&[CollateralRules]> {
        match &self.e_mode {
            Some(mode) if mode.collateral.contains(&token) => Some(&mode.rules),
            _ => Some(&self.reserve(reserve)?.collateral),
        }
    }

    /// When the figures in force at a time took the place of others, of all tables the latest; `None` where the first still hold.
    pub fn changed_at(&self, now: Timestamp) -> Option<Timestamp> {
        let own = self.reserves.iter().map(|reserve| &reserve.collateral);
        let tables = own.chain(self.e_mode.as_ref().map(|mode| &mode.rules));
        let changed = |table: &Vec<CollateralRules>| {
            let first = table.iter().map(|rules| rules.as_of).min()?;
            in_force(table, now).map(|rules| rules.as_of).filter(|as_of| *as_of > first)
        };
        tables.filter_map(changed).max()
    }

    /// The rules of a reserve.
    pub fn reserve(&self, reserve: ReserveId) -> Option<&ReserveRules> {
        self.reserves.iter().find(|rules| rules.reserve == reserve)
    }
}

/// A staking venue: ETH in, its token out, and back through a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StakingRules {
    /// The wallet's ETH.
    pub base: KeyId,
    /// The wallet's staking token.
    pub token: KeyId,
    /// The claim while it waits.
    pub queued: KeyId,
    /// From the request to the payout; `None` when the venue has no queue and only a swap leads out.
    pub queue: Option<Span>,
}

/// A token that a staking venue hands out to holders of its staking token, beside what that one earns by its rate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RewardRules {
    /// Its index.
    pub id: RewardId,
    /// Who hands it out.
    pub venue: VenueId,
    /// Where it arrives: the wallet's key.
    pub key: KeyId,
    /// The staking token that earns it; what is handed out is told per unit of its base, at the protocol's rate.
    pub staked: TokenId,
    /// Where the staking token must lie to earn: in the wallet, and as a supply where collateral is eligible.
    pub held: Vec<KeyId>,
    /// From the end of a period until its tokens arrive, where the data has no date of payment.
    pub delay: Span,
}

/// What a swap of a token against another costs at a venue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SwapRule {
    /// The token, for example weETH.
    pub token: TokenId,
    /// What it is swapped against, ETH; what follows that one for one, WETH, can be swapped as well.
    pub against: TokenId,
    /// The pool's fee, a fraction of what is received.
    pub fee: Rate,
    /// What a swap loses to spread and impact, by its size; ascending. Between two sizes linear, below the first its own,
    /// beyond the last growing with the power.
    pub costs: Vec<SwapCost>,
    /// The power of size with which the cost grows beyond the table; at least 0.5.
    pub power: Decimal,
}

/// One point of a cost table.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SwapCost {
    /// The size, quote token.
    pub size: Notional,
    /// What a swap of this size loses, a fraction.
    pub cost: Rate,
}

/// What a swap has drawn from a pool. Until the next step the pool's depth is less by it for swaps the same way.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Draw {
    /// Whose pool.
    pub venue: VenueId,
    /// The pool's token, [`SwapRule::token`].
    pub token: TokenId,
    /// Whether the token was given, not received.
    pub is_sale: bool,
    /// What was given, quote token.
    pub size: Notional,
}

impl Draw {
    /// How much was drawn the same way from the same pool before, quote token.
    pub fn after(&self, draws: &[Self]) -> Notional {
        let same = |draw: &&Self| {
            (draw.venue, draw.token, draw.is_sale) == (self.venue, self.token, self.is_sale)
        };
        draws.iter().filter(same).map(|draw| draw.size).sum()
    }
}

/// For what gas is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum GasUse {
    /// A token transfer.
    Transfer,
    /// ETH into WETH or back.
    Wrap,
    /// Lending a token.
    Supply,
    /// Taking it back.
    Withdraw,
    /// Taking a loan.
    Borrow,
    /// Paying it back.
    Repay,
    /// ETH into a staking token.
    Stake,
    /// Asking for it back, and claiming it.
    Unstake,
    /// A swap.
    Swap,
    /// Opening a flash loan.
    FlashBorrow,
    /// Closing it.
    FlashRepay,
}

impl GasUse {
    /// All uses, in the order of their definition.
    pub const ALL: [Self; 11] = [
        Self::Transfer,
        Self::Wrap,
        Self::Supply,
        Self::Withdraw,
        Self::Borrow,
        Self::Repay,
        Self::Stake,
        Self::Unstake,
        Self::Swap,
        Self::FlashBorrow,
        Self::FlashRepay,
    ];

    /// The key of the configuration that sets its units.
    pub const fn setting(self) -> &'static str {
        match self {
            Self::Transfer => "transfer_units",
            Self::Wrap => "wrap_units",
            Self::Supply => "supply_units",
            Self::Withdraw => "withdraw_units",
            Self::Borrow => "borrow_units",
            Self::Repay => "repay_units",
            Self::Stake => "stake_units",
            Self::Unstake => "unstake_units",
            Self::Swap => "swap_units",
            Self::FlashBorrow => "flash_borrow_units",
            Self::FlashRepay => "flash_repay_units",
        }
    }
}

/// What operations on chain use, in gas units; paid in ETH from the wallet at the gas price of the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GasRules {
    /// The key from which gas is paid.
    pub key: KeyId,
    /// By [`GasUse`].
    pub units: [u64; GasUse::ALL.len()],
}

impl GasRules {
    /// The units of one operation.
    pub const fn units(&self, of: GasUse) -> u64 {
        self.units[of as usize]
    }
}
