//! Whether ten times the actions take ten times the time.

use crate::inputs::{Language, Layout, actions};
use crate::lint::lint;
use crate::timing::{in_turns, milliseconds, print, ratio};

pub(crate) fn run() {
    for language in [Language::V3, Language::V4] {
        for layout in [Layout::Numbers, Layout::Siblings, Layout::Chain] {
            let small = [actions(language, layout, 10_000)];
            let large = [actions(language, layout, 100_000)];
            let [small, large] = in_turns(7, || lint(&small).1, || lint(&large).1);
            let figure =
                format!("{:.1} ({:.0} ms : {:.0} ms)", ratio(large, small), milliseconds(large), milliseconds(small));
            print(&format!("{language:?}, {layout:?}: 100 000 actions : 10 000"), &figure, "at most 12");
        }
    }
}
