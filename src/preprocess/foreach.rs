//! Loops: the body of a `<?foreach?>` is collected, then read once for each item.

use super::{Mistake, MistakeKind, Namespace, Run};
use crate::source::Span;
use crate::syntax::{Attribute, Event};

/// At most so many elements and texts of a file come out of loops and of includes that were read before.
pub(super) const MAX_REPEATED: usize = 200_000;
pub(super) const TOO_MUCH: &str =
    "loops and includes make more than 200000 elements of the same text; the rest is left out";

/// The body of a `<?foreach?>` while it is being collected.
pub(super) struct Recording {
    span: Span,
    variable: String,
    items: Option<Vec<String>>,
    /// Loops inside the body.
    depth: usize,
    /// Elements of the body that are open.
    elements: usize,
    events: Vec<(Event, Vec<Attribute>)>,
}

impl Run<'_> {
    /// Begins a loop. Its list is expanded now; v4 and later drop one pair of quotes.
    pub(super) fn collect(&mut self, content: &str, span: Span) {
        let Some((name, list)) = content.split_once(" in ") else {
            self.mistake(MistakeKind::NoIn, span);
            return self.record_body(span, content.trim(), None);
        };
        let mut list = list.trim();
        if self.variables.dialect != Namespace::V3
            && let Some(inner) = list.strip_prefix('"')
        {
            list = inner.strip_suffix('"').unwrap_or_else(|| {
                self.outcome.mistakes.push(Mistake { kind: MistakeKind::Quotes, span, begin: None });
                inner
            });
        }
        let items = self.variables.expand(list).map(|list| list.split(';').map(str::to_owned).collect());
        self.record_body(span, name.trim(), items);
    }

    fn record_body(&mut self, span: Span, variable: &str, items: Option<Vec<String>>) {
        let variable = variable.to_owned();
        self.recording = Some(Recording { span, variable, items, depth: 0, elements: 0, events: Vec::new() });
    }

    /// Takes the event into the loop body that is being collected, and runs the loop at its end. Text that
    /// stands in no element of the body is lost.
    pub(super) fn record(&mut self, event: Event, attributes: &[Attribute], text: &str) -> bool {
        let Some(recording) = &mut self.recording else { return false };
        match event {
            Event::Instruction { target, .. } => match &text[target.range()] {
                "foreach" => recording.depth += 1,
                "endforeach" if recording.depth == 0 => {
                    self.replay(text);
                    return true;
                }
                "endforeach" => recording.depth -= 1,
                _ => {}
            },
            Event::Start { empty: false, .. } => recording.elements += 1,
            Event::End { .. } => recording.elements = recording.elements.saturating_sub(1),
            Event::Text { .. } | Event::CData { .. } | Event::Reference { .. } if recording.elements == 0 => {
                return true;
            }
            _ => {}
        }
        recording.events.push((event, attributes.to_vec()));
        true
    }

    /// Gives up a loop that the file or the body of another loop has not ended.
    pub(super) fn end_recording(&mut self) {
        if let Some(Recording { span, .. }) = self.recording.take() {
            let kind = MistakeKind::Unended { instruction: "foreach", closing: "endforeach" };
            self.mistake(kind, span);
        }
    }

    fn replay(&mut self, text: &str) {
        let Some(body) = self.recording.take() else { return };
        self.looped += 1;
        let rounds = body.items.as_ref().map_or(1, Vec::len);
        for round in 0..rounds {
            self.variables.set(&body.variable, body.items.as_ref().map(|items| &*items[round]));
            self.repeated += 1 + body.events.len();
            if self.repeated > MAX_REPEATED {
                self.note_once(TOO_MUCH, body.span);
                break;
            }
            let base = std::mem::replace(&mut self.base, self.conditionals.len());
            for (event, attributes) in &body.events {
                self.event(*event, attributes, text, false);
            }
            self.end_recording();
            self.close_conditionals(self.base, body.span);
            self.base = base;
        }
        self.looped -= 1;
    }
}
