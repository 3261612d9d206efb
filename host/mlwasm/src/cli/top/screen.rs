//! The screen of `mlwasm top`.

use ratatui::{
    Frame,
    layout::{Constraint, Layout},
    style::{Modifier, Style, Stylize as _},
    text::Line,
    widgets::{Cell, Row as Cells, Table},
};

use super::{
    Order,
    rates::{Report, Row},
};

pub(super) const HEADER: [&str; 11] = [
    "ENDPOINT",
    "DEPLOYMENT",
    "REQ/S",
    "ERR/S",
    "REFUSED/S",
    "MIRROR/S",
    "P50 MS",
    "P99 MS",
    "BUSY/ALL",
    "CPU",
    "MIB",
];

/// The columns of one deployment.
pub(super) fn cells(row: &Row) -> [String; HEADER.len()] {
    let milliseconds =
        |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.2}"));
    let all = row.sandboxes_busy + row.sandboxes_idle;
    [
        row.endpoint.clone(),
        row.deployment.clone(),
        format!("{:.1}", row.requests_per_second),
        format!("{:.1}", row.errors_per_second),
        format!("{:.1}", row.refused_per_second),
        format!("{:.1}", row.mirrored_per_second),
        milliseconds(row.p50_ms),
        milliseconds(row.p99_ms),
        format!("{:.0}/{all:.0}", row.sandboxes_busy),
        format!("{:.2}", row.cpu_cores),
        format!("{:.1}", row.memory_mib),
    ]
}

/// Draws everything.
pub(super) fn draw(frame: &mut Frame<'_>, report: &Report, order: Order, trouble: Option<&str>) {
    let rows = Layout::vertical([
        Constraint::Length(1),
        Constraint::Min(1),
        Constraint::Length(1),
    ]);
    let [top, middle, bottom] = rows.areas(frame.area());
    frame.render_widget(title(report, trouble), top);
    frame.render_widget(table(report, order), middle);
    let keys = "sort by: n name  r requests  e errors  l latency  c cpu    q quit";
    frame.render_widget(Line::from(keys).dim(), bottom);
}

fn title<'a>(report: &Report, trouble: Option<&'a str>) -> Line<'a> {
    match trouble {
        Some(trouble) => Line::from(trouble).red().bold(),
        None if report.seconds == 0.0 => Line::from("looking …").dim(),
        None => Line::from(format!(
            "{} deployments  {:.1} requests/s  generation {:.0}",
            report.deployments.len(),
            report.requests_per_second,
            report.generation
        ))
        .bold(),
    }
}

fn table(report: &Report, order: Order) -> Table<'static> {
    let sorted = match order {
        Order::Name => 0,
        Order::Requests => 2,
        Order::Errors => 3,
        Order::Latency => 7,
        Order::Cpu => 9,
    };
    let header = HEADER.iter().enumerate().map(|(column, name)| {
        let style = Style::new().add_modifier(Modifier::BOLD);
        Cell::from(*name).style(if column == sorted {
            style.underlined()
        } else {
            style
        })
    });
    let rows = report.deployments.iter().map(|row| {
        let line = Cells::new(cells(row));
        if row.errors_per_second > 0.0 {
            line.red()
        } else {
            line
        }
    });
    let names = [Constraint::Min(12), Constraint::Min(12)];
    let figures = [Constraint::Length(10); HEADER.len() - 2];
    Table::new(rows, names.into_iter().chain(figures)).header(Cells::new(header))
}

#[cfg(test)]
mod tests {
    use ratatui::{Terminal, backend::TestBackend};

    use super::*;

    fn drawn(report: &Report, trouble: Option<&str>) -> String {
        let mut terminal = Terminal::new(TestBackend::new(120, 6)).unwrap();
        terminal
            .draw(|frame| draw(frame, report, Order::Requests, trouble))
            .unwrap();
        terminal.backend().to_string()
    }

    #[test]
    fn a_deployment_is_a_line_and_trouble_takes_the_title() {
        let blue = Row {
            endpoint: "iris".to_owned(),
            deployment: "blue".to_owned(),
            requests_per_second: 1234.56,
            p99_ms: Some(2.5),
            sandboxes_busy: 3.0,
            sandboxes_idle: 5.0,
            ..Row::default()
        };
        let report = Report {
            seconds: 1.0,
            generation: 7.0,
            requests_per_second: 1234.56,
            deployments: vec![blue],
        };
        let screen = drawn(&report, None);
        for text in [
            "1 deployments  1234.6 requests/s  generation 7",
            "iris",
            "1234.6",
            "2.50",
            "3/8",
            "q quit",
        ] {
            assert!(screen.contains(text), "{text}\n{screen}");
        }
        assert!(drawn(&report, Some("no server answers")).contains("no server answers"));
        assert!(drawn(&Report::default(), None).contains("looking"));
    }
}
