//! Does with files what the request asks for: `{"do": "read", "path": "/model/labels.txt"}`.
//!
//! `read` answers with the text, `list` with the names in a folder, `hold` with how many times it opened the file before
//! the host refused, `write`, `append`, `create_folder`, `remove`, `rename`, `link` and `touch` try to change
//! something, and `where` answers with what `AZUREML_MODEL_DIR` says. What fails has the answer `{"error": "..."}`.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::time::SystemTime;

use mlwasm_sdk::{InitError, Request, Response, ScoreError, Scorer, files};
use serde::Deserialize;
use serde_json::{Value, json};

struct Files;

#[derive(Deserialize)]
struct Wish {
    #[serde(rename = "do")]
    what: String,
    #[serde(default)]
    path: String,
}

impl Scorer for Files {
    fn init() -> Result<Self, InitError> {
        Ok(Self)
    }

    fn run(&mut self, request: Request) -> Result<Response, ScoreError> {
        let wish: Wish = request.json()?;
        let answer = fulfil(&wish);
        Response::json(&answer.unwrap_or_else(|error| json!({"error": error.to_string()})))
    }
}

fn fulfil(wish: &Wish) -> io::Result<Value> {
    let path = wish.path.as_str();
    let beside = format!("{path}.beside");
    match wish.what.as_str() {
        "read" => Ok(json!(fs::read_to_string(path)?)),
        "read_by_name" => files::read_to_string(path)
            .map(|text| json!(text))
            .map_err(io::Error::other),
        "length" => Ok(json!(fs::read(path)?.len())),
        "list" => list(path),
        "hold" => hold(path),
        "write" => fs::write(path, "changed").map(|()| json!("done")),
        "append" => append(path).map(|()| json!("done")),
        "create_folder" => fs::create_dir(path).map(|()| json!("done")),
        "remove" => fs::remove_file(path).map(|()| json!("done")),
        "rename" => fs::rename(path, beside).map(|()| json!("done")),
        "link" => fs::hard_link(path, beside).map(|()| json!("done")),
        "touch" => touch(path).map(|()| json!("done")),
        "where" => Ok(json!(std::env::var("AZUREML_MODEL_DIR").ok())),
        other => Err(io::Error::other(format!("nobody knows how to {other}"))),
    }
}

fn list(path: &str) -> io::Result<Value> {
    let mut names = fs::read_dir(path)?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<io::Result<Vec<_>>>()?;
    names.sort();
    Ok(json!(names))
}

fn hold(path: &str) -> io::Result<Value> {
    let mut held = Vec::new();
    for _ in 0..100_000 {
        held.push(File::open(path)?);
    }
    Ok(json!(held.len()))
}

fn append(path: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().append(true).open(path)?;
    file.write_all(b"changed")
}

fn touch(path: &str) -> io::Result<()> {
    File::open(path)?.set_modified(SystemTime::UNIX_EPOCH)
}

mlwasm_sdk::scorer!(Files);
