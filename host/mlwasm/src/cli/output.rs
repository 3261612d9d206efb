//! What the command line writes: data to standard output, words to standard error. The only place that prints.

mod table;
mod tsv;

use std::io::{self, IsTerminal as _, Write as _};

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use serde_json::Value;

pub(crate) use table::{Table, cell};

/// How data is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Columns for people
    Table,
    /// The whole object as JSON
    Json,
    /// The whole object as YAML
    Yaml,
    /// Values separated by tabs, for shell scripts
    Tsv,
}

/// The options about output that every command takes.
#[derive(Args, Clone, Debug)]
pub(crate) struct OutputArguments {
    /// How to write data [default: table]
    #[arg(
        short,
        long,
        global = true,
        value_enum,
        value_name = "FORMAT",
        hide_possible_values = true,
        help = "How to write data: table, json, yaml or tsv [default: table]",
        help_heading = "Output"
    )]
    output: Option<Format>,
    /// Pick from the data before it is written, by a JMESPath expression
    #[arg(long, global = true, value_name = "JMESPATH", value_parser = checked_query, help_heading = "Output")]
    query: Option<String>,
}

fn checked_query(text: &str) -> Result<String, String> {
    jmespath::compile(text)
        .map(|_| text.to_owned())
        .map_err(|error| error.to_string())
}

/// Where data goes, and in which form.
#[derive(Clone, Debug)]
pub(crate) struct Output {
    arguments: OutputArguments,
}

impl Output {
    /// The output that the arguments ask for.
    pub(crate) fn new(arguments: OutputArguments) -> Self {
        Self { arguments }
    }

    /// Whether the user asked for data in a form of their choice.
    pub(crate) fn is_asked_for(&self) -> bool {
        self.arguments.output.is_some() || self.arguments.query.is_some()
    }

    /// Whether data is shown as the columns that the command chose.
    pub(crate) fn is_table(&self) -> bool {
        self.format() == Format::Table && self.arguments.query.is_none()
    }

    fn format(&self) -> Format {
        self.arguments.output.unwrap_or(Format::Table)
    }

    /// Writes `value` as asked for; as a table, unless something was picked from it, in the columns of `table`.
    ///
    /// # Errors
    ///
    /// If the query fails on this value, or standard output is closed.
    pub(crate) fn show(&self, value: &Value, table: impl FnOnce() -> Table) -> anyhow::Result<()> {
        raw(self.rendered(value, table)?.as_bytes())
    }

    fn rendered(&self, value: &Value, table: impl FnOnce() -> Table) -> anyhow::Result<String> {
        let picked = match &self.arguments.query {
            Some(query) => &pick(value, query)?,
            None => value,
        };
        Ok(match self.format() {
            Format::Json => serde_json::to_string_pretty(picked).context("writing JSON")? + "\n",
            Format::Yaml => super::yaml::write(picked)?,
            Format::Tsv => tsv::render(picked),
            Format::Table if self.arguments.query.is_none() => table().render(),
            Format::Table => Table::of(picked).render(),
        })
    }
}

fn pick(value: &Value, query: &str) -> anyhow::Result<Value> {
    let expression = jmespath::compile(query).context("reading the query")?;
    let picked = expression
        .search(value)
        .with_context(|| format!("applying the query {query}"))?;
    serde_json::to_value(&*picked).context("reading what the query picked")
}

/// Writes bytes to standard output as they are.
///
/// # Errors
///
/// If standard output is closed: see [`is_closed_pipe`].
pub(crate) fn raw(bytes: &[u8]) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)
        .and_then(|()| out.flush())
        .context("writing to standard output")
}

/// Whether `error` says that the reader of standard output has gone, which is no failure.
pub(crate) fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<io::Error>()
        .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// Tells the user something, on standard error.
pub(crate) fn note(text: &str) {
    // Nobody is left to tell if standard error is closed.
    writeln!(io::stderr().lock(), "{text}").ok();
}

/// Tells the user what went wrong, on standard error.
pub(crate) fn complain(error: &anyhow::Error) {
    note(&format!("error: {}", described(error)));
}

/// The error and its causes in one line. A cause that the error already quotes is not said twice.
pub(crate) fn described(error: &anyhow::Error) -> String {
    error.chain().fold(String::new(), |mut text, cause| {
        let cause = cause.to_string();
        if text.is_empty() {
            text = cause;
        } else if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
        text
    })
}

/// Whether a person sees standard error as it is written.
pub(crate) fn is_watched() -> bool {
    io::stderr().is_terminal()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn output(output: Option<Format>, query: Option<&str>) -> Output {
        Output::new(OutputArguments {
            output,
            query: query.map(str::to_owned),
        })
    }

    fn endpoint() -> Value {
        json!({
            "name": "iris",
            "auth_mode": "key",
            "traffic": {"blue": 90, "green": 10},
            "tags": {},
            "scoring_uri": "http://127.0.0.1:8080/endpoints/iris/score",
            "description": null,
        })
    }

    fn rendered(format: Option<Format>, query: Option<&str>, value: &Value) -> String {
        let table = || {
            Table::list(
                &["NAME", "TRAFFIC"],
                [vec!["iris".to_owned(), cell(&value["traffic"])]],
            )
        };
        output(format, query).rendered(value, table).unwrap()
    }

    #[test]
    fn an_object_is_shown_in_each_format() {
        insta::assert_snapshot!(rendered(None, None, &endpoint()), @r"
        NAME  TRAFFIC
        iris  blue=90 green=10
        ");
        insta::assert_snapshot!(rendered(Some(Format::Json), None, &endpoint()), @r#"
        {
          "auth_mode": "key",
          "description": null,
          "name": "iris",
          "scoring_uri": "http://127.0.0.1:8080/endpoints/iris/score",
          "tags": {},
          "traffic": {
            "blue": 90,
            "green": 10
          }
        }
        "#);
        insta::assert_snapshot!(rendered(Some(Format::Yaml), None, &endpoint()), @r"
        auth_mode: key
        description: null
        name: iris
        scoring_uri: http://127.0.0.1:8080/endpoints/iris/score
        tags: {}
        traffic:
          blue: 90
          green: 10
        ");
        assert_eq!(
            rendered(Some(Format::Tsv), None, &endpoint()),
            "key\t\tiris\thttp://127.0.0.1:8080/endpoints/iris/score\t{}\t{\"blue\":90,\"green\":10}\n"
        );
    }

    #[test]
    fn a_query_picks_what_a_script_wants() {
        let uri = "http://127.0.0.1:8080/endpoints/iris/score\n";
        assert_eq!(
            rendered(Some(Format::Tsv), Some("scoring_uri"), &endpoint()),
            uri
        );
        assert_eq!(rendered(None, Some("scoring_uri"), &endpoint()), uri);
        assert_eq!(
            rendered(Some(Format::Json), Some("traffic.green"), &endpoint()),
            "10\n"
        );
        assert_eq!(
            rendered(Some(Format::Tsv), Some("[name, traffic.blue]"), &endpoint()),
            "iris\n90\n"
        );
        let list = json!([endpoint(), {"name": "b", "traffic": {}}]);
        insta::assert_snapshot!(rendered(None, Some("[].{name: name, traffic: traffic}"), &list), @r"
        NAME  TRAFFIC
        iris  blue=90 green=10
        b
        ");
        assert_eq!(
            rendered(Some(Format::Tsv), Some("[].name"), &list),
            "iris\nb\n"
        );
        assert_eq!(
            rendered(Some(Format::Tsv), Some("absent"), &endpoint()),
            "\n"
        );
    }

    #[test]
    fn a_malformed_query_is_refused_before_anything_is_done() {
        assert!(checked_query("[?name").is_err());
        assert!(checked_query("[?name=='a'] | [0]").is_ok());
    }

    #[test]
    fn an_error_says_each_cause_once() {
        let cause = anyhow::anyhow!("disk full");
        assert_eq!(
            described(&cause.context("writing a").context("saving: writing a")),
            "saving: writing a: disk full"
        );
    }
}
