//! Debian as a family of repos, and the questions about its graph, each next to
//! petgraph alone on the same graph. See `README.md` beside this file.
//!
//! `cargo bench -p aux-model --bench graph`

mod debian;
mod index;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use aux_diagram::Diagram;
use aux_model::answers::Subject;
use aux_model::{Manifest, Source, Survey};
use debian::Family;
use divan::{Bencher, black_box};
use index::Index;
use petgraph::algo::tred::{dag_to_toposorted_adjacency_list, dag_transitive_reduction_closure};
use petgraph::algo::{condensation, kosaraju_scc, toposort};
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::{Bfs, Walker};

/// Everything that is made once and read by each measurement.
struct Input {
    origin: String,
    family: Family,
    manifest: Source,
    survey: Survey,
}

static INPUT: LazyLock<Input> = LazyLock::new(|| {
    let Index { text, origin } = Index::find();
    let family = Family::read(&text).expect("an index has names that we can write");
    let manifest = Source::new("aux.toml", &family.manifest());
    let survey = survey(&manifest);
    Input {
        origin,
        family,
        manifest,
        survey,
    }
});

#[expect(clippy::print_stderr, reason = "says what is measured")]
fn main() {
    let input = &*INPUT;
    eprintln!("{}\n{}", input.origin, input.family.counts);
    divan::main();
}

fn survey(manifest: &Source) -> Survey {
    Manifest::open(manifest.clone())
        .survey()
        .unwrap_or_else(|problems| panic!("{problems}"))
}

fn catalog() -> &'static aux_model::Family {
    &INPUT.survey.family
}

/// The bare graph of some pairs.
fn digraph(nodes: usize, arcs: &[(usize, usize)]) -> DiGraph<(), ()> {
    let mut graph = DiGraph::with_capacity(nodes, arcs.len());
    for _ in 0..nodes {
        graph.add_node(());
    }
    for (from, to) in arcs {
        graph.add_edge(NodeIndex::new(*from), NodeIndex::new(*to), ());
    }
    graph
}

fn package_arcs() -> (usize, Vec<(usize, usize)>) {
    (
        INPUT.family.counts.packages,
        INPUT.family.needed().collect(),
    )
}

fn repo_arcs() -> (usize, Vec<(usize, usize)>) {
    let graph = catalog().graph();
    let numbers: BTreeMap<_, usize> = catalog().repos().map(|repo| &repo.name).zip(0..).collect();
    let arcs: BTreeSet<(usize, usize)> = graph
        .edges()
        .iter()
        .filter(|edge| edge.kind.is_needed() && edge.from.repo != edge.to.repo)
        .map(|edge| (numbers[&edge.from.repo], numbers[&edge.to.repo]))
        .collect();
    (numbers.len(), arcs.into_iter().collect())
}

#[divan::bench_group(sample_count = 10, sample_size = 1)]
mod load {
    use super::*;

    #[divan::bench]
    fn bare_toml_parse() {
        let text = INPUT.manifest.text();
        black_box(toml::de::DeTable::parse(text).expect("it is TOML"));
    }

    #[divan::bench]
    fn open_and_survey() -> Survey {
        survey(&INPUT.manifest)
    }

    #[divan::bench]
    fn graph(bencher: Bencher<'_, '_>) {
        bencher.bench(|| black_box(catalog().graph()).edges().len());
    }
}

#[divan::bench_group(sample_count = 10, sample_size = 1)]
mod cycles {
    use super::*;

    #[divan::bench]
    fn petgraph_of_packages(bencher: Bencher<'_, '_>) {
        let (nodes, arcs) = package_arcs();
        bencher.bench(|| kosaraju_scc(&digraph(nodes, &arcs)));
    }

    #[divan::bench]
    fn of_packages(bencher: Bencher<'_, '_>) {
        let graph = catalog().graph();
        bencher.bench(|| black_box(graph.package_cycles()).len());
    }

    #[divan::bench]
    fn petgraph_of_repos(bencher: Bencher<'_, '_>) {
        let (nodes, arcs) = repo_arcs();
        bencher.bench(|| kosaraju_scc(&digraph(nodes, &arcs)));
    }

    #[divan::bench]
    fn of_repos(bencher: Bencher<'_, '_>) {
        let graph = catalog().graph();
        bencher.bench(|| black_box(graph.repo_cycles()).len());
    }
}

#[divan::bench_group(sample_count = 10, sample_size = 1)]
/// Core against all others: what must cross for core to need nothing above it.
mod cut {
    use std::collections::BTreeSet;

    use aux_model::answers::Weight;

    use super::*;

    #[divan::bench]
    fn core_against_all(bencher: Bencher<'_, '_>) {
        let graph = catalog().graph();
        let core = BTreeSet::from([catalog().core().name.clone()]);
        let cut = |weight| graph.cut(&core, &BTreeSet::new(), weight);
        bencher.bench(|| black_box(cut(Weight::Packages)).map(|cut| cut.price));
    }

    #[divan::bench]
    fn core_against_all_by_dependents(bencher: Bencher<'_, '_>) {
        let graph = catalog().graph();
        let core = BTreeSet::from([catalog().core().name.clone()]);
        let cut = |weight| graph.cut(&core, &BTreeSet::new(), weight);
        bencher.bench(|| black_box(cut(Weight::Dependents)).map(|cut| cut.price));
    }

    #[divan::bench]
    fn out_of_order(bencher: Bencher<'_, '_>) {
        let graph = catalog().graph();
        bencher.bench(|| black_box(graph.out_of_order()).len());
    }
}

mod chains {
    use super::*;

    /// From the package that needs most directly to the one that is farthest
    /// from it.
    fn ends() -> (DiGraph<(), ()>, NodeIndex, NodeIndex) {
        let (nodes, arcs) = package_arcs();
        let graph = digraph(nodes, &arcs);
        let from = graph
            .node_indices()
            .max_by_key(|node| graph.neighbors(*node).count())
            .expect("there are packages");
        let last = Bfs::new(&graph, from).iter(&graph).last();
        (graph, from, last.expect("the walk starts somewhere"))
    }

    #[divan::bench]
    fn petgraph_breadth_first(bencher: Bencher<'_, '_>) {
        let (graph, from, to) = ends();
        bencher.bench(|| {
            Bfs::new(&graph, from)
                .iter(&graph)
                .position(|node| node == to)
        });
    }

    #[divan::bench]
    fn why(bencher: Bencher<'_, '_>) {
        let graph = catalog().graph();
        let (_, from, to) = ends();
        let subject = |node: NodeIndex| Subject::Package(graph.packages()[node.index()].id.clone());
        let (from, to) = (subject(from), subject(to));
        assert!(graph.why(&from, &to).is_some(), "petgraph found a way");
        bencher.bench(|| graph.why(&from, &to).map(|chain| chain.len()));
    }
}

/// Of the repo with the most packages.
#[divan::bench(sample_count = 10, sample_size = 1)]
fn coverage(bencher: Bencher<'_, '_>) {
    let graph = catalog().graph();
    let largest = catalog()
        .repos()
        .max_by_key(|repo| repo.packages.len())
        .expect("core is there");
    bencher.bench(|| graph.coverage(&largest.name).map(|found| found.standalone));
}

#[divan::bench_group(sample_count = 5, sample_size = 1)]
mod diagrams {
    use super::*;

    /// It keeps the whole closure.
    #[divan::bench]
    fn petgraph_reduction(bencher: Bencher<'_, '_>) {
        let (nodes, arcs) = package_arcs();
        let graph = digraph(nodes, &arcs);
        bencher.bench(|| {
            let cycles_as_one = condensation(graph.clone(), true);
            let order = toposort(&cycles_as_one, None).expect("cycles are one node each");
            let (sorted, _) = dag_to_toposorted_adjacency_list::<_, u32>(&cycles_as_one, &order);
            dag_transitive_reduction_closure(&sorted).0
        });
    }

    #[divan::bench]
    fn of_packages(bencher: Bencher<'_, '_>) {
        bencher.bench(|| Diagram::of_packages(catalog(), None));
    }

    #[divan::bench]
    fn reduced(bencher: Bencher<'_, '_>) {
        let diagram = Diagram::of_packages(catalog(), None);
        bencher
            .with_inputs(|| diagram.clone())
            .bench_values(|mut diagram| {
                assert!(diagram.reduce(), "all arcs were looked at");
                diagram
            });
    }
}
