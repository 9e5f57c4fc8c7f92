//! What a template may cost: found out before any is compiled or filled in.
//!
//! A template may include others, and parts of itself that it names. Filled in, a
//! cycle of these never ends, and thirty that each include the next one twice have a
//! billion parts. The template language checks neither; it recurses for blocks,
//! brackets and includes.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use handlebars::Path;
use handlebars::template::{Parameter, Template, TemplateElement};

/// Bytes of a template. The longest of ours has four thousand.
const SIZE: usize = 1 << 20;

/// Blocks that are opened in one template, and `else`: each may nest in the one before.
/// They are counted and not matched, because texts and comments may have any.
const BLOCKS: usize = 1_000;

/// Brackets in one template, of which some may nest in a literal.
const BRACKETS: usize = 20_000;

/// Blocks and includes that may be open at once when templates are filled in.
const DEPTH: u64 = 1_000;

/// Bytes of text and values that one template may produce, when each loop runs once.
const COST: u64 = 16 << 20;

/// Stack for the above, in bytes.
pub(super) const STACK: usize = 256 << 20;

/// What is wrong with a template, and where: 1-based line and column.
#[derive(Debug)]
pub(super) struct Refused {
    /// The template's name.
    pub(super) template: String,
    pub(super) place: Option<(usize, usize)>,
    pub(super) message: String,
}

/// Whether a text is small enough to be compiled.
pub(super) fn check_size(name: &str, text: &str) -> Result<(), Refused> {
    let brackets = text.bytes().filter(|byte| b"([{".contains(byte)).count();
    let message = if text.len() > SIZE {
        format!("it is longer than {} MiB", SIZE >> 20)
    } else if blocks(text) > BLOCKS {
        format!("it has more than {BLOCKS} blocks")
    } else if brackets > BRACKETS {
        format!("it has more than {BRACKETS} brackets")
    } else {
        return Ok(());
    };
    Err(Refused {
        template: name.to_owned(),
        place: None,
        message,
    })
}

/// How many tags may open a block, or go on with one.
fn blocks(text: &str) -> usize {
    let rests = text.match_indices('{').map(|(at, _)| &text[at..]);
    let tags = rests.filter_map(|rest| rest.strip_prefix("{{"));
    let words = tags.map(|tag| tag.trim_start_matches(['{', '~', ' ', '\t', '\r', '\n']));
    words
        .filter(|word| word.starts_with(['#', '^']) || word.starts_with("else"))
        .count()
}

/// Whether filling in any of these ends, and soon. They are all that they may include,
/// by name.
pub(super) fn check(templates: &BTreeMap<&str, &Template>) -> Result<(), Refused> {
    let mut walk = Walk {
        templates,
        bodies: BTreeMap::new(),
        known: BTreeMap::new(),
        open: Vec::new(),
    };
    for (name, template) in templates {
        walk.bodies.entry(name).or_default().push(template);
    }
    for (name, template) in templates {
        walk.open.push(name);
        walk.inlines(template)?;
        walk.open.pop();
    }
    for name in templates.keys() {
        if walk.named(name)?.own > COST {
            return Err(Refused {
                template: (*name).to_owned(),
                place: None,
                message: format!(
                    "with all that it includes it is longer than {} MiB",
                    COST >> 20
                ),
            });
        }
    }
    Ok(())
}

/// The names of all templates that one includes, or that these include, sorted.
pub(super) fn all_of<'t>(
    name: &'t str,
    templates: &'t HashMap<String, Template>,
) -> BTreeSet<&'t str> {
    let mut found = BTreeSet::new();
    let mut open: Vec<&Template> = templates.get(name).into_iter().collect();
    while let Some(template) = open.pop() {
        for element in &template.elements {
            let (included, parts) = match element {
                TemplateElement::PartialExpression(include) => (Some(&include.name), vec![]),
                TemplateElement::PartialBlock(include) => {
                    (Some(&include.name), vec![&include.template])
                }
                TemplateElement::HelperBlock(block) => {
                    (None, vec![&block.template, &block.inverse])
                }
                TemplateElement::DecoratorBlock(block) => (None, vec![&block.template]),
                _ => (None, vec![]),
            };
            open.extend(parts.into_iter().flatten());
            let included = included.and_then(literal_name);
            if let Some((name, template)) = included.and_then(|it| templates.get_key_value(it))
                && found.insert(name.as_str())
            {
                open.push(template);
            }
        }
    }
    found
}

/// What an include names, unless it computes it.
fn literal_name(name: &Parameter) -> Option<&str> {
    match name {
        Parameter::Name(name)
        | Parameter::Path(Path::Relative((_, name)) | Path::Local((_, _, name))) => Some(name),
        _ => None,
    }
}

/// What a template costs: bytes, how often it shows the block that it is given, and how
/// deep it nests.
#[derive(Debug, Clone, Copy, Default)]
struct Price {
    own: u64,
    blocks: u64,
    depth: u64,
}

struct Walk<'t> {
    templates: &'t BTreeMap<&'t str, &'t Template>,
    /// What a name may mean: a template, and whatever any of them defines by that name.
    bodies: BTreeMap<&'t str, Vec<&'t Template>>,
    known: BTreeMap<&'t str, Price>,
    /// The names whose price is being found out.
    open: Vec<&'t str>,
}

impl<'t> Walk<'t> {
    fn refused(&self, template: &Template, number: usize, message: &str) -> Refused {
        let place = template.mapping.get(number);
        // A part stands in the template that was opened last.
        let files = self.open.iter().rev();
        let mut files = files.filter(|name| self.templates.contains_key(**name));
        let file = files.next().copied().unwrap_or_default();
        Refused {
            template: template.name.as_deref().unwrap_or(file).to_owned(),
            place: place.map(|place| (place.0, place.1)),
            message: message.to_owned(),
        }
    }

    /// Finds the parts that a template defines for itself or others.
    fn inlines(&mut self, template: &'t Template) -> Result<(), Refused> {
        for (number, element) in template.elements.iter().enumerate() {
            match element {
                TemplateElement::DecoratorBlock(block) => {
                    let name = match block.params.first() {
                        Some(Parameter::Literal(name)) => name.as_str(),
                        _ => None,
                    };
                    let Some(name) = name else {
                        return Err(self.refused(
                            template,
                            number,
                            "write the name of the part out",
                        ));
                    };
                    if let Some(body) = &block.template {
                        self.bodies.entry(name).or_default().push(body);
                        self.inlines(body)?;
                    }
                }
                TemplateElement::HelperBlock(block) => {
                    for part in [&block.template, &block.inverse].into_iter().flatten() {
                        self.inlines(part)?;
                    }
                }
                TemplateElement::PartialBlock(block) => {
                    if let Some(part) = &block.template {
                        self.inlines(part)?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The price of the dearest that a name may mean.
    fn named(&mut self, name: &'t str) -> Result<Price, Refused> {
        if let Some(price) = self.known.get(name) {
            return Ok(*price);
        }
        self.open.push(name);
        let mut dearest = Price::default();
        for body in self.bodies.get(name).cloned().unwrap_or_default() {
            let price = self.price(body)?;
            dearest = Price {
                own: dearest.own.max(price.own),
                blocks: dearest.blocks.max(price.blocks),
                depth: dearest.depth.max(price.depth),
            };
        }
        self.open.pop();
        self.known.insert(name, dearest);
        Ok(dearest)
    }

    fn price(&mut self, template: &'t Template) -> Result<Price, Refused> {
        let mut sum = Price::default();
        for (number, element) in template.elements.iter().enumerate() {
            let price = match element {
                TemplateElement::RawString(text) => Price {
                    own: text.len() as u64,
                    ..Price::default()
                },
                TemplateElement::HelperBlock(block) => {
                    let mut parts = Price::default();
                    for part in [&block.template, &block.inverse].into_iter().flatten() {
                        parts = parts.and(self.price(part)?);
                    }
                    parts
                }
                TemplateElement::PartialExpression(include) => {
                    self.include(template, number, &include.name, None)?
                }
                TemplateElement::PartialBlock(include) => {
                    self.include(template, number, &include.name, include.template.as_ref())?
                }
                _ => Price::default(),
            };
            sum = sum.and(Price {
                own: price.own.saturating_add(1),
                depth: price.depth.saturating_add(1),
                ..price
            });
            if sum.depth > DEPTH {
                let message = format!("it nests more than {DEPTH} deep with what it includes");
                return Err(self.refused(template, number, &message));
            }
        }
        Ok(sum)
    }

    /// The price of an include with a block, which the included template may show as
    /// `@partial-block`, any number of times.
    fn include(
        &mut self,
        template: &'t Template,
        number: usize,
        name: &'t Parameter,
        block: Option<&'t Template>,
    ) -> Result<Price, Refused> {
        let Some(name) = literal_name(name) else {
            let message = "write the name of what it includes out: a computed one may never end";
            return Err(self.refused(template, number, message));
        };
        let block = match block {
            Some(block) => self.price(block)?,
            None => Price::default(),
        };
        if name == "@partial-block" {
            let given = Price {
                blocks: 1,
                ..Price::default()
            };
            return Ok(block.and(given));
        }
        if let Some(start) = self.open.iter().position(|open| *open == name) {
            let cycle: Vec<String> = self.open[start..]
                .iter()
                .chain([&name])
                .map(|name| format!("`{}`", aux_model::printable(name)))
                .collect();
            let message = format!("it includes itself: {}", cycle.join(" -> "));
            return Err(self.refused(template, number, &message));
        }
        let included = self.named(name)?;
        let times = included.blocks.saturating_add(1);
        Ok(Price {
            own: included.own.saturating_add(times.saturating_mul(block.own)),
            blocks: times.saturating_mul(block.blocks),
            depth: included.depth.max(block.depth).saturating_add(1),
        })
    }
}

impl Price {
    /// One after the other.
    fn and(self, other: Self) -> Self {
        Self {
            own: self.own.saturating_add(other.own),
            blocks: self.blocks.saturating_add(other.blocks),
            depth: self.depth.max(other.depth),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(texts: &[(&str, &str)], expected: &str) {
        let templates: Vec<(&str, Template)> = texts
            .iter()
            .map(|(name, text)| (*name, Template::compile(text).unwrap()))
            .collect();
        let templates = templates.iter().map(|(name, it)| (*name, it)).collect();
        let message = match check(&templates) {
            Ok(()) => String::new(),
            Err(refused) => refused.message,
        };
        assert_eq!(message, expected);
    }

    #[test]
    fn cycles_of_includes_are_named() {
        refused(&[("a", "{{> b}}"), ("b", "x {{> c}}"), ("c", "y")], "");
        refused(
            &[("a", "{{> b}}"), ("b", "{{#if x}}{{> a}}{{/if}}")],
            "it includes itself: `a` -> `b` -> `a`",
        );
        refused(&[("a", "{{#> a}}{{/a}}")], "it includes itself: `a` -> `a`");
        refused(
            &[("a", "{{#*inline \"p\"}}{{> p}}{{/inline}}{{> p}}")],
            "it includes itself: `p` -> `p`",
        );
        refused(
            &[
                ("a", "{{#> b}}{{#*inline \"p\"}}{{> a}}{{/inline}}{{/b}}"),
                ("b", "{{> p}}"),
            ],
            "it includes itself: `a` -> `b` -> `p` -> `a`",
        );
        refused(
            &[("a", "{{> (lookup this \"x\")}}")],
            "write the name of what it includes out: a computed one may never end",
        );
        refused(
            &[("a", "{{#> b}}z{{/b}}"), ("b", "{{> @partial-block}}")],
            "",
        );
    }

    #[test]
    fn a_template_knows_all_that_it_includes() {
        let texts = [
            ("a", "{{#if x}}{{> b}}{{else}}{{> none}}{{/if}}"),
            ("b", "{{#> c}}{{> d}}{{/c}}"),
            ("c", "{{> @partial-block}}"),
            ("d", "{{> b}}"),
            ("e", ""),
        ];
        let compiled =
            texts.map(|(name, text)| (name.to_owned(), Template::compile(text).unwrap()));
        let templates = HashMap::from(compiled);
        assert_eq!(all_of("a", &templates), ["b", "c", "d"].into());
        assert_eq!(all_of("e", &templates), BTreeSet::new());
    }

    #[test]
    fn what_doubles_again_and_again_is_refused() {
        let doubling = |last: &str| -> Vec<(String, String)> {
            let names = (0..40).map(|number| format!("t{number}"));
            let texts = (1..40).map(|number| format!("{{{{> t{number}}}}}{{{{> t{number}}}}}"));
            names.zip(texts.chain([last.to_owned()])).collect()
        };
        let owned = doubling("x");
        let texts: Vec<(&str, &str)> = owned
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()))
            .collect();
        refused(&texts, "with all that it includes it is longer than 16 MiB");
        let nested = [
            "{{#> twice}}".repeat(40),
            "x".to_owned(),
            "{{/twice}}".repeat(40),
        ]
        .concat();
        refused(
            &[
                ("a", &nested),
                ("twice", "{{> @partial-block}}{{> @partial-block}}"),
            ],
            "with all that it includes it is longer than 16 MiB",
        );
    }

    #[test]
    fn what_nests_without_end_is_refused_before_it_is_compiled() {
        for (start, end) in [
            ("{{#if a}}", "{{/if}}"),
            ("{{ ~#if a}}", ""),
            ("{{else if a}}", ""),
        ] {
            let text = [start.repeat(1_001), end.repeat(1_001)].concat();
            assert!(check_size("a", &text).is_err(), "{start}");
        }
        assert!(check_size("a", &format!("{{{{x {}", "[".repeat(30_000))).is_err());
        assert!(check_size("a", &"x".repeat(SIZE + 1)).is_err());
        assert!(check_size("a", &"{{x}} # {".repeat(1_000)).is_ok());
    }

    #[test]
    fn what_is_let_through_fits_the_stack() {
        for text in [
            format!("{{{{x {}", "[".repeat(BRACKETS - 10)),
            format!("{{{{x {}1{} }}}}", "[".repeat(9_000), "]".repeat(9_000)),
            format!("{{{{x {}1{} }}}}", "(a ".repeat(9_000), ")".repeat(9_000)),
            format!("{}{}", "{{#if a}}".repeat(BLOCKS), "{{/if}}".repeat(BLOCKS)),
            "{{#if a}}".repeat(BLOCKS),
            format!(
                "{{{{#if a}}}}{}{{{{/if}}}}",
                "{{else if a}}".repeat(BLOCKS - 1)
            ),
        ] {
            assert!(check_size("a", &text).is_ok());
            let compiled = aux_process::guard::run_on(STACK, || {
                let template = Template::compile(&text);
                if let Ok(template) = &template {
                    let _either = check(&[("a", template)].into());
                }
            });
            assert!(compiled.is_ok(), "{compiled:?}");
        }
    }
}
