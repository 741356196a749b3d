//! Answers of the server, for people to read.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

use super::client::Client;

/// So many lines of a text are shown.
const MOST_LINES: usize = 20;

/// A text below its command, without its empty lines.
pub(crate) fn indented(text: &str) -> String {
    let mut lines: Vec<String> =
        text.lines().filter(|line| !line.trim().is_empty()).map(|line| format!("    {}\n", line.trim_end())).collect();
    if lines.len() > MOST_LINES {
        lines.truncate(MOST_LINES);
        lines.push("    ...\n".to_owned());
    }
    lines.concat()
}

fn line_of(place: &Value) -> u64 {
    place["line"].as_u64().unwrap() + 1
}

/// `line: the text that is meant`
fn quoted(name: &str, range: &Value, client: &Client) -> String {
    let text = client.text(name);
    let span = client.offset(&text, &range["start"])..client.offset(&text, &range["end"]);
    let meant = text[span].lines().next().unwrap_or_default().to_owned();
    format!("{name}:{}: {meant}", line_of(&range["start"]))
}

pub(crate) fn findings(shown: &BTreeMap<String, Vec<Value>>, client: &Client) -> String {
    let mut out = String::new();
    for (name, diagnostics) in shown {
        if name == "message" {
            let _ = writeln!(out, "    message: {}", diagnostics[0]["message"].as_str().unwrap());
            continue;
        }
        if diagnostics.is_empty() {
            let _ = writeln!(out, "    {name}: nothing");
        }
        for diagnostic in diagnostics {
            let severity = ["", "error", "warning", "info", "hint"][diagnostic["severity"].as_u64().unwrap() as usize];
            let code = diagnostic["code"].as_str().unwrap_or("note");
            let _ = writeln!(out, "    {} [{severity} {code}]", quoted(name, &diagnostic["range"], client));
            out += &indented(diagnostic["message"].as_str().unwrap()).replace("    ", "        ");
            for related in diagnostic["relatedInformation"].as_array().into_iter().flatten() {
                let location = &related["location"];
                let place = quoted(&client.name(location["uri"].as_str().unwrap()), &location["range"], client);
                let _ = writeln!(out, "          {place} -- {}", related["message"].as_str().unwrap());
            }
        }
    }
    if out.is_empty() { "    nothing new\n".to_owned() } else { out }
}

pub(crate) fn locations(answer: &Value, client: &Client) -> String {
    let mut out = String::new();
    for location in answer.as_array().into_iter().flatten() {
        let name = client.name(location["uri"].as_str().unwrap());
        let text = client.text(&name);
        let start = client.offset(&text, &location["range"]["start"]);
        let end = client.offset(&text, &location["range"]["end"]);
        let from = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let to = text[end..].find('\n').map_or(text.len(), |at| end + at);
        let line = format!("{}«{}»{}", &text[from..start], &text[start..end], &text[end..to]);
        let _ = writeln!(out, "    {name}:{}: {}", line_of(&location["range"]["start"]), line.trim());
    }
    if out.is_empty() { "    nowhere\n".to_owned() } else { out }
}

pub(crate) fn error(answer: &Value) -> String {
    answer["message"].as_str().map_or("nothing".to_owned(), |message| format!("refused: {message}"))
}

/// The lines that an edit changes, file by file.
pub(crate) fn edit(answer: &Value, client: &Client) -> String {
    let mut files: Vec<(String, Vec<Value>)> = Vec::new();
    for change in answer["documentChanges"].as_array().into_iter().flatten() {
        let name = client.name(change["textDocument"]["uri"].as_str().unwrap());
        let version = &change["textDocument"]["version"];
        files.push((format!("{name} {version}"), change["edits"].as_array().unwrap().clone()));
    }
    for (uri, edits) in answer["changes"].as_object().into_iter().flatten() {
        files.push((client.name(uri), edits.as_array().unwrap().clone()));
    }
    if files.is_empty() {
        return indented(&error(answer));
    }
    let mut out = String::new();
    for (title, mut edits) in files {
        let _ = writeln!(out, "    {title}");
        let old = client.text(title.split(' ').next().unwrap());
        let mut new = old.clone();
        edits.sort_by_key(|edit| std::cmp::Reverse(client.offset(&old, &edit["range"]["start"])));
        for edit in edits {
            let range = client.offset(&old, &edit["range"]["start"])..client.offset(&old, &edit["range"]["end"]);
            new.replace_range(range, edit["newText"].as_str().unwrap());
        }
        let gone = old.lines().filter(|line| !new.lines().any(|other| other == *line));
        gone.for_each(|line| out += &format!("    - {}\n", line.trim()));
        let come = new.lines().filter(|line| !old.lines().any(|other| other == *line));
        come.for_each(|line| out += &format!("    + {}\n", line.trim()));
    }
    out
}

pub(crate) fn actions(answer: &Value, client: &Client) -> String {
    let mut out = String::new();
    for action in answer.as_array().into_iter().flatten() {
        let preferred = if action["isPreferred"] == true { ", preferred" } else { "" };
        let title = action["title"].as_str().unwrap();
        let _ = writeln!(out, "    {title} [{}{preferred}]", action["kind"].as_str().unwrap());
        out += &edit(&action["edit"], client).replace("    ", "        ");
    }
    if out.is_empty() { "    none\n".to_owned() } else { out }
}

pub(crate) fn items(items: &[Value]) -> String {
    let mut items: Vec<&Value> = items.iter().collect();
    items.sort_by_key(|item| item["sortText"].as_str().or(item["label"].as_str()).unwrap().to_owned());
    let line = |item: &Value| {
        let detail = item["detail"].as_str().map_or(String::new(), |detail| format!(" ({detail})"));
        let told = item["documentation"]["value"]
            .as_str()
            .map_or(String::new(), |told| format!(": {}", told.replace("  \n", "\n        ")));
        format!("    {}{detail}{told}\n", item["label"].as_str().unwrap())
    };
    if items.is_empty() { "    none\n".to_owned() } else { items.into_iter().map(line).collect() }
}

/// The lines that have hints, with the hints in them.
pub(crate) fn hints(answer: &Value, text: String) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let mut hinted = Vec::new();
    for hint in answer.as_array().unwrap().iter().rev() {
        let (line, at) = (line_of(&hint["position"]) as usize - 1, hint["position"]["character"].as_u64().unwrap());
        lines[line].insert_str(at as usize, &format!(" ⟦{}⟧", hint["label"].as_str().unwrap()));
        hinted.push(line);
    }
    hinted.sort_unstable();
    hinted.dedup();
    hinted.into_iter().map(|line| format!("    {}\n", lines[line].trim())).collect()
}

pub(crate) fn symbols(answer: &Value) -> String {
    let line = |symbol: &Value| {
        let line = line_of(&symbol["range"]["start"]);
        format!("    {line}: {} ({})\n", symbol["name"].as_str().unwrap(), symbol["detail"].as_str().unwrap())
    };
    answer.as_array().unwrap().iter().map(line).collect()
}
