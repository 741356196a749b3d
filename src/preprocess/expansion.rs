//! Texts in conditions, where it matters which variables a text depends on.

use std::ops::Range;

use super::mistake::MistakeKind;
use super::variables::{Find, Found, MAX_GROWTH, Variables, is_illegal, reference_length, root};
use super::{Assumed, Namespace};

/// What an evaluation of a condition sees.
#[derive(Clone, Copy)]
pub(super) struct Context<'c> {
    pub(super) variables: &'c Variables,
    pub(super) dialect: Namespace,
    /// Texts that are tried for variables that nothing defines.
    pub(super) guesses: &'c [(String, String)],
}

/// A text in a condition with its variables replaced.
#[derive(Debug, Default)]
pub(super) struct Expansion {
    pub(super) text: String,
    /// The variables in it that nothing in the sources defines.
    pub(super) roots: Vec<String>,
    /// Where the text of such a variable stands, when it is the only one.
    pub(super) place: Option<Range<usize>>,
}

impl<'c> Context<'c> {
    /// The same variables with other guesses.
    pub(super) fn with<'g>(&self, guesses: &'g [(String, String)]) -> Context<'g>
    where
        'c: 'g,
    {
        Context { guesses, ..*self }
    }

    /// Expands a text; what nothing gives a text to is empty.
    ///
    /// # Errors
    /// What the toolset refuses about it.
    pub(super) fn expand(&self, text: &str) -> Result<Expansion, MistakeKind> {
        let mut expansion = Expansion::default();
        self.expand_into(text, &|name| self.variables.find(name), &mut expansion)?;
        Ok(expansion)
    }

    fn expand_into(&self, text: &str, find: Find<'_, 'c>, into: &mut Expansion) -> Result<(), MistakeKind> {
        let mut rest = text;
        let may_grow = |length: usize| length < MAX_GROWTH && !self.variables.is_spent();
        while let Some(at) = rest.find('$').filter(|_| may_grow(into.text.len())) {
            into.text.push_str(&rest[..at]);
            let after = &rest[at + 1..];
            rest = match (after.strip_prefix('$'), reference_length(after)) {
                (Some(escaped), _) => {
                    into.text.push('$');
                    escaped
                }
                (None, Some(length)) => {
                    let before = into.text.len();
                    self.put(&after[1..length - 1], find, into)?;
                    self.variables.spend(into.text.len() - before);
                    &after[length..]
                }
                (None, None) if after.starts_with('(') => return Err(MistakeKind::NoVariable(after[1..].to_owned())),
                (None, None) => {
                    into.text.push('$');
                    after
                }
            };
        }
        into.text.push_str(rest);
        Ok(())
    }

    fn put(&self, name: &str, find: Find<'_, 'c>, into: &mut Expansion) -> Result<(), MistakeKind> {
        if is_illegal(name, self.dialect) {
            return Err(MistakeKind::NoVariable(name.to_owned()));
        }
        match find(name) {
            _ if name.starts_with("loc.") => into.text.push_str(&format!("$({name})")),
            Found::Text(text) => into.text.push_str(&text),
            Found::Open(text) => self.expand_into(text, &root, into)?,
            Found::Gone(name) => return Err(MistakeKind::Undefined(name)),
            Found::Free(root) => {
                self.variables.ask(&root);
                let guess = self.guesses.iter().find(|(guessed, _)| *guessed == root).map(|(_, text)| text);
                let assumed = match self.variables.assumed(&root) {
                    Some(Assumed::Exactly(text) | Assumed::Like(text)) => Some(text),
                    _ => None,
                };
                let start = into.text.len();
                into.text.push_str(guess.or(assumed).map_or("", String::as_str));
                into.place = into.roots.is_empty().then_some(start..into.text.len());
                into.roots.push(root);
            }
        }
        Ok(())
    }
}
