//! What search engines and browsers want to know of a site: a site map, and how it is searched.

use std::fmt::Write;

/// Addresses that one site map may have (sitemaps.org, version 0.9).
const MOST: usize = 50_000;

/// How many site maps a number of pages takes.
pub(crate) fn maps(pages: usize) -> usize {
    pages.div_ceil(MOST)
}

/// The site map of pages, or the one at a place of several.
pub(crate) fn site_map(base: &str, pages: &[&str], number: usize) -> String {
    let mut text = start("urlset");
    for page in pages.iter().skip(number * MOST).take(MOST) {
        let page = if *page == "index.html" { "" } else { page };
        let _never = writeln!(
            text,
            "<url><loc>{}</loc></url>",
            xml(&format!("{base}{page}"))
        );
    }
    text + "</urlset>\n"
}

/// The list of several site maps.
pub(crate) fn list_of_maps(base: &str, maps: usize) -> String {
    let mut text = start("sitemapindex");
    for number in 0..maps {
        let map = xml(&format!("{base}{}", path_of_map(number)));
        let _never = writeln!(text, "<sitemap><loc>{map}</loc></sitemap>");
    }
    text + "</sitemapindex>\n"
}

pub(crate) fn path_of_map(number: usize) -> String {
    format!("sitemap-{number}.xml")
}

fn start(element: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{element} xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n"
    )
}

/// What lets a browser search here from its own field (OpenSearch 1.1).
pub(crate) fn search_description(base: &str, family: &str) -> String {
    let name = xml(family);
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<OpenSearchDescription xmlns=\"http://a9.com/-/spec/opensearch/1.1/\">\n<ShortName>{name}</ShortName>\n<Description>Where is the thing I want in {name}?</Description>\n<InputEncoding>UTF-8</InputEncoding>\n<Url type=\"text/html\" template=\"{}index.html?q={{searchTerms}}\"/>\n</OpenSearchDescription>\n",
        xml(base)
    )
}

/// A text as content or attribute of XML, with what XML 1.0 cannot say left out.
fn xml(text: &str) -> String {
    let is_char = |c: &char| !c.is_control() || matches!(c, '\t' | '\n');
    let text: String = text.chars().filter(is_char).collect();
    handlebars::html_escape(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_pages_take_several_maps_and_none_is_lost() {
        let names: Vec<String> = (0..100_001)
            .map(|number| format!("p/{number}-index.html"))
            .collect();
        let mut pages: Vec<&str> = names.iter().map(String::as_str).collect();
        pages.push("index.html");
        assert_eq!(maps(pages.len()), 3);
        let all: String = (0..3)
            .map(|number| site_map("https://e.org/", &pages, number))
            .collect();
        assert_eq!(all.matches("<url>").count(), pages.len());
        assert!(all.contains("<loc>https://e.org/p/7-index.html</loc>"));
        assert!(all.contains("<loc>https://e.org/</loc>"));
        assert_eq!(
            list_of_maps("https://e.org/", 3)
                .matches("<sitemap>")
                .count(),
            3
        );
    }
}
