//! The XML declaration, comments and processing instructions.

use super::character::{is_space, name_end, skip_spaces};
use super::cursor::{Checked, Cursor, Fault};

/// Whether `markup` is what only the start of a file may hold.
pub(super) fn is_declaration(markup: &str) -> bool {
    markup.strip_prefix("<?xml").is_some_and(|rest| rest.bytes().next().is_some_and(is_space))
}

/// Checks a whole XML declaration at the start of the text, and tells whether the document calls itself standalone.
pub(super) fn check_declaration(markup: &str) -> Checked<bool> {
    let mut cursor = Cursor::new(markup, "<?xml".len());
    cursor.expect_spaces()?;
    if !cursor.sees("version") {
        return cursor.fail("`version=\"1.0\"` is missing here");
    }
    value_of(&mut cursor, "version", is_version, "the version can only be `1.0`")?;
    let mut spaced = cursor.eat_spaces();
    if spaced && cursor.sees("encoding") {
        value_of(&mut cursor, "encoding", is_encoding, "this is no name of an encoding")?;
        spaced = cursor.eat_spaces();
    }
    let mut standalone = false;
    if spaced && cursor.sees("standalone") {
        let value = value_of(&mut cursor, "standalone", |value| matches!(value, "yes" | "no"), "write `yes` or `no`")?;
        standalone = value == "yes";
        cursor.eat_spaces();
    }
    if cursor.rest() == "?>" { Ok(standalone) } else { cursor.fail("only `?>` can stand here") }
}

fn value_of<'s>(cursor: &mut Cursor<'s>, name: &str, is_valid: fn(&str) -> bool, otherwise: &str) -> Checked<&'s str> {
    cursor.expect(name)?;
    cursor.eat_spaces();
    cursor.expect("=")?;
    cursor.eat_spaces();
    let at = cursor.at;
    let value = cursor.quoted()?;
    if is_valid(value) { Ok(value) } else { Err(Fault { at, message: otherwise.into() }) }
}

/// XML 1.0 processors read every 1.x; libxml2 does not even ask for digits after the point.
fn is_version(version: &str) -> bool {
    version.strip_prefix("1.").is_some_and(|minor| minor.bytes().all(|byte| byte.is_ascii_digit()))
}

fn is_encoding(name: &str) -> bool {
    name.starts_with(|char: char| char.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
}

/// Where the two hyphens stand that a comment must not hold, `content` being what its delimiters
/// enclose. A last hyphen is one too many as well.
pub(super) fn double_hyphen(content: &str) -> Option<usize> {
    let inside = memchr::memmem::find(content.as_bytes(), b"--");
    inside.or_else(|| content.ends_with('-').then(|| content.len() - 1))
}

/// The end of the target of a processing instruction and the start of its content, as offsets into
/// its whole text.
pub(super) fn check_instruction(markup: &str) -> Checked<(usize, usize)> {
    let target_end = name_end(markup, 2);
    let target = markup.get(2..target_end).unwrap_or_default();
    let fail = |at, message: &str| Err(Fault { at, message: message.into() });
    if target.is_empty() {
        return fail(2, "a processing instruction starts with a name");
    }
    if target == "xml" {
        return fail(2, "the XML declaration can stand at the very start of the file only");
    }
    if target.eq_ignore_ascii_case("xml") {
        return fail(2, "no processing instruction can have this name");
    }
    let content = skip_spaces(markup, target_end);
    if content == target_end && content + 2 != markup.len() {
        return fail(target_end, "white space or `?>` is missing behind the name of the processing instruction");
    }
    Ok((target_end, content))
}
