//! HTTP: one route, two methods. Takes care of everything that a stranger may do to a port: slow heads and bodies, large forms,
//! many connections, guesses. Knows nothing of cases; answers go to the [`Backend`]. Started by `daemon`.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, FromRequest, Query, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use serde::Deserialize;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower_http::catch_panic::CatchPanicLayer;

use super::limits::{Guesses, WINDOW};
use super::page::{self, Page, Trouble};
use super::{Backend, Error, Opened};
use crate::clock::Clock;
use crate::domain::Language;
use crate::trust::SurveyLink;

/// Connections at a time; further ones wait in the system's queue.
const CONNECTIONS: usize = 64;
/// For a request's line and headers.
const HEAD_TIME: Duration = Duration::from_secs(5);
/// For its body.
const BODY_TIME: Duration = Duration::from_secs(10);
/// For one connection with everything, so that a reader who does not read holds nothing for ever.
const WHOLE_TIME: Duration = Duration::from_secs(40);
/// Largest form, in bytes.
const BODY_MAX: usize = 16 * 1024;
/// Largest head, in bytes.
const HEAD_MAX: usize = 16 * 1024;
/// How long open connections may go on after `stop`.
const DRAIN_TIME: Duration = Duration::from_secs(10);

struct House {
    backend: Backend,
    clock: Clock,
    guesses: Guesses,
}

/// What stands behind the port: answers whoever comes in.
#[derive(Debug, Clone)]
pub struct Door(Router);

impl Door {
    /// A door to `backend`.
    #[must_use]
    pub fn new(backend: Backend, clock: Clock) -> Self {
        let house = Arc::new(House { backend, clock, guesses: Guesses::default() });
        let app = Router::new()
            .route("/s/{link}", get(show).post(submit))
            .fallback(nothing)
            .method_not_allowed_fallback(nothing)
            .layer(axum::middleware::map_response(guard))
            .layer(CatchPanicLayer::new())
            .layer(axum::middleware::map_response(guard))
            .with_state(house);
        Self(app)
    }

    /// One request, one answer, one connection.
    pub async fn answer<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(&self, stream: S, peer: SocketAddr) {
        let app = self.0.clone().layer(axum::Extension(ConnectInfo(peer)));
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIME).max_buf_size(HEAD_MAX).keep_alive(false);
        let served = http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(app));
        match tokio::time::timeout(WHOLE_TIME, served).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!(%error, "a survey connection ended early"),
            Err(_) => tracing::debug!("a survey connection took too long"),
        }
    }
}

/// Serves the survey on `listener` until `stop` is cancelled, then lets open connections end.
pub async fn serve(listener: TcpListener, backend: Backend, clock: Clock, stop: CancellationToken) {
    let door = Door::new(backend, clock);
    let (places, tasks) = (Arc::new(Semaphore::new(CONNECTIONS)), TaskTracker::new());
    loop {
        let place = tokio::select! {
            () = stop.cancelled() => break,
            place = Arc::clone(&places).acquire_owned() => place,
        };
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match (place, accepted) {
            (Ok(place), Ok((stream, peer))) => {
                let door = door.clone();
                tasks.spawn(async move {
                    door.answer(stream, peer).await;
                    drop(place);
                });
            }
            // out of descriptors, or a connection that died in the queue: breathe and go on
            (_, Err(error)) => {
                tracing::warn!(%error, "the survey could not take a connection");
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
            (Err(_), _) => break,
        }
    }
    drop(listener);
    tasks.close();
    if tokio::time::timeout(DRAIN_TIME, tasks.wait()).await.is_err() {
        tracing::warn!(open = tasks.len(), "survey connections were still open at the stop");
    }
}

#[derive(Deserialize)]
struct Asked {
    lang: Option<String>,
}

type Visitor = (State<Arc<House>>, ConnectInfo<SocketAddr>, Uri, Result<Query<Asked>, axum::extract::rejection::QueryRejection>, HeaderMap);

/// What a visitor asked for: the survey, or the answer that he gets instead.
struct Visit {
    house: Arc<House>,
    hash: String,
    opened: Opened,
    language: Language,
}

/// Opens the link. Everything that opens nothing gets one and the same answer.
async fn visit(house: Arc<House>, peer: SocketAddr, uri: &Uri, asked: Option<String>, headers: &HeaderMap) -> Result<Visit, Response> {
    let wished = asked.as_deref().and_then(tag);
    let language = wished.unwrap_or_else(|| accepted(headers));
    let link = uri.path().rsplit('/').next();
    let Some(link) = link.and_then(SurveyLink::parse) else { return Err(gone(&house, language)) };
    let hash = link.hash();
    let found = match (house.backend.lookup)(hash.clone()).await {
        Ok(found) => found,
        Err(error) => return Err(trouble(&house, language, error)),
    };
    match found.filter(|opened| house.clock.now() < opened.expires_at) {
        Some(opened) => Ok(Visit { language: wished.unwrap_or(opened.language), house, hash, opened }),
        // only unknown links are counted: a person with a good one is never shut out by a neighbour who guesses
        None if house.guesses.count(visitor(peer, headers), house.clock.now()) => Err(gone(&house, language)),
        None => {
            let mut response = sorry(&house, language, Trouble::TooOften, StatusCode::TOO_MANY_REQUESTS);
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(WINDOW));
            Err(response)
        }
    }
}

async fn show(visitor: Visitor) -> Response {
    let (State(house), ConnectInfo(peer), uri, query, headers) = visitor;
    let asked = query.ok().and_then(|Query(asked)| asked.lang);
    match visit(house, peer, &uri, asked, &headers).await {
        Ok(visit) => send(page::form(&visit.house.backend, &visit.opened, visit.language, None, &[]), StatusCode::OK),
        Err(response) => response,
    }
}

async fn submit(visitor: Visitor, request: Request) -> Response {
    let (State(house), ConnectInfo(peer), uri, query, headers) = visitor;
    let asked = query.ok().and_then(|Query(asked)| asked.lang);
    let visit = match visit(house, peer, &uri, asked, &headers).await {
        Ok(visit) => visit,
        Err(response) => return response,
    };
    let fields = match fields(request).await {
        Ok(fields) => fields,
        Err((trouble, status)) => return sorry(&visit.house, visit.language, trouble, status),
    };
    let Visit { house, hash, opened, language } = visit;
    let reading = opened.questionnaire.read(&fields);
    if !reading.missing.is_empty() {
        return send(
            page::form(&house.backend, &opened, language, Some(&reading.answers), &reading.missing),
            StatusCode::UNPROCESSABLE_ENTITY,
        );
    }
    // the same form sent twice, by a double click or a robot, changes nothing and mails nobody
    if opened.previous.as_ref() != Some(&reading.answers) {
        // in its own task, so that a visitor who hangs up does not cut the transaction short
        let recorded = tokio::spawn((house.backend.submit)(hash, reading.answers)).await;
        match recorded {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return trouble(&house, language, error),
            Err(error) => return trouble(&house, language, Error::Unavailable(error.to_string())),
        }
    }
    send(page::done(&house.backend, &opened, language), StatusCode::OK)
}

async fn nothing(State(house): State<Arc<House>>, headers: HeaderMap) -> Response {
    gone(&house, accepted(&headers))
}

/// The form's fields, within time and size.
async fn fields(request: Request) -> Result<Vec<(String, String)>, (Trouble, StatusCode)> {
    let (parts, body) = request.into_parts();
    let announced = parts.headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()).and_then(|v| v.parse::<usize>().ok());
    if announced.is_some_and(|length| length > BODY_MAX) {
        return Err((Trouble::TooLarge, StatusCode::PAYLOAD_TOO_LARGE));
    }
    let bytes = match tokio::time::timeout(BODY_TIME, to_bytes(body, BODY_MAX)).await {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(_)) => return Err((Trouble::TooLarge, StatusCode::PAYLOAD_TOO_LARGE)),
        Err(_) => return Err((Trouble::Unreadable, StatusCode::REQUEST_TIMEOUT)),
    };
    let whole = Request::from_parts(parts, Body::from(bytes));
    match axum::Form::<Vec<(String, String)>>::from_request(whole, &()).await {
        Ok(axum::Form(fields)) => Ok(fields),
        Err(rejection) => Err((Trouble::Unreadable, rejection.status())),
    }
}

/// Who asks: the peer, or whom the reverse proxy on this machine names last.
fn visitor(peer: SocketAddr, headers: &HeaderMap) -> IpAddr {
    let peer = peer.ip().to_canonical();
    if !peer.is_loopback() {
        return peer;
    }
    let last = headers.get_all("x-forwarded-for").iter().next_back().and_then(|value| value.to_str().ok());
    last.and_then(|list| list.rsplit(',').next()).and_then(|address| address.trim().parse().ok()).unwrap_or(peer)
}

fn tag(text: &str) -> Option<Language> {
    Language::ALL.into_iter().find(|language| language.tag().eq_ignore_ascii_case(text))
}

/// The language of a page without a survey: English for who asks for it before any Chinese, else the office's.
fn accepted(headers: &HeaderMap) -> Language {
    let wished = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or("").to_ascii_lowercase();
    let first = wished.split(',').map(str::trim).find(|range| range.starts_with("zh") || range.starts_with("en"));
    match first {
        Some(range) if range.starts_with("en") => Language::En,
        Some(_) | None => Language::ZhTw,
    }
}

fn gone(house: &House, language: Language) -> Response {
    send(page::gone(&house.backend, language), StatusCode::NOT_FOUND)
}

fn sorry(house: &House, language: Language, trouble: Trouble, status: StatusCode) -> Response {
    send(page::sorry(&house.backend, language, trouble), status)
}

fn trouble(house: &House, language: Language, error: Error) -> Response {
    match error {
        Error::Gone => gone(house, language),
        Error::Unavailable(why) => {
            tracing::error!(why, "a survey page could not be served");
            sorry(house, language, Trouble::Unavailable, StatusCode::SERVICE_UNAVAILABLE)
        }
        Error::Template(error) => {
            tracing::error!(%error, "a survey template is wrong");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn send(page: Result<Page, Error>, status: StatusCode) -> Response {
    let page = match page {
        Ok(page) => page,
        Err(error) => {
            tracing::error!(%error, "a survey template is wrong");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
    };
    let policy =
        format!("default-src 'none'; style-src {}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'", page.style_source);
    let mut response = (status, page.html).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(page.language.tag()));
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// What every answer carries, also an empty one.
async fn guard(mut response: Response) -> Response {
    const ALWAYS: [(HeaderName, &str); 6] = [
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("x-robots-tag"), "noindex, nofollow, noarchive"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static("default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"));
    response
}
