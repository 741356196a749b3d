//! The rules: each one file of code and one page, which is its documentation and its test.

mod action_scheduled_twice;
mod ambiguous_order;
mod custom_action_data_in_immediate;
mod custom_action_data_set_late;
mod custom_action_defined_twice;
mod custom_action_in_advertise_sequence;
mod custom_action_shadows_standard_action;
mod dialog_in_execute_sequence;
mod directory_set_after_cost_finalize;
mod dll_entry_not_exported;
mod duplicate_sequence_number;
mod error_action_unconditional;
mod first_sequence_only_in_execute;
mod force_reboot_unconditional;
mod hidden_dialog_set;
mod in_script_before_remove_existing_products;
mod in_script_in_ui_sequence;
mod in_script_outside_transaction;
mod in_script_reads_property;
mod install_validate_conditioned;
mod launch_condition_reads_later_property;
mod lost_default_condition;
mod malformed_schedule_entry;
mod malformed_suppression;
mod malformed_xml;
mod misspelt_standard_action;
mod no_impersonate_immediate;
mod no_room_for_action;
mod preprocessor_error;
mod private_property_in_app_search;
mod property_case_mismatch;
mod property_read_after_cleared;
mod property_read_before_set;
mod quiet_exec_property_name;
mod remove_all_before_install_validate;
mod remove_existing_products_misplaced;
mod required_action_conditioned;
mod required_action_missing;
mod rollback_after_deferred;
mod rollback_or_script_async;
mod scheduled_relative_to_exit_dialog;
mod secret_in_custom_action_data;
mod sequence_cycle;
mod session_key_after_install_validate;
mod session_key_authored;
mod session_key_first_sequence;
mod session_key_in_script_action;
mod session_key_in_ui_sequence;
mod session_key_needs_msi4;
mod set_directory_before_cost_finalize;
mod set_property_both_sequences;
mod standard_action_order;
mod standard_action_wrong_table;
mod unknown_action;
mod unmergeable_action;
mod unreadable_encoding;
mod unsupported_namespace;
mod unused_suppression;

use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Fix, Label, Severity};
use crate::model::Model;
use crate::policy::Policy;
use crate::project::{Project, World};
use crate::reads::Read;
use crate::sequence::{Problem, Schedule, Step};
use crate::source::Span;
use crate::suppress::Verdicts;
use crate::wix::Entry;

/// One rule.
#[derive(Debug)]
pub struct Rule {
    /// Kebab-case noun phrase that names the bad thing.
    pub name: &'static str,
    pub severity: Severity,
    /// Whether it runs when nobody asks for it.
    pub by_default: bool,
    /// The rule's page, in Markdown.
    pub doc: &'static str,
    pub check: Check,
}

/// What a rule looks at.
#[derive(Debug)]
pub enum Check {
    /// The files, as far as they could be read.
    Project(fn(&Project, &mut Findings)),
    /// What the preprocessor makes of the files in one world.
    World(fn(&World, &mut Findings)),
    /// A linked package.
    Package(fn(&Model<'_>, &mut Findings)),
    /// Comments that silence rules, when it is known what the others have found.
    Comments(fn(&Verdicts<'_>, &mut Findings)),
}

/// Every rule, by name.
pub const RULES: &[Rule] = &[
    action_scheduled_twice::RULE,
    ambiguous_order::RULE,
    custom_action_data_in_immediate::RULE,
    custom_action_data_set_late::RULE,
    custom_action_defined_twice::RULE,
    custom_action_in_advertise_sequence::RULE,
    custom_action_shadows_standard_action::RULE,
    dialog_in_execute_sequence::RULE,
    directory_set_after_cost_finalize::RULE,
    dll_entry_not_exported::RULE,
    duplicate_sequence_number::RULE,
    error_action_unconditional::RULE,
    first_sequence_only_in_execute::RULE,
    force_reboot_unconditional::RULE,
    hidden_dialog_set::RULE,
    in_script_before_remove_existing_products::RULE,
    in_script_in_ui_sequence::RULE,
    in_script_outside_transaction::RULE,
    in_script_reads_property::RULE,
    install_validate_conditioned::RULE,
    launch_condition_reads_later_property::RULE,
    lost_default_condition::RULE,
    malformed_schedule_entry::RULE,
    malformed_suppression::RULE,
    malformed_xml::RULE,
    misspelt_standard_action::RULE,
    no_impersonate_immediate::RULE,
    no_room_for_action::RULE,
    preprocessor_error::RULE,
    private_property_in_app_search::RULE,
    property_case_mismatch::RULE,
    property_read_after_cleared::RULE,
    property_read_before_set::RULE,
    quiet_exec_property_name::RULE,
    remove_all_before_install_validate::RULE,
    remove_existing_products_misplaced::RULE,
    required_action_conditioned::RULE,
    required_action_missing::RULE,
    rollback_after_deferred::RULE,
    rollback_or_script_async::RULE,
    scheduled_relative_to_exit_dialog::RULE,
    secret_in_custom_action_data::RULE,
    sequence_cycle::RULE,
    session_key_after_install_validate::RULE,
    session_key_authored::RULE,
    session_key_first_sequence::RULE,
    session_key_in_script_action::RULE,
    session_key_in_ui_sequence::RULE,
    session_key_needs_msi4::RULE,
    set_directory_before_cost_finalize::RULE,
    set_property_both_sequences::RULE,
    standard_action_order::RULE,
    standard_action_wrong_table::RULE,
    unknown_action::RULE,
    unmergeable_action::RULE,
    unreadable_encoding::RULE,
    unsupported_namespace::RULE,
    unused_suppression::RULE,
];

impl Rule {
    /// What it finds, as one sentence: the first one of its page.
    pub fn summary(&self) -> &'static str {
        self.doc.lines().nth(2).unwrap_or_default()
    }

    /// Where to read about it on the web: its page in the repository that the package names, or else the first thing that its
    /// page cites as evidence.
    pub fn url(&self) -> String {
        self.url_in(env!("CARGO_PKG_REPOSITORY"))
    }

    fn url_in(&self, repository: &str) -> String {
        if repository.is_empty() {
            let evidence = self.doc.rsplit("\n## Evidence\n").next().unwrap_or_default();
            let link = evidence.split_once("](").and_then(|(_, rest)| rest.split_once(')'));
            return link.map(|(url, _)| url).unwrap_or_default().to_owned();
        }
        let file = self.name.replace('-', "_");
        format!("{}/blob/HEAD/src/rules/{file}.md", repository.trim_end_matches('/'))
    }
}

/// The rule about comments that silence nothing: what one project says of a file, another that has it too may deny.
pub const UNUSED_SUPPRESSION: &str = unused_suppression::RULE.name;

/// The name of every rule.
pub fn names() -> Vec<&'static str> {
    RULES.iter().map(|rule| rule.name).collect()
}

/// A finding, and the fixes that may be tried for it.
#[derive(Clone, Debug)]
pub struct Finding {
    pub diagnostic: Diagnostic,
    /// Fixes that would do, the best first; nothing about them is proved.
    pub candidates: Arc<[Arc<Fix>]>,
    /// The worlds in which it holds, one bit each.
    pub worlds: u32,
    /// Nobody wants to know of it: the policy, or a comment.
    pub is_silenced: bool,
}

/// What the rules have found.
#[derive(Debug)]
pub struct Findings {
    /// The rule that is running.
    rule: &'static Rule,
    list: Vec<Finding>,
}

impl Default for Findings {
    fn default() -> Findings {
        Findings { rule: &RULES[0], list: Vec::new() }
    }
}

impl Findings {
    /// Runs the rules that look at files.
    pub fn check_project(&mut self, project: &Project) {
        for rule in RULES {
            self.rule = rule;
            if let Check::Project(check) = rule.check {
                check(project, self);
            }
        }
    }

    /// Runs the rules that look at what the preprocessor does.
    pub fn check_world(&mut self, world: &World) {
        for rule in RULES {
            self.rule = rule;
            if let Check::World(check) = rule.check {
                check(world, self);
            }
        }
    }

    /// Runs the rules that look at comments.
    pub fn check_comments(&mut self, verdicts: &Verdicts<'_>) {
        for rule in RULES {
            self.rule = rule;
            if let Check::Comments(check) = rule.check {
                check(verdicts, self);
            }
        }
    }

    /// Runs the rules that look at packages: all that are on by default, since fixes are proved against them,
    /// and those that the policy turns on.
    pub fn check_package(&mut self, model: &Model<'_>, policy: &Policy) {
        for rule in RULES.iter().filter(|rule| rule.by_default || policy.runs(rule.name, false)) {
            self.rule = rule;
            if let Check::Package(check) = rule.check {
                check(model, self);
            }
        }
    }

    pub fn into_list(self) -> Vec<Finding> {
        self.list
    }

    /// Begins a finding of the running rule about a problem of a schedule, at the place that the toolset
    /// names; `None` when it lies in no source.
    fn report_problem(
        &mut self,
        schedule: &Schedule<'_>,
        problem: &Problem<'_>,
        message: String,
        label: String,
    ) -> Option<&mut Finding> {
        let spans = problem.entries.iter().map(|entry| entry.span);
        let span = spans.chain(problem.asked).find(|span| !span.is_nowhere())?;
        Some(self.report(&format!("{}/{}", schedule.table.name(), problem.action), message, span, label))
    }

    /// Begins a finding of the running rule about `part` of a table, an action or something about it, at the
    /// entry that places it.
    fn report_row(&mut self, part: &str, message: String, entry: &Entry) -> &mut Finding {
        self.report(&format!("{}/{part}", entry.table.name()), message, entry.span, Step { entry }.reason())
    }

    /// Begins a finding of the running rule about `subject`, at `span`.
    fn report(&mut self, subject: &str, message: String, span: Span, label: String) -> &mut Finding {
        let diagnostic = Diagnostic {
            rule: self.rule.name,
            severity: self.rule.severity,
            subject: subject.to_owned(),
            message,
            primary: Label { span, message: label },
            related: Vec::new(),
            help: None,
            fix: None,
            no_fix: None,
            configurations: Vec::new(),
        };
        let at = self.list.len();
        self.list.push(Finding { diagnostic, candidates: Arc::default(), worlds: 0, is_silenced: false });
        &mut self.list[at]
    }
}

/// So many of the calls that lead to a read are shown.
const MOST_CALLS: usize = 4;

impl Finding {
    fn label(&mut self, span: Span, message: impl Into<String>) -> &mut Finding {
        let message = message.into();
        if span.is_nowhere() {
            // Said by a library, which has no place to show: it is told at the place before.
            let related = self.diagnostic.related.last_mut();
            let before = &mut related.unwrap_or(&mut self.diagnostic.primary).message;
            *before += &format!(", {message}");
        } else {
            self.diagnostic.related.push(Label { span, message });
        }
        self
    }

    /// Shows where a property is read, and the calls that lead there; not where the finding itself stands.
    fn label_read(&mut self, read: &Read<'_>, message: &str) -> &mut Finding {
        let Some(span) = read.span.filter(|&span| span != self.diagnostic.primary.span) else { return self };
        for call in read.through.iter().take(MOST_CALLS) {
            self.label(*call, "through this call");
        }
        self.label(span, message)
    }

    fn help(&mut self, help: impl Into<String>) -> &mut Finding {
        self.diagnostic.help = Some(help.into());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::RULES;

    #[test]
    fn every_rule_has_an_address() {
        for rule in RULES {
            let page = format!("https://example.com/wixlint/blob/HEAD/src/rules/{}.md", rule.name.replace('-', "_"));
            assert_eq!(rule.url_in("https://example.com/wixlint/"), page);
            let evidence = rule.url_in("");
            assert!(evidence.starts_with("https://"), "the page of {} cites no document: {evidence}", rule.name);
        }
    }
}
