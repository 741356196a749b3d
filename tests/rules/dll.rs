//! A DLL as small as it can be, for pages that show what one exports.

/// Where the only section begins, in the file and, by the same number, in memory.
const SECTION: u32 = 0x200;

/// A 64-bit DLL that exports these names, all of them the same nothing.
pub(crate) fn exporting(names: &[&str]) -> Vec<u8> {
    let table = exports(names);
    let mut file = b"MZ".to_vec();
    file.resize(0x3C, 0);
    file.extend(0x40u32.to_le_bytes());
    file.extend(b"PE\0\0");
    // Machine, sections, time, symbols, how many, size of what follows, characteristics.
    file.extend(0x8664u16.to_le_bytes());
    file.extend(1u16.to_le_bytes());
    file.extend([0; 12]);
    file.extend(240u16.to_le_bytes());
    file.extend(0x2022u16.to_le_bytes());
    let optional = file.len();
    file.extend(0x20Bu16.to_le_bytes());
    file.resize(optional + 32, 0);
    file.extend(SECTION.to_le_bytes());
    file.extend(SECTION.to_le_bytes());
    file.resize(optional + 56, 0);
    file.extend((SECTION + table.len() as u32).to_le_bytes());
    file.extend(SECTION.to_le_bytes());
    file.resize(optional + 108, 0);
    file.extend(16u32.to_le_bytes());
    file.extend(SECTION.to_le_bytes());
    file.extend((table.len() as u32).to_le_bytes());
    file.resize(optional + 240, 0);
    file.extend(b".edata\0\0");
    for number in [table.len() as u32, SECTION, table.len() as u32, SECTION] {
        file.extend(number.to_le_bytes());
    }
    file.extend([0; 16]);
    file.resize(SECTION as usize, 0);
    file.extend(table);
    file
}

/// The export directory, its three arrays and the names.
fn exports(names: &[&str]) -> Vec<u8> {
    let count = names.len() as u32;
    let addresses = SECTION + 40;
    let pointers = addresses + 4 * count;
    let ordinals = pointers + 4 * count;
    let mut at = ordinals + 2 * count;
    let mut table = vec![0; 12];
    for number in [at, 1, count, count, addresses, pointers, ordinals] {
        table.extend(number.to_le_bytes());
    }
    names.iter().for_each(|_| table.extend(SECTION.to_le_bytes()));
    for name in names {
        table.extend(at.to_le_bytes());
        at += name.len() as u32 + 1;
    }
    (0..names.len() as u16).for_each(|ordinal| table.extend(ordinal.to_le_bytes()));
    names.iter().for_each(|name| table.extend([name.as_bytes(), &[0]].concat()));
    table
}
