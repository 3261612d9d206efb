//! Every language's project builds as it comes, and its scorer answers what its golden requests ask.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::endurance::endures;
use mlwasm_harness::{Author, Output, models, plugins, workspace};

/// Where each language's iris is a project. That in Rust is a plugin of this workspace.
const IRIS: [(&str, &str); 6] = [
    ("python", "sdk/python/iris"),
    ("js", "sdk/js/iris"),
    ("c", "sdk/c/iris"),
    ("cpp", "sdk/c/iris-cpp"),
    ("go", "sdk/go/iris"),
    ("zig", "examples/zig"),
];

/// Where each language's scorer is in its project.
const SOURCES: [(&str, &str); 7] = [
    ("rust", "src/lib.rs"),
    ("python", "score.py"),
    ("js", "score.js"),
    ("ts", "score.ts"),
    ("c", "score.c"),
    ("cpp", "score.cpp"),
    ("go", "score.go"),
];

/// The project's file names the model by a path within this workspace.
fn names_its_model(author: &Author, project: &Path) {
    let model = project.join("model.onnx");
    fs::copy(models::iris(1), &model).unwrap();
    author.commands().file(
        "iris/deployment.yml",
        "name: blue\nendpoint_name: iris\nmodels: {model: model.onnx}\n\
         code_configuration: {code: ., scoring_script: build/iris.wasm}\n",
    );
}

async fn the_project_passes_its_own_tests(language: &str) {
    let author = Author::new();
    author
        .run(&["new", "flowers", "--lang", language])
        .await
        .succeeded();
    author.install(&author.commands().home().join("flowers"));
    let tested = author.run(&["test", "flowers"]).await.ok();
    assert!(tested.stderr.contains(" 0 failed"), "{tested:#?}");
    let inspect = ["inspect", "flowers/build/flowers.wasm", "--no-run"];
    let shown = author.run(&inspect).await.ok();
    assert!(!shown.stdout.contains("REFUSED"), "{shown:#?}");
    what_is_no_program_is_refused_with_its_line(&author, language).await;
}

/// The scorer of the project `flowers` is written wrongly.
async fn what_is_no_program_is_refused_with_its_line(author: &Author, language: &str) {
    let (_, source) = SOURCES.iter().find(|(it, _)| *it == language).unwrap();
    let path = author.commands().home().join("flowers").join(source);
    let written = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{written})(\n")).unwrap();
    let refused = author.run(&["build", "flowers"]).await;
    let line = written.lines().count() + 1;
    // TypeScript's compiler writes it in its own way.
    let between = if language == "ts" { "(" } else { ":" };
    let place = format!("{source}{between}{line}");
    assert_eq!(refused.code, 1, "{refused:#?}");
    assert!(refused.stderr.contains(&place), "{place}: {refused:#?}");
}

/// What `mlwasm new --typed` makes is the iris of typed scorers: it passes its own tests, and all that every language's passes.
async fn a_typed_project_answers_what_all_languages_answer(language: &str) {
    let author = Author::new();
    author
        .run(&["new", "iris", "--lang", language, "--typed"])
        .await
        .succeeded();
    let project = author.commands().home().join("iris");
    author.install(&project);
    let own = author.run(&["test", "iris"]).await.ok();
    assert!(own.stderr.contains("3 passed, 0 failed"), "{own:#?}");
    fs::remove_dir_all(project.join("golden")).unwrap();
    fs::create_dir(project.join("golden")).unwrap();
    fs::copy(typed_golden(), project.join("golden/iris.json")).unwrap();
    let tested = author.run(&["test", "iris", "--no-build"]).await.ok();
    all_pass(&tested, &typed_golden());
}

/// The scorer of `tests/languages/labels` in this language finds the files of its deployment, by the SDK.
async fn a_scorer_reads_the_files_beside_the_model(language: &str) {
    let author = Author::new();
    author
        .run(&["new", "labels", "--lang", language])
        .await
        .succeeded();
    let project = author.commands().home().join("labels");
    let source = format!(
        "score.{}",
        if language == "python" { "py" } else { language }
    );
    let scorer = workspace().join("tests/languages/labels").join(&source);
    fs::copy(scorer, project.join(&source)).unwrap();
    fs::remove_dir_all(project.join("golden")).unwrap();
    for (name, text) in [
        (
            "deployment.yml",
            "name: blue\nendpoint_name: labels\nfiles: ./assets\n\
             code_configuration: {code: ., scoring_script: build/labels.wasm}\n",
        ),
        ("assets/labels.txt", "setosa\nversicolor\n"),
        ("assets/vocab/words.json", "{}"),
        (
            "golden/labels.json",
            r#"[{"name": "labels", "response": {"text": "setosa+versicolor of labels.txt+vocab/words.json in /model"}}]"#,
        ),
    ] {
        let path = project.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    author.install(&project);
    let tested = author.run(&["test", "labels"]).await.ok();
    assert!(tested.stderr.contains("1 passed, 0 failed"), "{tested:#?}");
}

async fn iris_answers_what_all_languages_answer_and_endures(language: &str) {
    let (_, project) = IRIS.iter().find(|(name, _)| *name == language).unwrap();
    let author = Author::new();
    let copy = author.commands().home().join("iris");
    copy_folder(&workspace().join(project), &copy);
    names_its_model(&author, &copy);
    if copy.join("package.json").is_file() {
        // Puts the library there that the packages refer to, and asks for them.
        let asked = author.run(&["build", "iris"]).await;
        assert!(asked.stderr.contains("npm install"), "{asked:#?}");
        author.install(&copy);
    }
    all_pass(&author.run(&["test", "iris"]).await.ok(), &golden());
    endures(&copy.join("build/iris.wasm")).await;
}

fn golden() -> PathBuf {
    workspace().join("sdk/golden/iris.json")
}

fn typed_golden() -> PathBuf {
    workspace().join("sdk/golden/iris-typed.json")
}

/// All cases of a file that every language passes were asked, and answered as they say.
fn all_pass(tested: &Output, golden: &Path) {
    let cases: Vec<serde_json::Value> = serde_json::from_slice(&fs::read(golden).unwrap()).unwrap();
    let passed = format!("{} passed, 0 failed", cases.len());
    assert!(
        cases.len() >= 12 && tested.stderr.contains(&passed),
        "{passed}: {tested:#?}"
    );
}

/// Copies a project, links as what they lead to, without what its tools have made.
fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path: PathBuf = entry.unwrap().path();
        let name = path.file_name().unwrap();
        if ["build", "node_modules", ".mlwasm", "__pycache__", "target"]
            .iter()
            .any(|made| name == *made)
        {
            continue;
        }
        if path.is_dir() {
            copy_folder(&path, &to.join(name));
        } else {
            fs::copy(&path, to.join(name)).unwrap();
        }
    }
}

#[tokio::test]
async fn a_project_in_rust_passes_its_own_tests() {
    the_project_passes_its_own_tests("rust").await;
}

#[tokio::test]
async fn a_project_in_python_passes_its_own_tests() {
    the_project_passes_its_own_tests("python").await;
}

#[tokio::test]
async fn a_project_in_javascript_passes_its_own_tests() {
    the_project_passes_its_own_tests("js").await;
}

#[tokio::test]
async fn a_project_in_typescript_passes_its_own_tests() {
    the_project_passes_its_own_tests("ts").await;
}

#[tokio::test]
async fn a_project_in_c_passes_its_own_tests() {
    the_project_passes_its_own_tests("c").await;
}

#[tokio::test]
async fn a_project_in_cpp_passes_its_own_tests() {
    the_project_passes_its_own_tests("cpp").await;
}

#[tokio::test]
async fn a_project_in_go_passes_its_own_tests() {
    the_project_passes_its_own_tests("go").await;
}

#[tokio::test]
async fn iris_in_rust_answers_what_all_languages_answer_and_endures() {
    let author = Author::new();
    let project = author.commands().home().join("iris");
    fs::create_dir_all(project.join("build")).unwrap();
    fs::create_dir_all(project.join("golden")).unwrap();
    names_its_model(&author, &project);
    fs::copy(plugins::path("iris"), project.join("build/iris.wasm")).unwrap();
    fs::copy(golden(), project.join("golden/iris.json")).unwrap();
    let manifest = "language = \"rust\"\nsource = \".\"\noutput = \"build/iris.wasm\"\n";
    author.commands().file("iris/scorer.toml", manifest);
    let tested = author.run(&["test", "iris", "--no-build"]).await.ok();
    all_pass(&tested, &golden());
    endures(&plugins::path("iris")).await;
}

#[tokio::test]
async fn iris_in_python_answers_what_all_languages_answer_and_endures() {
    iris_answers_what_all_languages_answer_and_endures("python").await;
}

#[tokio::test]
async fn iris_in_javascript_answers_what_all_languages_answer_and_endures() {
    iris_answers_what_all_languages_answer_and_endures("js").await;
}

#[tokio::test]
async fn iris_in_c_answers_what_all_languages_answer_and_endures() {
    iris_answers_what_all_languages_answer_and_endures("c").await;
}

#[tokio::test]
async fn iris_in_cpp_answers_what_all_languages_answer_and_endures() {
    iris_answers_what_all_languages_answer_and_endures("cpp").await;
}

#[tokio::test]
async fn iris_in_go_answers_what_all_languages_answer_and_endures() {
    iris_answers_what_all_languages_answer_and_endures("go").await;
}

#[tokio::test]
async fn iris_in_zig_answers_what_all_languages_answer_and_endures() {
    iris_answers_what_all_languages_answer_and_endures("zig").await;
}

#[tokio::test]
async fn a_typed_project_in_rust_answers_what_all_languages_answer() {
    a_typed_project_answers_what_all_languages_answer("rust").await;
}

#[tokio::test]
async fn a_typed_project_in_python_answers_what_all_languages_answer() {
    a_typed_project_answers_what_all_languages_answer("python").await;
}

#[tokio::test]
async fn a_typed_project_in_javascript_answers_what_all_languages_answer() {
    a_typed_project_answers_what_all_languages_answer("js").await;
}

#[tokio::test]
async fn a_typed_project_in_typescript_answers_what_all_languages_answer() {
    a_typed_project_answers_what_all_languages_answer("ts").await;
}

#[tokio::test]
async fn a_typed_project_in_c_answers_what_all_languages_answer() {
    a_typed_project_answers_what_all_languages_answer("c").await;
}

#[tokio::test]
async fn a_typed_project_in_cpp_answers_what_all_languages_answer() {
    a_typed_project_answers_what_all_languages_answer("cpp").await;
}

#[tokio::test]
async fn a_typed_project_in_go_answers_what_all_languages_answer() {
    a_typed_project_answers_what_all_languages_answer("go").await;
}

#[tokio::test]
async fn a_project_whose_source_is_for_another_world_is_told_so() {
    let author = Author::new();
    let new = author.run(&["new", "iris", "--lang", "c"]);
    new.await.succeeded();
    let manifest = "iris/scorer.toml";
    let output = "output = \"build/iris.wasm\"";
    author.commands().replace(
        manifest,
        output,
        &format!("{output}\nworld = \"tensor-scoring\""),
    );
    let built = author.run(&["build", "iris"]).await;
    built.refused(1, &["makes a raw scorer", "MLWASM_TENSOR_SCORER"]);
    author
        .commands()
        .replace(manifest, "tensor-scoring", "tensors");
    let built = author.run(&["build", "iris"]).await;
    built.refused(1, &["scorer.toml", "expected scoring or tensor-scoring"]);
}

#[tokio::test]
async fn a_scorer_in_python_reads_the_files_beside_the_model() {
    a_scorer_reads_the_files_beside_the_model("python").await;
}

#[tokio::test]
async fn a_scorer_in_javascript_reads_the_files_beside_the_model() {
    a_scorer_reads_the_files_beside_the_model("js").await;
}

#[tokio::test]
async fn a_scorer_in_c_reads_the_files_beside_the_model() {
    a_scorer_reads_the_files_beside_the_model("c").await;
}

#[tokio::test]
async fn a_scorer_in_cpp_reads_the_files_beside_the_model() {
    a_scorer_reads_the_files_beside_the_model("cpp").await;
}

#[tokio::test]
async fn a_scorer_in_go_reads_the_files_beside_the_model() {
    a_scorer_reads_the_files_beside_the_model("go").await;
}
