//! A build server in one file, as another platform would write it: it embeds `packwright`, streams
//! the progress of each build to its client, and cancels builds on request. Speaks as much HTTP as
//! that needs.
//!
//! ```text
//! GET    /plans/APP      the plan, as JSON
//! POST   /builds/APP     one line of JSON for each update, the last one with digest or error
//! DELETE /builds/NUMBER  cancels that build
//! ```
//!
//! Builds block, so each runs on a thread of tokio's blocking pool; a channel brings its updates
//! to the task that answers.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use packwright::planner::PlanOptions;
use packwright::{BuildOptions, Builder, CancelToken, Destination, Error, Source};
use serde_json::json;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

/// The server: a builder, and the directories of the applications.
#[derive(Debug, Clone)]
pub struct Server {
    builder: Builder,
    applications: PathBuf,
    images: PathBuf,
    running: Arc<Mutex<BTreeMap<String, CancelToken>>>,
}

impl Server {
    /// A server that builds the directories in `applications` and delivers to `images`.
    pub fn new(builder: Builder, applications: PathBuf, images: PathBuf) -> Server {
        Server { builder, applications, images, running: Arc::default() }
    }

    /// Answers requests until the task is dropped.
    pub async fn serve(self, listener: TcpListener) -> io::Result<()> {
        loop {
            let (stream, _) = listener.accept().await?;
            let server = self.clone();
            // A client that has gone is no error of the server's.
            tokio::spawn(async move { drop(server.answer(stream).await) });
        }
    }

    async fn answer(self, stream: TcpStream) -> io::Result<()> {
        let mut stream = BufReader::new(stream);
        let mut line = String::new();
        stream.read_line(&mut line).await?;
        let mut words = line.split_whitespace();
        let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        match (method, path.strip_prefix('/').and_then(|path| path.split_once('/'))) {
            ("GET", Some(("plans", app))) => {
                let server = self.clone();
                let app = app.to_owned();
                let plan = spawn_blocking(move || server.plan(&app)).await?;
                respond(&mut stream, plan.unwrap_or_else(|error| failure(&error))).await
            }
            ("POST", Some(("builds", app))) => self.build(app.to_owned(), &mut stream).await,
            ("DELETE", Some(("builds", number))) => {
                let running = self.running().get(number).cloned();
                let is_running = running.is_some();
                running.iter().for_each(CancelToken::cancel);
                respond(&mut stream, json!({ "cancelled": is_running }).to_string()).await
            }
            _ => stream.write_all(b"HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n").await,
        }
    }

    fn source(&self, app: &str) -> Result<Source, Error> {
        Source::dir(self.applications.join(app))
    }

    fn plan(&self, app: &str) -> Result<String, Error> {
        Ok(self.builder.plan(&self.source(app)?, &PlanOptions::default())?.to_json())
    }

    /// Builds `app` and sends each update as it comes, after a line with the number of the build.
    async fn build(self, app: String, stream: &mut BufReader<TcpStream>) -> io::Result<()> {
        let (lines, mut received) = mpsc::unbounded_channel();
        let updates = lines.clone();
        // What is sent after the client has gone is lost, and so is the build.
        let mut options = BuildOptions::default()
            .on_progress(move |update| drop(updates.send(serde_json::to_string(update).unwrap_or_default())));
        let id = self.builder.next_id();
        options.id = Some(id);
        let cancel = options.cancel.clone();
        self.running().insert(id.to_string(), cancel.clone());
        let server = self.clone();
        spawn_blocking(move || {
            let done = server.build_now(&app, &options).unwrap_or_else(|error| failure(&error));
            server.running().remove(&id.to_string());
            drop(lines.send(done));
        });
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/x-ndjson\r\nconnection: close\r\n\r\n";
        let mut next = Some(format!("{head}{}", json!({ "build": id })));
        // The channel ends with the last line: the build has dropped its sender by then.
        while let Some(line) = next {
            if let Err(gone) = stream.write_all(format!("{line}\n").as_bytes()).await {
                cancel.cancel();
                return Err(gone);
            }
            next = received.recv().await;
        }
        stream.shutdown().await
    }

    fn build_now(&self, app: &str, options: &BuildOptions) -> Result<String, Error> {
        let build = self.builder.build(&self.source(app)?, options)?;
        let tag = "latest".to_owned();
        build.deliver(&Destination::Layout { dir: self.images.join(app), tag })?;
        Ok(json!({ "digest": build.digest() }).to_string())
    }

    fn running(&self) -> MutexGuard<'_, BTreeMap<String, CancelToken>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What went wrong and what to do, for the client.
fn failure(error: &Error) -> String {
    json!({ "error": error.to_string(), "fix": error.fix(), "again": error.is_transient() }).to_string()
}

async fn respond(stream: &mut BufReader<TcpStream>, body: String) -> io::Result<()> {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n";
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    stream.shutdown().await
}
