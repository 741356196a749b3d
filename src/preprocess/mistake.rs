//! What the toolset's preprocessor refuses. The numbers are the toolset's own.

use crate::source::Span;

/// A mistake, at the place that the toolset names.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Mistake {
    pub kind: MistakeKind,
    pub span: Span,
    /// Where it began, when that is another place.
    pub begin: Option<Span>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum MistakeKind {
    /// 0145: more stands behind a whole expression.
    Leftover,
    /// 0146: an instruction that belongs to another one, which is missing.
    Unmatched { instruction: &'static str, opening: &'static str },
    /// 0147: an instruction that nothing ends.
    Unended { instruction: &'static str, closing: &'static str },
    /// 0149: `$(NAME)` as no variable is written.
    NoVariable(String),
    /// 0150: a variable that an `<?undef?>` has taken away.
    Undefined(String),
    /// 0151: a `<?define?>` of nothing.
    NoName,
    /// 0158: a quote that nothing closes.
    Quotes,
    /// 0159: a parenthesis that belongs to none.
    Parentheses,
    /// 0161: a literal alone, which is neither true nor false.
    Literal,
    /// 0162: a comparison of numbers with something else.
    NoNumber,
    /// 0163: nothing stands behind `not`.
    AfterNot,
    /// 0164: an expression without anything in it.
    Empty,
    /// A `<?foreach?>` without ` in `.
    NoIn,
    /// The root element of an included file is not `Include`.
    NotInclude(String),
    /// 0250: an `<?error?>`, with its text.
    Authored(String),
}

impl MistakeKind {
    /// What is wrong, as the beginning of a sentence.
    pub fn message(&self) -> String {
        match self {
            MistakeKind::Leftover => "the condition goes on behind its end".to_owned(),
            MistakeKind::Unmatched { instruction, opening } => {
                format!("`<?{instruction}?>` belongs to no `<?{opening}?>`")
            }
            MistakeKind::Unended { instruction, closing } => {
                format!("`<?{instruction}?>` is not ended by `<?{closing}?>`")
            }
            MistakeKind::NoVariable(text) => format!("`$({text})` names no variable"),
            MistakeKind::Undefined(name) => format!("`{name}` is used after `<?undef?>` has taken it away"),
            MistakeKind::NoName => "`<?define?>` names no variable".to_owned(),
            MistakeKind::Quotes => "the condition has a quote without its other half".to_owned(),
            MistakeKind::Parentheses => "the condition has a parenthesis without its other half".to_owned(),
            MistakeKind::Literal => "the condition is a literal, which is neither true nor false".to_owned(),
            MistakeKind::NoNumber => "the condition compares numbers, and one of them is none".to_owned(),
            MistakeKind::AfterNot => "nothing stands behind `not`".to_owned(),
            MistakeKind::Empty => "the condition is empty".to_owned(),
            MistakeKind::NoIn => "`<?foreach?>` lacks ` in ` between the variable and its values".to_owned(),
            MistakeKind::NotInclude(name) => format!("the root element of an included file is `{name}`"),
            MistakeKind::Authored(text) => format!("the source refuses to be built: {text}"),
        }
    }

    /// What to do about it.
    pub fn help(&self) -> String {
        match self {
            MistakeKind::Leftover => {
                "join expressions by `and` or `or`, and write no blank inside of a word".to_owned()
            }
            MistakeKind::Unmatched { opening, .. } => {
                format!("write its `<?{opening}?>` in the same file and on the same level of loops, or remove it")
            }
            MistakeKind::Unended { closing, .. } => format!("write `<?{closing}?>` in the same file"),
            MistakeKind::NoVariable(text) if is_name(text) => {
                format!("write `$(var.{text})`, or `$$({text})` for the text")
            }
            MistakeKind::NoVariable(_) => "write `$(var.NAME)`, or `$$` for a dollar sign".to_owned(),
            MistakeKind::Undefined(_) => "define it again, or remove the use".to_owned(),
            MistakeKind::NoName => "write `<?define NAME = VALUE?>`".to_owned(),
            MistakeKind::Quotes => "write texts in double quotes".to_owned(),
            MistakeKind::Parentheses => "close it; a variable stands alone or in double quotes".to_owned(),
            MistakeKind::Literal => "compare it with something, or ask for a variable: `$(var.NAME)`".to_owned(),
            MistakeKind::NoNumber => "compare texts with `=`, `!=` or `~=`".to_owned(),
            MistakeKind::AfterNot | MistakeKind::Empty => "write an expression".to_owned(),
            MistakeKind::NoIn => "write `<?foreach NAME in A;B?>`".to_owned(),
            MistakeKind::NotInclude(_) => "make it `Include`".to_owned(),
            MistakeKind::Authored(_) => "do what it asks for".to_owned(),
        }
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}
