//! Elements whose meaning depends on where they stand or on several attributes.

use super::{Compiler, FrameKind};
use crate::msi::{self, Table};
use crate::preprocess::{Element, Value};
use crate::wix::{Dialect, Stream, SymbolKey, Text};

impl Compiler {
    pub(super) fn special(&mut self, element: &Element<'_>, parent: FrameKind) {
        match element.name {
            "RegistrySearch" | "RegistrySearchRef" | "DirectorySearch" | "DirectorySearchRef" | "FileSearch"
            | "FileSearchRef" | "ComponentSearch" | "IniFileSearch" | "ProductSearch" => self.search(parent),
            "Launch" => {
                if let (Some(condition), Some(section)) = (element.get("Condition"), self.section()) {
                    section.launch_conditions.push(condition.into());
                }
            }
            "CopyFile" => {
                let duplicates = parent == FrameKind::File || element.attribute("FileId").is_some();
                let moves = element.is("Delete", "yes") || !duplicates;
                self.add_table(if moves { "MoveFile" } else { "DuplicateFile" });
            }
            "Class" | "ProgId" | "Extension" | "TypeLib" | "MIME" => self.advertisement(element),
            "MajorUpgrade" => self.major_upgrade(element),
            "UpgradeVersion" => self.upgrade_version(element),
            "Package" => {
                if let Some(section) = self.section() {
                    section.upgrade.installer_version = element.get("InstallerVersion").map(Text::from);
                }
            }
            "Binary" => self.stream(element),
            "EnsureTable" => {
                if let Some(table) = element.get("Id") {
                    self.refer("CustomTable", &table);
                    if let Some(section) = self.section() {
                        section.ensured.insert(&table.text);
                    }
                }
            }
            "Files" => self.files(element),
            "Dialog" => self.note_dialog(),
            "UIRef" => {
                if let (Some(id), Some(section)) = (element.get("Id").filter(Value::is_known), self.section()) {
                    section.ui_references.push((id.text.into_owned(), element.span));
                }
            }
            "Control" => {
                self.dialog_property(element);
                let pictured = ["Bitmap", "Icon"].into_iter().any(|kind| element.is("Type", kind));
                if let Some(picture) = element.get("Text").filter(|_| pictured) {
                    self.refer("Binary", &picture);
                }
            }
            "BillboardAction" => self.billboard(element),
            "Publish" => self.publish(element),
            _ => {}
        }
    }

    fn stream(&mut self, element: &Element<'_>) {
        let source = element.get("SourceFile").or_else(|| element.get("src"));
        if let (Some(id), Some(source), Some(section)) = (element.get("Id"), source, self.section()) {
            section.streams.push(Stream { id: id.into(), source: source.into() });
        }
    }

    /// Of files, there may be very many: only scripts can be code that is read. What cannot be the path of one is
    /// told by its last letter, or the end of a variable.
    pub(super) fn script_file(&mut self, element: &Element<'_>) {
        let Some(named) = element.attribute("Source").or_else(|| element.attribute("Name")) else { return };
        if !element.written(named).ends_with(['s', 'S', ')']) {
            return;
        }
        let Some(source) = element.get("Source").or_else(|| element.get("Name")) else { return };
        let ending = source.text.len().checked_sub(4).and_then(|at| source.text.get(at..)).unwrap_or_default();
        if ending.eq_ignore_ascii_case(".vbs") || source.text.ends_with(".js") {
            let name = source.text.rsplit(['\\', '/']).next().unwrap_or_default();
            let id = element.get("Id").map_or_else(|| name.to_owned(), |id| id.text.into_owned());
            let id = Text { text: id, span: element.span, origin: source.origin };
            if let Some(section) = self.section() {
                section.streams.push(Stream { id, source: source.into() });
            }
        }
    }

    /// A pattern that nobody can follow is taken to find something.
    fn files(&mut self, element: &Element<'_>) {
        let Some(section) = self.section() else { return };
        match element.get("Include").filter(|pattern| pattern.is_known() && !pattern.text.contains("!(")) {
            Some(pattern) => section.harvests.push(pattern.into()),
            None => section.add_harvested(),
        }
    }

    fn search(&mut self, parent: FrameKind) {
        if parent != FrameKind::Property {
            return;
        }
        self.add_table("AppSearch");
        if let Some(property) = self.section().and_then(|section| section.properties.last_mut()) {
            property.valued = true;
            property.searched = true;
        }
    }

    fn advertisement(&mut self, element: &Element<'_>) {
        if !self.is_advertised(element) {
            // Written as registry rows, all but a MIME type, whose extension writes it.
            if element.name != "MIME" {
                self.add_table("Registry");
            }
            return;
        }
        self.add_table(element.name);
        if element.name == "ProgId"
            && let Some(section) = self.section()
        {
            // The compilers ask for these tables when they see an advertised program id.
            section.ensured.insert("Class");
            if section.dialect == Dialect::V3 {
                section.ensured.insert("Extension");
            }
        }
    }

    pub(super) fn is_advertised(&self, element: &Element<'_>) -> bool {
        match element.get("Advertise") {
            Some(value) => value.text == "yes",
            None => self.stack.last().is_some_and(|frame| frame.advertised),
        }
    }

    fn billboard(&mut self, element: &Element<'_>) {
        let Some(action) = element.get("Id").filter(Value::is_known) else { return };
        self.refer_key(SymbolKey::entry(Table::InstallExecute, &action.text));
        if let Some(section) = self.section() {
            section.billboards.push(action.text.into_owned());
        }
    }

    fn note_dialog(&mut self) {
        if let Some(section) = self.section() {
            section.has_dialogs = true;
        }
    }

    fn dialog_property(&mut self, element: &Element<'_>) {
        if let (Some(property), Some(section)) = (element.get("Property"), self.section()) {
            section.dialog_properties.push(property.text.into_owned());
        }
    }

    fn publish(&mut self, element: &Element<'_>) {
        self.note_dialog();
        self.dialog_property(element);
        if let Some(dialog) = element.get("Dialog") {
            self.refer("Dialog", &dialog);
        }
        let (Some(event), Some(value)) = (element.get("Event"), element.get("Value")) else { return };
        // An event in brackets is a property, which gets the value.
        let property = event.text.strip_prefix('[').and_then(|name| name.strip_suffix(']'));
        if let Some((property, section)) = property.zip(self.section()) {
            section.dialog_properties.push(property.to_owned());
        }
        if value.text.contains(['[', ']']) {
            return;
        }
        match &*event.text {
            "DoAction" => {
                if msi::standard_action(&value.text).is_none() {
                    self.refer("CustomAction", &value);
                }
                if let Some(section) = self.section() {
                    section.dialog_actions.push(value.into());
                }
            }
            "NewDialog" | "SpawnDialog" | "SpawnWaitDialog" | "SelectionBrowse" => self.refer("Dialog", &value),
            _ => {}
        }
    }
}
