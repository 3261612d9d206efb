//! The deployment's settings: its environment variables and secrets.

/// The value of an environment variable of the deployment, if it is set and UTF-8.
///
/// The same as `std::env::var`, but for tests: there it reads what
/// [`FakeHost::with_env`](crate::testing::FakeHost::with_env) has set, since setting the real environment races with
/// other tests.
pub fn var(name: &str) -> Option<String> {
    #[cfg(not(target_family = "wasm"))]
    if let Some(value) = crate::testing::env_var(name) {
        return Some(value);
    }
    std::env::var(name).ok()
}
