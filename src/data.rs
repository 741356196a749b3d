//! The tables under `data/`: tab-separated, one header line, lines that begin with `#` say what the
//! columns mean and where the facts come from. They are part of the binary and read when first used.

/// The rows of a table, each split into its columns. A missing last column reads as empty.
pub(crate) fn rows<const COLUMNS: usize>(table: &'static str) -> impl Iterator<Item = [&'static str; COLUMNS]> {
    let lines = pieces(table, b'\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
    lines.filter(|line| !line.starts_with('#') && !line.is_empty()).skip(1).map(|line| {
        let mut row = [""; COLUMNS];
        for (cell, text) in row.iter_mut().zip(pieces(line, b'\t')) {
            *cell = text;
        }
        row
    })
}

/// What stands between the separators. `str::split` takes several times as long for pieces as short as cells.
fn pieces(text: &'static str, separator: u8) -> impl Iterator<Item = &'static str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let end = memchr::memchr(separator, text.as_bytes());
        let (piece, after) = end.map_or((text, None), |end| (&text[..end], text.get(end + 1..)));
        rest = after;
        Some(piece)
    })
}

#[cfg(test)]
mod tests {
    /// Every table: a source, and as many cells in each row as the header names.
    #[test]
    fn tables_are_complete() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/data");
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            assert!(text.lines().any(|line| line.starts_with("# Source: ")), "{} names no source", path.display());
            let mut lines = text.lines().filter(|line| !line.starts_with('#'));
            let columns = lines.next().unwrap().split('\t').count();
            for line in lines {
                assert_eq!(line.split('\t').count(), columns, "{}: {line}", path.display());
            }
        }
    }
}
