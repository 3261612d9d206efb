//! The tools of languages: found where people have them, run in the project's folder, and named when they are missing.
//!
//! A tool's own messages go to standard error as they come, so that an editor's problem matcher and its colours work.

use std::{
    env, fmt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, anyhow, bail};

/// A tool that a recipe needs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tool {
    /// What people call it.
    pub(super) name: &'static str,
    /// Where to look, the first that is there: a path within the project if there is a `/` in it, else a program of `PATH`;
    /// words after the program are its first arguments, and must succeed with `probe` behind them.
    pub(super) candidates: &'static [&'static str],
    /// Arguments by which a candidate of several words tells that it is there.
    pub(super) probe: &'static [&'static str],
    /// How to install it, a line for each way.
    pub(super) install: &'static [&'static str],
}

/// A tool that is there.
#[derive(Clone, Debug)]
pub(super) struct Found {
    program: PathBuf,
    arguments: Vec<String>,
}

impl Tool {
    /// The tool, for a project in `folder`.
    ///
    /// # Errors
    ///
    /// What is missing, where it was looked for, and the commands that install it.
    pub(super) fn find(&self, folder: &Path) -> anyhow::Result<Found> {
        self.find_on(folder, env::var_os("PATH").unwrap_or_default())
    }

    fn find_on(&self, folder: &Path, path: impl AsRef<std::ffi::OsStr>) -> anyhow::Result<Found> {
        let found = self.candidates.iter().find_map(|candidate| {
            let mut words = candidate.split(' ');
            let program = words.next()?;
            let program = if program.contains('/') {
                Some(folder.join(program)).filter(|path| path.is_file())
            } else {
                env::split_paths(&path)
                    .map(|folder| folder.join(program))
                    .find(|path| path.is_file())
            };
            let found = Found {
                program: program?,
                arguments: words.map(str::to_owned).collect(),
            };
            (found.arguments.is_empty() || found.answers(self.probe)).then_some(found)
        });
        found.ok_or_else(|| anyhow!("{self}"))
    }
}

impl fmt::Display for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} is missing: looked for {}; install it by",
            self.name,
            self.candidates.join(", ")
        )?;
        for (number, way) in self.install.iter().enumerate() {
            let or = if number == 0 { "" } else { ", or" };
            write!(f, "{or} `{way}`")?;
        }
        Ok(())
    }
}

impl Found {
    /// The command, in `folder`, without further arguments.
    pub(super) fn command(&self, folder: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .current_dir(folder)
            .stdin(Stdio::null());
        command
    }

    fn answers(&self, probe: &[&str]) -> bool {
        let mut command = self.command(Path::new("."));
        command
            .args(probe)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    }
}

/// Runs a command to its end; what it prints goes to standard error.
///
/// # Errors
///
/// If it can not be started, or ends with another status than 0.
pub(super) fn run(command: &mut Command) -> anyhow::Result<()> {
    // Its standard output is not data of ours.
    command.stdout(std::io::stderr());
    let status = command
        .status()
        .with_context(|| format!("starting {}", shown(command)))?;
    ended(command, status)
}

/// Runs a command to its end and returns what it wrote to standard output; the rest goes to standard error.
///
/// # Errors
///
/// As [`run`].
pub(super) fn output(command: &mut Command) -> anyhow::Result<Vec<u8>> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("starting {}", shown(command)))?;
    ended(command, output.status)?;
    Ok(output.stdout)
}

fn ended(command: &Command, status: std::process::ExitStatus) -> anyhow::Result<()> {
    if !status.success() {
        bail!(
            "{} ended with {status}: its messages are above",
            shown(command)
        );
    }
    Ok(())
}

/// The command as one would type it, without the folder of its program.
fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let program = program.file_name().unwrap_or(command.get_program());
    std::iter::once(program)
        .chain(command.get_args())
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const TOOL: Tool = Tool {
        name: "shaper",
        candidates: &["node_modules/.bin/shaper", "shaper-19", "sh -c"],
        probe: &["exit 1"],
        install: &["apt install shaper", "brew install shaper"],
    };

    #[test]
    fn the_first_that_is_there_is_taken_and_one_of_several_words_must_answer() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path();
        let missing = TOOL.find_on(folder, "/bin:/usr/bin").unwrap_err();
        insta::assert_snapshot!(missing.to_string(), @"shaper is missing: looked for node_modules/.bin/shaper, shaper-19, sh -c; install it by `apt install shaper`, or `brew install shaper`");
        let answering = Tool {
            probe: &["exit 0"],
            ..TOOL
        };
        let found = answering.find_on(folder, "/bin:/usr/bin").unwrap();
        assert_eq!(found.arguments, ["-c"]);
        fs::write(folder.join("shaper-19"), "").unwrap();
        let found = TOOL.find_on(Path::new("/"), folder).unwrap();
        assert_eq!(found.program, folder.join("shaper-19"));
        fs::create_dir_all(folder.join("node_modules/.bin")).unwrap();
        fs::write(folder.join("node_modules/.bin/shaper"), "").unwrap();
        let found = TOOL.find_on(folder, folder).unwrap();
        assert_eq!(found.program, folder.join("node_modules/.bin/shaper"));
    }

    #[test]
    fn a_command_that_fails_is_named() {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", "exit 3"]);
        let error = run(&mut command).unwrap_err().to_string();
        assert_eq!(
            error,
            "sh -c exit 3 ended with exit status: 3: its messages are above"
        );
    }
}
