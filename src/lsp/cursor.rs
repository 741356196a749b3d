//! What is being written at a place, also where it is not well-formed yet.

/// The attribute value that the cursor is in.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Typing<'t> {
    /// The element, without its prefix.
    pub(super) element: &'t str,
    pub(super) attribute: &'t str,
    /// The other attributes, with their values as they are written.
    pub(super) others: Vec<(&'t str, &'t str)>,
    /// What stands between the opening quote and the cursor.
    pub(super) begun: &'t str,
}

/// What is being written at a byte of a text; `None`: no attribute's value.
pub(super) fn typing(text: &str, offset: usize) -> Option<Typing<'_>> {
    let before = text.get(..offset)?;
    if before.rfind("<!--").is_some_and(|open| before.rfind("-->").is_none_or(|close| close < open)) {
        return None;
    }
    let tag = before.rfind('<')?;
    let (element, mut rest) = name(&before[tag + 1..])?;
    let mut others = Vec::new();
    loop {
        let (attribute, quote, value) = begin(rest)?;
        if let Some(end) = value.find(quote) {
            others.push((attribute, &value[..end]));
            rest = &value[end + 1..];
            continue;
        }
        let element = element.rsplit(':').next().unwrap_or(element);
        others.extend(behind(&text[offset..], quote));
        return Some(Typing { element, attribute, others, begun: value });
    }
}

/// The attribute that a text begins with: its name, its quote, and what follows that.
fn begin(text: &str) -> Option<(&str, char, &str)> {
    let (attribute, after) = name(text.trim_start())?;
    let after = after.trim_start().strip_prefix('=')?.trim_start();
    let quote = after.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    Some((attribute, quote, &after[1..]))
}

/// The attributes behind the value that is being written, if that has an end already.
fn behind(text: &str, quote: char) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    let end = text.find([quote, '<', '>', '\n']).filter(|&end| text[end..].starts_with(quote));
    let mut rest = end.map_or("", |end| &text[end + 1..]);
    while let Some((attribute, quote, value)) = begin(rest)
        && let Some(end) = value.find(quote)
    {
        found.push((attribute, &value[..end]));
        rest = &value[end + 1..];
    }
    found
}

fn name(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | ':' | '-' | '.')).unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

#[cfg(test)]
mod tests {
    use super::{Typing, typing};

    #[test]
    fn a_value_is_known_while_it_is_written() {
        let text = "<InstallExecuteSequence>\n <Custom Action='A' After=\"Inst";
        let typed = Typing { element: "Custom", attribute: "After", others: vec![("Action", "A")], begun: "Inst" };
        assert_eq!(typing(text, text.len()), Some(typed));
    }

    #[test]
    fn what_stands_behind_it_counts() {
        let text = "<Custom After='' Action='A' Condition=\"B\"/>";
        let at = text.find("''").unwrap() + 1;
        assert_eq!(typing(text, at).unwrap().others, [("Action", "A"), ("Condition", "B")]);
        let open = "<Custom After=' />\n<Custom Action='A'/>";
        let at = open.find(" />").unwrap();
        assert_eq!(typing(open, at).unwrap().others, []);
    }

    #[test]
    fn elsewhere_nothing_is() {
        for text in ["", "<a", "<a b", "<a b=", "<a b='c'", "<a b='c'>", "</a b='", "text \"", "<!-- \"", "<?if \""] {
            assert_eq!(typing(text, text.len()), None, "{text}");
        }
        let other = "<InstallUISequence/><b:C D='";
        assert_eq!(typing(other, other.len()).unwrap().element, "C");
    }
}
