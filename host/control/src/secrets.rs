//! The secrets of deployments: looked up when a revision is made ready, handed to its sandboxes, kept nowhere else.
//!
//! A deployer chooses the references, so the operator says what they may reach: some variables of the server's environment, and
//! one folder. Without that they reach nothing. What is missing fails the revision, and the former one serves on.

use std::{
    collections::BTreeMap,
    env, fmt, fs,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use mlwasm_types::SecretReference;

/// The most bytes that a secret may have: what an environment variable may.
const MOST_BYTES: u64 = 65_536;

/// What references may reach.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SecretSources {
    /// Names of the server's variables; a `*` at the end stands for any rest.
    pub allowed_env: Vec<String>,
    /// The folder below which files may be read.
    pub folder: Option<PathBuf>,
}

/// Looks secrets up.
#[derive(Clone, Debug)]
pub(crate) struct Secrets {
    sources: SecretSources,
}

/// A value that is never printed.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct SecretText(String);

impl SecretText {
    /// The value itself, for the sandbox that shall see it.
    pub(crate) fn reveal(self) -> String {
        self.0
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText(not shown)")
    }
}

/// Why a secret can not be had.
#[derive(Debug, thiserror::Error)]
#[error("secrets.{variable}: {reference}: {problem}")]
pub(crate) struct SecretFault {
    variable: String,
    reference: SecretReference,
    problem: Problem,
}

#[derive(Debug, thiserror::Error)]
enum Problem {
    #[error(
        "the server lets deployments see no such variable: its operator allows it by secrets.allowed_env"
    )]
    EnvironmentNotAllowed,
    #[error("the server's environment has no such variable")]
    EnvironmentMissing,
    #[error("the server has no folder of secrets: its operator names it by secrets.folder")]
    NoFolder,
    #[error("it is not below the server's folder of secrets")]
    Outside,
    #[error("it can not be read: {0}")]
    Unreadable(io::ErrorKind),
    #[error("it holds more than {MOST_BYTES} bytes")]
    TooLong,
    #[error("it is not text, or holds a NUL")]
    NotText,
}

impl Secrets {
    pub(crate) fn new(sources: SecretSources) -> Self {
        Self { sources }
    }

    /// The values of `wanted`, as they are now. Blocks.
    ///
    /// # Errors
    ///
    /// [`SecretFault`] that names the variable and its reference, and holds no value.
    pub(crate) fn resolve(
        &self,
        wanted: &BTreeMap<String, SecretReference>,
    ) -> Result<BTreeMap<String, SecretText>, SecretFault> {
        let resolve = |(variable, reference): (&String, &SecretReference)| {
            let value = self.value(reference).and_then(checked);
            let fault = |problem| SecretFault {
                variable: variable.clone(),
                reference: reference.clone(),
                problem,
            };
            Ok((variable.clone(), SecretText(value.map_err(fault)?)))
        };
        wanted.iter().map(resolve).collect()
    }

    fn value(&self, reference: &SecretReference) -> Result<Vec<u8>, Problem> {
        match reference {
            SecretReference::Environment(name) => self.variable(name),
            SecretReference::File(path) => self.file(|_| PathBuf::from(path)),
            SecretReference::Mount(name) => self.file(|folder| folder.join(name)),
        }
    }

    fn variable(&self, name: &str) -> Result<Vec<u8>, Problem> {
        // Asked first: whether a variable exists is nothing that a deployer may learn of the others.
        let mut patterns = self.sources.allowed_env.iter();
        if !patterns.any(|pattern| matches(pattern, name)) {
            return Err(Problem::EnvironmentNotAllowed);
        }
        let value = env::var_os(name).ok_or(Problem::EnvironmentMissing)?;
        Ok(value.into_encoded_bytes())
    }

    fn file(&self, path: impl FnOnce(&Path) -> PathBuf) -> Result<Vec<u8>, Problem> {
        let folder = self.sources.folder.as_ref().ok_or(Problem::NoFolder)?;
        let unreadable = |error: io::Error| Problem::Unreadable(error.kind());
        let path = path(folder);
        if !path.starts_with(folder) {
            return Err(Problem::Outside);
        }
        // Links are followed first, since Kubernetes makes each entry one; where they lead has to be within too.
        let folder = folder.canonicalize().map_err(unreadable)?;
        let path = path.canonicalize().map_err(unreadable)?;
        if !path.starts_with(&folder) {
            return Err(Problem::Outside);
        }
        let file = fs::File::open(path).map_err(unreadable)?;
        let mut bytes = Vec::new();
        // Room for the end of the line, and one byte more than is allowed.
        file.take(MOST_BYTES + 3)
            .read_to_end(&mut bytes)
            .map_err(unreadable)?;
        Ok(without_line_end(bytes))
    }
}

/// Editors and `echo` end a file with a line end that is no part of the secret.
fn without_line_end(mut bytes: Vec<u8>) -> Vec<u8> {
    for end in [b'\n', b'\r'] {
        if bytes.last() == Some(&end) {
            bytes.pop();
        }
    }
    bytes
}

fn checked(bytes: Vec<u8>) -> Result<String, Problem> {
    if bytes.len() as u64 > MOST_BYTES {
        return Err(Problem::TooLong);
    }
    match String::from_utf8(bytes) {
        Ok(text) if !text.contains('\0') => Ok(text),
        Ok(_) | Err(_) => Err(Problem::NotText),
    }
}

fn matches(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == pattern,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    /// A folder of secrets, and a file beside it that is none.
    struct Folder(tempfile::TempDir);

    impl Folder {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            fs::create_dir_all(folder.path().join("secrets/risk")).unwrap();
            fs::write(folder.path().join("beside"), "canary").unwrap();
            Self(folder)
        }

        fn path(&self) -> PathBuf {
            self.0.path().join("secrets")
        }

        fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
            fs::write(self.path().join(name), bytes).unwrap();
        }

        fn resolve(&self, reference: &str) -> Result<String, String> {
            let secrets = Secrets::new(SecretSources {
                allowed_env: vec!["CARGO_PKG_*".to_owned(), "HOME".to_owned()],
                folder: Some(self.path()),
            });
            resolved(&secrets, reference)
        }
    }

    fn resolved(secrets: &Secrets, reference: &str) -> Result<String, String> {
        let wanted = BTreeMap::from([("KEY".to_owned(), reference.parse().unwrap())]);
        match secrets.resolve(&wanted) {
            Ok(mut values) => Ok(values.remove("KEY").unwrap().reveal()),
            Err(fault) => Err(fault.to_string()),
        }
    }

    #[test]
    fn a_file_below_the_folder_is_read_without_its_line_end() {
        let folder = Folder::new();
        for (text, value) in [
            ("a b", "a b"),
            ("a\n", "a"),
            ("a\r\n", "a"),
            ("a\n\n", "a\n"),
            ("", ""),
        ] {
            folder.write("risk/key", text);
            assert_eq!(folder.resolve("mount:risk/key").as_deref(), Ok(value));
            let path = format!("file:{}", folder.path().join("risk/key").display());
            assert_eq!(folder.resolve(&path).as_deref(), Ok(value));
        }
    }

    #[test]
    fn links_may_lead_within_the_folder_and_not_out_of_it() {
        let folder = Folder::new();
        folder.write("risk/key", "inside");
        symlink("risk/key", folder.path().join("link")).unwrap();
        symlink("../beside", folder.path().join("out")).unwrap();
        assert_eq!(folder.resolve("mount:link").as_deref(), Ok("inside"));
        for reference in [
            "mount:out".to_owned(),
            format!("file:{}", folder.0.path().join("beside").display()),
        ] {
            let refusal = folder.resolve(&reference).unwrap_err();
            assert!(refusal.contains("not below"), "{refusal}");
        }
    }

    #[test]
    fn what_is_missing_or_no_text_is_named_and_not_shown() {
        let folder = Folder::new();
        folder.write("binary", b"canary\xff");
        folder.write("nul", b"canary\0");
        let most = usize::try_from(MOST_BYTES).unwrap();
        folder.write("most", "x".repeat(most));
        folder.write("most_line", "x".repeat(most) + "\r\n");
        folder.write("more", "x".repeat(most + 1));
        assert_eq!(folder.resolve("mount:most").unwrap().len(), most);
        assert_eq!(folder.resolve("mount:most_line").unwrap().len(), most);
        for (reference, words) in [
            ("mount:absent", "can not be read"),
            ("mount:risk", "can not be read"),
            ("mount:binary", "not text"),
            ("mount:nul", "not text"),
            ("mount:more", "more than 65536 bytes"),
        ] {
            let refusal = folder.resolve(reference).unwrap_err();
            assert!(refusal.starts_with("secrets.KEY: mount:"), "{refusal}");
            assert!(
                refusal.contains(words) && !refusal.contains("canary"),
                "{refusal}"
            );
        }
    }

    #[test]
    fn only_variables_that_are_allowed_are_seen() {
        let folder = Folder::new();
        let name = folder.resolve("env:CARGO_PKG_NAME");
        assert_eq!(name.as_deref(), Ok("mlwasm-control"));
        for (reference, words) in [
            ("env:PATH", "allowed_env"),
            ("env:HOMES", "allowed_env"),
            ("env:CARGO_PKG", "allowed_env"),
            ("env:CARGO_PKG_NOTHING", "no such variable"),
        ] {
            let refusal = folder.resolve(reference).unwrap_err();
            assert!(refusal.contains(words), "{reference}: {refusal}");
        }
    }

    #[test]
    fn without_sources_nothing_is_reached() {
        let secrets = Secrets::new(SecretSources::default());
        for (reference, words) in [
            ("env:PATH", "secrets.allowed_env"),
            ("mount:x", "secrets.folder"),
            ("file:/etc/hostname", "secrets.folder"),
        ] {
            let refusal = resolved(&secrets, reference).unwrap_err();
            assert!(refusal.contains(words), "{refusal}");
        }
    }
}
