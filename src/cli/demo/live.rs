//! After the play: the page on a loopback port, with a form that writes mails as anybody, and the page made anew after every mail.
//! The daemon runs beside it as it always does. Called by `demo`.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use axum::extract::{Form, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Router, body::Body};
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::mails::{self, Kept, Written};
use super::page::{Open, Page};
use crate::clock::Clock;

/// How often the spool is looked at.
const LOOK: Duration = Duration::from_millis(500);

/// What the page's handlers share.
pub(super) struct Live {
    pub page: Page,
    pub open: Open,
    pub clock: Clock,
    pub zone: jiff::tz::TimeZone,
    pub spool: PathBuf,
    pub out: PathBuf,
    /// Mails of the play.
    pub played: usize,
    /// Mails that the page shows.
    pub shown: AtomicUsize,
}

/// What is typed into the form.
#[derive(Debug, Deserialize)]
pub(super) struct Typed {
    from: String,
    to: String,
    subject: String,
    body: String,
    #[serde(default)]
    answers: String,
}

/// Serves until `stop`.
///
/// # Errors
/// The listener fails.
pub(super) async fn serve(listener: TcpListener, live: Arc<Live>, stop: CancellationToken) -> Result<()> {
    let watching = tokio::spawn(watch(Arc::clone(&live), stop.clone()));
    let app = Router::new()
        .route("/", get(index))
        .route("/survey.html", get(survey))
        .route("/files/{name}", get(file))
        .route("/count", get(count))
        .route("/write", post(write))
        .with_state(live);
    axum::serve(listener, app).with_graceful_shutdown(async move { stop.cancelled().await }).await.context("the demo's page")?;
    watching.await?;
    Ok(())
}

/// Makes the page anew after every mail.
async fn watch(live: Arc<Live>, stop: CancellationToken) {
    let mut further: Vec<Kept> = Vec::new();
    loop {
        match mails::kept_after(&live.spool, live.played + further.len()) {
            Ok(new) if new.is_empty() => {}
            Ok(new) => {
                further.extend(new);
                match live.page.write(&further, live.clock.now(), Some(&live.open)) {
                    Ok(_) => live.shown.store(live.played + further.len(), Ordering::SeqCst),
                    Err(error) => tracing::error!(%error, "the demo's page could not be made"),
                }
            }
            Err(error) => tracing::error!(%error, "the demo's mails could not be read"),
        }
        tokio::select! {
            () = stop.cancelled() => break,
            () = tokio::time::sleep(LOOK) => {}
        }
    }
    // What stays behind offers no form that nobody answers.
    if let Err(error) = live.page.write(&further, live.clock.now(), None) {
        tracing::error!(%error, "the demo's page could not be made");
    }
}

async fn index(State(live): State<Arc<Live>>) -> Response {
    read(live.out.join("index.html"), "text/html; charset=utf-8").await
}

async fn survey(State(live): State<Arc<Live>>) -> Response {
    read(live.out.join("survey.html"), "text/html; charset=utf-8").await
}

async fn file(State(live): State<Arc<Live>>, Path(name): Path<String>) -> Response {
    if !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '.') || name.starts_with('.') {
        return StatusCode::NOT_FOUND.into_response();
    }
    let kind = match name.rsplit('.').next() {
        Some("pdf") => "application/pdf",
        Some("png") => "image/png",
        Some("jpg") => "image/jpeg",
        _ => "application/octet-stream",
    };
    read(live.out.join("files").join(name), kind).await
}

async fn read(path: PathBuf, kind: &'static str) -> Response {
    match tokio::fs::read(path).await {
        Ok(bytes) => {
            let headers = [(header::CONTENT_TYPE, kind), (header::X_CONTENT_TYPE_OPTIONS, "nosniff"), (header::CACHE_CONTROL, "no-store")];
            (headers, Body::from(bytes)).into_response()
        }
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn count(State(live): State<Arc<Live>>) -> String {
    live.shown.load(Ordering::SeqCst).to_string()
}

/// Sends what was typed and waits a moment for what it causes.
async fn write(State(live): State<Arc<Live>>, Form(typed): Form<Typed>) -> Response {
    let before = live.shown.load(Ordering::SeqCst);
    let answers = Some(typed.answers).filter(|a| !a.is_empty());
    let written = Written { from: typed.from, to: typed.to, subject: typed.subject, text: typed.body, answers };
    let raw = written.bytes(live.clock.now(), &live.zone, before);
    let port = live.open.smtp;
    let sent = tokio::task::spawn_blocking(move || mails::send(port, &written.from, &written.to, &raw)).await;
    if let Ok(Err(error)) = sent {
        return (StatusCode::BAD_REQUEST, format!("{error:#}")).into_response();
    }
    // The mail itself, then the daemon's letters.
    for _ in 0..12 {
        if live.shown.load(Ordering::SeqCst) > before + 1 {
            break;
        }
        tokio::time::sleep(LOOK).await;
    }
    Redirect::to("/#latest").into_response()
}
