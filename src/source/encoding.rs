//! UTF-8, UTF-16 and windows-1252, to text and back without losing a byte.
//!
//! These are the encodings that WiX sources come in. ISO-8859-1 is read as windows-1252: the two
//! differ only in the control characters 0x80 to 0x9F, which XML 1.0 documents do not hold on
//! purpose, and both directions use the same table.

/// How the bytes of a file stand for characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Utf8 { bom: bool },
    Utf16 { big_endian: bool, bom: bool },
    Windows1252,
}

/// Why a file could not be decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// The XML declaration names an encoding that wixlint does not read.
    Unsupported(String),
    /// The bytes at the end of the decoded text are not valid in `encoding`; `offset` counts bytes
    /// of the file.
    Invalid { encoding: &'static str, offset: u64 },
}

/// Decodes as far as the bytes are valid.
pub(super) fn decode(bytes: Vec<u8>) -> (Encoding, String, Option<DecodeError>) {
    match bytes.as_slice() {
        [0xEF, 0xBB, 0xBF, ..] => decode_utf8(bytes, true),
        [0xFF, 0xFE, rest @ ..] => decode_utf16(rest, false, true),
        [0xFE, 0xFF, rest @ ..] => decode_utf16(rest, true, true),
        [b'<', 0, ..] => decode_utf16(&bytes, false, false),
        [0, b'<', ..] => decode_utf16(&bytes, true, false),
        _ => match declared(&bytes).map(|name| name.to_ascii_lowercase()) {
            None => decode_utf8(bytes, false),
            Some(name) => match name.as_str() {
                // A declaration that can be read as ASCII is not UTF-16, whatever it says; .NET
                // and libxml2 both go by the bytes.
                "utf-8" | "utf8" | "us-ascii" | "ascii" | "utf-16" | "utf-16le" | "utf-16be" => {
                    decode_utf8(bytes, false)
                }
                "windows-1252" | "cp1252" | "iso-8859-1" | "iso8859-1" | "iso_8859-1" | "latin1" => {
                    (Encoding::Windows1252, western(&bytes), None)
                }
                _ => {
                    let (encoding, text, _) = decode_utf8(bytes, false);
                    (encoding, text, Some(DecodeError::Unsupported(name)))
                }
            },
        },
    }
}

/// The encoding that the XML declaration names, if there is one.
fn declared(bytes: &[u8]) -> Option<&str> {
    let head = bytes.strip_prefix(b"<?xml")?;
    let head = &head[..memchr::memmem::find(&head[..head.len().min(512)], b"?>")?];
    let value = &head[memchr::memmem::find(head, b"encoding")? + "encoding".len()..];
    let value = value.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let quote = *value.first().filter(|byte| matches!(byte, b'"' | b'\''))?;
    let value = &value[1..];
    std::str::from_utf8(&value[..memchr::memchr(quote, value)?]).ok()
}

fn decode_utf8(mut bytes: Vec<u8>, bom: bool) -> (Encoding, String, Option<DecodeError>) {
    let encoding = Encoding::Utf8 { bom };
    let skipped = if bom { 3 } else { 0 };
    bytes.drain(..skipped);
    match String::from_utf8(bytes) {
        Ok(text) => (encoding, text, None),
        Err(error) => {
            let valid = error.utf8_error().valid_up_to();
            let error_at = DecodeError::Invalid { encoding: "UTF-8", offset: (skipped + valid) as u64 };
            let mut bytes = error.into_bytes();
            bytes.truncate(valid);
            (encoding, String::from_utf8(bytes).unwrap_or_default(), Some(error_at))
        }
    }
}

fn decode_utf16(bytes: &[u8], big_endian: bool, bom: bool) -> (Encoding, String, Option<DecodeError>) {
    let encoding = Encoding::Utf16 { big_endian, bom };
    let unit = |pair: &[u8; 2]| if big_endian { u16::from_be_bytes(*pair) } else { u16::from_le_bytes(*pair) };
    let (pairs, odd) = bytes.as_chunks::<2>();
    let mut text = String::with_capacity(bytes.len());
    let mut offset = if bom { 2 } else { 0 };
    let invalid = |offset| Some(DecodeError::Invalid { encoding: "UTF-16", offset });
    for decoded in char::decode_utf16(pairs.iter().map(unit)) {
        let Ok(character) = decoded else { return (encoding, text, invalid(offset)) };
        text.push(character);
        offset += 2 * character.len_utf16() as u64;
    }
    let error = if odd.is_empty() { None } else { invalid(offset) };
    (encoding, text, error)
}

pub(super) fn encode(encoding: Encoding, text: &str) -> Result<Vec<u8>, char> {
    match encoding {
        Encoding::Utf8 { bom } => {
            let mut bytes = if bom { vec![0xEF, 0xBB, 0xBF] } else { Vec::new() };
            bytes.extend_from_slice(text.as_bytes());
            Ok(bytes)
        }
        Encoding::Utf16 { big_endian, bom } => {
            let units = bom.then_some(0xFEFF).into_iter().chain(text.encode_utf16());
            Ok(units.flat_map(|unit| if big_endian { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect())
        }
        Encoding::Windows1252 => text.chars().map(|character| to_1252(character).ok_or(character)).collect(),
    }
}

/// Characters of 0x80 to 0x9F. The five bytes that windows-1252 leaves free stand for the control
/// character of the same number, as the WHATWG Encoding Standard has it.
const HIGH: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8D}', 'Ž', '\u{8F}', //
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9D}', 'ž', 'Ÿ',
];

/// Any bytes as windows-1252.
pub(super) fn western(bytes: &[u8]) -> String {
    bytes.iter().map(|&byte| from_1252(byte)).collect()
}

fn from_1252(byte: u8) -> char {
    match byte {
        0x80..=0x9F => HIGH[usize::from(byte) - 0x80],
        _ => char::from(byte),
    }
}

fn to_1252(character: char) -> Option<u8> {
    match u32::from(character) {
        code @ (0..0x80 | 0xA0..=0xFF) => Some(code as u8),
        _ => HIGH.iter().position(|&high| high == character).map(|at| at as u8 + 0x80),
    }
}
