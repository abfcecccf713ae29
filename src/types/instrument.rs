//! Instrument keys and markets: what can be held, and where a coin can be bought.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::id::{KeyId, MarketId, TokenId, VenueId};
use super::money::{Notional, Quantity, Rate};

/// What kind of holding a key stands for. Its text is the middle part of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum PositionType {
    /// A token that lies at the venue: cash, coins.
    BaseToken,
    /// A perpetual future; the quantity is signed coins, negative when short.
    Perp,
    /// A token on its way to the venue; counts in equity until it arrives.
    Transit,
    /// A token lent to a lending venue, in scaled units: the token's amount is the quantity times the liquidity index.
    Supplied,
    /// A token owed to a venue, positive, in scaled units: the debt is the quantity times the borrow index.
    Borrowed,
    /// What a staking venue's queue will pay: the base token of what was queued, at the rate of the request.
    Queued,
}

impl PositionType {
    /// All kinds, in the order of their definition.
    pub const ALL: [Self; 6] =
        [Self::BaseToken, Self::Perp, Self::Transit, Self::Supplied, Self::Borrowed, Self::Queued];

    /// The middle part of a key.
    pub const fn text(self) -> &'static str {
        match self {
            Self::BaseToken => "BaseToken",
            Self::Perp => "Perp",
            Self::Transit => "Transit",
            Self::Supplied => "aToken",
            Self::Borrowed => "debtToken",
            Self::Queued => "Queued",
        }
    }

    /// Whether it is on its way to another key, so that no venue can be asked to the moment what lies there.
    pub const fn is_in_flight(self) -> bool {
        matches!(self, Self::Transit | Self::Queued)
    }
}

/// `venue:position_type:symbol` in its text form, for example `binance:Perp:BTCUSDT`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InstrumentKey {
    /// The venue's name.
    pub venue: String,
    /// What kind of holding.
    pub position_type: PositionType,
    /// A token, or for a perp its canonical symbol.
    pub symbol: String,
}

impl fmt::Display for InstrumentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.venue, self.position_type.text(), self.symbol)
    }
}

/// Why a text is no instrument key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{0}' is not an instrument key; write it as venue:BaseToken|Perp|Transit|aToken|debtToken|Queued:symbol"
)]
pub struct NotAKey(String);

impl FromStr for InstrumentKey {
    type Err = NotAKey;

    fn from_str(text: &str) -> Result<Self, NotAKey> {
        let mut parts = text.split(':');
        let (Some(venue), Some(kind), Some(symbol), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(NotAKey(text.to_owned()));
        };
        match PositionType::ALL.into_iter().find(|known| known.text() == kind) {
            Some(position_type) if !venue.is_empty() && !symbol.is_empty() => {
                Ok(Self { venue: venue.to_owned(), position_type, symbol: symbol.to_owned() })
            }
            _ => Err(NotAKey(text.to_owned())),
        }
    }
}

/// A key as the run knows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Instrument {
    /// Its index.
    pub id: KeyId,
    /// Its text, `venue:position_type:symbol`.
    pub name: Arc<str>,
    /// Where it is held.
    pub venue: VenueId,
    /// What kind of holding.
    pub position_type: PositionType,
    /// The token of which the quantity counts units; for a perp its coin.
    pub token: TokenId,
    /// For a perp, its market.
    pub market: Option<MarketId>,
    /// Places after the point to which every posting is quantised.
    pub decimals: u32,
}

impl Instrument {
    /// The smallest unit of this key.
    pub fn unit(&self) -> Quantity {
        Quantity::new(rust_decimal::Decimal::new(1, self.decimals))
    }
}

/// Spot or perpetual future.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MarketKind {
    /// Coins change hands.
    Spot,
    /// A linear perpetual future, margined and settled in the quote token.
    Perp,
}

/// In what a trading fee is charged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeeAsset {
    /// In the quote token, whatever the side.
    Quote,
    /// In what is received: coins of a buy, quote of a sale. Perps are always charged in quote.
    Received,
}

/// One market of one venue: what the script may know of its rules.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Market {
    /// Its index.
    pub id: MarketId,
    /// Where it trades.
    pub venue: VenueId,
    /// Spot or perp.
    pub kind: MarketKind,
    /// Canonical symbol, `BTCUSDT`.
    pub symbol: Arc<str>,
    /// The coin.
    pub base: TokenId,
    /// The token in which it is priced and paid.
    pub quote: TokenId,
    /// What a trade changes: the coins' key for spot, the position's key for a perp.
    pub position: KeyId,
    /// The quote token's key at the venue.
    pub cash: KeyId,
    /// Quantities are whole multiples of this many coins.
    pub lot: Quantity,
    /// The smallest notional of an order.
    pub min_notional: Notional,
    /// Taker fee as a fraction of the notional.
    pub fee: Rate,
    /// In what the fee is charged.
    pub fee_asset: FeeAsset,
    /// Half of the bid-ask spread as a fraction of the price.
    pub half_spread: Rate,
}

impl Market {
    /// Coins that arrive when `quantity` coins are bought here: less the fee where it is charged in the coin, rounded down
    /// to the decimals of the coins' key.
    pub fn received(&self, quantity: Quantity, decimals: u32) -> Quantity {
        match (self.kind, self.fee_asset) {
            (MarketKind::Spot, FeeAsset::Received) => {
                quantity - (quantity * self.fee).away_from_zero(decimals)
            }
            _ => quantity,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_reads_back_as_it_is_written() {
        for text in [
            "wallet:BaseToken:USDT",
            "binance:Perp:BTCUSDT",
            "okx:Transit:USDT",
            "aave_v3:aToken:aweETH",
            "aave_v3:debtToken:debtWETH",
            "lido:Queued:wstETH",
        ] {
            assert_eq!(text.parse::<InstrumentKey>().unwrap().to_string(), text);
        }
        for text in ["", "binance:perp:BTCUSDT", "binance:Perp", "binance:Perp:", "a:Perp:b:c"] {
            assert!(text.parse::<InstrumentKey>().is_err(), "{text}");
        }
    }
}
