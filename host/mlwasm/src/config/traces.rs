//! Settings of traces: where spans go. What the file leaves open, the variables that OpenTelemetry defines may say.

use std::{collections::BTreeMap, num::NonZeroU32, path::PathBuf, time::Duration};

use anyhow::{Context as _, anyhow, bail};
use serde::{Deserialize, Serialize};
use ureq::http::{HeaderName, HeaderValue, Uri};

use super::duration;

/// More than a second's worth of a fast server only hides that the collector is too slow.
const MOST_WAITING: u32 = 1_000_000;
/// Longer than anyone waits for a collector.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(60);
/// Begins a header's value that is in a variable.
const FROM_VARIABLE: &str = "env:";
/// The path of traces in OTLP over HTTP.
const HTTP_PATH: &str = "/v1/traces";

/// Traces of requests, sent to an OpenTelemetry collector.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct TracesConfig {
    /// The collector's address; without it there are no traces.
    pub(crate) endpoint: Option<String>,
    /// How it is spoken to.
    pub(crate) protocol: Option<OtlpProtocol>,
    /// The share of requests that are traced, of those whose caller does not say.
    pub(crate) sample_ratio: f64,
    /// Headers of each export: a text, or `env:NAME`.
    pub(crate) headers: BTreeMap<String, String>,
    /// The authorities that vouch for the collector, in PEM; without it the public ones.
    pub(crate) ca_file: Option<PathBuf>,
    /// What the server is called.
    pub(crate) service_name: Option<String>,
    /// What else is said of it.
    pub(crate) resource: BTreeMap<String, String>,
    /// Longest that an export may take, with its retries.
    #[serde(rename = "timeout_ms", with = "duration")]
    pub(crate) timeout: Duration,
    /// Requests that wait to be exported at most.
    pub(crate) max_waiting: NonZeroU32,
}

/// How OTLP is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OtlpProtocol {
    /// gRPC.
    Grpc,
    /// Protobuf by POST.
    Http,
}

/// Where traces go, all told. Headers may be secret: it can not be printed.
#[derive(PartialEq)]
pub(crate) struct TraceExport {
    pub(crate) endpoint: String,
    pub(crate) protocol: OtlpProtocol,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) resource: BTreeMap<String, String>,
}

impl Default for TracesConfig {
    fn default() -> Self {
        Self {
            endpoint: None,
            protocol: None,
            sample_ratio: 1.0,
            headers: BTreeMap::new(),
            ca_file: None,
            service_name: None,
            resource: BTreeMap::new(),
            timeout: Duration::from_secs(10),
            max_waiting: NonZeroU32::MIN.saturating_add(8_191),
        }
    }
}

impl TracesConfig {
    /// Checks what the types alone do not hold.
    ///
    /// # Errors
    ///
    /// Names the key and its bounds.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        if !(0.0..=1.0).contains(&self.sample_ratio) {
            bail!(
                "traces.sample_ratio is {}: expected 0 to 1",
                self.sample_ratio
            );
        }
        if self.timeout.is_zero() || self.timeout > LONGEST_TIMEOUT {
            bail!(
                "traces.timeout_ms is {}: expected 1 to {}",
                self.timeout.as_millis(),
                LONGEST_TIMEOUT.as_millis()
            );
        }
        if self.max_waiting.get() > MOST_WAITING {
            bail!(
                "traces.max_waiting is {}: expected 1 to {MOST_WAITING}",
                self.max_waiting
            );
        }
        Ok(())
    }

    /// Where traces go, if they go anywhere; `variable` is the value of a variable of the process that is set and not empty.
    ///
    /// # Errors
    ///
    /// Names the setting or the variable that is wrong, and no value that may be secret.
    pub(crate) fn export(
        &self,
        variable: impl Fn(&str) -> Option<String>,
    ) -> anyhow::Result<Option<TraceExport>> {
        let Some(endpoint) = self.endpoint(&variable) else {
            return Ok(None);
        };
        let protocol = self.protocol(&variable)?;
        Ok(Some(TraceExport {
            endpoint: checked_endpoint(endpoint, protocol)?,
            protocol,
            headers: self.headers(&variable)?,
            resource: self.resource(&variable)?,
        }))
    }

    /// The collector's address, and the setting that says so.
    fn endpoint(
        &self,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Option<(&'static str, String)> {
        const SETTING: &str = "traces.endpoint";
        const FOR_TRACES: &str = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
        const FOR_ALL: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
        if variable("OTEL_SDK_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
            return None;
        }
        if let Some(endpoint) = &self.endpoint {
            return Some((SETTING, endpoint.clone()));
        }
        [FOR_TRACES, FOR_ALL]
            .into_iter()
            .find_map(|name| Some((name, variable(name)?)))
    }

    fn protocol(&self, variable: impl Fn(&str) -> Option<String>) -> anyhow::Result<OtlpProtocol> {
        if let Some(protocol) = self.protocol {
            return Ok(protocol);
        }
        for name in [
            "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
            "OTEL_EXPORTER_OTLP_PROTOCOL",
        ] {
            return match variable(name).as_deref() {
                None => continue,
                Some("grpc") => Ok(OtlpProtocol::Grpc),
                Some("http/protobuf") => Ok(OtlpProtocol::Http),
                Some(other) => bail!("{name} is {other:?}: expected grpc or http/protobuf"),
            };
        }
        Ok(OtlpProtocol::Grpc)
    }

    fn headers(
        &self,
        variable: impl Fn(&str) -> Option<String>,
    ) -> anyhow::Result<BTreeMap<String, String>> {
        let mut headers = BTreeMap::new();
        for (name, value) in &self.headers {
            let key = format!("traces.headers.{name}");
            let value = match value.strip_prefix(FROM_VARIABLE) {
                None => value.clone(),
                Some(from) => variable(from)
                    .ok_or_else(|| anyhow!("{key}: the variable {from} is not set"))?,
            };
            let is_header = HeaderName::try_from(name.as_str()).is_ok()
                && HeaderValue::try_from(value.as_str()).is_ok();
            if !is_header {
                bail!("{key}: HTTP allows no such header");
            }
            headers.insert(name.to_ascii_lowercase(), value);
        }
        Ok(headers)
    }

    fn resource(
        &self,
        variable: impl Fn(&str) -> Option<String>,
    ) -> anyhow::Result<BTreeMap<String, String>> {
        const ATTRIBUTES: &str = "OTEL_RESOURCE_ATTRIBUTES";
        let mut resource = BTreeMap::new();
        let given = variable(ATTRIBUTES).unwrap_or_default();
        for pair in given.split(',').filter(|pair| !pair.trim().is_empty()) {
            let (key, value) = pair
                .split_once('=')
                .with_context(|| format!("{ATTRIBUTES} holds {pair:?}: expected KEY=VALUE"))?;
            resource.insert(key.trim().to_owned(), value.trim().to_owned());
        }
        resource.extend(self.resource.clone());
        let name = self.service_name.clone();
        let name = name.or_else(|| variable("OTEL_SERVICE_NAME"));
        if let Some(name) = name {
            resource.insert("service.name".to_owned(), name);
        }
        resource
            .entry("service.name".to_owned())
            .or_insert_with(|| "mlwasm".to_owned());
        resource
            .entry("service.version".to_owned())
            .or_insert_with(|| env!("CARGO_PKG_VERSION").to_owned());
        Ok(resource)
    }
}

impl TraceExport {
    /// Whether the collector is spoken to by TLS.
    pub(crate) fn is_encrypted(&self) -> bool {
        let scheme = self
            .endpoint
            .split_once(':')
            .map_or("", |(scheme, _)| scheme);
        scheme.eq_ignore_ascii_case("https")
    }
}

/// The address as the exporter takes it.
fn checked_endpoint(
    (setting, endpoint): (&str, String),
    protocol: OtlpProtocol,
) -> anyhow::Result<String> {
    let uri: Option<Uri> = endpoint.parse().ok();
    let scheme = uri.as_ref().and_then(Uri::scheme_str).map(str::to_owned);
    let authority = uri.and_then(|uri| uri.authority().cloned());
    let (Some("http" | "https"), Some(authority)) = (scheme.as_deref(), authority) else {
        bail!("{setting} is {endpoint:?}: expected http://HOST:PORT or https://HOST:PORT");
    };
    if authority.as_str().contains('@') {
        bail!("{setting} holds a password: give it in traces.headers, as env:NAME");
    }
    if protocol == OtlpProtocol::Grpc {
        return Ok(endpoint);
    }
    let base = endpoint.trim_end_matches('/');
    Ok(
        if base.ends_with(HTTP_PATH) || setting.ends_with("TRACES_ENDPOINT") {
            endpoint
        } else {
            format!("{base}{HTTP_PATH}")
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn export(text: &str, variables: &[(&str, &str)]) -> anyhow::Result<Option<TraceExport>> {
        let config = super::super::tests::load(&format!("[traces]\n{text}"), &[])?.traces;
        config.export(|name| {
            let found = variables.iter().find(|(given, _)| *given == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_file_wins_over_the_variables_and_nothing_is_off() {
        const ALL: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
        const TRACES: &str = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
        const PROTOCOL: &str = "OTEL_EXPORTER_OTLP_PROTOCOL";
        const HTTP: (&str, &str) = (PROTOCOL, "http/protobuf");
        for (text, variables, expected) in [
            ("", &[][..], None),
            ("endpoint = \"http://a:1\"", &[], Some("http://a:1")),
            (
                "endpoint = \"http://a:1\"",
                &[(ALL, "http://b:1")],
                Some("http://a:1"),
            ),
            ("", &[(ALL, "http://b:1")], Some("http://b:1")),
            (
                "",
                &[(ALL, "http://b:1"), (TRACES, "http://c:1")],
                Some("http://c:1"),
            ),
            (
                "",
                &[(ALL, "http://b:1/"), HTTP],
                Some("http://b:1/v1/traces"),
            ),
            (
                "",
                &[(TRACES, "http://c:1/own"), HTTP],
                Some("http://c:1/own"),
            ),
            (
                "",
                &[(ALL, "http://b:1"), ("OTEL_SDK_DISABLED", "true")],
                None,
            ),
            (
                "endpoint = \"https://a/otlp\"\nprotocol = \"http\"",
                &[],
                Some("https://a/otlp/v1/traces"),
            ),
            (
                "endpoint = \"https://a/v1/traces\"\nprotocol = \"http\"",
                &[],
                Some("https://a/v1/traces"),
            ),
            (
                "endpoint = \"http://a:1\"\nprotocol = \"grpc\"",
                &[HTTP],
                Some("http://a:1"),
            ),
        ] {
            let found = export(text, variables).unwrap();
            let found = found.as_ref().map(|export| export.endpoint.as_str());
            assert_eq!(found, expected, "{text} {variables:?}");
        }
    }

    #[test]
    fn headers_and_names_come_from_where_they_are_said_to() {
        let text = "endpoint = \"http://a:1\"\nheaders = {X-Key = \"env:KEY\", x-team = \"ml\"}\nresource = {b = \"2\"}";
        let variables = [
            ("KEY", "hush"),
            ("OTEL_SERVICE_NAME", "scores"),
            ("OTEL_RESOURCE_ATTRIBUTES", "a=1, b=1"),
        ];
        let found = export(text, &variables).unwrap().unwrap();
        let headers: Vec<_> = found
            .headers
            .iter()
            .map(|(k, v)| (k.as_str(), v.as_str()))
            .collect();
        assert_eq!(headers, [("x-key", "hush"), ("x-team", "ml")]);
        for (key, value) in [("service.name", "scores"), ("a", "1"), ("b", "2")] {
            assert_eq!(found.resource[key], value);
        }
        let named = export(&format!("{text}\nservice_name = \"own\""), &variables);
        assert_eq!(named.unwrap().unwrap().resource["service.name"], "own");
    }

    #[test]
    fn what_is_wrong_is_named_and_secrets_are_not() {
        for (text, variables, words) in [
            (
                "endpoint = \"collector:4317\"",
                &[][..],
                "traces.endpoint is \"collector:4317\"",
            ),
            (
                "endpoint = \"http://me:hush@a:1\"",
                &[],
                "traces.endpoint holds a password",
            ),
            (
                "endpoint = \"http://a\"\nheaders = {k = \"env:KEY\"}",
                &[],
                "KEY is not set",
            ),
            (
                "endpoint = \"http://a\"\nheaders = {k = \"env:KEY\"}",
                &[("KEY", "hush\n")],
                "traces.headers.k",
            ),
            (
                "",
                &[("OTEL_EXPORTER_OTLP_ENDPOINT", "b")],
                "OTEL_EXPORTER_OTLP_ENDPOINT",
            ),
            (
                "endpoint = \"http://a\"",
                &[("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json")],
                "OTEL_EXPORTER_OTLP_PROTOCOL",
            ),
            (
                "endpoint = \"http://a\"",
                &[("OTEL_RESOURCE_ATTRIBUTES", "a")],
                "OTEL_RESOURCE_ATTRIBUTES",
            ),
            ("sample_ratio = 1.01", &[], "traces.sample_ratio"),
            ("sample_ratio = -0.01", &[], "traces.sample_ratio"),
            ("sample_ratio = nan", &[], "traces.sample_ratio"),
            ("timeout_ms = 0", &[], "traces.timeout_ms"),
            ("timeout_ms = 60001", &[], "traces.timeout_ms"),
            ("max_waiting = 1000001", &[], "traces.max_waiting"),
        ] {
            let Err(error) = export(text, variables) else {
                unreachable!("{text} is accepted")
            };
            let error = format!("{error:#}");
            assert!(error.contains(words), "{text}: {error}");
            assert!(!error.contains("hush"), "{error}");
        }
        for text in [
            "sample_ratio = 0.0",
            "sample_ratio = 1.0",
            "timeout_ms = 1",
            "timeout_ms = 60000",
            "max_waiting = 1",
            "max_waiting = 1000000",
        ] {
            export(text, &[]).unwrap();
        }
    }
}
