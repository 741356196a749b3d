//! What everybody who reads events relies on.

use wixlint::source::{FileId, Source, Sources, Span};
use wixlint::syntax::{Event, Reader};

/// Some file's number.
pub(crate) fn file() -> FileId {
    let source = Source::decode_any("a.wxs", Vec::new());
    Sources::default().add(source.into())
}

/// Reads to the end, and holds the events to what every consumer relies on.
pub(crate) fn check(text: &str) {
    let is_inside = |span: Span| text.get(span.range()).is_some();
    let mut reader = Reader::new(file(), text);
    let (mut depth, mut end, mut count) = (0_usize, 0, 0);
    while let Some(event) = reader.next() {
        count += 1;
        assert!(count <= 2 * text.len(), "endless: {text:?}");
        let span = match event {
            Event::Start { name, span, empty } => {
                depth += usize::from(!empty);
                assert!(is_inside(name) && !name.is_empty() && name.end <= span.end, "{text:?}");
                let mut last = name.end;
                for attribute in reader.attributes() {
                    assert!(is_inside(attribute.name) && is_inside(attribute.value), "{text:?}");
                    assert!(last <= attribute.name.start && attribute.value.end < span.end, "{text:?}");
                    last = attribute.value.end + 1;
                }
                span
            }
            Event::End { span } => {
                depth = depth.checked_sub(1).unwrap();
                span
            }
            Event::CData { content, span } | Event::Comment { content, span } => {
                assert!(is_inside(content) && span.start < content.start && content.end < span.end, "{text:?}");
                span
            }
            Event::Instruction { target, content, span } => {
                assert!(is_inside(target) && is_inside(content) && target.end <= content.start, "{text:?}");
                span
            }
            Event::Text { span } | Event::Reference { span } | Event::Doctype { span } => span,
        };
        assert!(is_inside(span) && end <= span.start, "{event:?} overlaps the one before: {text:?}");
        end = span.end;
    }
    assert_eq!(depth, 0, "{text:?}");
    assert!(reader.next().is_none(), "{text:?}");
    for error in reader.into_errors() {
        assert!(is_inside(error.span), "{error:?}: {text:?}");
        assert!(error.related.is_none_or(|(span, _)| is_inside(span)), "{error:?}: {text:?}");
    }
}
