//! Whom deployments may call: what the operator allows stands above what deployers ask for.
//!
//! A deployer names origins, and a server reaches what its deployers do not: so an operator who says nothing allows nothing.
//! It is asked when a deployment is stored, and again when a revision is made ready: what was allowed yesterday may not be today.

use mlwasm_sandbox::Authorities;
use mlwasm_types::{DeploymentSpec, Origin};

/// What the operator says of scorers' calls.
#[derive(Clone, Debug)]
pub struct EgressRules {
    /// Which origins deployments may name.
    pub allowed: AllowedOrigins,
    /// Who vouches for those that are spoken to by TLS.
    pub authorities: Authorities,
}

/// Which origins deployments may name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AllowedOrigins {
    /// Whichever they want.
    Any,
    /// These, and no others. None of them: no scorer calls anybody.
    These(Vec<Origin>),
}

/// An origin that the operator does not allow.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "egress: the server lets no scorer call {origin}: its operator allows it by egress.allowed_origins"
)]
pub(crate) struct EgressFault {
    origin: Origin,
}

impl EgressRules {
    /// # Errors
    ///
    /// [`EgressFault`] that names the first origin of `spec` that is not allowed.
    pub(crate) fn check(&self, spec: &DeploymentSpec) -> Result<(), EgressFault> {
        self.allowed.check(&spec.egress)
    }
}

impl AllowedOrigins {
    fn check(&self, wanted: &[Origin]) -> Result<(), EgressFault> {
        let Self::These(allowed) = self else {
            return Ok(());
        };
        match wanted.iter().find(|origin| !allowed.contains(origin)) {
            None => Ok(()),
            Some(origin) => Err(EgressFault {
                origin: origin.clone(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wanted_is_within_what_is_allowed() {
        let origins = |texts: &[&str]| -> Vec<Origin> {
            texts.iter().map(|text| text.parse().unwrap()).collect()
        };
        let none = AllowedOrigins::These(Vec::new());
        let some = AllowedOrigins::These(origins(&["https://a", "http://b:8080"]));
        for (allowed, wanted, fault) in [
            (&none, &[][..], None),
            (&none, &["https://a"], Some("https://a:443")),
            (&some, &["https://A:443", "http://b:8080"], None),
            (&some, &["https://a", "http://a"], Some("http://a:80")),
            (&some, &["http://b"], Some("http://b:80")),
            (&AllowedOrigins::Any, &["http://c"], None),
        ] {
            let refused = allowed.check(&origins(wanted)).err();
            let refused = refused.map(|fault| fault.origin.to_string());
            assert_eq!(refused.as_deref(), fault, "{allowed:?} {wanted:?}");
        }
    }
}
