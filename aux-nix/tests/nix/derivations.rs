//! What `Nix::derivations` promises, shown on the real Nix.

use std::collections::BTreeMap;

use aux_nix::{Answer, DerivationInputs, FailureKind, Limits, Nix, Question};

fn nix() -> Nix {
    Nix::find().unwrap_or_else(|error| panic!("{error}; {}", error.hint().unwrap_or_default()))
}

/// `app` takes one output of `library` and a source that `curl` fetches.
const SCOPE: &str = r#"
let
  make = name: attributes: derivation ({ inherit name; system = "none"; builder = "/bin/sh"; } // attributes);
  curl = make "curl" { };
  source = make "source" {
    inherit curl;
    outputHashAlgo = "sha256";
    outputHash = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
  };
  library = make "library" { outputs = [ "out" "dev" ]; };
in
{
  app = make "app" { inherit source; library = library.dev; file = ./scope.nix; };
  other = make "other" { };
}
"#;

fn paths(nix: &Nix, expressions: &[&str]) -> Vec<String> {
    let questions: Vec<Question> = expressions
        .iter()
        .map(|expr| Question::new(*expr, *expr))
        .collect();
    let answers = nix.ask(SCOPE, &questions, &Limits::default()).unwrap();
    answers
        .iter()
        .map(|answered| match &answered.answer {
            Answer::Value(path) => path.as_str().unwrap().to_owned(),
            Answer::Failed(failure) => panic!("{}: {failure}", answered.key),
        })
        .collect()
}

#[test]
fn a_derivation_comes_with_all_it_is_made_from() {
    let nix = nix();
    let paths = paths(&nix, &["scope.app.drvPath", "scope.other.drvPath"]);
    let graph = nix
        .derivations(&paths, &Limits::default())
        .unwrap()
        .unwrap();
    let name = |derivation: &aux_nix::Derivation| {
        let (_, name) = derivation.as_str().split_once('-').unwrap();
        name.trim_end_matches(".drv").to_owned()
    };
    let named: BTreeMap<String, (Vec<String>, bool)> = graph
        .iter()
        .map(|(derivation, DerivationInputs { inputs, is_fixed })| {
            let mut inputs: Vec<String> = inputs.iter().map(name).collect();
            inputs.sort();
            (name(derivation), (inputs, *is_fixed))
        })
        .collect();
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    assert_eq!(
        named,
        BTreeMap::from([
            ("app".to_owned(), (words(&["library", "source"]), false)),
            ("curl".to_owned(), (Vec::new(), false)),
            ("library".to_owned(), (Vec::new(), false)),
            ("other".to_owned(), (Vec::new(), false)),
            ("source".to_owned(), (words(&["curl"]), true)),
        ])
    );
    for path in &paths {
        let derivation = path.parse().unwrap();
        assert!(graph.contains_key(&derivation), "{path}");
    }
}

#[test]
fn nothing_is_made_from_nothing_and_what_was_not_evaluated_is_not_there() {
    let nix = nix();
    let graph = nix.derivations::<&str>(&[], &Limits::default()).unwrap();
    assert_eq!(graph.unwrap(), BTreeMap::new());

    paths(&nix, &["scope.other.drvPath"]);
    let absent = "/nix/store/7g5giqf764p3y3zv7a8rqsy9sqqq5kw4-absent.drv";
    let failure = nix
        .derivations(&[absent], &Limits::default())
        .unwrap()
        .unwrap_err();
    assert!(failure.reason.contains("absent.drv"), "{failure:?}");
    assert_ne!(failure.kind, FailureKind::TimedOut);
}
