//! A connection to the service, kept from one question to the next.

use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use hyper::{Request, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use crate::config::SignalService;
use crate::market::Signal;
use crate::types::{Code, Coded, Span, Timestamp};

use super::answer::{Silence, read};

/// An answer of more bytes than this is none.
const BODY_MAX: usize = 64 * 1024;
/// The port of `http://` without one.
const HTTP_PORT: u16 = 80;

/// The service of a model.
pub struct Service {
    rules: SignalService,
    authority: String,
    address: (String, u16),
    path: String,
    bearer: String,
    step: Span,
    connection: Option<SendRequest<Full<Bytes>>>,
}

impl Service {
    /// The service of a configuration, asked with a token. Connects with the first question.
    ///
    /// # Errors
    /// CONFIG-003 when its address cannot be read.
    pub fn new(rules: &SignalService, token: &str, step: Span) -> Result<Self, Coded> {
        let unreadable = || {
            let sentence = format!(
                "signal.service.url: http://HOST:PORT/PATH is expected, not '{}'",
                rules.url
            );
            Coded::new(Code::Config003, sentence)
        };
        let uri: Uri = rules.url.parse().map_err(|_| unreadable())?;
        let authority = uri.authority().ok_or_else(unreadable)?;
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        Ok(Self {
            rules: rules.clone(),
            authority: authority.to_string(),
            address: (host, authority.port_u16().unwrap_or(HTTP_PORT)),
            path: uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string),
            bearer: format!("Bearer {token}"),
            step,
            connection: None,
        })
    }

    /// What the model says of the bar that opens at a time; again after each wait where nothing useful comes back.
    ///
    /// # Errors
    /// VEN-005 when the token is refused, VEN-001 for another refusal, DATA-005 for an answer of a later time. It makes no sense to
    /// ask again then.
    pub async fn ask(&mut self, at: Timestamp) -> Result<Result<Signal, Silence>, Coded> {
        let mut waits = self.rules.retry_backoff.clone().into_iter();
        loop {
            let why = match self.ask_once(at).await? {
                Err(why) if why != Silence::None => why,
                answer => return Ok(answer),
            };
            let Some(wait) = waits.next() else { return Ok(Err(why)) };
            sleep(duration(wait)).await;
        }
    }

    async fn ask_once(&mut self, at: Timestamp) -> Result<Result<Signal, Silence>, Coded> {
        let limit = self.rules.timeout;
        let exchanged = timeout(duration(limit), self.exchange(at)).await;
        let (status, body) = match exchanged {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => return Ok(Err(self.broken(Silence::Unreachable))),
            // An answer that is still on its way must not be taken for that to the next question.
            Err(_) => return Ok(Err(self.broken(Silence::TimedOut(limit.ms())))),
        };
        match status {
            StatusCode::OK => read(&body, at, self.step),
            StatusCode::NOT_FOUND | StatusCode::NO_CONTENT => Ok(Err(Silence::None)),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                let sentence = format!(
                    "the service of the signals refuses the token ({}); see BASIS_ML_API_TOKEN",
                    status.as_u16()
                );
                Err(Coded::new(Code::Ven005, sentence))
            }
            StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT => {
                Ok(Err(Silence::Status(status.as_u16())))
            }
            _ if status.is_client_error() || status.is_redirection() => {
                let sentence = format!(
                    "the service of the signals answered {} to POST {}; is the address right?",
                    status.as_u16(),
                    self.rules.url
                );
                Err(Coded::new(Code::Ven001, sentence))
            }
            _ => Ok(Err(Silence::Status(status.as_u16()))),
        }
    }

    /// The connection is not used again.
    fn broken(&mut self, why: Silence) -> Silence {
        self.connection = None;
        why
    }

    async fn exchange(&mut self, at: Timestamp) -> Result<(StatusCode, Bytes), Broken> {
        let question =
            serde_json::json!({ "symbol": self.rules.symbol, "timestamp": at.to_string() });
        let request = Request::post(&self.path)
            .header(HOST, &self.authority)
            .header(AUTHORIZATION, &self.bearer)
            .header(CONTENT_TYPE, "application/json")
            .body(Full::new(Bytes::from(question.to_string())))?;
        let is_open = |connection: &SendRequest<_>| !connection.is_closed();
        let mut connection = match self.connection.take().filter(is_open) {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        connection.ready().await?;
        let response = connection.send_request(request).await?;
        let status = response.status();
        let body = Limited::new(response.into_body(), BODY_MAX).collect().await?.to_bytes();
        self.connection = Some(connection);
        Ok((status, body))
    }

    async fn connect(&self) -> Result<SendRequest<Full<Bytes>>, Broken> {
        let stream = TcpStream::connect((self.address.0.as_str(), self.address.1)).await?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        // It ends with its sender; what breaks it is told to the sender.
        tokio::spawn(async move { drop(connection.await) });
        Ok(sender)
    }
}

/// Why there is no answer; that there is none is all that is told.
type Broken = Box<dyn std::error::Error + Send + Sync>;

fn duration(span: Span) -> Duration {
    Duration::from_millis(u64::try_from(span.ms()).unwrap_or(0))
}
