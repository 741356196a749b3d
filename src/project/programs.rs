//! Which code the custom actions of a project call, and where it may be.

use rustc_hash::{FxHashMap, FxHashSet};

use super::World;
use super::worlds::Tools;
use crate::code::{Code, Request};
use crate::msi::property;
use crate::source::{Sources, Span};
use crate::wix::{Section, Stream, Text};

/// What the custom actions of any world call, in the order of the document.
pub(super) fn requests(worlds: &[World], sources: &Sources) -> Vec<Request> {
    let sections = || worlds.iter().flat_map(World::sections);
    if !sections().any(|section| section.actions.iter().any(|action| action.called.is_some())) {
        return Vec::new();
    }
    let streams = streams(sections());
    let mut seen = FxHashSet::default();
    let mut requests = Vec::new();
    for action in sections().flat_map(|section| &section.actions) {
        let (Some(call), Some(called)) = (action.call(), action.called.as_deref()) else { continue };
        if !seen.insert(call.clone()) {
            continue;
        }
        let from: Vec<&Text> = match &called.stream {
            Some(stream) => streams.get(&*stream.text).into_iter().flatten().map(|stream| &stream.source).collect(),
            None => called.file.iter().collect(),
        };
        // A stream that no source defines is of a library, whose code nobody here writes.
        let Some(first) = from.first() else { continue };
        let directory = directory(first.span, sources);
        let mut paths = Vec::new();
        for text in from {
            let written = sources.text(text.span);
            for path in text.is_known().then_some(&*text.text).into_iter().chain([written]) {
                if !paths.iter().any(|known| known == path) {
                    paths.push(path.to_owned());
                }
            }
        }
        requests.push(Request { call, paths, directory });
    }
    requests
}

/// Looks for the code.
pub(super) fn look(requests: Vec<Request>, tools: &mut Tools<'_>) -> Code {
    let names: Vec<&str> = property::cleared().collect();
    Code::look(requests, &names, tools.files, tools.sources)
}

fn streams<'s>(sections: impl Iterator<Item = &'s Section>) -> FxHashMap<&'s str, Vec<&'s Stream>> {
    let mut streams: FxHashMap<&str, Vec<&Stream>> = FxHashMap::default();
    for stream in sections.flat_map(|section| &section.streams) {
        streams.entry(&stream.id.text).or_default().push(stream);
    }
    streams
}

fn directory(span: Span, sources: &Sources) -> String {
    sources.get(span.file).path().rsplit_once('/').map_or(String::new(), |(directory, _)| directory.to_owned())
}
