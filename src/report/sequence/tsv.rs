//! Tab-separated rows, for programs: table, action, number, condition.

use std::io::{self, Write};

use crate::listing::{Line, Listing};

pub(super) fn write(listings: &[Listing], out: &mut dyn Write) -> io::Result<()> {
    for listing in listings {
        if listings.len() > 1 {
            writeln!(out, "# {}", listing.title())?;
        }
        for sequence in &listing.tables {
            let mut lines: Vec<&Line> = sequence.lines.iter().collect();
            lines.sort_by_key(|line| (line.number.is_none(), line.number, &line.action));
            for line in lines {
                let condition = escape(&line.condition);
                writeln!(out, "{}\t{}\t{}\t{condition}", sequence.table.name(), line.action, line.number())?;
            }
        }
    }
    Ok(())
}

fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\t', "\\t").replace('\r', "\\r").replace('\n', "\\n")
}
