//! Whatever language a scorer is written in, its failure leads to the line of its author's: in the answer, in the log, and in the
//! backtrace.

use std::{fs, path::PathBuf};

use mlwasm_harness::{Author, Platform, workspace};
use mlwasm_types::failure::{Failure, FailurePage};
use reqwest::Method;

/// A scorer that fails on demand, and how each of its faults is told.
struct Faulty {
    language: &'static str,
    /// Its file here, and where it is in the project.
    file: (&'static str, &'static str),
    /// What to ask for, and words of the answer.
    faults: &'static [(&'static str, &'static str)],
    /// The same, of faults that the language itself knows no line of.
    without_line: &'static [(&'static str, &'static str)],
    /// Whether its own code is WebAssembly's, so that backtraces have its lines.
    is_compiled: bool,
}

const RUST: Faulty = Faulty {
    language: "rust",
    file: ("score.rs", "src/lib.rs"),
    faults: &[
        ("panic", "no such flower"),
        (
            "index",
            "index out of bounds: the len is 3 but the index is 7",
        ),
        ("unwrap", "called `Option::unwrap()` on a `None` value"),
        ("abort", "unreachable"),
        ("stack", "out of bounds memory access"),
        ("init", "no start"),
    ],
    without_line: &[],
    is_compiled: true,
};
const C: Faulty = Faulty {
    language: "c",
    file: ("score.c", "score.c"),
    faults: &[
        ("abort", "unreachable"),
        ("assert", "Assertion failed: zero > 0"),
        ("divide", "integer divide by zero"),
        ("null", "uninitialized element"),
        // As Rust, it keeps what has an address on a stack of its own, in memory.
        ("stack", "out of bounds memory access"),
        ("init", "unreachable"),
    ],
    without_line: &[],
    is_compiled: true,
};
const CPP: Faulty = Faulty {
    language: "cpp",
    file: ("score.cpp", "score.cpp"),
    faults: &[
        ("abort", "unreachable"),
        (
            "range",
            "out_of_range was thrown in -fno-exceptions mode with message \"vector\"",
        ),
        ("init", "unreachable"),
    ],
    without_line: &[],
    is_compiled: true,
};
const GO: Faulty = Faulty {
    language: "go",
    file: ("score.go", "score.go"),
    faults: &[
        ("panic", "panic: no such flower"),
        ("map", "assignment to entry in nil map"),
        ("range", "index out of range [5] with length 3"),
        ("routine", "panic: in the background"),
        ("init", "no start"),
    ],
    without_line: &[],
    is_compiled: false,
};
const PYTHON: Faulty = Faulty {
    language: "python",
    file: ("score.py", "score.py"),
    faults: &[
        ("raise", "ValueError: no such flower"),
        ("key", "KeyError: 'virginica'"),
        ("import", "No module named 'no_such_module'"),
        ("nested", "TypeError: "),
        ("init", "RuntimeError: no start"),
    ],
    without_line: &[],
    is_compiled: false,
};
const JAVASCRIPT: Faulty = Faulty {
    language: "js",
    file: ("score.js", "score.js"),
    faults: &[
        ("throw", "Error: no such flower"),
        ("null", "TypeError: "),
        ("init", "Error: no start"),
    ],
    without_line: &[("string", "only a text"), ("promise", "Promise")],
    is_compiled: false,
};
const TYPESCRIPT: Faulty = Faulty {
    language: "ts",
    file: ("score.ts", "score.ts"),
    ..JAVASCRIPT
};

impl Faulty {
    fn source(&self) -> String {
        let folder = workspace().join("tests/suite/faults_by_language");
        fs::read_to_string(folder.join(self.file.0)).unwrap()
    }

    /// The line that a comment marks as that of the fault.
    fn line(&self, fault: &str) -> u32 {
        let mark = format!("fault: {fault}");
        let is_marked = |line: &str| line.trim_end_matches(" */").ends_with(&mark);
        let source = self.source();
        let index = source.lines().position(is_marked).unwrap();
        u32::try_from(index).unwrap() + 1
    }

    /// Whether a line of `text` names the file and the line of the fault.
    fn is_named(&self, text: &str, fault: &str) -> bool {
        let number = self.line(fault).to_string();
        text.lines().any(|line| {
            let mut numbers = line.split(|character: char| !character.is_ascii_digit());
            line.contains(self.file.1) && numbers.any(|found| found == number)
        })
    }

    /// Builds it as its author would.
    async fn build(&self, author: &Author) -> PathBuf {
        let new = ["new", "faulty", "--lang", self.language];
        author.run(&new).await.succeeded();
        let project = author.commands().home().join("faulty");
        fs::write(project.join(self.file.1), self.source()).unwrap();
        author.install(&project);
        author.run(&["build", "faulty"]).await.succeeded();
        project.join("build/faulty.wasm")
    }
}

async fn log(platform: &Platform) -> String {
    let path = "/v1/endpoints/e/deployments/blue/logs?lines=1000";
    let page: mlwasm_types::api::LogPage = platform.admin(Method::GET, path).send().await.read();
    let lines: Vec<_> = page.lines.into_iter().map(|line| line.text).collect();
    lines.join("\n")
}

async fn last_failure(platform: &Platform) -> Failure {
    let path = "/v1/endpoints/e/deployments/blue/failures?last=1";
    let page: FailurePage = platform.admin(Method::GET, path).send().await.read();
    page.failures.into_iter().next().unwrap()
}

async fn each_fault_leads_to_its_line(faulty: &Faulty) {
    let author = Author::new();
    let component = faulty.build(&author).await;
    let platform = Platform::start().await;
    platform.deploy(&component).to("e", "blue").run().await;
    assert_eq!(
        platform.score("e", "").await.text().trim_matches('"'),
        "fine"
    );

    for (fault, words) in faulty.faults {
        let detail = if *fault == "init" {
            let deploy = platform.deploy(&component).to("e", "blue");
            let refused = deploy.env("FAULT", "init").attempt().await;
            assert_eq!(refused.code, 1, "{refused:#?}");
            refused.stderr
        } else {
            let call = platform.scoring("e").await;
            let answer = call.query(&format!("fault={fault}")).send().await;
            assert_eq!(answer.status(), 424, "{fault}: {answer:?}");
            answer.problem().detail.clone()
        };

        assert!(detail.contains(words), "{fault}: {detail}");
        // How deep it was when the stack ended is no one's line.
        if *fault != "stack" && *fault != "routine" {
            assert!(faulty.is_named(&detail, fault), "{fault}: {detail}");
        }
        let log = log(&platform).await;
        assert!(faulty.is_named(&log, fault), "{fault}: {log}");
        if faulty.is_compiled {
            let failure = last_failure(&platform).await;
            let line = faulty.line(fault);
            let leads = failure.backtrace.iter().any(|frame| {
                frame.file.as_deref() == Some(faulty.file.1) && frame.line == Some(line)
            });
            assert!(leads, "{fault}: {failure:#?}");
        }
    }
    for (fault, words) in faulty.without_line {
        let call = platform.scoring("e").await;
        let answer = call.query(&format!("fault={fault}")).send().await;
        assert_eq!(answer.status(), 424, "{fault}: {answer:?}");
        let detail = answer.problem().detail.clone();
        assert!(detail.contains(words), "{fault}: {detail}");
    }
}

#[tokio::test]
async fn a_fault_in_rust_leads_to_its_line() {
    each_fault_leads_to_its_line(&RUST).await;
}

#[tokio::test]
async fn a_fault_in_c_leads_to_its_line() {
    each_fault_leads_to_its_line(&C).await;
}

#[tokio::test]
async fn a_fault_in_cpp_leads_to_its_line() {
    each_fault_leads_to_its_line(&CPP).await;
}

#[tokio::test]
async fn a_fault_in_go_leads_to_its_line() {
    each_fault_leads_to_its_line(&GO).await;
}

#[tokio::test]
async fn a_fault_in_python_leads_to_its_line() {
    each_fault_leads_to_its_line(&PYTHON).await;
}

#[tokio::test]
async fn a_fault_in_javascript_leads_to_its_line() {
    each_fault_leads_to_its_line(&JAVASCRIPT).await;
}

#[tokio::test]
async fn a_fault_in_typescript_leads_to_its_line() {
    each_fault_leads_to_its_line(&TYPESCRIPT).await;
}

#[tokio::test]
async fn lines_of_source_are_left_out_where_the_author_says_so() {
    for faulty in [&C, &RUST] {
        let author = Author::new();
        let has_lines = |component: &PathBuf| {
            let component = fs::read(component).unwrap();
            find(&component, b".debug_line").is_some()
        };
        let component = faulty.build(&author).await;
        assert!(has_lines(&component), "{}", faulty.language);

        author
            .run(&["build", "faulty", "--strip"])
            .await
            .succeeded();

        assert!(!has_lines(&component), "{}", faulty.language);
        let platform = Platform::start().await;
        platform.deploy(&component).to("e", "blue").run().await;
        let call = platform.scoring("e").await;
        assert_eq!(call.query("fault=abort").send().await.status(), 424);
        let failure = last_failure(&platform).await;
        assert!(!failure.backtrace.is_empty(), "{failure:#?}");
        assert!(failure.backtrace.iter().all(|frame| frame.line.is_none()));
        // Once, or for good.
        author.run(&["build", "faulty"]).await.succeeded();
        assert!(has_lines(&component), "{}", faulty.language);
        author
            .commands()
            .replace("faulty/scorer.toml", "debug = true", "debug = false");
        author.run(&["build", "faulty"]).await.succeeded();
        assert!(!has_lines(&component), "{}", faulty.language);
    }
}

#[tokio::test]
async fn debug_information_that_makes_no_sense_costs_its_author_the_lines_and_nobody_else_anything()
{
    let author = Author::new();
    let component = C.build(&author).await;
    let whole = fs::read(&component).unwrap();
    let platform = Platform::start().await;
    for (name, spoil) in [("zeros", 0), ("ones", 0xff), ("noise", 0x5a)] {
        let spoiled = platform.file(&format!("{name}.wasm"), spoiled(&whole, spoil));
        platform.deploy(&spoiled).to("e", "blue").run().await;

        let call = platform.scoring("e").await;
        let answer = call.query("fault=divide").send().await;

        assert_eq!(answer.status(), 424, "{name}: {answer:?}");
        let detail = answer.problem().detail.clone();
        assert!(
            detail.contains("integer divide by zero"),
            "{name}: {detail}"
        );
        let failure = last_failure(&platform).await;
        assert!(!failure.backtrace.is_empty(), "{name}");
        assert_eq!(platform.score("e", "").await.text(), "fine", "{name}");
    }
}

/// The component, with every third byte of its debug information changed by `with`.
fn spoiled(component: &[u8], with: u8) -> Vec<u8> {
    let mut spoiled = component.to_vec();
    for name in [
        ".debug_info",
        ".debug_line",
        ".debug_abbrev",
        ".debug_ranges",
    ] {
        let mut from = 0;
        while let Some(at) = find(&component[from..], name.as_bytes()) {
            let begins = from + at + name.len();
            // As much as there surely is of a section.
            let ends = component.len().min(begins + 400);
            for byte in spoiled[begins..ends].iter_mut().step_by(3) {
                *byte = if with == 0x5a {
                    byte.wrapping_mul(31) ^ with
                } else {
                    with
                };
            }
            from = begins;
        }
    }
    spoiled
}

fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}
