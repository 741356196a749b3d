//! A client of the language server.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

/// Who waits for longer than this waits for something that does not come.
pub(crate) const SILENCE: Duration = Duration::from_secs(300);

pub(crate) struct Client {
    child: Child,
    input: Option<ChildStdin>,
    output: Receiver<Value>,
    folder: PathBuf,
    /// What the editor has open, with versions.
    open: BTreeMap<String, (String, i64)>,
    /// What has been shown since the last time that somebody looked, file by file.
    shown: BTreeMap<String, Vec<Value>>,
    asked: i64,
    utf8: bool,
    /// All that was told has been worked out.
    is_settled: bool,
}

impl Client {
    pub(crate) fn start(folder: &Path, words: &[&str]) -> Client {
        let mut child = Command::new(env!("CARGO_BIN_EXE_wixlint"))
            .args(["server", "--stdio"])
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (input, output) = (child.stdin.take(), messages(child.stdout.take().unwrap()));
        let utf8 = words.contains(&"utf-8");
        let folder = folder.canonicalize().unwrap();
        let mut client = Client {
            child,
            input,
            output,
            folder,
            open: BTreeMap::new(),
            shown: BTreeMap::new(),
            asked: 0,
            is_settled: false,
            utf8,
        };
        let encodings = if utf8 { json!(["utf-8", "utf-16"]) } else { json!(["utf-16"]) };
        let capabilities = json!({
            "general": { "positionEncodings": encodings },
            "textDocument": { "publishDiagnostics": { "relatedInformation": !words.contains(&"plain") } },
            "workspace": {
                "inlayHint": { "refreshSupport": true },
                "workspaceEdit": { "documentChanges": words.contains(&"versions") },
                "didChangeWatchedFiles": { "dynamicRegistration": true },
            },
        });
        let root = client.uri("");
        let parameters = json!({ "processId": null, "rootUri": root, "capabilities": capabilities });
        let answer = client.ask("initialize", parameters);
        let encoding = if utf8 { "utf-8" } else { "utf-16" };
        assert_eq!(answer["capabilities"]["positionEncoding"], encoding);
        client.tell("initialized", json!({}));
        client
    }

    /// The exit code, once the server was asked to end.
    pub(crate) fn end(mut self) -> Option<i32> {
        self.ask("shutdown", Value::Null);
        self.tell("exit", Value::Null);
        drop(self.input.take());
        self.child.wait().unwrap().code()
    }

    fn send(&mut self, mut message: Value) {
        message["jsonrpc"] = json!("2.0");
        let text = message.to_string();
        let input = self.input.as_mut().unwrap();
        write!(input, "Content-Length: {}\r\n\r\n{text}", text.len()).unwrap();
        input.flush().unwrap();
    }

    pub(crate) fn tell(&mut self, method: &str, params: Value) {
        // What is saved was told before, as a change.
        let is_change = method.contains("/did") && method != "textDocument/didSave";
        if is_change {
            // So that the next thing to be worked out is this change and nothing older.
            self.settle();
            self.is_settled = false;
        }
        self.send(json!({ "method": method, "params": params }));
    }

    fn settle(&mut self) {
        while !self.is_settled {
            self.next();
        }
    }

    /// The next message that is not shown to anybody; requests of the server are granted.
    fn next(&mut self) -> Value {
        let received = self.output.recv_timeout(SILENCE);
        let mut message = received.unwrap_or_else(|error| panic!("the server has ended, or waits: {error}"));
        if let Some(told) = message["error"]["message"].as_str() {
            message["error"]["message"] = json!(told.replace(&format!("{}/", self.folder.to_str().unwrap()), ""));
        }
        let parameters = &message["params"];
        if message["method"] == "textDocument/publishDiagnostics" {
            let name = self.name(parameters["uri"].as_str().unwrap());
            self.shown.insert(name, parameters["diagnostics"].as_array().unwrap().clone());
        } else if message["method"] == "window/showMessage" {
            let text = parameters["message"].as_str().unwrap().replace(self.folder.to_str().unwrap(), "");
            self.shown.insert("message".to_owned(), vec![json!({ "message": text })]);
        } else if message.get("method").is_some() && message.get("id").is_some() {
            // One comes after all that was told has been worked out.
            self.is_settled |= message["method"] == "workspace/inlayHint/refresh";
            self.send(json!({ "id": message["id"], "result": null }));
        }
        message
    }

    /// The result of a request, or the error.
    pub(crate) fn ask(&mut self, method: &str, params: Value) -> Value {
        self.asked += 1;
        let id = self.asked;
        self.send(json!({ "id": id, "method": method, "params": params }));
        loop {
            let message = self.next();
            if message["id"] == id && message.get("method").is_none() {
                return message.get("result").unwrap_or(&message["error"]).clone();
            }
        }
    }

    /// Waits until all is worked out; gives what has been shown.
    pub(crate) fn wait(&mut self) -> BTreeMap<String, Vec<Value>> {
        self.settle();
        std::mem::take(&mut self.shown)
    }

    fn uri(&self, name: &str) -> String {
        uri(&self.folder.join(name))
    }

    /// A file's name by its address.
    pub(crate) fn name(&self, uri: &str) -> String {
        let root = self.uri("");
        uri.strip_prefix(&root).unwrap_or(uri).trim_start_matches('/').replace("%20", " ")
    }

    pub(crate) fn document(&self, name: &str) -> Value {
        json!({ "uri": self.uri(name) })
    }

    /// A file as the editor has it.
    pub(crate) fn text(&self, name: &str) -> String {
        let saved = || fs::read_to_string(self.folder.join(name)).unwrap();
        self.open.get(name).map_or_else(saved, |(text, _)| text.clone())
    }

    pub(crate) fn open(&mut self, name: &str, text: Option<String>) -> String {
        let text = text.unwrap_or_else(|| self.text(name));
        let document = json!({ "uri": self.uri(name), "languageId": "wix", "version": 1, "text": text });
        self.tell("textDocument/didOpen", json!({ "textDocument": document }));
        self.open.insert(name.to_owned(), (text, 1));
        String::new()
    }

    pub(crate) fn change(&mut self, name: &str, old: &str, new: &str) -> String {
        let text = self.text(name);
        let start = text.find(old).unwrap_or_else(|| panic!("{name} has no {old}"));
        let end = start + old.len();
        let range = json!({ "start": self.place(&text, start), "end": self.place(&text, end) });
        let (held, version) = self.open.get_mut(name).unwrap();
        held.replace_range(start..end, new);
        *version += 1;
        let document = json!({ "uri": self.uri(name), "version": self.open[name].1 });
        let changes = json!([{ "range": range, "text": new }]);
        self.tell("textDocument/didChange", json!({ "textDocument": document, "contentChanges": changes }));
        String::new()
    }

    pub(crate) fn close(&mut self, name: &str) -> String {
        self.open.remove(name);
        let document = self.document(name);
        self.tell("textDocument/didClose", json!({ "textDocument": document }));
        String::new()
    }

    pub(crate) fn save(&mut self, name: &str) -> String {
        fs::write(self.folder.join(name), self.text(name)).unwrap();
        let document = self.document(name);
        self.tell("textDocument/didSave", json!({ "textDocument": document }));
        String::new()
    }

    /// Changes a file behind the editor's back; `None` removes it.
    pub(crate) fn write(&mut self, name: &str, text: Option<&str>) -> String {
        let path = self.folder.join(name);
        match text {
            Some(text) => fs::write(path, text).unwrap(),
            None => fs::remove_file(path).unwrap(),
        }
        let change = json!({ "uri": self.uri(name), "type": if text.is_some() { 2 } else { 3 } });
        self.tell("workspace/didChangeWatchedFiles", json!({ "changes": [change] }));
        String::new()
    }

    /// Opens and closes directories: `ADDED => REMOVED`, each one or none.
    pub(crate) fn folders(&mut self, change: &str) -> String {
        let (added, removed) = change.split_once("=>").unwrap_or((change, ""));
        let folder = |name: &str| match name.trim() {
            "" => json!([]),
            "." => json!([{ "uri": self.uri(""), "name": "all" }]),
            name => json!([{ "uri": self.uri(name), "name": name }]),
        };
        let event = json!({ "added": folder(added), "removed": folder(removed) });
        self.tell("workspace/didChangeWorkspaceFolders", json!({ "event": event }));
        String::new()
    }

    /// A place as the protocol has it.
    pub(crate) fn place(&self, text: &str, offset: usize) -> Value {
        let before = &text[..offset];
        let line = before.rsplit('\n').next().unwrap();
        let character = if self.utf8 { line.len() } else { line.encode_utf16().count() };
        json!({ "line": before.matches('\n').count(), "character": character })
    }

    /// Where the protocol's place is.
    pub(crate) fn offset(&self, text: &str, place: &Value) -> usize {
        let (line, character) = (place["line"].as_u64().unwrap(), place["character"].as_u64().unwrap());
        let start: usize = text.split_inclusive('\n').take(line as usize).map(str::len).sum();
        let units = |c: char| if self.utf8 { c.len_utf8() } else { c.len_utf16() };
        let mut left = character as usize;
        let mut offset = start;
        for c in text[start..].chars() {
            if left == 0 {
                break;
            }
            left = left.checked_sub(units(c)).unwrap_or_else(|| panic!("{place} cuts a character of {text}"));
            offset += c.len_utf8();
        }
        offset
    }

    /// The place of the `|` in a text.
    pub(crate) fn position(&self, name: &str, marked: &str) -> Value {
        let (before, after) = marked.split_once('|').unwrap();
        let text = self.text(name);
        let found = text.find(&format!("{before}{after}")).unwrap_or_else(|| panic!("{name} has no {marked}"));
        self.place(&text, found + before.len())
    }

    pub(crate) fn whole(&self, name: &str) -> Value {
        let text = self.text(name);
        json!({ "start": self.place(&text, 0), "end": self.place(&text, text.len()) })
    }

    pub(crate) fn ask_at(&mut self, method: &str, name: &str, marked: &str, more: Value) -> Value {
        let mut parameters = json!({ "textDocument": self.document(name), "position": self.position(name, marked) });
        parameters.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.ask(method, parameters)
    }

    pub(crate) fn actions(&mut self, name: &str, range: Value, context: Value) -> Value {
        let parameters = json!({ "textDocument": self.document(name), "range": range, "context": context });
        self.ask("textDocument/codeAction", parameters)
    }

    pub(crate) fn resolve(&mut self, item: Value) -> Value {
        if item.get("data").is_some() { self.ask("completionItem/resolve", item) } else { item }
    }
}

/// A file's address.
pub(crate) fn uri(path: &Path) -> String {
    let path = path.to_str().unwrap().trim_end_matches('/').replace('\\', "/").replace(' ', "%20");
    if path.starts_with('/') { format!("file://{path}") } else { format!("file:///{path}") }
}

/// What a server says, as it comes.
fn messages(output: ChildStdout) -> Receiver<Value> {
    let (sender, receiver) = channel();
    let mut output = BufReader::new(output);
    thread::spawn(move || {
        while let Some(message) = message(&mut output) {
            if sender.send(message).is_err() {
                break;
            }
        }
    });
    receiver
}

/// The next message; nothing at the end.
fn message(output: &mut BufReader<ChildStdout>) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if output.read_line(&mut line).unwrap() == 0 {
            return None;
        }
        match line.trim().split_once(": ") {
            Some(("Content-Length", number)) => length = number.parse().unwrap(),
            Some(_) => {}
            None => break,
        }
    }
    let mut bytes = vec![0; length];
    output.read_exact(&mut bytes).unwrap();
    Some(serde_json::from_slice(&bytes).unwrap())
}
