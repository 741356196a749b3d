//! Sessions of an editor with the real server: `tests/sessions/*.txt`.
//!
//! A session is a client that speaks the protocol over standard input and output, in an empty folder:
//!
//! ```text
//! client WORD...                 how it introduces itself: utf-8, versions, plain (no related information)
//! file NAME                      the lines that follow, up to an empty line, are the file's text on disk
//! > open NAME                    opens it; `> open NAME with` takes the lines that follow in place of what is on disk
//! > change NAME: OLD => NEW      replaces the first OLD by NEW, as one change of a range; \n is a line end
//! > close NAME, > save NAME      closes it; writes it to disk and says so
//! > write NAME                   writes the lines that follow to disk behind the editor's back, and says so
//! > remove NAME                  the same for a file that goes
//! > folders: ADDED => REMOVED    opens and closes directories; `.` is where the session is
//! > findings                     waits until all is worked out, and prints what has changed of what is shown
//! > hover NAME: TEXT             asks about a place: the first TEXT of the file, with | where the cursor is
//! > definition, references, prepare, complete, actions NAME: TEXT
//! > rename NAME: TEXT => NEW
//! > fix-all, hints, symbols NAME
//! ```
//!
//! What comes back is printed below each line. `WIXLINT_RECORD=1` writes it down instead of comparing it.
#![expect(clippy::unwrap_used, reason = "a test says what is wrong by failing")]
#![expect(clippy::panic, reason = "a test says what is wrong by failing")]

#[path = "server/client.rs"]
mod client;
#[path = "shared/temporary.rs"]
mod temporary;
#[path = "server/told.rs"]
mod told;

use std::fs;
use std::path::PathBuf;

use client::{Client, SILENCE, uri};
use serde_json::{Value, json};
use temporary::Temporary;

#[test]
fn sessions_go_as_written() {
    let mut failures = Vec::new();
    let mut paths: Vec<PathBuf> = fs::read_dir("tests/sessions").unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(!paths.is_empty());
    for path in paths {
        let written = fs::read_to_string(&path).unwrap().replace("\r\n", "\n");
        let printed = Session::default().play(&written, path.file_stem().unwrap().to_str().unwrap());
        if std::env::var_os("WIXLINT_RECORD").is_some() {
            fs::write(&path, printed).unwrap();
        } else if printed != written {
            failures.push(format!("{} should read:\n{printed}", path.display()));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[derive(Default)]
struct Session {
    client: Option<Client>,
    out: String,
}

impl Session {
    fn play(mut self, written: &str, name: &str) -> String {
        let folder = Temporary::new(&format!("server-{name}"));
        let mut words: Vec<&str> = Vec::new();
        let mut lines = written.lines().peekable();
        while let Some(line) = lines.next() {
            if let Some(rest) = line.strip_prefix("client") {
                words = rest.split_whitespace().collect();
                self.print(line);
            } else if line.starts_with("##") || line.is_empty() {
                self.print(line);
            } else if let Some(name) = line.strip_prefix("file ") {
                self.print(line);
                let text = self.text(&mut lines);
                let path = folder.join(name);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, text).unwrap();
            } else if let Some(command) = line.strip_prefix("> ") {
                self.print(line);
                let body = if command.ends_with(" with") || command.starts_with("write ") {
                    self.text(&mut lines)
                } else {
                    String::new()
                };
                self.client.get_or_insert_with(|| Client::start(&folder, &words));
                self.command(command, body);
            }
            // Anything else is what was printed last time.
        }
        let ended = self.client.take().map(Client::end);
        assert_eq!(ended, Some(Some(0)), "{name}: the server ends well");
        self.out
    }

    fn print(&mut self, line: &str) {
        self.out += line;
        self.out.push('\n');
    }

    /// The lines up to an empty one.
    fn text<'l>(&mut self, lines: &mut std::iter::Peekable<impl Iterator<Item = &'l str>>) -> String {
        let mut text = String::new();
        for line in lines.by_ref().take_while(|line| !line.is_empty()) {
            self.print(line);
            text += line;
            text.push('\n');
        }
        self.print("");
        text
    }

    fn command(&mut self, command: &str, body: String) {
        let Some(client) = self.client.as_mut() else { return };
        let (verb, rest) = command.split_once([' ', ':']).unwrap_or((command, ""));
        let (name, rest) = rest.split_once(": ").unwrap_or((rest.strip_suffix(" with").unwrap_or(rest), ""));
        let printed = match verb {
            "open" => client.open(name, command.ends_with(" with").then_some(body)),
            "change" => {
                let (old, new) = rest.split_once(" => ").unwrap_or((rest.trim_end_matches(" =>"), ""));
                client.change(name, &old.replace("\\n", "\n"), &new.replace("\\n", "\n"))
            }
            "close" => client.close(name),
            "save" => client.save(name),
            "write" => client.write(name, Some(&body)),
            "remove" => client.write(name, None),
            "folders" => client.folders(name.trim()),
            "findings" => {
                let shown = client.wait();
                told::findings(&shown, client)
            }
            "hover" => {
                let answer = client.ask_at("textDocument/hover", name, rest, json!({}));
                told::indented(answer["contents"]["value"].as_str().unwrap_or("nothing"))
            }
            "definition" => told::locations(&client.ask_at("textDocument/definition", name, rest, json!({})), client),
            "references" => {
                let more = json!({ "context": { "includeDeclaration": true } });
                told::locations(&client.ask_at("textDocument/references", name, rest, more), client)
            }
            "prepare" => {
                let answer = client.ask_at("textDocument/prepareRename", name, rest, json!({}));
                told::indented(answer["placeholder"].as_str().unwrap_or(&told::error(&answer)))
            }
            "rename" => {
                let (place, new) = rest.split_once(" => ").unwrap();
                let answer = client.ask_at("textDocument/rename", name, place, json!({ "newName": new }));
                told::edit(&answer, client)
            }
            "complete" => {
                let answer = client.ask_at("textDocument/completion", name, rest, json!({}));
                let items: Vec<Value> = answer.as_array().into_iter().flatten().cloned().collect();
                let items: Vec<Value> = items.into_iter().map(|item| client.resolve(item)).collect();
                told::items(&items)
            }
            "actions" => {
                let position = client.position(name, rest);
                let range = json!({ "start": position, "end": position });
                told::actions(&client.actions(name, range, json!({ "diagnostics": [] })), client)
            }
            "fix-all" => {
                let range = client.whole(name);
                let context = json!({ "diagnostics": [], "only": ["source.fixAll"] });
                told::actions(&client.actions(name, range, context), client)
            }
            "hints" => {
                let parameters = json!({ "textDocument": client.document(name), "range": client.whole(name) });
                told::hints(&client.ask("textDocument/inlayHint", parameters), client.text(name))
            }
            "symbols" => {
                let parameters = json!({ "textDocument": client.document(name) });
                told::symbols(&client.ask("textDocument/documentSymbol", parameters))
            }
            other => panic!("there is no `{other}`"),
        };
        self.out += &printed;
    }
}

/// A server with all these messages before it when it starts, and what it says to them.
fn said_to(messages: Vec<lsp_server::Message>) -> Vec<lsp_server::Message> {
    let (editor, server) = lsp_server::Connection::memory();
    let request = |id: i32, method: &str| {
        let (id, method) = (lsp_server::RequestId::from(id), method.to_owned());
        lsp_server::Message::from(lsp_server::Request { id, method, params: json!({ "capabilities": {} }) })
    };
    let first = [request(-1, "initialize"), notification("initialized", Value::Null)];
    let last = [request(-2, "shutdown")];
    first.into_iter().chain(messages).chain(last).for_each(|message| editor.sender.send(message).unwrap());
    let served = std::thread::spawn(move || wixlint::lsp::serve(&server, wixlint::lsp::Terms::default()));
    let mut said: Vec<lsp_server::Message> = Vec::new();
    loop {
        let message = editor.receiver.recv().unwrap();
        let ends = matches!(&message, lsp_server::Message::Response(answer) if answer.id == (-2).into());
        said.push(message);
        if ends {
            break;
        }
    }
    editor.sender.send(notification("exit", Value::Null)).unwrap();
    assert_eq!(served.join().unwrap(), Ok(true));
    said.extend(editor.receiver.try_iter());
    said
}

fn notification(method: &str, params: Value) -> lsp_server::Message {
    lsp_server::Message::from(lsp_server::Notification { method: method.to_owned(), params })
}

fn request(id: i32, method: &str, params: Value) -> lsp_server::Message {
    lsp_server::Message::from(lsp_server::Request { id: id.into(), method: method.to_owned(), params })
}

/// The answer to a request: its error code, or nothing.
fn refused(said: &[lsp_server::Message], id: i32) -> Option<i32> {
    let answer = said.iter().find_map(|message| match message {
        lsp_server::Message::Response(answer) if answer.id == id.into() => Some(answer),
        _ => None,
    });
    answer.unwrap().response_result.as_ref().err().map(|error| error.code)
}

#[test]
fn what_nobody_waits_for_any_more_is_not_worked_out() {
    let place = json!({ "textDocument": { "uri": "file:///none.wxs" }, "position": { "line": 0, "character": 0 } });
    let said = said_to(vec![
        request(1, "textDocument/hover", place.clone()),
        request(2, "textDocument/hover", place),
        notification("$/cancelRequest", json!({ "id": 1 })),
        request(3, "textDocument/nothing", Value::Null),
    ]);
    assert_eq!(refused(&said, 1), Some(lsp_server::ErrorCode::RequestCanceled as i32));
    assert_eq!(refused(&said, 2), None);
    assert_eq!(refused(&said, 3), Some(lsp_server::ErrorCode::MethodNotFound as i32));
}

/// Changes that come while others are worked out: what is shown of a version is about that version, and the last one is shown.
#[test]
fn changes_may_come_faster_than_they_are_worked_out() {
    const LAST: i32 = 40;
    let folder = Temporary::new("server-burst");
    let address = uri(&folder.canonicalize().unwrap().join("Package.wxs"));
    // Every second text has a finding, always one line further down.
    let text = |version: i32| {
        let place = if version % 2 == 0 { "After=\"InstallFiles\"" } else { "Before=\"InstallValidate\"" };
        format!(
            r#"<Wix xmlns="http://wixtoolset.org/schemas/v4/wxs">{}<Package Name="A" Manufacturer="A" Version="1.0">
<CustomAction Id="Join" Property="A" Value="[MsiRestartManagerSessionKey]" />
<InstallExecuteSequence>
<Custom Action="Join" {place} />
</InstallExecuteSequence></Package></Wix>"#,
            "\n".repeat(version as usize)
        )
    };
    let (editor, server) = lsp_server::Connection::memory();
    let served = std::thread::spawn(move || wixlint::lsp::serve(&server, wixlint::lsp::Terms::default()));
    let send = |message| editor.sender.send(message).unwrap();
    send(request(-1, "initialize", json!({ "rootUri": uri(&folder.canonicalize().unwrap()), "capabilities": {} })));
    send(notification("initialized", Value::Null));
    let document = json!({ "uri": address, "version": 1, "text": text(1) });
    send(notification("textDocument/didOpen", json!({ "textDocument": document })));
    for version in 2..=LAST {
        let document = json!({ "uri": address, "version": version });
        let changes = json!([{ "text": text(version) }]);
        send(notification("textDocument/didChange", json!({ "textDocument": document, "contentChanges": changes })));
        send(request(version, "textDocument/hover", json!({ "textDocument": document, "position": {} })));
        if version % 8 == 0 {
            // So that some are worked out, and others are begun.
            std::thread::sleep(std::time::Duration::from_millis(60));
        }
    }
    loop {
        let lsp_server::Message::Notification(said) = editor.receiver.recv_timeout(SILENCE).unwrap() else { continue };
        let Some(version) = said.params["version"].as_i64() else { continue };
        let lines: Vec<&Value> = said.params["diagnostics"].as_array().unwrap().iter().map(line).collect();
        let expected = if version % 2 == 0 { vec![json!(version + 3)] } else { Vec::new() };
        assert_eq!(lines, expected.iter().collect::<Vec<_>>(), "version {version}");
        if version == i64::from(LAST) {
            break;
        }
    }
    send(request(-2, "shutdown", Value::Null));
    send(notification("exit", Value::Null));
    assert_eq!(served.join().unwrap(), Ok(true));
}

fn line(diagnostic: &Value) -> &Value {
    &diagnostic["range"]["start"]["line"]
}

/// Whatever is missing from a message, the next one is answered.
#[test]
fn nothing_that_is_said_ends_the_server() {
    let requests = [
        "codeAction",
        "hover",
        "inlayHint",
        "definition",
        "references",
        "prepareRename",
        "rename",
        "documentSymbol",
        "completion",
    ];
    let odd = [
        Value::Null,
        json!([]),
        json!({}),
        json!({ "textDocument": 1 }),
        json!({ "textDocument": { "uri": "untitled:1", "text": "<", "version": "x" }, "position": -1 }),
        json!({ "textDocument": { "uri": "file:///odd.wxs" }, "position": { "line": 9e18, "character": -3 },
                "range": { "start": { "line": 5 } }, "contentChanges": [{ "range": {}, "text": 7 }], "newName": [] }),
        json!({ "textDocument": { "uri": "file:///odd.wxs", "text": "<Wix", "version": 1 }, "event": { "removed": 1 } }),
    ];
    let mut messages = Vec::new();
    for parameters in odd.iter().chain(&odd) {
        for method in ["didOpen", "didChange", "didClose", "didSave"] {
            messages.push(notification(&format!("textDocument/{method}"), parameters.clone()));
        }
        for method in ["didChangeWatchedFiles", "didChangeWorkspaceFolders"] {
            messages.push(notification(&format!("workspace/{method}"), parameters.clone()));
        }
        for method in requests {
            messages.push(request(messages.len() as i32, &format!("textDocument/{method}"), parameters.clone()));
        }
        messages.push(request(messages.len() as i32, "completionItem/resolve", json!({ "data": parameters })));
    }
    let asked = messages.iter().filter(|message| matches!(message, lsp_server::Message::Request(_))).count();
    let answers = |message: &&lsp_server::Message| matches!(message, lsp_server::Message::Response(_));
    // Those to the first and the last request as well.
    assert_eq!(said_to(messages).iter().filter(answers).count(), asked + 2);
}
