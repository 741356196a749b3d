//! Addresses of files, as editors write them, and paths.

/// The path that a `file:` address means, with `/` between its parts; `None`: it means no file.
pub(super) fn path_of(uri: &str) -> Option<String> {
    let (scheme, rest) = uri.split_once(':')?;
    let rest = rest.strip_prefix("//").filter(|_| scheme.eq_ignore_ascii_case("file"))?;
    let (host, path) = rest.split_at(rest.find('/')?);
    let path = decoded(path)?;
    let has_drive = matches!(path.as_bytes(), [b'/', drive, b':', ..] if drive.is_ascii_alphabetic());
    Some(match host {
        "" | "localhost" if has_drive && cfg!(windows) => path[1..].to_owned(),
        "" | "localhost" => path,
        // A share of another machine.
        host => format!("//{host}{path}"),
    })
}

/// The address of an absolute path.
pub(super) fn uri_of(path: &str) -> String {
    let mut uri = String::from(if path.starts_with("//") { "file:" } else { "file://" });
    if !path.starts_with('/') {
        uri.push('/');
    }
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(char::from(byte)),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

/// A text with `%xx` replaced; `None`: it is no UTF-8.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let digits = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let code = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()).filter(|_| byte == b'%');
        bytes.push(code.unwrap_or(byte));
        rest = if code.is_some() { &after[2..] } else { after };
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::{path_of, uri_of};

    #[test]
    fn paths_come_back() {
        for (path, uri) in [
            ("/a/b.wxs", "file:///a/b.wxs"),
            ("/a b/ä%.wxs", "file:///a%20b/%C3%A4%25.wxs"),
            ("//server/share/a.wxs", "file://server/share/a.wxs"),
        ] {
            assert_eq!(uri_of(path), uri);
            assert_eq!(path_of(uri).as_deref(), Some(path));
        }
        assert_eq!(uri_of("C:/a.wxs"), "file:///C%3A/a.wxs");
        let drive = path_of("file:///c%3A/a.wxs");
        assert_eq!(drive.as_deref(), Some(if cfg!(windows) { "c:/a.wxs" } else { "/c:/a.wxs" }));
        for none in ["untitled:Untitled-1", "file:", "http://host/a.wxs", "file:///%FF"] {
            assert_eq!(path_of(none), None, "{none}");
        }
    }
}
