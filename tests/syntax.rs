//! Documents, whole and broken, and what the reader makes of them.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "fuzz/reader.rs"]
mod reader;

use reader::{check, file};
use wixlint::source::Span;
use wixlint::syntax::{Event, Reader, SyntaxError, split_name};

/// The events, one after the other, each as it is written.
fn events(text: &str) -> String {
    let mut reader = Reader::new(file(), text);
    let mut shown = Vec::new();
    let of = |span: Span| text[span.range()].escape_debug();
    while let Some(event) = reader.next() {
        shown.push(match event {
            Event::Start { name, empty, .. } => {
                let attributes = reader.attributes().iter();
                let attributes: String = attributes.map(|a| format!(" {}:{}", of(a.name), of(a.value))).collect();
                format!("{}{}{attributes}", if empty { "empty " } else { "start " }, of(name))
            }
            Event::End { span } => format!("end {}", of(span)).trim_end().to_owned(),
            Event::Text { span } => format!("text {}", of(span)),
            Event::Reference { span } => format!("reference {}", of(span)),
            Event::CData { content, .. } => format!("section {}", of(content)),
            Event::Comment { content, .. } => format!("comment {}", of(content)),
            Event::Instruction { target, content, .. } => format!("instruction {} ({})", of(target), of(content)),
            Event::Doctype { .. } => "doctype".to_owned(),
        });
    }
    shown.join(", ")
}

fn errors(text: &str) -> Vec<SyntaxError> {
    let mut reader = Reader::new(file(), text);
    while reader.next().is_some() {}
    reader.into_errors()
}

/// The errors, each with the text that it is about.
fn mistakes(text: &str) -> String {
    let shown: Vec<_> = errors(text)
        .iter()
        .map(|error| {
            let related = error.related.map(|(span, what)| format!(" ({what}: {})", &text[span.range()]));
            format!("{} <- {}{}", text[error.span.range()].escape_debug(), error.message, related.unwrap_or_default())
        })
        .collect();
    shown.join("\n")
}

#[track_caller]
fn whole(text: &str, expected: &str) {
    assert_eq!(events(text), expected, "{text}");
    assert_eq!(mistakes(text), "", "{text}");
}

#[track_caller]
fn broken(text: &str, expected_events: &str, expected_mistakes: &str) {
    assert_eq!(events(text), expected_events, "{text}");
    assert_eq!(mistakes(text), expected_mistakes, "{text}");
}

#[test]
fn a_whole_document() {
    whole(
        "<?xml version='1.0'?>\n<!DOCTYPE a [<!ENTITY e 'f'>]><?if  x = y ?><a b=\"1\" c = 'd&amp;'>t&e;<![CDATA[<]]><b/><!--n--></a >",
        "text \\n, doctype, instruction if (x = y ), start a b:1 c:d&amp;, text t, reference &e;, section <, empty b, comment n, end </a >",
    );
}

#[test]
fn attributes_know_their_places() {
    let text = "<a  é='1' b = \"\"/>";
    let mut reader = Reader::new(file(), text);
    assert!(matches!(reader.next(), Some(Event::Start { span, .. }) if span.range() == (0..text.len())));
    let written = |span: Span| &text[span.range()];
    let places: Vec<_> = reader.attributes().iter().map(|found| (written(found.name), written(found.value))).collect();
    assert_eq!(places, [("é", "1"), ("b", "")]);
}

#[test]
fn an_element_that_is_not_closed() {
    broken(
        "<a><b><c></b></a>",
        "start a, start b, start c, end, end </b>, end </a>",
        "<c <- element `c` is not closed (it would have to be closed before this end tag: </b>)",
    );
    broken(
        "<a><b>",
        "start a, start b, end, end",
        &["<a <- element `a` is not closed", "<b <- element `b` is not closed"].join("\n"),
    );
    broken(
        "<a><b></c></a>",
        "start a, start b, end, end </a>",
        "</c> <- the end tag `c` matches no open element (this is the innermost open element: <b)",
    );
    broken(
        "<a></b></a>",
        "start a, end </a>",
        "</b> <- the end tag `b` matches no open element (this is the innermost open element: <a)",
    );
}

#[test]
fn a_quote_that_is_not_closed() {
    broken(
        "<a>\n  <b c='1' d=\"2>\n  <e f=\"g\"/>\n  </b>\n</a>",
        r"start a, text \n  , start b c:1, text \n  , empty e f:g, text \n  , end </b>, text \n, end </a>",
        r#"d=\" <- the value of attribute `d` has no closing quote"#,
    );
    broken(
        "<a>\n  <b c='1' d='2/>\n  <e f='g'/>\n</a>",
        r"start a, text \n  , empty b c:1, text \n  , empty e f:g, text \n, end </a>",
        r"d=\' <- the value of attribute `d` has no closing quote",
    );
    broken(
        "<a>\n  <b c='\n  <e f='g'/>\n  </b>\n</a>",
        r"start a, text \n  , start b, text \n  , empty e f:g, text \n  , end </b>, text \n, end </a>",
        r"c=\' <- the value of attribute `c` has no closing quote",
    );
    broken("<a b='", "start a, end", r"b=\' <- the value of attribute `b` has no closing quote");
}

#[test]
fn a_less_than_sign_in_a_value() {
    broken(
        "<a><b c='d < e' f='g'/></a>",
        "start a, empty b c:d < e f:g, end </a>",
        "< <- `<` cannot stand in an attribute's value",
    );
    broken(
        "<a><b c='<d>'>e</b></a>",
        "start a, start b c:<d>, text e, end </b>, end </a>",
        "< <- `<` cannot stand in an attribute's value",
    );
}

#[test]
fn a_tag_that_is_not_closed() {
    broken(
        "<a>\n  <b c='d'\n  <e/>\n</a>",
        r"start a, text \n  , start b c:d, text \n  , empty e, text \n, end, end </a>",
        r"<b c=\'d\' <- the start tag is not closed",
    );
    broken(
        "<a>\n  <b\n</a>",
        r"start a, text \n  , start b, text \n, end, end </a>",
        "<b <- the start tag is not closed",
    );
    broken("<a><b/></a\n", r"start a, empty b, end </a, text \n", "</a <- the end tag is not closed");
    broken("<a>b < c</a>", "start a, text b , text < c, end </a>", "< <- `<` does not begin a tag");
}

#[test]
fn attributes_that_are_not_written_right() {
    broken("<a b c='d'/>", "empty a c:d", "b <- attribute `b` has no value");
    broken("<a b=c d='e'/>", "empty a d:e", "b= <- the value of attribute `b` is not in quotes");
    broken("<a b='c'd='e'/>", "empty a b:c d:e", "d <- white space is missing before the attribute");
    broken("<a b='c' b='d'/>", "empty a b:c", "b <- attribute `b` is given twice (it is given here first: b)");
    broken("<a \u{1}/>", "empty a", "\\u{1} <- the character U+0001 is not allowed in XML");
    broken("<a $ b='c'/>", "empty a b:c", "$ <- no attribute can start like this");
    broken(
        "<a b='&c;' d='e & f'/>",
        "empty a b:&c; d:e & f",
        &["&c; <- entity `c` is not declared", "& <- `&` does not begin a reference"].join("\n"),
    );
}

#[test]
fn a_comment_that_is_not_closed() {
    broken(
        "<a>\n  <!-- b\n  <c/>\n</a>",
        r"start a, text \n  , empty c, text \n, end </a>",
        "<!-- <- the comment is not closed",
    );
    broken(
        "<a>\n  <!-- b\n  <c/>\n  <!-- d -->\n</a>",
        r"start a, text \n  , empty c, text \n  , comment  d , text \n, end </a>",
        "<!-- <- the comment is not closed before the next one",
    );
    broken("<a><!-- b</a>", "start a, end", "<!-- <- the comment is not closed");
    broken("<a><!-- b -- c --></a>", "start a, comment  b -- c , end </a>", "-- <- `--` cannot stand in a comment");
}

#[test]
fn a_section_or_instruction_that_is_not_closed() {
    broken(
        "<a>\n  <![CDATA[ b\n  <c/>\n</a>",
        r"start a, text \n  , empty c, text \n, end </a>",
        "<![CDATA[ <- the CDATA section is not closed",
    );
    broken(
        "<a>\n  <?if b\n  <c/>\n</a>",
        r"start a, text \n  , empty c, text \n, end </a>",
        "<?if <- the processing instruction is not closed",
    );
}

#[test]
fn what_stands_outside_the_root() {
    broken(
        "x<a/>y<b/>z",
        "text x, empty a, text y, empty b, text z",
        "x <- text cannot stand outside the root element",
    );
    broken(
        "<a/></a><b/>",
        "empty a, empty b",
        &["</a> <- the end tag `a` matches no open element", "<b <- a document has one root element only"].join("\n"),
    );
    broken("", "", " <- the document has no root element");
}

#[test]
fn references_and_characters() {
    broken(
        "<a>&b; &amp &#0;&lt;]]></a>",
        "start a, reference &b;, text  , text &amp , reference &#0;, reference &lt;, text ]]>, end </a>",
        &[
            "&b; <- entity `b` is not declared",
            "&amp <- `&` does not begin a reference",
            "&#0; <- `&#0;` refers to a character that XML does not allow",
            "]]> <- `]]>` cannot stand in text",
        ]
        .join("\n"),
    );
    broken(
        "<a>\u{1}\u{2}b\u{FFFF}</a>",
        r"start a, text \u{1}\u{2}b\u{ffff}, end </a>",
        &[
            r"\u{1}\u{2} <- the character U+0001 is not allowed in XML",
            r"\u{ffff} <- the character U+FFFF is not allowed in XML",
        ]
        .join("\n"),
    );
}

#[test]
fn deep_elements_are_left_out() {
    let text = format!("{}<x y='z'>t</x>{}<b/></a>", "<a>".repeat(257), "</a>".repeat(256));
    let events = events(&text);
    assert!(!events.contains('x') && events.ends_with("empty b, end </a>"), "{events}");
    assert_eq!(mistakes(&text), "<x <- elements are nested more than 257 levels deep");
}

#[test]
fn names_are_split_at_the_first_colon() {
    assert_eq!(split_name("util:User"), (Some("util"), "User"));
    assert_eq!(split_name("User"), (None, "User"));
}

#[test]
fn every_error_says_what_to_do() {
    for text in ["<a", "<a><b></a>", "<a b=c/>", "<a>&</a>", "<!DOCTYPE><a/>", "<a/>x", "<a>\u{1}</a>", "<a><!--"] {
        for error in errors(text) {
            let first = error.message.chars().next().unwrap();
            assert!(!first.is_uppercase() && !error.message.ends_with('.'), "{text}: {}", error.message);
            assert!(error.help.is_some_and(|help| !help.is_empty()), "{text}: {}", error.message);
        }
    }
}

/// splitmix64, good enough for soup.
fn next_random(state: &mut u64) -> usize {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (mixed >> 33) as usize
}

#[test]
fn soup_is_read_to_the_end() {
    const PARTS: &[&str] = &[
        "<",
        ">",
        "/",
        "</",
        "/>",
        "<a",
        "<b ",
        "</a>",
        "</b>",
        "<a>",
        "<b/>",
        "c='d'",
        " e=\"f\"",
        "=",
        "'",
        "\"",
        " ",
        "\n",
        "\r\n",
        "&",
        ";",
        "&amp;",
        "&#",
        "&x;",
        "<!--",
        "-->",
        "--",
        "<![CDATA[",
        "]]>",
        "<?",
        "?>",
        "<?xml",
        "<!DOCTYPE a",
        "<!DOCTYPE a [",
        "<!ENTITY x '",
        "<!ENTITY % y \"",
        "%y;",
        "]",
        "[",
        "]>",
        "<!",
        "(",
        "|",
        "\u{1}",
        "\0",
        "\u{E9}",
        "\u{1F600}",
        "\u{FEFF}",
        "\u{C}",
        "\u{FFFE}",
        "\u{B7}",
        "x",
    ];
    let mut state = 1;
    for _ in 0..20_000 {
        let len = 1 + next_random(&mut state) % 24;
        let text: String = (0..len).map(|_| PARTS[next_random(&mut state) % PARTS.len()]).collect();
        check(&text);
    }
}

#[test]
fn bytes_are_read_to_the_end() {
    let mut state = 2;
    for _ in 0..5_000 {
        let bytes: Vec<u8> = (0..next_random(&mut state) % 60).map(|_| next_random(&mut state) as u8).collect();
        check(&String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn truncated_documents_are_read_to_the_end() {
    for name in ["content", "doctype", "external", "names", "package-v3", "package-v4", "preprocessor"] {
        let path = format!("{}/fixtures/wellformed/{name}.xml", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).unwrap();
        for (at, _) in text.char_indices() {
            check(&text[..at]);
            check(&text[at..]);
        }
    }
}

#[test]
fn large_documents_take_linear_time() {
    let n = 100_000;
    for text in [
        "<a>".repeat(n),
        "<a b=\"".repeat(n),
        "<a b=\"<c\nd='".repeat(n),
        "<!--\n<a>".repeat(n),
        format!("{}-->", "<!-- ".repeat(n)),
        "<![CDATA[\n<a>".repeat(n),
        format!("<!--{}", "\n".repeat(n)),
        format!("<a {}{}/>", (0..n).map(|i| format!("b{i}='' ")).collect::<String>(), "b99999='' ".repeat(n)),
        "<!DOCTYPE a '".repeat(n),
        "<!DOCTYPE a [ ]".repeat(n),
        "&".repeat(n),
        "<".repeat(n),
        format!("<a {}/>", (0..n).map(|i| format!("b{i}='' ")).collect::<String>()),
        format!("<a b='{}'/>", "<&amp;\n".repeat(n)),
    ] {
        check(&text);
    }
}
