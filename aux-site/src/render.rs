//! Templates, filled from typed contexts. Every value is escaped by the engine; no template has a
//! raw one.

use handlebars::Handlebars;
use serde::Serialize;

use crate::error::SiteError;

macro_rules! templates {
    ($($name:literal,)*) => {
        const TEMPLATES: &[(&str, &str)] = &[
            $(($name, include_str!(concat!("../templates/", $name, ".hbs"))),)*
        ];
    };
}

templates! {
    "home",
    "letters",
    "member",
    "missing",
    "module",
    "modules",
    "overlay",
    "package",
    "parts/facts",
    "parts/foot",
    "parts/head",
    "parts/needs",
    "parts/picture",
    "people",
    "person",
    "release",
    "releases",
    "repo",
    "repos",
    "sig",
    "sigs",
    "tiers",
}

/// The templates of the pages.
pub(crate) struct Templates(Handlebars<'static>);

impl Templates {
    pub(crate) fn new() -> Result<Self, SiteError> {
        let mut engine = Handlebars::new();
        engine.set_strict_mode(true);
        for (name, text) in TEMPLATES {
            engine
                .register_template_string(name, text)
                .map_err(|error| SiteError::Template {
                    page: (*name).to_owned(),
                    message: error.to_string(),
                })?;
        }
        Ok(Self(engine))
    }

    pub(crate) fn fill(
        &self,
        template: &str,
        path: &str,
        context: &impl Serialize,
    ) -> Result<String, SiteError> {
        let filled = self.0.render(template, context);
        filled.map_err(|error| SiteError::Template {
            page: path.to_owned(),
            message: error.to_string(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_template_has_a_raw_value_a_style_or_a_script_of_its_own() {
        for (name, text) in TEMPLATES {
            for forbidden in [
                "{{{",
                "{{&",
                "style=",
                "<style",
                "onclick",
                "onload",
                "javascript:",
            ] {
                assert!(!text.contains(forbidden), "{name}: {forbidden}");
            }
            // Handlebars escapes `"`, so a value may stand in double quotes only.
            assert!(!text.contains("='{{"), "{name}");
            assert!(!text.contains("={{"), "{name}");
        }
    }
}
