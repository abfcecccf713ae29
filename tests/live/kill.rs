//! Points at which the client's process can be killed: every request before and after it takes effect, and every record of
//! the client's journal, when it is on the disk and none of its effects is performed. Counted, not timed.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};

/// Where a kill can fall.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Point {
    /// An order has been received and nothing is done about it.
    OrderReceived,
    /// An order has taken effect and is not answered.
    OrderDone,
    /// A question has been received.
    Asked,
    /// A question is about to be answered.
    Answered,
    /// A record of the journal is on the disk; its effects are not performed.
    Record,
}

/// Where a process is to be killed: at the n-th point of a kind, or of all kinds.
#[derive(Clone, Copy, Debug)]
pub struct Aim {
    pub point: Option<Point>,
    pub nth: u64,
}

/// What becomes of a request that was under way when the process was killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It goes on: what arrived takes effect.
    Goes,
    /// It never arrived.
    Lost,
}

impl Fate {
    pub fn is_lost(self) -> bool {
        self == Self::Lost
    }
}

/// Counts the points and stops everything at the one where the process is to be killed.
#[derive(Clone)]
pub struct Points {
    state: Arc<Mutex<State>>,
    lives: watch::Sender<u64>,
    reached: mpsc::UnboundedSender<Point>,
}

#[derive(Debug)]
struct State {
    aim: Option<Aim>,
    is_dying: bool,
    /// What becomes of orders that had just arrived.
    fate: Fate,
}

impl Points {
    /// Points without a kill, and where it is told that one has been reached.
    pub fn new() -> (Self, mpsc::UnboundedReceiver<Point>) {
        let (reached, receiver) = mpsc::unbounded_channel();
        let state = State { aim: None, is_dying: false, fate: Fate::Goes };
        (
            Self { state: Arc::new(Mutex::new(state)), lives: watch::Sender::new(0), reached },
            receiver,
        )
    }

    /// A new process begins; it is to be killed there, counted from now.
    pub fn arm(&self, aim: Option<Aim>) {
        *self.state() = State { aim, is_dying: false, fate: Fate::Goes };
    }

    /// The process is dead: what it had sent meets its fate.
    pub fn release(&self, fate: Fate) {
        *self.state() = State { aim: None, is_dying: false, fate };
        self.lives.send_modify(|lives| *lives += 1);
    }

    pub async fn pass(&self, point: Point) -> Fate {
        let mut lives = self.lives.subscribe();
        {
            let mut state = self.state();
            if !state.is_dying {
                let aim = state.aim.as_mut();
                let aim = aim.filter(|aim| aim.point.is_none_or(|kind| kind == point));
                let Some(aim) = aim else { return Fate::Goes };
                aim.nth = aim.nth.saturating_sub(1);
                if aim.nth > 0 {
                    return Fate::Goes;
                }
                state.is_dying = true;
                let _ = self.reached.send(point);
            }
        }
        // The sender lives as long as this.
        let _ = lives.changed().await;
        self.state().fate
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics while it counts")
    }

    /// A port at which the client tells each record: a byte, which is answered when it may go on.
    pub async fn serve_records(&self) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a local port is free");
        let address = listener.local_addr().expect("a bound port has an address");
        let points = self.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let points = points.clone();
                tokio::spawn(async move {
                    let mut byte = [0_u8];
                    while stream.read_exact(&mut byte).await.is_ok() {
                        points.pass(Point::Record).await;
                        if stream.write_all(&byte).await.is_err() {
                            return;
                        }
                    }
                });
            }
        });
        address
    }
}
