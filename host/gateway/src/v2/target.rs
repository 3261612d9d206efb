//! What a path of the inference protocols asks for.
//!
//! A model is an endpoint, a version of it a deployment. Names are taken as they came, as everywhere (see `route.rs`).

use crate::route::{Address, Target};

/// A question that needs no scorer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Inquiry<'r> {
    /// Who the server is.
    Server,
    /// Whether it is alive.
    ServerLive,
    /// Whether it takes requests.
    ServerReady,
    /// What a model takes and gives.
    Metadata(Address<'r>),
    /// Whether a model takes requests.
    Ready(Address<'r>),
    /// What a model takes and gives, in Triton's words.
    Config(Address<'r>),
    /// How often a model was asked, and how long it took; of all models if none is named.
    Statistics(Option<Address<'r>>),
    /// Which models there are.
    Index,
    /// Which models there are, in the words of KServe's first protocol.
    List,
    /// Loading or unloading a model: not for who scores.
    Administration,
}

impl<'r> Inquiry<'r> {
    /// The model that it is about, if it is about one.
    pub(crate) fn address(self) -> Option<Address<'r>> {
        match self {
            Self::Metadata(address) | Self::Ready(address) | Self::Config(address) => Some(address),
            Self::Statistics(address) => address,
            Self::Server
            | Self::ServerLive
            | Self::ServerReady
            | Self::Index
            | Self::List
            | Self::Administration => None,
        }
    }

    /// The method that asks for it, as `allow` tells it.
    pub(crate) fn allow(self) -> &'static str {
        match self {
            Self::Index | Self::Administration => "POST",
            _ => "GET, HEAD",
        }
    }
}

/// What `path`, which begins with `/v2`, asks for.
pub(crate) fn in_v2(path: &str) -> Option<Target<'_>> {
    let rest = path.strip_prefix("/v2")?;
    let mut segments = rest.split('/').skip(1);
    let segments: [Option<&str>; 6] = std::array::from_fn(|_| segments.next());
    let inquiry = match segments {
        // Some clients end the address with a slash.
        [None | Some(""), None, ..] => Inquiry::Server,
        [Some("health"), Some("live"), None, ..] => Inquiry::ServerLive,
        [Some("health"), Some("ready"), None, ..] => Inquiry::ServerReady,
        [Some("repository"), Some("index"), None, ..] => Inquiry::Index,
        [
            Some("repository"),
            Some("models"),
            Some(_),
            Some("load" | "unload"),
            None,
            ..,
        ] => Inquiry::Administration,
        [Some("models"), Some("stats"), None, ..] => Inquiry::Statistics(None),
        [
            Some("models"),
            Some(model),
            Some("versions"),
            Some(version),
            verb,
            None,
        ] => {
            return of_model(address(model, Some(version))?, verb);
        }
        [Some("models"), Some(model), verb, None, ..] => {
            return of_model(address(model, None)?, verb);
        }
        _ => return None,
    };
    Some(Target::Inquiry(inquiry))
}

/// What `path`, which begins with `/v1/models`, asks for.
pub(crate) fn in_v1(path: &str) -> Option<Target<'_>> {
    let rest = path.strip_prefix("/v1/models")?;
    if rest.is_empty() || rest == "/" {
        return Some(Target::Inquiry(Inquiry::List));
    }
    let model = rest.strip_prefix('/')?;
    match model.split_once(':') {
        Some((model, "predict")) => Some(Target::Score(address(model, None)?)),
        Some(_) => None,
        None => Some(Target::Inquiry(Inquiry::Ready(address(model, None)?))),
    }
}

fn address<'r>(endpoint: &'r str, deployment: Option<&'r str>) -> Option<Address<'r>> {
    let is_name = |name: &str| !name.is_empty() && !name.contains('/');
    (is_name(endpoint) && deployment.is_none_or(is_name)).then_some(Address {
        endpoint,
        deployment,
    })
}

fn of_model<'r>(address: Address<'r>, verb: Option<&str>) -> Option<Target<'r>> {
    let inquiry = match verb {
        Some("infer") => return Some(Target::Score(address)),
        None => Inquiry::Metadata(address),
        Some("ready") => Inquiry::Ready(address),
        Some("config") => Inquiry::Config(address),
        Some("stats") => Inquiry::Statistics(Some(address)),
        Some(_) => return None,
    };
    Some(Target::Inquiry(inquiry))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_name_a_question_and_a_model() {
        let iris = Address {
            endpoint: "iris",
            deployment: None,
        };
        let blue = Address {
            endpoint: "iris",
            deployment: Some("blue"),
        };
        let ask = |inquiry| Some(Target::Inquiry(inquiry));
        for (path, expected) in [
            ("/v2", ask(Inquiry::Server)),
            ("/v2/", ask(Inquiry::Server)),
            ("/v2/health/live", ask(Inquiry::ServerLive)),
            ("/v2/health/ready", ask(Inquiry::ServerReady)),
            ("/v2/health", None),
            ("/v2/health/live/", None),
            ("/v2/models/iris", ask(Inquiry::Metadata(iris))),
            (
                "/v2/models/iris/versions/blue",
                ask(Inquiry::Metadata(blue)),
            ),
            ("/v2/models/iris/ready", ask(Inquiry::Ready(iris))),
            (
                "/v2/models/iris/versions/blue/ready",
                ask(Inquiry::Ready(blue)),
            ),
            ("/v2/models/iris/config", ask(Inquiry::Config(iris))),
            ("/v2/models/stats", ask(Inquiry::Statistics(None))),
            (
                "/v2/models/iris/stats",
                ask(Inquiry::Statistics(Some(iris))),
            ),
            ("/v2/models/iris/infer", Some(Target::Score(iris))),
            (
                "/v2/models/iris/versions/blue/infer",
                Some(Target::Score(blue)),
            ),
            ("/v2/models/iris/versions/blue/infer/", None),
            ("/v2/models/iris/versions//infer", None),
            ("/v2/models//infer", None),
            ("/v2/models/iris/generate", None),
            ("/v2/models", None),
            ("/v2/repository/index", ask(Inquiry::Index)),
            (
                "/v2/repository/models/iris/load",
                ask(Inquiry::Administration),
            ),
            (
                "/v2/repository/models/iris/unload",
                ask(Inquiry::Administration),
            ),
            ("/v2/repository/models/iris", None),
            ("/v2/logging", None),
        ] {
            assert_eq!(in_v2(path), expected, "{path}");
        }
        for (path, expected) in [
            ("/v1/models", ask(Inquiry::List)),
            ("/v1/models/iris", ask(Inquiry::Ready(iris))),
            ("/v1/models/iris:predict", Some(Target::Score(iris))),
            ("/v1/models/iris:explain", None),
            ("/v1/models/:predict", None),
            ("/v1/models/a/b:predict", None),
            ("/v1/modelsx", None),
        ] {
            assert_eq!(in_v1(path), expected, "{path}");
        }
    }
}
