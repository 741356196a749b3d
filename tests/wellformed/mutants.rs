//! Small accidents, reproducible.

/// What slips in. Most of it means something to XML somewhere.
const SNIPPETS: &[&str] = &[
    "<",
    ">",
    "&",
    ";",
    "\"",
    "'",
    "/",
    "=",
    " ",
    "\n",
    "\t",
    "\r\n",
    "!",
    "?",
    "-",
    "--",
    ".",
    ":",
    "#",
    "%",
    "x",
    "1",
    "[",
    "]",
    "(",
    ")",
    "|",
    ",",
    "*",
    "+",
    "_",
    "$",
    "]]>",
    "-->",
    "<!--",
    "<![CDATA[",
    "<?",
    "?>",
    "</",
    "/>",
    "<?p q?>",
    "<!-- c -->",
    "<?xml version=\"1.0\"?>",
    "<!DOCTYPE a>",
    "<![CDATA[d]]>",
    "<a>",
    "</a>",
    "<a/>",
    " b=\"c\"",
    " b='c'",
    "&amp;",
    "&#65;",
    "&#1;",
    "&#xFFFE;",
    "&maker;",
    "&one;",
    "&u;",
    "%here;",
    "xml",
    "\u{1}",
    "\u{1F}",
    "\u{7F}",
    "\u{85}",
    "\u{B7}",
    "\u{D7}",
    "\u{E9}",
    "\u{300}",
    "\u{FFFD}",
    "\u{FFFE}",
    "\u{FEFF}",
    "\u{2028}",
    "\u{1F600}",
];

/// splitmix64: the same numbers on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) % limit.max(1) as u64) as usize
    }
}

/// `count` documents, each one or a few accidents away from `text`.
pub(crate) fn of(text: &str, count: usize) -> Vec<String> {
    let mut random = Random(text.len() as u64);
    let original: Vec<char> = text.chars().collect();
    (0..count)
        .map(|_| {
            let mut chars = original.clone();
            // One accident is the rule, for it leaves the most documents whole.
            let accidents = 1 + random.below(4) / 3 + random.below(8) / 7;
            (0..accidents).for_each(|_| hurt(&mut chars, &mut random));
            chars.into_iter().collect()
        })
        .collect()
}

fn hurt(chars: &mut Vec<char>, random: &mut Random) {
    let at = random.below(chars.len());
    let len = 1 + random.below(3);
    let end = (at + len).min(chars.len());
    match random.below(16) {
        0..=3 => drop(chars.drain(at..end)),
        4..=8 => drop(chars.splice(at..at, SNIPPETS[random.below(SNIPPETS.len())].chars())),
        9..=10 => drop(chars.splice(at..end.min(at + 1), SNIPPETS[random.below(SNIPPETS.len())].chars())),
        11 if end < chars.len() => chars.swap(at, end),
        12 => {
            let end = (at + random.below(30)).min(chars.len());
            let copy = chars[at..end].to_vec();
            let to = random.below(chars.len());
            chars.splice(to..to, copy);
        }
        13 => {
            let end = (at + random.below(20)).min(chars.len());
            drop(chars.drain(at..end));
        }
        14 => {
            let copy = chars[at..end].to_vec();
            chars.splice(at..at, copy);
        }
        _ if random.below(3) == 0 => chars.truncate(at),
        _ => chars.rotate_left(at.min(1)),
    }
}
