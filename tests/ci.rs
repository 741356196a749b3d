//! `action.yml` and the snippets of `docs/ci.md`: what they say holds together, and what they run is run by bash.
#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test says what is wrong by failing")]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use yaml_rust2::{Yaml, YamlLoader};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn yaml(text: &str) -> Yaml {
    YamlLoader::load_from_str(text).unwrap_or_else(|error| panic!("{error}:\n{text}")).remove(0)
}

fn action() -> Yaml {
    yaml(&fs::read_to_string("action.yml").unwrap())
}

/// The entries of a mapping; none if it is something else.
fn entries(yaml: &Yaml) -> BTreeMap<&str, &Yaml> {
    let pairs = yaml.as_hash().into_iter().flatten();
    pairs.map(|(key, value)| (key.as_str().unwrap(), value)).collect()
}

/// What stands behind `key` anywhere in a document, in its order.
fn all<'a>(yaml: &'a Yaml, wanted: &[&str], found: &mut Vec<&'a Yaml>) {
    for (key, value) in yaml.as_hash().into_iter().flatten() {
        if key.as_str().is_some_and(|key| wanted.contains(&key)) {
            found.push(value);
        }
        all(value, wanted, found);
    }
    yaml.as_vec().into_iter().flatten().for_each(|value| all(value, wanted, found));
}

/// Texts alone or in a list.
fn texts(values: &[&Yaml]) -> Vec<String> {
    let each = values.iter().flat_map(|value| value.as_vec().map_or_else(|| vec![(*value).clone()], Clone::clone));
    each.map(|value| value.into_string().unwrap()).collect()
}

/// A job on a runner: a checkout of the example, and places outside of it. `cargo` is one that brings the wixlint of this test.
struct Job(PathBuf);

impl Job {
    fn new(name: &str) -> Job {
        let folder = std::env::temp_dir().join(format!("wixlint ci {name} {}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        for place in ["checkout/an installer", "temp", "bin"] {
            fs::create_dir_all(folder.join(place)).unwrap();
        }
        let job = Job(folder);
        for file in ["Package.wxs", "Restart.wxs"] {
            fs::copy(Path::new(ROOT).join("fixtures/example").join(file), job.path("checkout").join(file)).unwrap();
            fs::rename(job.path("checkout").join(file), job.path("checkout/an installer").join(file)).unwrap();
        }
        let cargo = format!(
            "#!/bin/sh\necho \"$@\" >> '{0}/cargo.log'\n\
             while [ \"$1\" != --root ]; do shift; done\nmkdir -p \"$2/bin\"\nln -sf '{1}' \"$2/bin/wixlint\"\n",
            job.0.display(),
            env!("CARGO_BIN_EXE_wixlint"),
        );
        fs::write(job.path("bin/cargo"), cargo).unwrap();
        fs::set_permissions(job.path("bin/cargo"), fs::Permissions::from_mode(0o755)).unwrap();
        job
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    /// Runs a script as runners do: the exit code, and what is printed.
    fn bash(&self, script: &str, folder: &str, environment: &BTreeMap<&str, String>) -> (i32, String) {
        fs::write(self.path("script.sh"), script).unwrap();
        let mut bash = Command::new("bash");
        bash.args(["--noprofile", "--norc", "-eo", "pipefail"])
            .arg(self.path("script.sh"))
            .current_dir(self.path(folder));
        let path = std::env::var("PATH").unwrap();
        bash.env("PATH", format!("{}:{path}", self.path("bin").display()));
        bash.env("RUNNER_TEMP", self.path("temp")).env("AGENT_TEMPDIRECTORY", self.path("temp"));
        bash.env("GITHUB_ACTION_PATH", ROOT).env("GITHUB_OUTPUT", self.path("output"));
        let output = bash.envs(environment).output().unwrap();
        let printed = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        (output.status.code().unwrap(), printed.concat())
    }

    /// Runs a step of the action.
    fn step(&self, id: &str, inputs: &[(&str, &str)]) -> (i32, String) {
        let action = action();
        let steps = action["runs"]["steps"].as_vec().unwrap();
        let step = steps.iter().find(|step| step["id"].as_str() == Some(id)).unwrap();
        let value = |text: &str| {
            let Some(name) = text.strip_prefix("${{ inputs.").and_then(|rest| rest.strip_suffix(" }}")) else {
                return text.to_owned();
            };
            let given = inputs.iter().find(|(input, _)| *input == name).map(|(_, value)| *value);
            given.unwrap_or_else(|| action["inputs"][name]["default"].as_str().unwrap()).to_owned()
        };
        let environment = entries(&step["env"]).into_iter().map(|(name, text)| (name, value(text.as_str().unwrap())));
        self.bash(step["run"].as_str().unwrap(), "checkout", &environment.collect())
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn the_action_holds_together() {
    let text = fs::read_to_string("action.yml").unwrap();
    let action = action();
    for key in ["name", "description"] {
        assert!(action[key].as_str().is_some_and(|text| !text.is_empty()), "{key}");
    }
    assert_eq!(action["runs"]["using"].as_str(), Some("composite"));
    let inputs = entries(&action["inputs"]);
    for (name, input) in &inputs {
        assert!(input["description"].as_str().is_some() && input["default"].as_str().is_some(), "{name}");
        assert!(text.contains(&format!("inputs.{name} ")), "nothing uses {name}");
    }
    for used in text.split("inputs.").skip(1) {
        let name = used.split([' ', '}']).next().unwrap();
        assert!(inputs.contains_key(name), "there is no input {name}");
    }
    let steps = action["runs"]["steps"].as_vec().unwrap();
    let ids: Vec<&str> = steps.iter().filter_map(|step| step["id"].as_str()).collect();
    for used in text.split("steps.").skip(1) {
        let id = used.split('.').next().unwrap();
        assert!(ids.contains(&id), "there is no step {id}");
    }
    for (name, output) in entries(&action["outputs"]) {
        assert_eq!(output["value"].as_str(), Some(&*format!("${{{{ steps.lint.outputs.{name} }}}}")));
    }
    for step in steps {
        assert_ne!(step["run"].is_badvalue(), step["uses"].is_badvalue());
        if let Some(script) = step["run"].as_str() {
            assert_eq!(step["shell"].as_str(), Some("bash"), "{script}");
            // Text that somebody else wrote would become a part of the script.
            assert!(!script.contains("${{"), "{script}");
        }
    }
}

#[test]
fn the_action_builds_and_runs_wixlint() {
    let job = Job::new("build");
    assert_eq!(job.step("sources", &[]), (0, String::new()));
    let output = job.text("output");
    assert!(output.starts_with("hash=") && output.trim_end().len() == "hash=".len() + 40, "{output}");
    assert_eq!(job.step("build", &[]), (0, String::new()));
    assert_eq!(
        job.text("cargo.log"),
        format!("install --locked --path {ROOT} --root {}/wixlint\n", job.path("temp").display())
    );

    fs::remove_file(job.path("output")).unwrap();
    let (code, printed) = job.step("lint", &[]);
    assert_eq!(code, 1, "{printed}");
    assert!(printed.starts_with("::error file=an installer/Restart.wxs,line=14,"), "{printed}");
    assert!(printed.ends_with("2 errors in 2 files; 1 fixable with --fix\n"), "{printed}");
    let sarif = job.path("temp/wixlint.sarif");
    assert_eq!(job.text("output"), format!("exit-code=1\nsarif-file={}\n", sarif.display()));
    assert!(fs::read_to_string(sarif).unwrap().contains("\"uri\": \"an%20installer/Restart.wxs\""));
}

#[test]
fn the_action_takes_what_it_is_given() {
    let job = Job::new("inputs");
    let given = [
        ("binary", env!("CARGO_BIN_EXE_wixlint")),
        ("working-directory", "./an installer/"),
        ("sarif-file", "report.sarif"),
    ];
    let lint = |more: &[(&str, &str)]| {
        let _ = fs::remove_file(job.path("output"));
        let (code, printed) = job.step("lint", &[&given[..], more].concat());
        (code, printed, job.text("output"))
    };
    let outputs = |code| format!("exit-code={code}\nsarif-file=report.sarif\n");

    let (code, printed, output) = lint(&[("paths", "Package.wxs\r\n./Restart.wxs\n")]);
    assert_eq!((code, output), (1, outputs(1)), "{printed}");
    assert!(printed.starts_with("::error file=an installer/Restart.wxs,line=14,"), "{printed}");

    let (code, printed, output) =
        lint(&[("args", "--ignore=session-key-in-script-action\n  --select  all --exit-zero")]);
    assert_eq!((code, output), (0, outputs(0)), "{printed}");
    assert!(printed.contains("1 error in 2 files"), "{printed}");

    // A wrong path is no command, and leaves no report of an earlier run.
    let (code, printed, output) = lint(&[("paths", "$(touch here)"), ("args", "; touch here")]);
    assert_eq!((code, output.as_str()), (2, "exit-code=2\n"), "{printed}");
    assert!(!job.path("checkout/here").exists() && !job.path("checkout/report.sarif").exists());

    let (code, printed, output) = lint(&[("fix", "true"), ("paths", "."), ("args", "--quiet")]);
    assert_eq!((code, output), (1, outputs(1)), "{printed}");
    assert!(printed.contains("+      <Custom Action=\"JoinSession\" Before=\"InstallValidate\" />"), "{printed}");
    assert!(job.text("checkout/an installer/Restart.wxs").contains("Before=\"InstallValidate\""));

    let arguments = format!("{}/an installer", job.path("checkout").display());
    let (code, printed, _) = lint(&[("paths", &arguments), ("args", "--select sequence-cycle")]);
    assert_eq!(code, 0, "{printed}");
}

/// The blocks of a language in the page.
fn blocks(language: &str) -> Vec<String> {
    let page = fs::read_to_string("docs/ci.md").unwrap().replace("\r\n", "\n");
    let fence = format!("```{language}\n");
    page.split(&fence).skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

/// What the snippets run finds the example's two errors, and writes the files that they hand on.
#[test]
fn snippets_run() {
    let mut ran = 0;
    for block in blocks("yaml") {
        let snippet = yaml(&block);
        let mut scripts = Vec::new();
        all(&snippet, &["before_script", "script", "run", "bash"], &mut scripts);
        let scripts = texts(&scripts);
        if scripts.is_empty() {
            continue;
        }
        let job = Job::new("snippet");
        symlink(env!("CARGO_BIN_EXE_wixlint"), job.path("bin/wixlint")).unwrap();
        let variables = entries(&snippet["variables"]);
        let variables = if variables.is_empty() { entries(&snippet["wixlint"]["variables"]) } else { variables };
        let variables = variables.into_iter().map(|(name, value)| (name, value.as_str().unwrap().to_owned())).collect();
        let (code, printed) = job.bash(&scripts.join("\n"), "checkout/an installer", &variables);
        assert_eq!(code, 1, "{block}\n{printed}");
        assert!(printed.contains("2 errors in 2 files"), "{block}\n{printed}");
        let mut files = Vec::new();
        all(&snippet, &["codequality", "junit", "testResultsFiles", "PathtoPublish"], &mut files);
        for file in texts(&files) {
            assert!(
                job.text(&format!("checkout/an installer/{file}")).contains("session-key-in-script-action"),
                "{file}"
            );
        }
        if !job.text("cargo.log").is_empty() {
            assert!(
                job.text("cargo.log").contains("--git https://github.com/OWNER/wixlint"),
                "{}",
                job.text("cargo.log")
            );
        }
        ran += 1;
    }
    assert_eq!(ran, 3);
}

/// What the snippets say of the action, the hooks and the targets file is there.
#[test]
fn snippets_name_what_there_is() {
    let action = action();
    let hooks = yaml(&fs::read_to_string(".pre-commit-hooks.yaml").unwrap());
    let mut used = 0;
    for block in blocks("yaml") {
        let snippet = yaml(&block);
        let mut steps = Vec::new();
        all(&snippet, &["steps"], &mut steps);
        let steps: Vec<&Yaml> = steps.iter().flat_map(|steps| steps.as_vec().unwrap()).collect();
        for step in steps.iter().filter(|step| step["uses"].as_str().is_some_and(|uses| uses.starts_with("OWNER/"))) {
            for input in entries(&step["with"]).keys() {
                assert!(!action["inputs"][*input].is_badvalue(), "the action has no input {input}");
                used += 1;
            }
        }
        for hook in snippet["repos"].as_vec().into_iter().flatten().flat_map(|repo| repo["hooks"].as_vec().unwrap()) {
            let own = hooks.as_vec().unwrap().iter().find(|own| own["id"] == hook["id"]).unwrap();
            for (key, value) in
                entries(hook).into_iter().filter(|(key, _)| ["entry", "pass_filenames", "always_run"].contains(key))
            {
                assert_eq!(&own[key], value);
                used += 1;
            }
        }
    }
    assert_eq!(used, 6);
    let page = fs::read_to_string("docs/ci.md").unwrap();
    let targets = fs::read_to_string("msbuild/wixlint.targets").unwrap();
    let properties = targets.split("$(").skip(1).filter_map(|rest| rest.split(')').next());
    for property in properties.filter(|name| name.starts_with("Wixlint")) {
        assert!(page.contains(&format!("| `{property}` |")), "docs/ci.md tells nothing of {property}");
    }
}

/// The schemas of those who read the files; `check-jsonschema` brings them, and pre-commit has its own.
#[test]
#[ignore = "needs check-jsonschema and pre-commit, which .ci/run installs"]
fn readers_take_what_is_written() {
    let job = Job::new("schemas");
    let verdict = |checker: &[&str], file: &Path| {
        let mut command = Command::new(checker[0]);
        let output = command.args(&checker[1..]).arg(file).output();
        let output = output.unwrap_or_else(|error| panic!("{}: {error}; .ci/run installs it", checker[0]));
        (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let schema = |name| ["check-jsonschema", "--builtin-schema", name];
    let root = Path::new(ROOT);
    assert_eq!(verdict(&schema("vendor.github-actions"), &root.join("action.yml")).1, "ok -- validation done\n");
    let (valid, printed) = verdict(&["pre-commit", "validate-manifest"], &root.join(".pre-commit-hooks.yaml"));
    assert!(valid, "{printed}");
    let mut kinds = Vec::new();
    for block in blocks("yaml") {
        let snippet = yaml(&block);
        let (kind, checker) = match () {
            () if !snippet["jobs"].is_badvalue() => ("workflow", schema("vendor.github-workflows")),
            () if !snippet["steps"].is_badvalue() => ("pipeline", schema("vendor.azure-pipelines")),
            () if !snippet["wixlint"].is_badvalue() => ("gitlab", schema("vendor.gitlab-ci")),
            () => ("hooks", ["pre-commit", "validate-config", "--color=never"]),
        };
        let file = job.path("snippet.yml");
        fs::write(&file, &block).unwrap();
        let (valid, printed) = verdict(&checker, &file);
        assert!(valid, "{block}\n{printed}");
        kinds.push(kind);
    }
    assert_eq!(kinds, ["workflow", "workflow", "gitlab", "pipeline", "hooks"]);
    // They do refuse what is wrong.
    fs::write(job.path("snippet.yml"), "runs:\n  using: composite\n").unwrap();
    assert!(!verdict(&schema("vendor.github-actions"), &job.path("snippet.yml")).0);
}
