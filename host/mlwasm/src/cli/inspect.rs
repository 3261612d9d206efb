//! `mlwasm inspect`

use std::{collections::BTreeMap, fs, path::PathBuf, time::Duration};

use anyhow::{Context as _, anyhow, bail};
use clap::Args;
use mlwasm_sandbox::{Anatomy, CoreModule, Grant};
use mlwasm_types::{
    DeploymentName, DeploymentSpec, Digest, EndpointName, ModelName, ModelSpec, Origin,
};
use serde_json::{Value, json};

use super::{
    artifact::{self, Kind},
    output::{self, Output},
    pairs::{self, Pair},
    project::size,
};
use crate::{
    config::Config,
    project::workbench::{Code, Trial, Workbench},
};

/// Show what a scorer is made of, what it may do, and what it costs to keep one
///
/// Sizes, imports and toolchain are read from the file. Then it is compiled and its init is run, as a server would: that
/// shows the time, the machine code and the memory. A scorer that opens models needs them for its init.
#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Examples:\n  mlwasm inspect build/flowers.wasm --model model=iris.onnx\n  mlwasm inspect flowers.wasm -o json --query imports"
)]
pub(crate) struct Arguments {
    /// The scorer, a WebAssembly component
    #[arg(value_name = "SCORER.wasm")]
    file: PathBuf,
    /// A model that its init opens; may be repeated
    #[arg(long, value_name = "NAME=FILE")]
    model: Vec<Pair>,
    /// A variable of its environment; may be repeated
    #[arg(long, value_name = "KEY=VALUE")]
    env: Vec<Pair>,
    /// An origin that its init may call; may be repeated
    #[arg(long, value_name = "ORIGIN")]
    egress: Vec<Origin>,
    /// Only read the file: compile and run nothing
    #[arg(long)]
    no_run: bool,
}

/// Runs the command.
///
/// # Errors
///
/// If the file is no component, or a model can not be read. A scorer that does not start is no error: that is shown.
pub(crate) fn run(arguments: &Arguments, output: &Output) -> anyhow::Result<()> {
    let path = &arguments.file;
    if artifact::kind(path)? == Kind::Model {
        bail!(
            "{} is an ONNX model: `mlwasm deploy` serves it as it is, there is no code in it to look at",
            path.display()
        );
    }
    let bytes = fs::read(path).with_context(|| format!("reading {}", path.display()))?;
    let anatomy = Anatomy::of(&bytes).with_context(|| path.display().to_string())?;
    let trial = (!arguments.no_run)
        .then(|| trial(arguments, &bytes))
        .transpose()?;
    let measured = trial.map(measured).transpose()?;
    let shown = described(&bytes, &anatomy, measured);
    if !output.is_table() {
        return output.show(&shown, || output::Table::of(&shown));
    }
    output::raw(text(&shown).as_bytes())
}

/// The scorer as a deployment with nothing but what the options give.
fn trial(arguments: &Arguments, bytes: &[u8]) -> anyhow::Result<Trial> {
    let component = Digest::of(bytes);
    let mut files = BTreeMap::from([(component, arguments.file.clone())]);
    let mut spec = DeploymentSpec::new(
        EndpointName::new("inspect")?,
        DeploymentName::new("inspect")?,
        component,
    );
    spec.environment_variables = pairs::to_map(&arguments.env);
    spec.egress.clone_from(&arguments.egress);
    for (name, file) in pairs::to_map(&arguments.model) {
        let bytes = fs::read(&file).with_context(|| format!("reading {file}"))?;
        let digest = Digest::of(&bytes);
        files.insert(digest, file.into());
        let name = ModelName::new(&name).map_err(|error| anyhow!("--model: {error}"))?;
        spec.models.insert(name, ModelSpec::new(digest));
    }
    spec.validate()?;
    Ok(Trial { spec, files })
}

/// What the engine says: what it took to get ready, or why it did not.
fn measured(trial: Trial) -> anyhow::Result<Value> {
    let config = Config::load(None, &[])?;
    Ok(match Workbench::start(trial, &config, Code::Anew) {
        Ok(workbench) => {
            let ready = workbench.readiness();
            json!({
                "compile_ms": milliseconds(ready.compiling),
                "machine_code_bytes": ready.machine_code,
                "lines_table_bytes": ready.lines_table,
                "init_ms": milliseconds(ready.init),
                "memory_after_init_bytes": ready.memory,
            })
        }
        Err(failed) => json!({ "error": output::described(&failed.error) }),
    })
}

fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e5).round() / 1e2
}

fn described(bytes: &[u8], anatomy: &Anatomy, measured: Option<Value>) -> Value {
    let total = bytes.len() as u64;
    let imports = anatomy.imports.iter().map(|import| {
        let (is_offered, words) = match import.grant {
            Grant::Offered(words) | Grant::ByEgress(words) => (true, words),
            Grant::Refused(words) => (false, words),
        };
        let by_egress = matches!(import.grant, Grant::ByEgress(_));
        json!({"interface": import.interface, "offered": is_offered, "by_egress": by_egress, "gives": words})
    });
    let has = |test: fn(&CoreModule) -> bool| anatomy.modules.iter().any(test);
    json!({
        "digest": Digest::of(bytes),
        "imports": imports.collect::<Vec<_>>(),
        "exports": anatomy.exports,
        "size": {
            "total": total,
            "code": anatomy.code(),
            "data": anatomy.data(),
            "custom": anatomy.custom(),
            "other": total.saturating_sub(anatomy.code() + anatomy.data() + anatomy.custom()),
        },
        "modules": anatomy.modules.iter().map(module).collect::<Vec<_>>(),
        "toolchain": anatomy.producers,
        "function_names": has(|module| module.has_names),
        "debug_information": has(|module| module.has_debug_information),
        "measured": measured,
    })
}

fn module(module: &CoreModule) -> Value {
    json!({
        "name": module.name,
        "size": module.bytes,
        "code": module.code,
        "data": module.data,
        "custom": module.custom,
        "functions": module.functions,
    })
}

/// The same for people.
fn text(shown: &Value) -> String {
    let mut lines = vec![format!("digest     {}", plain(&shown["digest"]))];
    let sizes = &shown["size"];
    lines.push(format!(
        "size       {}: code {}, data {}, custom sections {}, other {}",
        bytes(&sizes["total"]),
        bytes(&sizes["code"]),
        bytes(&sizes["data"]),
        bytes(&sizes["custom"]),
        bytes(&sizes["other"])
    ));
    for module in items(&shown["modules"]) {
        lines.push(format!(
            "  module   {}: {}, {} functions, code {}, data {}",
            module["name"].as_str().unwrap_or("(no name)"),
            bytes(&module["size"]),
            module["functions"],
            bytes(&module["code"]),
            bytes(&module["data"])
        ));
    }
    for (field, values) in shown["toolchain"].as_object().into_iter().flatten() {
        for (name, version) in values.as_object().into_iter().flatten() {
            let made = format!("{name} {}", plain(version));
            lines.push(format!("{field:10} {}", made.trim_end()));
        }
    }
    let said = |key: &str| if shown[key] == true { "yes" } else { "no" };
    lines.push(format!(
        "backtraces function names: {}; debug information: {}",
        said("function_names"),
        said("debug_information")
    ));
    for export in items(&shown["exports"]) {
        lines.push(format!("export     {}", plain(export)));
    }
    for import in items(&shown["imports"]) {
        let refused = match (&import["offered"], &import["by_egress"]) {
            (_, Value::Bool(true)) => "BY EGRESS: ",
            (Value::Bool(true), _) => "",
            _ => "REFUSED: ",
        };
        lines.push(format!(
            "import     {}: {refused}{}",
            plain(&import["interface"]),
            plain(&import["gives"])
        ));
    }
    if let Some(import) = items(&shown["imports"]).find(|import| import["by_egress"] == true) {
        let import = plain(&import["interface"]);
        lines.push(format!(
            "calls      it may call others: it imports {import}"
        ));
    }
    lines.extend(measured_lines(&shown["measured"]));
    lines.join("\n") + "\n"
}

fn measured_lines(measured: &Value) -> Vec<String> {
    if measured.is_null() {
        return Vec::new();
    }
    if let Some(error) = measured["error"].as_str() {
        let advice = if error.contains("model") {
            "; give the models that it opens by --model NAME=FILE"
        } else {
            ""
        };
        return vec![format!("measured   it does not start: {error}{advice}")];
    }
    vec![
        format!(
            "compiled   in {} ms: {} of machine code, {} for lines of source",
            measured["compile_ms"],
            bytes(&measured["machine_code_bytes"]),
            bytes(&measured["lines_table_bytes"])
        ),
        format!(
            "init       in {} ms: {} of memory",
            measured["init_ms"],
            bytes(&measured["memory_after_init_bytes"])
        ),
    ]
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn plain(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn bytes(value: &Value) -> String {
    size(value.as_u64().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_component_is_shown_for_people() {
        let shown = json!({
            "digest": "sha256:ab", "exports": ["mlwasm:scoring/scorer@0.1.0"],
            "imports": [
                {"interface": "wasi:cli/exit@0.2.6", "offered": true, "gives": "ends its own sandbox"},
                {"interface": "wasi:http/types@0.2.6", "offered": false, "gives": "this host gives a scorer no HTTP"},
            ],
            "size": {"total": 108_000, "code": 90_000, "data": 10_000, "custom": 7_000, "other": 1_000},
            "modules": [{"name": "scorer.wasm", "size": 107_500, "code": 90_000, "data": 10_000, "custom": 7_000, "functions": 321}],
            "toolchain": {"language": {"Rust": ""}, "processed-by": {"rustc": "1.95.0"}},
            "function_names": true, "debug_information": false,
            "measured": {"compile_ms": 167.25, "machine_code_bytes": 400_000, "lines_table_bytes": 100_000, "init_ms": 0.5, "memory_after_init_bytes": 1_114_112},
        });
        insta::assert_snapshot!(text(&shown), @"
        digest     sha256:ab
        size       105.5 KiB: code 87.9 KiB, data 9.8 KiB, custom sections 6.8 KiB, other 1000 B
          module   scorer.wasm: 105.0 KiB, 321 functions, code 87.9 KiB, data 9.8 KiB
        language   Rust
        processed-by rustc 1.95.0
        backtraces function names: yes; debug information: no
        export     mlwasm:scoring/scorer@0.1.0
        import     wasi:cli/exit@0.2.6: ends its own sandbox
        import     wasi:http/types@0.2.6: REFUSED: this host gives a scorer no HTTP
        compiled   in 167.25 ms: 390.6 KiB of machine code, 97.7 KiB for lines of source
        init       in 0.5 ms: 1.1 MiB of memory
        ");
        assert!(measured_lines(&Value::Null).is_empty());
        let failed = json!({"error": "init failed: unknown model \"m\""});
        assert_eq!(
            measured_lines(&failed),
            [
                "measured   it does not start: init failed: unknown model \"m\"; give the models that it opens by --model NAME=FILE"
            ]
        );
    }
}
