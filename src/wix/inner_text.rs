//! Conditions that v3 takes from the text inside of an element.

use super::Text;
use crate::preprocess::{Origin, Value};

/// Adds a run of characters to a condition.
pub(super) fn append(condition: &mut Option<Text>, more: &Value<'_>) {
    let blank = more.text.trim().is_empty();
    match condition {
        // Space around a condition is no part of it.
        None if blank => {}
        None => *condition = Some(more.clone().into()),
        Some(text) if blank => text.text += &more.text,
        Some(text) => {
            text.text += &more.text;
            text.span.end = more.span.end;
            // Text from an include stands in another file; such a condition has no one place.
            if text.span.file != more.span.file {
                text.span.end = text.span.start;
            }
            text.origin = match (text.is_known(), more.is_known()) {
                (true, true) => Origin::Expanded,
                _ => Origin::Unknown,
            };
        }
    }
}

/// A condition that was written as inner text, the way the v3 compiler stores it.
pub(super) fn stored(text: Text) -> Option<Text> {
    let trimmed = text.text.trim();
    let stored = trimmed.replace(['\t', '\r', '\n'], " ");
    let mut span = text.span;
    if text.origin == Origin::Literal {
        span.start += (text.text.len() - text.text.trim_start().len()) as u32;
        span.end = span.end.min(span.start + stored.len() as u32);
    }
    (!stored.is_empty()).then_some(Text { text: stored, span, ..text })
}
