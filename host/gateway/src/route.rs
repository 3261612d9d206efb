//! Which endpoint a request is for: by its path, or by its host name.
//!
//! Names are compared as they came, byte by byte: no percent-decoding, no change of case, so that two spellings
//! never mean one endpoint to us and another to a proxy before us.

use http::{Method, Uri, header::HOST, request::Parts};
use mlwasm_routing::{Endpoint, RoutingTable};

use crate::{
    form::Form,
    grpc,
    rejection::Rejection,
    v2::{self, Inquiry},
};

/// What a request is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target<'r> {
    /// Scoring at this address, where there may or may not be an endpoint.
    Score(Address<'r>),
    /// What scoring at this address takes and gives.
    Describe(Address<'r>),
    /// A question of an inference protocol that needs no scorer.
    Inquiry(Inquiry<'r>),
    /// A call over gRPC: whom it is for stands in its message.
    Grpc(grpc::Method),
    /// Whether the process is alive.
    Live,
    /// Whether it takes requests.
    Ready,
}

/// Whom a request is for, by its own word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Address<'r> {
    pub(crate) endpoint: &'r str,
    /// The deployment that the address names; none where the endpoint chooses.
    pub(crate) deployment: Option<&'r str>,
}

impl<'r> Address<'r> {
    /// Any deployment of the endpoint.
    pub(crate) fn of(endpoint: &'r str) -> Self {
        Self {
            endpoint,
            deployment: None,
        }
    }
}

/// Proof that the request's endpoint exists.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Routed<'t> {
    endpoint: &'t Endpoint,
}

impl<'t> Routed<'t> {
    pub(crate) fn endpoint(self) -> &'t Endpoint {
        self.endpoint
    }
}

/// What the request line, and the host name where it matters, ask for.
pub(crate) fn target(head: &Parts) -> Result<Target<'_>, Rejection> {
    let path = head.uri.path();
    let (target, allow) = if let Some(endpoint) = endpoint_in_path(path, "/score") {
        (Target::Score(Address::of(endpoint)), "POST")
    } else if let Some(endpoint) = endpoint_in_path(path, "/swagger.json") {
        (Target::Describe(Address::of(endpoint)), "GET, HEAD")
    } else {
        match path {
            "/score" => {
                let endpoint = endpoint_in_host(head)?;
                (Target::Score(Address::of(endpoint)), "POST")
            }
            "/livez" => (Target::Live, "GET, HEAD"),
            "/readyz" => (Target::Ready, "GET, HEAD"),
            _ => in_protocol(head, path)?,
        }
    };
    let is_allowed = if allow == "POST" {
        head.method == Method::POST
    } else {
        head.method == Method::GET || head.method == Method::HEAD
    };
    if is_allowed {
        Ok(target)
    } else {
        Err(Rejection::MethodNotAllowed { allow })
    }
}

/// The endpoint of that name in the table.
pub(crate) fn route<'t>(table: &'t RoutingTable, name: &str) -> Result<Routed<'t>, Rejection> {
    match table.endpoint(name) {
        Some(endpoint) => Ok(Routed { endpoint }),
        None => Err(Rejection::UnknownEndpoint {
            name: name.chars().take(64).collect(),
        }),
    }
}

/// What an address of an inference protocol asks for.
fn in_protocol<'r>(
    head: &'r Parts,
    path: &'r str,
) -> Result<(Target<'r>, &'static str), Rejection> {
    let target = match Form::of(head.version, path, &head.headers) {
        Form::Own => None,
        Form::V2 => v2::in_v2(path),
        Form::V1 => v2::in_v1(path),
        Form::Grpc => grpc::Method::of(path).map(Target::Grpc),
    };
    let allow = match target {
        Some(Target::Inquiry(inquiry)) => inquiry.allow(),
        _ => "POST",
    };
    Ok((target.ok_or(Rejection::NoRoute)?, allow))
}

fn endpoint_in_path<'p>(path: &'p str, operation: &str) -> Option<&'p str> {
    let name = path.strip_prefix("/endpoints/")?.strip_suffix(operation)?;
    (!name.is_empty() && !name.contains('/')).then_some(name)
}

fn endpoint_in_host(head: &Parts) -> Result<&str, Rejection> {
    let host = match authority(&head.uri) {
        // RFC 9112, 3.2.2: the target's own authority counts, not the header.
        Some(authority) => authority,
        None => {
            let mut hosts = head.headers.get_all(HOST).iter();
            let host = hosts.next().ok_or(Rejection::NoRoute)?;
            if hosts.next().is_some() {
                return Err(Rejection::ManyHosts);
            }
            host.to_str().map_err(|_| Rejection::NoRoute)?
        }
    };
    first_label(host).ok_or(Rejection::NoRoute)
}

fn authority(uri: &Uri) -> Option<&str> {
    uri.authority().map(http::uri::Authority::as_str)
}

/// `iris` of `iris.example:8080`; nothing of a host name without a dot.
fn first_label(host: &str) -> Option<&str> {
    // User information before an `@` belongs in no host header.
    let (label, rest) = host.split_once('.')?;
    let is_label = |text: &str| {
        !text.is_empty()
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    (is_label(label) && !rest.is_empty() && !rest.contains('@')).then_some(label)
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn head(method: &str, uri: &str, hosts: &[&str]) -> Parts {
        let mut request = Request::builder().method(method).uri(uri);
        for host in hosts {
            request = request.header(HOST, *host);
        }
        request.body(()).unwrap().into_parts().0
    }

    fn check(head: &Parts, expected: Result<Target<'_>, u16>) {
        let found = target(head).map_err(|rejection| rejection.kind().status().as_u16());
        assert_eq!(found, expected, "{head:?}");
    }

    #[test]
    fn paths_name_their_endpoint_raw() {
        for (path, endpoint) in [
            ("/endpoints/iris/score", Some("iris")),
            ("/endpoints/iris/score?a=b", Some("iris")),
            ("http://elsewhere/endpoints/iris/score", Some("iris")),
            ("/endpoints/ir%69s/score", Some("ir%69s")),
            ("/endpoints/../score", Some("..")),
            ("/endpoints//score", None),
            ("/endpoints/score", None),
            ("/endpoints/a/b/score", None),
            ("/endpoints/iris/score/", None),
            ("/endpoints/iris", None),
            ("//endpoints/iris/score", None),
            ("/Endpoints/iris/score", None),
            ("/", None),
        ] {
            check(
                &head("POST", path, &["x.y"]),
                endpoint
                    .map(|endpoint| Target::Score(Address::of(endpoint)))
                    .ok_or(404),
            );
        }
    }

    #[test]
    fn host_names_name_their_endpoint_by_the_first_label() {
        for (host, endpoint) in [
            ("iris.example", Some("iris")),
            ("iris.example.org:8080", Some("iris")),
            ("iris.localhost", Some("iris")),
            ("Iris.example", Some("Iris")),
            ("127.0.0.1:8080", Some("127")),
            ("localhost:8080", None),
            ("iris", None),
            ("iris.", None),
            (".iris", None),
            ("[::1]:8080", None),
            ("a@iris.example", None),
            ("iris.b@c", None),
            ("", None),
        ] {
            let expected = endpoint
                .map(|endpoint| Target::Score(Address::of(endpoint)))
                .ok_or(404);
            check(&head("POST", "/score", &[host]), expected);
        }
    }

    #[test]
    fn the_targets_authority_wins_over_the_header_and_two_headers_are_refused() {
        let iris = Target::Score(Address::of("iris"));
        check(
            &head("POST", "http://iris.example/score", &["other.example"]),
            Ok(iris),
        );
        check(
            &head("POST", "/score", &["iris.example", "b.example"]),
            Err(400),
        );
        check(&head("POST", "/score", &[]), Err(404));
    }

    #[test]
    fn a_wrong_method_is_told_the_right_one() {
        check(&head("GET", "/livez", &[]), Ok(Target::Live));
        check(&head("HEAD", "/readyz", &[]), Ok(Target::Ready));
        let iris = Target::Describe(Address::of("iris"));
        check(&head("GET", "/endpoints/iris/swagger.json", &[]), Ok(iris));
        check(&head("HEAD", "/endpoints/iris/swagger.json", &[]), Ok(iris));
        check(&head("GET", "/endpoints/a/b/swagger.json", &[]), Err(404));
        for (method, path, allow) in [
            ("POST", "/endpoints/iris/swagger.json", "GET, HEAD"),
            ("POST", "/livez", "GET, HEAD"),
            ("DELETE", "/readyz", "GET, HEAD"),
            ("GET", "/endpoints/iris/score", "POST"),
            ("PUT", "/endpoints/iris/score", "POST"),
            ("TRACE", "/endpoints/iris/score", "POST"),
        ] {
            let head = head(method, path, &[]);
            match target(&head) {
                Err(Rejection::MethodNotAllowed { allow: told }) => assert_eq!(told, allow),
                other => panic!("{method} {path}: {other:?}"),
            }
        }
    }
}
