//! The shipped classifiers of texts and images answer real inputs, with their vocabulary and labels beside the model.

use std::{fs, path::PathBuf};

use mlwasm_harness::{Answer, Platform, plugins, workspace};
use serde_json::{Value, json};

/// What the classifier's training gave on these sentences: see its README.
const RIGHT_SENTENCES: usize = 58;
/// As many of the 60 images as Python gets right by the same arithmetic.
const RIGHT_IMAGES: usize = 59;

fn beside(plugin: &str, name: &str) -> PathBuf {
    workspace()
        .join("plugins")
        .join(plugin)
        .join("models")
        .join(name)
}

/// The classifier `plugin` as `blue` of the endpoint `e`, its model and files from its folder.
async fn classifier(plugin: &str, folder: &str) -> Platform {
    let platform = Platform::start().await;
    let folder = beside(plugin, folder);
    platform
        .deploy(plugins::path(&plugin.replace('-', "_")))
        .to("e", "blue")
        .arguments(&["--model", folder.to_str().unwrap()])
        .instances(1)
        .run()
        .await;
    platform
}

async fn classify(platform: &Platform, image: impl Into<Vec<u8>>) -> Answer {
    platform.score("e", image.into()).await
}

#[tokio::test]
async fn the_text_classifier_tells_languages_as_well_as_it_was_measured() {
    let platform = classifier("text-classifier", "language").await;
    let held_out = fs::read_to_string(beside("text-classifier", "held-out.tsv")).unwrap();
    let (labels, texts): (Vec<_>, Vec<_>) = held_out
        .lines()
        .map(|line| line.split_once('\t').unwrap())
        .unzip();
    assert_eq!(texts.len(), 60);

    let call = platform.scoring("e").await;
    let answer = call.json(&json!({"texts": texts})).send().await;

    assert_eq!(answer.status(), 200, "{}", answer.text());
    let answer = answer.json();
    let predictions = answer["predictions"].as_array().unwrap();
    let pairs = predictions.iter().zip(&labels);
    let right = pairs.filter(|(found, label)| found["label"] == **label);
    assert_eq!((predictions.len(), right.count()), (60, RIGHT_SENTENCES));
}

#[tokio::test]
async fn what_holds_no_words_has_no_language() {
    let platform = classifier("text-classifier", "language").await;
    let nothing = json!({"label": null, "probability": 0.0});
    let call = platform.scoring("e").await;
    let texts = json!({"texts": ["", "12 + 3", "\u{0}", "Где вокзал?"]});
    let answer = call.json(&texts).send().await.json();
    assert_eq!(answer["predictions"], Value::Array(vec![nothing; 4]));

    for body in ["", "{}", r#"{"texts": []}"#, r#"{"texts": [1]}"#, "\u{7f}"] {
        assert_eq!(platform.score("e", body).await.status(), 400, "{body}");
    }
}

#[tokio::test]
async fn the_image_classifier_reads_real_png_and_jpeg_files() {
    let platform = classifier("image-classifier", "digits").await;
    let mut right = 0;
    let mut kinds = [0, 0];
    for entry in fs::read_dir(beside("image-classifier", "images")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        kinds[usize::from(name.ends_with(".jpg"))] += 1;
        let answer = classify(&platform, fs::read(&path).unwrap()).await;
        assert_eq!(answer.status(), 200, "{name}: {}", answer.text());
        right += usize::from(answer.json()["label"] == name[..1]);
    }
    assert_eq!(kinds, [30, 30]);
    assert_eq!(right, RIGHT_IMAGES);
}

/// A digit of the classifier's images.
fn image(suffix: &str) -> Vec<u8> {
    let folder = fs::read_dir(beside("image-classifier", "images")).unwrap();
    let mut paths: Vec<_> = folder.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let wanted = |path: &PathBuf| path.extension().is_some_and(|found| found == suffix);
    fs::read(paths.into_iter().find(wanted).unwrap()).unwrap()
}

/// The checksum at the end of a chunk of PNG.
fn checksum(bytes: &[u8]) -> [u8; 4] {
    let step = |sum: u32, byte: &u8| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            (sum >> 1) ^ (0xedb8_8320 & (sum & 1).wrapping_neg())
        })
    };
    (!bytes.iter().fold(!0, step)).to_be_bytes()
}

/// A PNG file that states another size than it has, correct but for that.
fn png_of(width: u32, height: u32) -> Vec<u8> {
    let mut file = image("png");
    file[16..20].copy_from_slice(&width.to_be_bytes());
    file[20..24].copy_from_slice(&height.to_be_bytes());
    let sum = checksum(&file[12..29]);
    file[29..33].copy_from_slice(&sum);
    file
}

/// A JPEG file that states another size than it has.
fn jpeg_of(side: u16) -> Vec<u8> {
    let mut file = image("jpg");
    let frame = file.windows(2).position(|two| two == [0xff, 0xc0]).unwrap();
    file[frame + 5..frame + 7].copy_from_slice(&side.to_be_bytes());
    file[frame + 7..frame + 9].copy_from_slice(&side.to_be_bytes());
    file
}

#[tokio::test]
async fn hostile_images_are_the_clients_mistake_and_never_a_trap() {
    let platform = classifier("image-classifier", "digits").await;
    let (png, jpeg) = (image("png"), image("jpg"));
    assert_eq!(png_of(64, 64), png, "the checksum of this test");
    let bombs = [
        png_of(50_000, 50_000),
        png_of(u32::MAX, u32::MAX),
        png_of(0, 0),
        jpeg_of(50_000),
    ];
    let others = [
        Vec::new(),
        b"GIF89a".to_vec(),
        b"{}".to_vec(),
        b"\x89PNG\r\n\x1a\n".to_vec(),
        b"\xff\xd8\xff".to_vec(),
        [&png[..], &png].concat()[4..].to_vec(),
    ];
    for (number, hostile) in bombs.into_iter().chain(others).enumerate() {
        let answer = classify(&platform, hostile).await;
        assert_eq!(answer.status(), 400, "{number}: {}", answer.text());
    }
    for whole in [&png, &jpeg] {
        // Not the last bytes: they only say that nothing more comes.
        for length in (0..whole.len() * 3 / 4).step_by(whole.len() / 20) {
            let answer = classify(&platform, &whole[..length]).await;
            assert_eq!(answer.status(), 400, "{length} of {}", whole.len());
        }
        // Whatever is changed, there is an answer or a refusal.
        for place in (0..whole.len()).step_by(whole.len() / 40) {
            let mut changed = whole.clone();
            changed[place] ^= 0x55;
            let status = classify(&platform, changed).await.status();
            assert!([200, 400].contains(&status), "{place}: {status}");
        }
    }
}

#[tokio::test]
async fn the_number_of_pixels_is_limited() {
    let platform = classifier("image-classifier", "digits").await;
    const MOST: u32 = 2 << 20;
    for (width, too_many) in [(MOST - 1, false), (MOST, false), (MOST + 1, true)] {
        // None of them is whole; only one is refused for what it states.
        let answer = classify(&platform, png_of(width, 1)).await;
        let detail = answer.text();
        assert_eq!(answer.status(), 400);
        assert_eq!(
            detail.contains("pixels, expected"),
            too_many,
            "{width}: {detail}"
        );
    }
}
