//! The language server: what editors ask about installers while they are written.
//!
//! One thread takes the messages in their order, and keeps the projects of the open directories compiled. A
//! change is taken in at once; what it means for the findings is worked out when nothing has come for a moment, and put off
//! again when something comes. Answers are about the text as it is in the editor, saved or not.

mod actions;
mod completion;
mod cursor;
mod documents;
mod hover;
mod lines;
mod navigation;
mod publish;
mod rename;
mod uri;
mod workspace;

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use lsp_server::{Connection, ErrorCode, Message, Notification, Request, RequestId, Response, ResponseError};
use serde_json::{Value, json};

use crate::disk::identity;
use crate::preprocess::without_detours;
use crate::project::discovery::{is_include, is_source};
use crate::source::{FileId, Span};
use documents::Document;
use lines::{Lines, Units};
use publish::Published;
use uri::{path_of, uri_of};
use workspace::Workspace;

pub use workspace::Terms;

/// How long nothing has to come before findings are worked out.
const PAUSE: Duration = Duration::from_millis(60);

/// What the editor's side understands.
#[derive(Clone, Copy, Debug)]
struct Client {
    units: Units,
    related_information: bool,
    /// Edits of several files may name the versions that they are about.
    versions: bool,
    /// It looks for changes of files when it is asked to.
    watches: bool,
    /// It asks for inlay hints again when it is told to.
    refreshes_hints: bool,
}

struct Server<'c> {
    connection: &'c Connection,
    client: Client,
    workspace: Workspace,
    /// By their identities.
    documents: BTreeMap<PathBuf, Document>,
    /// What the editor shows.
    published: Published,
    /// When findings are to be worked out.
    due: Option<Instant>,
    waiting: VecDeque<Message>,
    /// What could not be done when the projects were loaded last.
    complaints: Vec<String>,
    asked: i32,
    is_shut_down: bool,
}

/// A place in a file.
#[derive(Clone, Copy, Debug)]
struct Place {
    file: FileId,
    /// Byte of the text.
    offset: u32,
}

type Answer = Result<Value, ResponseError>;

/// Serves an editor on standard input and output until it says that it is done; whether it has said so before it went.
///
/// # Errors
/// What came is not the protocol.
pub fn run(terms: Terms) -> Result<bool, String> {
    let (connection, threads) = Connection::stdio();
    let done = serve(&connection, terms);
    drop(connection);
    done.and_then(|done| threads.join().map(|()| done).map_err(|error| error.to_string()))
}

/// Serves whoever is at the other end of a connection, until it is gone or done.
///
/// # Errors
/// What came is not the protocol.
pub fn serve(connection: &Connection, terms: Terms) -> Result<bool, String> {
    let strange = |error| format!("what comes on standard input is not the language server protocol: {error}");
    let (id, parameters) = connection.initialize_start().map_err(strange)?;
    let client = Client::of(&parameters["capabilities"]);
    let about = json!({ "name": "wixlint", "version": env!("CARGO_PKG_VERSION") });
    let answer = json!({ "capabilities": client.capabilities(), "serverInfo": about });
    connection.initialize_finish(id, answer).map_err(strange)?;
    let mut server = Server {
        connection,
        client,
        workspace: Workspace::new(terms, folders(&parameters)),
        documents: BTreeMap::new(),
        published: Published::new(),
        due: None,
        waiting: VecDeque::new(),
        complaints: Vec::new(),
        asked: 0,
        is_shut_down: false,
    };
    server.watch_files();
    server.load();
    Ok(server.listen())
}

/// The directories that the editor has open.
fn folders(parameters: &Value) -> Vec<PathBuf> {
    let several = parameters["workspaceFolders"].as_array().filter(|folders| !folders.is_empty());
    let uris: Vec<&str> = match several {
        Some(folders) => folders.iter().filter_map(|folder| folder["uri"].as_str()).collect(),
        None => parameters["rootUri"].as_str().into_iter().collect(),
    };
    uris.into_iter().filter_map(path_of).map(PathBuf::from).collect()
}

impl Client {
    fn of(capabilities: &Value) -> Client {
        let has = |path: &str| capabilities.pointer(path).and_then(Value::as_bool).unwrap_or_default();
        let encodings = capabilities.pointer("/general/positionEncodings").and_then(Value::as_array);
        let takes_utf8 = encodings.is_some_and(|encodings| encodings.iter().any(|encoding| encoding == "utf-8"));
        Client {
            units: if takes_utf8 { Units::Utf8 } else { Units::Utf16 },
            related_information: has("/textDocument/publishDiagnostics/relatedInformation"),
            versions: has("/workspace/workspaceEdit/documentChanges"),
            watches: has("/workspace/didChangeWatchedFiles/dynamicRegistration"),
            refreshes_hints: has("/workspace/inlayHint/refreshSupport"),
        }
    }

    /// What this side can do.
    fn capabilities(self) -> Value {
        json!({
            "positionEncoding": match self.units { Units::Utf8 => "utf-8", Units::Utf16 => "utf-16" },
            "textDocumentSync": { "openClose": true, "change": 2, "save": true },
            "codeActionProvider": { "codeActionKinds": [actions::QUICK_FIX, actions::FIX_ALL] },
            "hoverProvider": true,
            "inlayHintProvider": true,
            "definitionProvider": true,
            "referencesProvider": true,
            "renameProvider": { "prepareProvider": true },
            "documentSymbolProvider": true,
            "completionProvider": { "triggerCharacters": ["\"", "'"], "resolveProvider": true },
            "workspace": { "workspaceFolders": { "supported": true, "changeNotifications": true } },
        })
    }
}

/// The files whose changes concern projects.
const WATCHED: [&str; 3] =
    ["**/*.{wxs,wxi,wixproj,csproj,vcxproj}", "**/*.{cs,cpp,cxx,cc,c,h,hpp,rs,vbs,js,def,dll}", "**/wixlint.toml"];

impl Server<'_> {
    /// Until the editor is done; whether it said so before it went.
    fn listen(&mut self) -> bool {
        loop {
            match self.next() {
                Next::Message(Message::Request(request)) => self.answer(request),
                Next::Message(Message::Notification(notification)) if notification.method == "exit" => {
                    return self.is_shut_down;
                }
                Next::Message(Message::Notification(notification)) => self.take(&notification),
                Next::Message(Message::Response(_)) => {}
                Next::Pause => self.work(),
                Next::End => return false,
            }
        }
    }

    fn next(&mut self) -> Next {
        // All that has come is looked at, so that it is known what nobody waits for any more.
        self.waiting.extend(self.connection.receiver.try_iter());
        if let Some(message) = self.waiting.pop_front() {
            return Next::Message(message);
        }
        match self.due {
            None => self.connection.receiver.recv().map_or(Next::End, Next::Message),
            Some(due) => match self.connection.receiver.recv_deadline(due) {
                Ok(message) => Next::Message(message),
                Err(error) if error.is_timeout() => Next::Pause,
                Err(_) => Next::End,
            },
        }
    }

    /// Works out what is wrong, project by project, and shows it; anything that comes goes first.
    fn work(&mut self) {
        self.workspace.settle();
        while let Some(at) = self.workspace.unjudged() {
            self.workspace.judge(at);
            if !self.connection.receiver.is_empty() {
                self.due = Some(Instant::now() + PAUSE);
                return;
            }
        }
        self.due = None;
        self.publish();
    }

    fn publish(&mut self) {
        let new = self.diagnostics();
        let gone: Vec<String> = self.published.keys().filter(|uri| !new.contains_key(*uri)).cloned().collect();
        for uri in gone {
            self.show(&uri, &[]);
        }
        for (uri, diagnostics) in &new {
            if self.published.get(uri) != Some(diagnostics) {
                self.show(uri, diagnostics);
            }
        }
        self.published = new;
        if self.client.refreshes_hints {
            self.ask("workspace/inlayHint/refresh", Value::Null);
        }
    }

    fn show(&self, uri: &str, diagnostics: &[Value]) {
        let mut parameters = json!({ "uri": uri, "diagnostics": diagnostics });
        if let Some(document) = self.documents.values().find(|document| document.uri == uri) {
            parameters["version"] = json!(document.version);
        }
        self.tell("textDocument/publishDiagnostics", parameters);
    }

    fn take(&mut self, notification: &Notification) {
        let parameters = &notification.params;
        let uri = || parameters["textDocument"]["uri"].as_str().and_then(path_of);
        match &*notification.method {
            "textDocument/didOpen" => {
                if let Some(document) = Document::open(parameters) {
                    let path = document.source.path();
                    let is_new = !self.workspace.set_text(&document) && (is_source(path) || is_include(path));
                    self.documents.insert(document.identity.clone(), document);
                    if is_new { self.load() } else { self.wait() }
                }
            }
            "textDocument/didChange" => {
                let document = uri().and_then(|path| self.documents.get_mut(&identity(Path::new(&path))));
                if let Some(document) = document {
                    document.change(parameters, self.client.units);
                    self.workspace.set_text(document);
                    self.wait();
                }
            }
            "textDocument/didClose" => {
                let closed = uri().and_then(|path| self.documents.remove(&identity(Path::new(&path))));
                match closed {
                    Some(document) if document.is_saved() && self.workspace.is_below(&document.identity) => {
                        self.workspace.forget(&document);
                        self.wait();
                    }
                    // What was not saved is gone with it, and so is a project that nobody but this file asked for.
                    Some(_) => self.load(),
                    None => {}
                }
            }
            "workspace/didChangeWatchedFiles" => self.load(),
            // Who does not look for changes of files is the only one to tell of those.
            "textDocument/didSave" if !self.client.watches => self.load(),
            "workspace/didChangeWorkspaceFolders" => self.change_folders(&parameters["event"]),
            _ => {}
        }
    }

    fn change_folders(&mut self, event: &Value) {
        let paths = |name: &str| -> Vec<PathBuf> {
            let folders = event[name].as_array().into_iter().flatten();
            folders.filter_map(|folder| path_of(folder["uri"].as_str()?)).map(PathBuf::from).collect()
        };
        let removed = paths("removed");
        self.workspace.folders.retain(|folder| !removed.contains(folder));
        self.workspace.folders.extend(paths("added"));
        self.load();
    }

    /// Begins from the start.
    fn load(&mut self) {
        let complaints = self.workspace.load(self.documents.values());
        for complaint in complaints.iter().filter(|complaint| !self.complaints.contains(complaint)) {
            self.tell("window/showMessage", json!({ "type": 1, "message": format!("wixlint: {complaint}") }));
        }
        self.complaints = complaints;
        self.due = Some(Instant::now());
    }

    fn wait(&mut self) {
        self.due = Some(Instant::now() + PAUSE);
    }

    /// Asks the editor to say when files change that it has not open.
    fn watch_files(&mut self) {
        if self.client.watches {
            let watchers: Vec<Value> = WATCHED.iter().map(|pattern| json!({ "globPattern": pattern })).collect();
            let options = json!({ "watchers": watchers });
            let registration =
                json!({ "id": "files", "method": "workspace/didChangeWatchedFiles", "registerOptions": options });
            self.ask("client/registerCapability", json!({ "registrations": [registration] }));
        }
    }

    fn answer(&mut self, request: Request) {
        let Request { id, method, params } = request;
        let answer = if self.is_cancelled(&id) {
            Err(refusal(ErrorCode::RequestCanceled, "cancelled".to_owned()))
        } else if self.is_shut_down {
            Err(refusal(ErrorCode::InvalidRequest, "the server is shut down".to_owned()))
        } else {
            self.workspace.settle();
            match &*method {
                "shutdown" => {
                    self.is_shut_down = true;
                    Ok(Value::Null)
                }
                "textDocument/codeAction" => self.code_actions(&params),
                "textDocument/hover" => Ok(self.hover(&params)),
                "textDocument/inlayHint" => Ok(self.hints(&params)),
                "textDocument/definition" => Ok(self.definition(&params)),
                "textDocument/references" => Ok(self.references(&params)),
                "textDocument/prepareRename" => self.prepare_rename(&params),
                "textDocument/rename" => self.rename(&params),
                "textDocument/documentSymbol" => Ok(self.symbols(&params)),
                "textDocument/completion" => Ok(self.complete(&params)),
                "completionItem/resolve" => Ok(self.resolve(params)),
                _ => Err(refusal(ErrorCode::MethodNotFound, format!("`{method}` is not known"))),
            }
        };
        self.send(Message::Response(Response { id, response_result: answer }));
    }

    fn is_cancelled(&self, id: &RequestId) -> bool {
        let id = json!(id);
        self.waiting.iter().any(|message| match message {
            Message::Notification(Notification { method, params }) => method == "$/cancelRequest" && params["id"] == id,
            _ => false,
        })
    }

    /// The place that the parameters of a request name, in a file of a project.
    fn place(&self, parameters: &Value) -> Option<Place> {
        let file = self.file(parameters)?;
        Some(Place { file, offset: self.lines(file).offset(&parameters["position"]) })
    }

    /// The file that the parameters of a request name.
    fn file(&self, parameters: &Value) -> Option<FileId> {
        let path = path_of(parameters["textDocument"]["uri"].as_str()?)?;
        self.workspace.file(&identity(Path::new(&path)))
    }

    fn lines(&self, file: FileId) -> Lines<'_> {
        Lines::of(self.workspace.sources.get(file), self.client.units)
    }

    /// How the editor spells a file, or would.
    fn uri(&self, file: FileId) -> String {
        let path = self.workspace.sources.get(file).path();
        let document = self.document(file);
        document.map_or_else(
            || {
                let path = std::path::absolute(path).unwrap_or_else(|_| path.into());
                uri_of(&without_detours(&crate::disk::slashed(&path)))
            },
            |document| document.uri.clone(),
        )
    }

    /// The file as it is open, if it is.
    fn document(&self, file: FileId) -> Option<&Document> {
        // Few files are open, and asking the system what a path means takes longer than looking at them.
        let is_it = |document: &&Document| self.workspace.file(&document.identity) == Some(file);
        self.documents.values().find(is_it)
    }

    fn location(&self, span: Span) -> Value {
        json!({ "uri": self.uri(span.file), "range": self.lines(span.file).range(span) })
    }

    fn tell(&self, method: &str, params: Value) {
        self.send(Message::Notification(Notification { method: method.to_owned(), params }));
    }

    fn ask(&mut self, method: &str, params: Value) {
        self.asked += 1;
        self.send(Message::Request(Request { id: RequestId::from(self.asked), method: method.to_owned(), params }));
    }

    fn send(&self, message: Message) {
        // When the editor is gone, there is nobody to tell; the next message that is waited for does not come.
        let _gone = self.connection.sender.send(message);
    }
}

/// What happens next.
enum Next {
    Message(Message),
    /// Nothing has come for a while.
    Pause,
    End,
}

fn refusal(code: ErrorCode, message: String) -> ResponseError {
    ResponseError { code: code as i32, message, data: None }
}
