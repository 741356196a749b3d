//! Loops: the body of a `<?foreach?>` is collected, then read once for each item.

use super::Run;
use crate::syntax::{Attribute, Event};

/// At most so many elements and texts out of the loops of one file.
const MAX_REPEATED: usize = 1_000_000;

/// The body of a `<?foreach?>` while it is being collected.
pub(super) struct Recording {
    variable: String,
    items: Option<Vec<String>>,
    /// Loops inside the body.
    depth: usize,
    events: Vec<(Event, Vec<Attribute>)>,
}

impl Run<'_> {
    pub(super) fn collect(&mut self, content: &str) {
        let (name, list) = content.split_once(" in ").unwrap_or((content, ""));
        let list = list.trim();
        let list = list.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(list);
        let items = self.variables.expand(list).map(|list| list.split(';').map(str::to_owned).collect());
        let variable = name.trim().trim_start_matches("var.").to_owned();
        self.recording = Some(Recording { variable, items, depth: 0, events: Vec::new() });
    }

    /// Takes the event into the loop body that is being collected, and runs the loop at its end.
    pub(super) fn record(&mut self, event: Event, attributes: &[Attribute], text: &str) -> bool {
        let Some(recording) = &mut self.recording else { return false };
        if let Event::Instruction { target, .. } = event {
            match &text[target.range()] {
                "foreach" => recording.depth += 1,
                "endforeach" if recording.depth == 0 => {
                    self.replay(text);
                    return true;
                }
                "endforeach" => recording.depth -= 1,
                _ => {}
            }
        }
        recording.events.push((event, attributes.to_vec()));
        true
    }

    fn replay(&mut self, text: &str) {
        let Some(body) = self.recording.take() else { return };
        self.looped += 1;
        let rounds = body.items.as_ref().map_or(1, Vec::len);
        for round in 0..rounds {
            match &body.items {
                Some(items) => self.variables.assume(body.variable.clone(), items[round].clone()),
                None => self.variables.forget(&body.variable),
            }
            self.repeated += body.events.len();
            if self.repeated > MAX_REPEATED {
                if let Some((Event::Start { span, .. } | Event::Text { span }, _)) = body.events.first() {
                    self.note("this loop makes more than a million elements; the rest is left out", *span);
                }
                break;
            }
            for (event, attributes) in &body.events {
                self.event(*event, attributes, text, false);
            }
        }
        self.looped -= 1;
    }
}
