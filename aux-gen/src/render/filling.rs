//! A template with its values, to be filled in when the text is asked for.

use std::sync::Arc;

use crate::marker::is_marked;
use crate::render::error::TemplateError;
use crate::render::provenance::Provenance;
use crate::render::templates::{Context, Templates};

/// A template and what it is to be filled in with.
#[derive(Debug, Clone)]
pub(crate) struct Filling {
    templates: Templates,
    context: Arc<dyn AnyContext>,
    marker: Marker,
}

/// Whether a text has to say that it is generated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Marker {
    /// It is, again and again.
    Required,
    /// It is written once.
    None,
}

/// A [`Context`] of whatever type.
trait AnyContext: Send + Sync {
    fn template(&self) -> &'static str;
    fn values(&self) -> serde_json::Value;
}

impl std::fmt::Debug for dyn AnyContext {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.template())
    }
}

impl<C: Context + Send + Sync> AnyContext for C {
    fn template(&self) -> &'static str {
        Context::template(self)
    }

    fn values(&self) -> serde_json::Value {
        serde_json::to_value(self).expect("a context has only text keys")
    }
}

impl Filling {
    /// A template to fill in later.
    pub(crate) fn new(
        templates: &Templates,
        context: impl Context + Send + Sync + 'static,
        marker: Marker,
    ) -> Self {
        Self {
            templates: templates.clone(),
            context: Arc::new(context),
            marker,
        }
    }

    /// What the templates make of the context.
    ///
    /// # Errors
    /// As [`Templates::render`], and when the marker is gone from a text that must
    /// have it.
    pub(crate) fn text(&self) -> Result<String, TemplateError> {
        let name = self.context.template();
        let text = self.templates.fill(name, &self.context.values())?;
        if self.marker == Marker::None || is_marked(&text) {
            Ok(text)
        } else {
            Err(TemplateError::NoMarker {
                path: self.templates.path(name),
            })
        }
    }

    /// Which template it is, in which version.
    pub(crate) fn provenance(&self) -> Provenance {
        let template = self.context.template();
        Provenance {
            template: template.to_owned(),
            version: self.templates.version(template),
        }
    }

    /// All that the text is made of, beside the program itself: the same for two texts
    /// only if they are the same.
    pub(crate) fn describe(&self) -> String {
        let overrides = self.templates.overrides_hash();
        let template = self.context.template();
        format!(
            "{overrides} {template} {:?} {}",
            self.marker,
            self.context.values()
        )
    }
}
