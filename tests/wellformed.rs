//! What wixlint calls well-formed is what libxml2 calls well-formed.
//!
//! Thousands of documents are made from a few seeds by small accidents, always the same ones. The
//! verdicts of `xmllint --noout` on them are kept beside the seeds; where xmllint is installed, some
//! are asked for again. `WIXLINT_RECORD=1 cargo test --test wellformed` writes them anew.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "wellformed/mutants.rs"]
mod mutants;
#[path = "wellformed/oracle.rs"]
mod oracle;

use std::fs;
use std::path::{Path, PathBuf};

use wixlint::source::{DecodeError, Source, Sources};
use wixlint::syntax::Reader;

const MUTANTS: usize = 2000;

/// What is wrong with a file; nothing if it is well-formed.
fn mistakes(bytes: &[u8]) -> Vec<String> {
    let source = match Source::decode("seed.xml", bytes.to_vec()) {
        Ok(source) => source,
        Err(bad) => return vec![format!("{:?}", bad.error)],
    };
    let mut reader = Reader::new(Sources::default().add(Source::decode("", Vec::new()).unwrap().into()), source.text());
    while reader.next().is_some() {}
    reader.into_errors().into_iter().map(|error| error.message).collect()
}

fn seeds() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/wellformed");
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<_> = paths.filter(|path| path.extension().is_some_and(|end| end == "xml")).collect();
    paths.sort();
    paths
}

fn mutants_of(seed: &Path) -> Vec<String> {
    let text = fs::read_to_string(seed).unwrap().replace("\r\n", "\n");
    mutants::of(&text, MUTANTS)
}

/// The lines of a mutant that its seed does not have.
fn accident(seed: &Path, mutant: &str) -> String {
    let seed_text = fs::read_to_string(seed).unwrap();
    let lines = mutant.lines().filter(|line| !seed_text.lines().any(|known| known == *line));
    let lines: String = lines.map(|line| format!("    {}\n", line.escape_debug())).collect();
    format!("  {}\n{lines}", seed.file_name().unwrap().display())
}

/// The one difference among the mutants that remains on purpose: libxml2 asks other libraries for
/// encodings, and they forgive names such as `utf--8`.
fn has_unknown_encoding(mutant: &str) -> bool {
    Source::decode("", mutant.into()).is_err_and(|bad| matches!(bad.error, DecodeError::Unsupported(_)))
}

#[test]
fn mutants_are_judged_as_libxml2_judges_them() {
    let mut count = 0;
    let mut differences = Vec::new();
    for seed in seeds() {
        let mutants = mutants_of(&seed);
        let verdicts = oracle::stored(&seed, &mutants);
        for (mutant, accepted) in mutants.iter().zip(verdicts) {
            count += 1;
            let mistakes = mistakes(mutant.as_bytes());
            if mistakes.is_empty() != accepted && !has_unknown_encoding(mutant) {
                let verdict = if accepted { "libxml2 accepts it" } else { "libxml2 rejects it" };
                differences.push(format!("{verdict}; {mistakes:?}\n{}", accident(&seed, mutant)));
            }
        }
    }
    assert!(count >= 12_000, "only {count} mutants");
    assert!(
        differences.is_empty(),
        "{} of {count} differ, such as\n{}",
        differences.len(),
        differences[..differences.len().min(40)].join("\n")
    );
}

#[test]
fn stored_verdicts_are_those_of_xmllint() {
    if !oracle::is_installed() {
        return;
    }
    for seed in seeds() {
        let mutants = mutants_of(&seed);
        let verdicts = oracle::stored(&seed, &mutants);
        for (mutant, stored) in mutants.iter().zip(verdicts).skip(MUTANTS - 60) {
            assert_eq!(oracle::ask(mutant.as_bytes()), stored, "{}:\n{mutant}", seed.display());
        }
    }
}

/// One document per way to be malformed.
const MALFORMED: &[(&str, &str)] = &[
    ("no document", ""),
    ("white space only", " \n"),
    ("text only", "abc"),
    ("comment only", "<!-- a -->"),
    ("root not closed", "<a>"),
    ("root not closed, with content", "<a><b/>"),
    ("two roots", "<a/><b/>"),
    ("text before the root", "x<a/>"),
    ("text after the root", "<a/>x"),
    ("reference after the root", "<a/>&amp;"),
    ("CDATA section outside the root", "<a/><![CDATA[]]>"),
    ("mismatched end tag", "<a></b>"),
    ("crossed end tags", "<a><b></a></b>"),
    ("stray end tag", "<a/></a>"),
    ("end tag with an attribute", "<a></a b='c'>"),
    ("end tag not closed", "<a></a"),
    ("start tag not closed", "<a"),
    ("start tag closed by the next", "<a <b/></a>"),
    ("no name", "<></>"),
    ("white space before the name", "< a/>"),
    ("name with a digit first", "<1a/>"),
    ("name with a foreign character", "<a$/>"),
    ("attribute without value", "<a b/>"),
    ("attribute without quotes", "<a b=c/>"),
    ("attribute without name", "<a ='c'/>"),
    ("attribute name with a digit first", "<a 1='c'/>"),
    ("attribute not closed", "<a b='c/>"),
    ("attributes without space between", "<a b='c'd='e'/>"),
    ("attribute twice", "<a b='c' b='d'/>"),
    ("`<` in a value", "<a b='<'/>"),
    ("`&` in a value", "<a b='&'/>"),
    ("`&` in text", "<a>b & c</a>"),
    ("reference without semicolon", "<a>&lt</a>"),
    ("unknown entity", "<a>&nbsp;</a>"),
    ("unknown entity in a value", "<a b='&nbsp;'/>"),
    ("reference to a control character", "<a>&#1;</a>"),
    ("reference to half a character", "<a>&#xD800;</a>"),
    ("reference to no character", "<a>&#x110000;</a>"),
    ("reference without a number", "<a>&#;</a>"),
    ("`]]>` in text", "<a>]]></a>"),
    ("control character", "<a>\u{1}</a>"),
    ("NUL", "<a>\0</a>"),
    ("U+FFFE", "<a>\u{FFFE}</a>"),
    ("control character in a comment", "<a><!--\u{2}--></a>"),
    ("comment with two hyphens", "<a><!-- -- --></a>"),
    ("comment with three hyphens at its end", "<a><!-- ---></a>"),
    ("comment not closed", "<a><!-- </a>"),
    ("comment of five characters", "<a><!--></a>"),
    ("CDATA section not closed", "<a><![CDATA[</a>"),
    ("CDATA section in small letters", "<a><![cdata[]]></a>"),
    ("instruction not closed", "<a><?b </a>"),
    ("instruction without name", "<a><? b?></a>"),
    ("instruction named xml", "<a><?xml version='1.0'?></a>"),
    ("instruction named XML", "<a><?XML b?></a>"),
    ("instruction without space", "<a><?b+c?></a>"),
    ("declaration not first", " <?xml version='1.0'?><a/>"),
    ("declaration twice", "<?xml version='1.0'?><?xml version='1.0'?><a/>"),
    ("declaration without version", "<?xml encoding='utf-8'?><a/>"),
    ("declaration without anything", "<?xml?><a/>"),
    ("declaration of another version", "<?xml version='2.0'?><a/>"),
    ("declaration in the wrong order", "<?xml version='1.0' standalone='no' encoding='utf-8'?><a/>"),
    ("declaration of an odd encoding", "<?xml version='1.0' encoding='*'?><a/>"),
    ("declaration of an odd standalone", "<?xml version='1.0' standalone='maybe'?><a/>"),
    ("DOCTYPE after the root", "<a/><!DOCTYPE a>"),
    ("DOCTYPE in the root", "<a><!DOCTYPE a></a>"),
    ("two DOCTYPEs", "<!DOCTYPE a><!DOCTYPE a><a/>"),
    ("DOCTYPE in small letters", "<!doctype a><a/>"),
    ("DOCTYPE without name", "<!DOCTYPE ><a/>"),
    ("DOCTYPE not closed", "<!DOCTYPE a [<a/>"),
    ("unknown declaration", "<!DOCTYPE a [<!THING b>]><a/>"),
    ("entity that is declared nowhere", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&d;</a>"),
    ("entity that is malformed", "<!DOCTYPE a [<!ENTITY b '<c>'>]><a>&b;</a>"),
    ("entity that holds itself", "<!DOCTYPE a [<!ENTITY b '&c;'><!ENTITY c '&b;'>]><a>&b;</a>"),
    ("entity that holds itself, in a value", "<!DOCTYPE a [<!ENTITY b '&c;'><!ENTITY c '&b;'>]><a d='&b;'/>"),
    ("entity with `<` in a value", "<!DOCTYPE a [<!ENTITY b '<c/>'>]><a d='&b;'/>"),
    ("unparsed entity", "<!DOCTYPE a [<!ENTITY b SYSTEM 'c' NDATA d>]><a>&b;</a>"),
    ("another file in a value", "<!DOCTYPE a [<!ENTITY b SYSTEM 'c'>]><a d='&b;'/>"),
    ("markup declaration outside a DOCTYPE", "<a><!ELEMENT b ANY></a>"),
];

/// Documents that look wrong, and are not.
const WELL_FORMED: &[(&str, &str)] = &[
    ("empty element", "<a/>"),
    ("white space wherever it can be", "<a\n\tb\r=\n'c' >\n</a\t>\n"),
    ("`>` in text and values", "<a b='>'>></a>"),
    ("brackets in text", "<a>]] ]> ]</a>"),
    ("other quote in a value", "<a b='\"' c=\"'\"/>"),
    ("empty value", "<a b=''/>"),
    ("empty comment", "<a><!----></a>"),
    ("markup in a comment", "<a><!-- </a> <b c=' & --></a>"),
    ("markup in a CDATA section", "<a><![CDATA[</a> & <!-- ]]]]></a>"),
    ("instruction without content", "<a><?b?></a>"),
    ("instruction with question marks", "<a><?b ??></a>"),
    ("instruction that starts like a declaration", "<?xml-stylesheet href='a'?><a/>"),
    ("declaration with odd white space", "<?xml\tversion = '1.0'\n?><a/>"),
    ("version to come", "<?xml version='1.7'?><a/>"),
    ("names that start oddly", "<_><:/></_>"),
    ("prefix that is not declared", "<a:b c:d='e'/>"),
    ("names from all over the world", "<\u{e9}t\u{e9} \u{65e5}='\u{1F600}'/>"),
    ("comment and instruction after the root", "<a/><!-- b --><?c?>\n"),
    ("carriage returns only", "<a>\r</a>\r"),
    ("DEL and its followers", "<a>\u{7F}\u{9F}</a>"),
    ("character past the first plane", "<a>&#x10FFFF;</a>"),
    ("entity that is declared", "<!DOCTYPE a [<!ENTITY b 'c'>]><a d='&b;'>&b;</a>"),
    ("entity with elements", "<!DOCTYPE a [<!ENTITY b '<c>&#38;amp;</c>'>]><a>&b;</a>"),
    ("entity that is malformed, and not used", "<!DOCTYPE a [<!ENTITY b '<c>'>]><a/>"),
    ("entity from another file", "<!DOCTYPE a SYSTEM 'b'><a>&c;</a>"),
    ("entity from a parameter entity", "<!DOCTYPE a [<!ENTITY % b '<!ENTITY d \"e\">'> %b;]><a>&d;&f;</a>"),
    ("`]` in a DOCTYPE's quotes", "<!DOCTYPE a [<!ENTITY b ']>'>]><a/>"),
];

/// Where libxml2 departs from the recommendation, wixlint does not follow: the reason, the document,
/// and whether wixlint accepts it.
const ON_PURPOSE: &[(&str, &str, bool)] = &[
    (
        "libxml2 forgets that it skipped a file which may declare the entity",
        "<!DOCTYPE a [<!ENTITY % b SYSTEM 'c'> %b;]><a>&d;</a>",
        true,
    ),
    (
        "libxml2 takes the second of two parameter entities in a row for a loop",
        "<!DOCTYPE a [<!ENTITY % b \"<!ENTITY c 'd'>\"> %b; %b;]><a/>",
        true,
    ),
    (
        "libxml2 looks for the white space behind some encodings only",
        "<?xml version='1.0' encoding='utf-8'standalone='yes'?><a/>",
        false,
    ),
    (
        "libxml2 does not look at an entity's text again that was first used in a value",
        "<!DOCTYPE a [<!ENTITY b 'c]]>'>]><a d='&b;'>&b;</a>",
        false,
    ),
    ("libxml2 does not miss the name of a notation", "<!DOCTYPE a [<!ENTITY b SYSTEM 'c' NDATA >]><a/>", false),
];

#[test]
fn differences_from_libxml2_are_those_on_purpose() {
    for &(why, document, accepted) in ON_PURPOSE {
        assert_eq!(mistakes(document.as_bytes()).is_empty(), accepted, "{why}: {document:?}");
        assert!(!oracle::is_installed() || oracle::ask(document.as_bytes()) != accepted, "no more: {why}");
    }
}

#[test]
fn malformed_documents_are_found() {
    for (what, document) in MALFORMED {
        assert_ne!(mistakes(document.as_bytes()), [""; 0], "{what}: {document:?}");
    }
}

#[test]
fn well_formed_documents_are_left_alone() {
    for (what, document) in WELL_FORMED {
        assert_eq!(mistakes(document.as_bytes()), [""; 0], "{what}: {document:?}");
    }
}

#[test]
fn xmllint_agrees_with_both_tables() {
    if !oracle::is_installed() {
        return;
    }
    for (table, accepted) in [(MALFORMED, false), (WELL_FORMED, true)] {
        for (what, document) in table {
            assert_eq!(oracle::ask(document.as_bytes()), accepted, "{what}: {document:?}");
        }
    }
}

#[test]
fn depth_is_limited_where_libxml2_limits_it() {
    for (depth, accepted) in [(257, true), (258, false), (100_000, false)] {
        let document = format!("{}<b/>{}", "<a>".repeat(depth - 1), "</a>".repeat(depth - 1));
        assert_eq!(mistakes(document.as_bytes()).len(), usize::from(!accepted), "depth {depth}");
        assert!(!oracle::is_installed() || oracle::ask(document.as_bytes()) == accepted, "depth {depth}");
    }
}

#[test]
fn entity_bombs_do_not_go_off() {
    let levels: String = (1..30).map(|n| format!("<!ENTITY e{n} '{}'>", format!("&e{};", n - 1).repeat(10))).collect();
    for document in [
        format!("<!DOCTYPE a [<!ENTITY e0 'ha'>{levels}]><a>&e29;&e29;</a>"),
        format!("<!DOCTYPE a [<!ENTITY e0 'ha'>{levels}]><a b='&e29;' c='&e29;'/>"),
    ] {
        assert_eq!(mistakes(document.as_bytes()).len(), 1);
        assert!(!oracle::is_installed() || !oracle::ask(document.as_bytes()));
    }
}
