//! `mlwasm test`

use std::{fmt::Write as _, process::ExitCode};

use anyhow::{anyhow, bail};
use clap::Args;
use serde_json::{Value, json};

use super::{
    FAILED, failures,
    output::{self, Output, Table},
    project::{self, ProjectArguments, size},
};
use crate::{
    config::Config,
    project::{
        create::shown,
        golden::{self, Case, CaseFile, Difference, differences},
        workbench::{Code, NoWorkbench, Reply, Traces, Workbench},
    },
};

/// Build a project and ask it its golden requests, in a sandbox as a server's, without a server
///
/// The sandbox has the limits, models, variables and secrets of deployment.yml; a secret env:NAME is taken from this command's own
/// variables, and the origins of `egress` are called for real. Each case of golden/*.json is one request; an answer that is not the one written there fails the command. Without
/// cases, only init is run.
#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Examples:\n  mlwasm test\n  mlwasm test --filter flower\n  mlwasm test --bless      # the answers of now are the right ones"
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    project: ProjectArguments,
    /// Ask only the cases whose name holds this text
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// Write what it answers to golden/ as the right answers
    #[arg(long)]
    bless: bool,
    /// Try the component as it was built before
    #[arg(long)]
    no_build: bool,
}

/// What became of one case.
struct Tried {
    case: Case,
    reply: Reply,
    differences: Vec<Difference>,
    /// Whether its answer was written down as the right one.
    is_blessed: bool,
}

/// Runs the command.
///
/// # Errors
///
/// If the project can not be built, a file is wrong, or the sandbox can not be made ready.
pub(crate) fn run(arguments: &Arguments, output: &Output) -> anyhow::Result<ExitCode> {
    let project = arguments.project.open()?;
    let mut files = golden::read_all(&project)?;
    if !arguments.no_build {
        project::build(&project)?;
    }
    let trial = project::trial(&project)?;
    let mut workbench =
        Workbench::start(trial, &Config::load(None, &[])?, Code::Kept).map_err(unready)?;
    let ready = workbench.readiness();
    output::note(&format!(
        "init: ok, {:.1} ms, {} of memory",
        ready.init.as_secs_f64() * 1e3,
        size(ready.memory as u64)
    ));
    tell_traces(&workbench.traces());
    let mut all = Vec::new();
    for file in &mut files {
        let tried = ask(arguments, file, &mut workbench)?;
        if tried.iter().any(|tried| tried.is_blessed) {
            file.write()?;
            output::note(&format!("wrote {}", shown(&file.path)));
        }
        all.extend(tried);
    }
    tell(&all, output)?;
    if all.is_empty() {
        no_cases(arguments, &files)?;
    }
    let failed = all.iter().filter(|tried| !tried.is_right()).count();
    Ok(match failed {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::from(FAILED),
    })
}

impl Tried {
    fn is_right(&self) -> bool {
        self.differences.is_empty()
    }

    fn to_json(&self) -> Value {
        let differences = self.differences.iter().map(|difference| {
            json!({"place": difference.place, "expected": difference.expected, "found": difference.found})
        });
        json!({
            "name": self.case.name,
            "passed": self.is_right(),
            "blessed": self.is_blessed,
            "duration_ms": self.reply.took.as_secs_f64() * 1e3,
            "differences": differences.collect::<Vec<_>>(),
            "log": self.reply.traces.lines,
            "failure": self.reply.traces.failure,
        })
    }
}

/// Asks the cases of one file that are wanted.
fn ask(
    arguments: &Arguments,
    file: &mut CaseFile,
    workbench: &mut Workbench,
) -> anyhow::Result<Vec<Tried>> {
    let is_wanted = |case: &&mut Case| {
        let filter = arguments.filter.as_deref();
        filter.is_none_or(|text| case.name.contains(text))
    };
    let ask = |case: &mut Case| {
        let named = |error: anyhow::Error| error.context(format!("case {:?}", case.name));
        let reply = workbench.ask(&case.request).map_err(named)?;
        let mut found = differences(case, &reply.outcome);
        let mut is_blessed = false;
        if arguments.bless && !found.is_empty() {
            case.bless(&reply.outcome);
            // A trap is blessed by nobody.
            found = differences(case, &reply.outcome);
            is_blessed = found.is_empty();
        }
        Ok(Tried {
            case: case.clone(),
            reply,
            differences: found,
            is_blessed,
        })
    };
    file.cases.iter_mut().filter(is_wanted).map(ask).collect()
}

/// Prints a line for each case, and below it what its author needs if it failed.
fn tell(tried: &[Tried], output: &Output) -> anyhow::Result<()> {
    if !output.is_table() {
        let all = Value::Array(tried.iter().map(Tried::to_json).collect());
        return output.show(&all, || Table::of(&all));
    }
    for tried in tried {
        output::raw(text(tried).as_bytes())?;
    }
    let failed = tried.iter().filter(|tried| !tried.is_right()).count();
    if !tried.is_empty() {
        output::note(&format!("{} passed, {failed} failed", tried.len() - failed));
    }
    Ok(())
}

fn text(tried: &Tried) -> String {
    let word = match (tried.is_right(), tried.is_blessed) {
        (true, false) => "ok    ",
        (true, true) => "blessed",
        (false, _) => "FAILED",
    };
    let took = tried.reply.took.as_secs_f64() * 1e3;
    let mut text = format!("{word} {} ({took:.1} ms)\n", tried.case.name);
    if !tried.is_right() {
        for difference in &tried.differences {
            for line in difference.to_string().lines() {
                writeln!(text, "    {line}").ok();
            }
        }
        text.push_str(&lines(&tried.reply.traces, "    "));
    }
    text
}

/// What a scorer printed, and where it failed.
fn lines(traces: &Traces, indent: &str) -> String {
    let mut text = String::new();
    for line in &traces.lines {
        writeln!(text, "{indent}{} | {}", line.stream, line.text).ok();
    }
    if let Some(failure) = &traces.failure {
        for line in failures::block(failure).lines() {
            writeln!(text, "{indent}{line}").ok();
        }
    }
    text
}

/// Why the sandbox is not ready, after what its scorer printed.
fn unready(failed: Box<NoWorkbench>) -> anyhow::Error {
    tell_traces(&failed.traces);
    failed.error
}

fn tell_traces(traces: &Traces) {
    let told = lines(traces, "");
    if !told.is_empty() {
        output::note(told.trim_end_matches('\n'));
    }
}

fn no_cases(arguments: &Arguments, files: &[CaseFile]) -> anyhow::Result<()> {
    let count: usize = files.iter().map(|file| file.cases.len()).sum();
    match &arguments.filter {
        Some(filter) if count > 0 => {
            let names = files
                .iter()
                .flat_map(|file| &file.cases)
                .map(|case| case.name.as_str());
            bail!(
                "no case has {filter:?} in its name; there are: {}",
                names.collect::<Vec<_>>().join(", ")
            )
        }
        Some(_) => Err(anyhow!("there are no cases in golden/ to choose from")),
        None => {
            output::note("there are no cases in golden/: only init was run");
            Ok(())
        }
    }
}
