//! A component can be looked at before it runs: what it is made of, what it may do, what one sandbox of it takes.

use mlwasm_harness::{Commands, guests, models, plugins};

#[tokio::test]
async fn a_scorer_is_shown_with_its_powers_its_sizes_and_what_it_takes() {
    let commands = Commands::new();
    let scorer = plugins::path("iris");
    let model = format!("model={}", models::iris(1).display());

    let shown = commands
        .run(&[
            "inspect",
            &scorer.display().to_string(),
            "--model",
            &model,
            "-o",
            "json",
        ])
        .await
        .ok()
        .json();

    assert_eq!(
        shown["exports"],
        serde_json::json!(["mlwasm:scoring/scorer@0.1.0"])
    );
    let imports = shown["imports"].as_array().unwrap();
    let gives = |interface: &str| {
        let mut fitting = imports
            .iter()
            .filter(|import| import["interface"].as_str().unwrap().starts_with(interface));
        fitting
            .next()
            .unwrap_or_else(|| panic!("{interface} is not imported"))["gives"]
            .clone()
    };
    assert_eq!(
        gives("mlwasm:scoring/inference@"),
        "native runs of the models of its deployment"
    );
    assert!(
        imports.iter().all(|import| import["offered"] == true),
        "{imports:?}"
    );
    let size = |part: &str| shown["size"][part].as_u64().unwrap();
    assert_eq!(size("total"), std::fs::metadata(&scorer).unwrap().len());
    assert_eq!(
        size("total"),
        size("code") + size("data") + size("custom") + size("other")
    );
    assert!(size("code") > size("total") / 3, "{shown:#}");
    assert_eq!(shown["function_names"], true);
    assert_eq!(shown["debug_information"], false);
    assert!(
        shown["toolchain"]["language"]["Rust"].is_string(),
        "{shown:#}"
    );
    let measured = &shown["measured"];
    assert!(measured["compile_ms"].as_f64().unwrap() > 0.0, "{shown:#}");
    assert!(
        measured["machine_code_bytes"].as_u64().unwrap() > size("code"),
        "{shown:#}"
    );
    // What Rust asks for at the least: a stack of 1 MiB and the data above it.
    let memory = measured["memory_after_init_bytes"].as_u64().unwrap();
    assert!((1 << 20..4 << 20).contains(&memory), "{shown:#}");
}

#[tokio::test]
async fn for_people_it_is_lines_and_what_is_refused_stands_out() {
    let commands = Commands::new();
    let scorer = guests::path("foreign_import").display().to_string();

    let shown = commands.run(&["inspect", &scorer]).await.ok().stdout;

    let has = |text: &str| {
        assert!(
            shown.lines().any(|line| line.contains(text)),
            "{text}: {shown}"
        )
    };
    has("REFUSED: this host offers nothing of that name");
    has("measured   it does not start: it imports ");
    has("export     mlwasm:scoring/scorer@0.1.0");
    has("language   Rust");
}

#[tokio::test]
async fn a_scorer_whose_init_needs_a_model_says_so_and_the_rest_is_shown() {
    let commands = Commands::new();
    let scorer = plugins::path("iris").display().to_string();

    let shown = commands.run(&["inspect", &scorer]).await.ok().stdout;
    let read_only = commands
        .run(&["inspect", &scorer, "--no-run"])
        .await
        .ok()
        .stdout;

    assert!(
        shown.contains("it does not start: init failed: "),
        "{shown}"
    );
    assert!(
        shown.contains("give the models that it opens by --model NAME=FILE"),
        "{shown}"
    );
    assert!(!read_only.contains("measured"), "{read_only}");
    assert!(
        read_only.contains("import     mlwasm:scoring/inference@0.1.0: native runs"),
        "{read_only}"
    );
}

#[tokio::test]
async fn what_is_no_component_is_named() {
    let commands = Commands::new();
    let model = models::iris(1).display().to_string();
    let core = commands.file("core.wasm", b"\0asm\x01\0\0\0");
    let torn = commands.file("torn.wasm", b"\0asm\x0d\0\x01\0\x01\xff");
    for (path, words) in [
        (
            model.as_str(),
            "is an ONNX model: `mlwasm deploy` serves it",
        ),
        (
            &core,
            "a core module; build it for wasm32-wasip2, or make a component of it",
        ),
        (&torn, "not a valid component"),
        ("/nowhere.wasm", "opening /nowhere.wasm"),
    ] {
        commands.run(&["inspect", path]).await.refused(1, &[words]);
    }
}
