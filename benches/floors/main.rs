//! How fast wixlint is, against floors that do not move with the machine.
//!
//! Every section prints its figures as ratios to something that runs on the same machine at the same
//! time: a bare XML loop, an empty program, a smaller input. Nothing here fails; the figures are to
//! be read. Inputs are generated, the same in every run, but for the folder that `WIXLINT_CORPUS` names.
//!
//! `cargo bench` runs all sections, `cargo bench -- schedules` one of them.

mod code;
mod findings;
mod folder;
mod inputs;
mod lint;
mod processes;
mod schedules;
mod throughput;
mod timing;

fn main() {
    let sections: [(&str, fn()); 6] = [
        ("throughput", throughput::run),
        ("schedules", schedules::run),
        ("findings", findings::run),
        ("processes", processes::run),
        ("code", code::run),
        ("folder", folder::run),
    ];
    // Cargo adds `--bench` to what the user gives.
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    for (name, section) in sections {
        if wanted.is_empty() || wanted.iter().any(|wanted| wanted == name) {
            println!("\n{name}");
            section();
        }
    }
}
