//! `mlwasm top`: what deployments do right now, from the metrics that everybody else reads too.

mod exposition;
mod rates;
mod screen;

use std::{
    io::{self, IsTerminal as _},
    time::{Duration, Instant},
};

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyModifiers};

use super::{Cli, output::Table, usage::usage};
use exposition::Exposition;
use rates::Report;

/// Watch what each deployment does: requests, errors, latencies, sandboxes, processor time
///
/// Keys: r, e, l and c sort by requests, errors, latency and processor time, n by name; q ends it.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Examples:\n  mlwasm top\n  mlwasm top --once --interval 5 -o json")]
pub(crate) struct Arguments {
    /// Seconds between two looks, 0.1 to 3600
    #[arg(long, value_name = "SECONDS", default_value = "1", value_parser = interval)]
    interval: Duration,
    /// What comes first
    #[arg(long, value_enum, default_value_t = Order::Requests)]
    sort: Order,
    /// Print what was seen in one interval and end
    #[arg(long)]
    once: bool,
}

/// What comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Order {
    /// Endpoints and deployments by their names
    Name,
    /// Most requests a second
    Requests,
    /// Most errors a second
    Errors,
    /// Longest 99th percentile
    Latency,
    /// Most processor time
    Cpu,
}

fn interval(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number of seconds")?;
    if (0.1..=3600.0).contains(&seconds) {
        Ok(Duration::from_secs_f64(seconds))
    } else {
        Err("0.1 to 3600 seconds".to_owned())
    }
}

/// The counters at one moment.
struct Reading {
    at: Instant,
    metrics: Exposition,
}

/// Runs the command.
///
/// # Errors
///
/// If the server does not answer, or there is no terminal to watch on.
pub(crate) fn run(arguments: &Arguments, cli: &Cli) -> anyhow::Result<()> {
    if arguments.once {
        return print_once(arguments, cli);
    }
    if cli.output.is_asked_for() {
        return Err(usage(
            "-o and --query need --once: a screen that changes is no data",
        ));
    }
    if !io::stdout().is_terminal() {
        return Err(usage(
            "standard output is no terminal: add --once to print what was seen in one interval",
        ));
    }
    let first = read(cli)?;
    let mut terminal = ratatui::try_init().context("preparing the terminal")?;
    let outcome = watch(arguments, cli, &mut terminal, first);
    ratatui::restore();
    outcome
}

#[expect(
    clippy::disallowed_methods,
    reason = "a command has one thread and nothing else to do"
)]
fn print_once(arguments: &Arguments, cli: &Cli) -> anyhow::Result<()> {
    let before = read(cli)?;
    std::thread::sleep(arguments.interval);
    let mut report = between(&before, &read(cli)?);
    report.sort(arguments.sort);
    let data = serde_json::to_value(&report).context("writing JSON")?;
    cli.output.show(&data, || {
        let rows = report
            .deployments
            .iter()
            .map(|row| screen::cells(row).to_vec());
        Table::list(&screen::HEADER, rows)
    })
}

fn watch(
    arguments: &Arguments,
    cli: &Cli,
    terminal: &mut ratatui::DefaultTerminal,
    mut before: Reading,
) -> anyhow::Result<()> {
    let mut order = arguments.sort;
    let mut report = Report::default();
    let mut trouble: Option<String> = None;
    loop {
        terminal
            .draw(|frame| screen::draw(frame, &report, order, trouble.as_deref()))
            .context("drawing")?;
        match next(before.at + arguments.interval)? {
            Next::End => return Ok(()),
            Next::Sort(by) => order = by,
            Next::Draw => {}
            // A server that restarts is worth waiting for: what was seen stays on the screen.
            Next::Look => match read(cli) {
                Ok(now) => {
                    report = between(&before, &now);
                    before = now;
                    trouble = None;
                }
                Err(error) => {
                    trouble = Some(format!("{error:#}"));
                    before.at = Instant::now();
                }
            },
        }
        report.sort(order);
    }
}

/// What to do next.
enum Next {
    Look,
    Draw,
    Sort(Order),
    End,
}

/// Waits for a key, until it is time to look.
fn next(look: Instant) -> anyhow::Result<Next> {
    let patience = look.saturating_duration_since(Instant::now());
    if !event::poll(patience).context("waiting for a key")? {
        return Ok(Next::Look);
    }
    Ok(match event::read().context("reading a key")? {
        Event::Key(key) => meaning(key),
        _ => Next::Draw,
    })
}

fn meaning(key: KeyEvent) -> Next {
    match key.code {
        KeyCode::Char('c') if key.modifiers.contains(KeyModifiers::CONTROL) => Next::End,
        KeyCode::Char('q') | KeyCode::Esc => Next::End,
        KeyCode::Char('n') => Next::Sort(Order::Name),
        KeyCode::Char('r') => Next::Sort(Order::Requests),
        KeyCode::Char('e') => Next::Sort(Order::Errors),
        KeyCode::Char('l') => Next::Sort(Order::Latency),
        KeyCode::Char('c') => Next::Sort(Order::Cpu),
        _ => Next::Draw,
    }
}

fn read(cli: &Cli) -> anyhow::Result<Reading> {
    let text = cli.client.metrics()?;
    Ok(Reading {
        at: Instant::now(),
        metrics: Exposition::parse(&text),
    })
}

fn between(before: &Reading, now: &Reading) -> Report {
    Report::between(&before.metrics, &now.metrics, now.at - before.at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_has_bounds() {
        for (text, holds) in [
            ("0.09", false),
            ("0.1", true),
            ("3600", true),
            ("3600.1", false),
            ("soon", false),
        ] {
            assert_eq!(interval(text).is_ok(), holds, "{text}");
        }
    }

    #[test]
    fn c_sorts_and_control_c_ends() {
        let key = |modifiers| KeyEvent::new(KeyCode::Char('c'), modifiers);
        assert!(matches!(
            meaning(key(KeyModifiers::NONE)),
            Next::Sort(Order::Cpu)
        ));
        assert!(matches!(meaning(key(KeyModifiers::CONTROL)), Next::End));
    }
}
