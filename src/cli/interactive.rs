//! Questions about each fix, on a terminal.

use std::cell::RefCell;
use std::io::{self, BufRead, IsTerminal, Write};

use rustc_hash::{FxHashMap, FxHashSet};

use super::check::relative;
use crate::diagnostic::{Diagnostic, Edit};
use crate::fix::diff::{Diff, Form};
use crate::fix::prove::edited;
use crate::source::{FileId, Sources};

/// What was answered so far.
pub(super) struct Questions {
    form: Form,
    answers: RefCell<Answers>,
}

#[derive(Default)]
struct Answers {
    round: usize,
    /// Those of the round: findings that have a fix in common are asked about once.
    given: FxHashMap<Vec<Edit>, bool>,
    /// Findings whose fix nobody wants, which come again in every round: by rule, subject and file.
    refused: FxHashSet<(&'static str, String, FileId)>,
    /// The answer to all further questions.
    rest: Option<bool>,
}

impl Questions {
    /// # Errors
    /// There is nobody to be asked.
    pub(super) fn new(color: bool) -> Result<Questions, String> {
        if io::stdin().is_terminal() {
            let form = if color { Form::Colored } else { Form::Plain };
            Ok(Questions { form, answers: RefCell::default() })
        } else {
            Err("--interactive asks on a terminal, and standard input is none".to_owned())
        }
    }

    /// Whether a fix is wanted.
    pub(super) fn ask(&self, finding: &Diagnostic, sources: &Sources, round: usize) -> bool {
        let mut answers = self.answers.borrow_mut();
        if answers.round != round {
            answers.round = round;
            answers.given.clear();
        }
        let Some(fix) = &finding.fix else { return false };
        let key = (finding.rule, finding.subject.clone(), finding.primary.span.file);
        let known = answers.given.get(&fix.edits).copied();
        let is_refused = round > 0 && answers.refused.contains(&key);
        if let Some(answer) = known.or(answers.rest).or(is_refused.then_some(false)) {
            return answer;
        }
        let shown = show(finding, sources, self.form, &mut io::stdout().lock());
        let answered = shown.and_then(|()| read(&mut io::stdin().lock(), &mut io::stdout().lock()));
        // After an error nobody answers any more.
        let (answer, rest) = answered.unwrap_or((false, true));
        if rest {
            answers.rest = Some(answer);
        }
        if !answer {
            answers.refused.insert(key);
        }
        answers.given.insert(fix.edits.clone(), answer);
        answer
    }
}

fn show(finding: &Diagnostic, sources: &Sources, form: Form, out: &mut dyn Write) -> io::Result<()> {
    let Some(fix) = &finding.fix else { return Ok(()) };
    let Ok((new, changed)) = edited(sources, &[fix]) else { return Ok(()) };
    writeln!(out, "{}[{}]: {}", finding.severity.name(), finding.rule, finding.message)?;
    for file in changed {
        let old = sources.get(file);
        Diff::between(old, new.get(file)).write(&relative(old.path()), form, out)?;
    }
    Ok(())
}

/// Asks until the answer is understood: whether to fix, and whether that is said of the rest as well.
fn read(input: &mut dyn BufRead, out: &mut dyn Write) -> io::Result<(bool, bool)> {
    loop {
        write!(out, "apply this fix? [y]es, [n]o, [a]ll, [q]uit: ")?;
        out.flush()?;
        let mut line = String::new();
        if input.read_line(&mut line)? == 0 {
            writeln!(out)?;
            return Ok((false, true));
        }
        match line.trim().to_ascii_lowercase().as_str() {
            "y" | "yes" => return Ok((true, false)),
            "n" | "no" => return Ok((false, false)),
            "a" | "all" => return Ok((true, true)),
            "q" | "quit" => return Ok((false, true)),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn answers_are_understood() {
        for (typed, answer) in [
            ("y\n", (true, false)),
            ("No\n", (false, false)),
            ("what?\nall\n", (true, true)),
            ("q\n", (false, true)),
            ("", (false, true)),
        ] {
            assert_eq!(read(&mut typed.as_bytes(), &mut Vec::new()).unwrap(), answer, "{typed:?}");
        }
    }
}
