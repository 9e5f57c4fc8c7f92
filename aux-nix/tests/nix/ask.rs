//! What `Nix::ask` promises, shown on the real Nix.

use std::{
    fs,
    os::unix::fs::symlink,
    path::Path,
    time::{Duration, Instant},
};

use aux_nix::{Answer, Answered, FailureKind, Limits, Nix, Question};
use serde_json::{Value, json};

fn nix() -> Nix {
    Nix::find().unwrap_or_else(|error| panic!("{error}; {}", error.hint().unwrap_or_default()))
}

fn ask_within(scope: &str, expressions: &[&str], limits: &Limits) -> Vec<Answered> {
    let questions: Vec<_> = expressions
        .iter()
        .map(|expr| Question::new(*expr, *expr))
        .collect();
    let answers = nix().ask(scope, &questions, limits).unwrap();
    let keys: Vec<_> = answers
        .iter()
        .map(|answered| answered.key.as_str())
        .collect();
    assert_eq!(keys, expressions, "one answer for each question, in order");
    answers
}

fn ask(expressions: &[&str]) -> Vec<Answer> {
    let answers = ask_within("{ a = 1; }", expressions, &Limits::default());
    answers
        .into_iter()
        .map(|answered| answered.answer)
        .collect()
}

fn kinds(answers: &[Answered]) -> Vec<Option<FailureKind>> {
    answers
        .iter()
        .map(|a| a.answer.failure().map(|failure| failure.kind))
        .collect()
}

#[test]
fn every_kind_of_failure_is_told_apart() {
    use FailureKind as Kind;
    let cases = [
        (r#"throw "no""#, Kind::Thrown, "no"),
        (r#"throw "\n\n  indented\nmore""#, Kind::Thrown, "indented"),
        (
            r#"throw "attribute 'x' missing""#,
            Kind::Thrown,
            "attribute 'x' missing",
        ),
        ("assert 1 == 2; 3", Kind::AssertionFailed, ""),
        (r#"abort "syntax error""#, Kind::Aborted, ""),
        (
            "scope.nope",
            Kind::MissingAttribute,
            "attribute 'nope' missing",
        ),
        (
            "{ x = [ { y = scope.nope; } ]; }",
            Kind::MissingAttribute,
            "attribute 'nope' missing",
        ),
        ("import ./nope.nix", Kind::MissingFile, ""),
        ("builtins.readFile ./nope", Kind::MissingFile, ""),
        ("<nope>", Kind::MissingFile, ""),
        ("({ a }: a) { }", Kind::MissingArgument, ""),
        ("({ a }: a) { a = 1; b = 2; }", Kind::MissingArgument, ""),
        ("nope", Kind::UndefinedVariable, "undefined variable 'nope'"),
        (
            "let a = a; in a",
            Kind::InfiniteRecursion,
            "infinite recursion encountered",
        ),
        ("let f = x: 1 + f (x + 1); in f 0", Kind::StackOverflow, ""),
        ("1 + )", Kind::Syntax, ""),
        ("1 +", Kind::Syntax, ""),
        ("{ a = 1; a = 2; }", Kind::Syntax, ""),
        ("\"unfinished", Kind::Syntax, ""),
        ("1) + (2", Kind::Syntax, ""),
        ("", Kind::Syntax, ""),
        (r#"1 + "a""#, Kind::TypeMismatch, ""),
        ("if 1 then 2 else 3", Kind::TypeMismatch, ""),
        ("1 2", Kind::TypeMismatch, ""),
        ("[ 1 ] ++ 2", Kind::TypeMismatch, ""),
        ("x: x", Kind::TypeMismatch, ""),
        ("builtins.readFile /etc/passwd", Kind::NotAllowed, ""),
        ("builtins.elemAt [ ] 3", Kind::Other, ""),
    ];
    let expressions: Vec<_> = cases.iter().map(|case| case.0).collect();
    for (answer, (expr, kind, reason)) in ask(&expressions).iter().zip(cases) {
        let failure = answer
            .failure()
            .unwrap_or_else(|| panic!("{expr} gave {answer:?}"));
        assert_eq!(failure.kind, kind, "{expr}: {failure:#?}");
        assert!(
            !failure.reason.is_empty() && !failure.reason.contains('\n'),
            "{failure:?}"
        );
        assert!(failure.detail.contains(&failure.reason), "{failure:?}");
        assert!(
            !failure.detail.contains("aux-nix-"),
            "no place of ours: {failure:?}"
        );
        assert!(!failure.detail.contains('\u{1b}'), "{failure:?}");
        if !reason.is_empty() {
            assert_eq!(failure.reason, reason);
        }
    }
}

#[test]
fn values_arrive_whole() {
    let text = "quote \" backslash \\ dollar ${x} ticks '' $$ tab \t return \r bell \u{7} \
        escape \u{1b}[31m delete \u{7f} line\nbreak \u{e9}\u{4e2d}\u{1f600} \u{2028} @@x done";
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' | '$' => quoted.extend(['\\', character]),
            // Nix reads a raw carriage return as a line feed, in strings too.
            '\r' => quoted.push_str("\\r"),
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    let indented = "''\n  two\n    ''${lines} ''' \\\n''";
    let commented = "# comment \"\n/* and\n ''this */ {\n  a = 1;\n}\n# last line";
    let answers = ask(&[
        &quoted,
        indented,
        commented,
        "{ a = [ 1 2.5 true null \"x\" ]; b.c = scope.a; }",
        "9223372036854775807",
        "builtins.trace \"error: not an error\" 1",
        "{ __toString = _: \"s\"; }",
        "{ outPath = \"o\"; drvPath = throw \"never needed\"; }",
        "builtins.listToAttrs [ { name = \"we\\\"ird\"; value = 1; } ]",
    ]);
    let values: Vec<_> = answers
        .iter()
        .map(|a| a.value().cloned().unwrap())
        .collect();
    assert_eq!(
        values,
        [
            json!(text),
            json!("two\n  ${lines} '' \\\n"),
            json!({ "a": 1 }),
            json!({ "a": [1, 2.5, true, null, "x"], "b": { "c": 1 } }),
            json!(i64::MAX),
            json!(1),
            json!("s"),
            json!("o"),
            json!({ "we\"ird": 1 }),
        ]
    );
}

#[test]
fn large_and_deep_values() {
    let answers = ask(&[
        "builtins.concatStringsSep \"\" (builtins.genList (_: \"0123456789\") 500000)",
        "builtins.foldl' (a: _: [ a ]) 1 (builtins.genList (x: x) 1000)",
        "builtins.foldl' (a: n: builtins.trace \"${toString n} of a flood of messages\" a) 1 (builtins.genList (x: x) 20000)",
        "builtins.seq (builtins.foldl' (a: n: builtins.trace \"${toString n} of a flood of messages\" a) 1 (builtins.genList (x: x) 20000)) (abort \"x\")",
        "2",
    ]);
    assert_eq!(
        answers[0].value().unwrap().as_str().unwrap().len(),
        5_000_000
    );
    let deep = answers[1].failure().unwrap();
    assert_eq!(deep.kind, FailureKind::Other, "{deep:?}");
    assert_eq!(answers[2].value(), Some(&json!(1)));
    let flood = answers[3].failure().unwrap();
    assert_eq!(flood.kind, FailureKind::Aborted);
    assert!(flood.detail.len() < 200_000);
    assert_eq!(answers[4].value(), Some(&json!(2)));
}

#[test]
fn a_stack_overflow_takes_nobody_with_it() {
    let overflow = "let f = x: 1 + f (x + 1); in f 0";
    let answers = ask(&[
        "1",
        "scope.nope",
        overflow,
        overflow,
        "scope.a + 2",
        overflow,
    ]);
    assert_eq!(answers[0], Answer::Value(json!(1)));
    assert_eq!(
        answers[1].failure().unwrap().kind,
        FailureKind::MissingAttribute
    );
    assert_eq!(
        answers[2].failure().unwrap().kind,
        FailureKind::StackOverflow
    );
    assert_eq!(
        answers[3].failure().unwrap().kind,
        FailureKind::StackOverflow
    );
    assert_eq!(answers[4], Answer::Value(json!(3)));
    assert_eq!(
        answers[5].failure().unwrap().kind,
        FailureKind::StackOverflow
    );
}

/// Busy for a very long time, in constant stack and memory.
const HANGING: &str = "builtins.foldl' (a: b: builtins.foldl' (c: d: c + d) a \
    (builtins.genList (x: x) 10000)) 0 (builtins.genList (x: x) 1000000)";

#[test]
fn a_question_that_hangs_is_stopped() {
    let limits = Limits {
        per_question: Duration::from_secs(2),
        ..Limits::default()
    };
    let started = Instant::now();
    let answers = ask_within(
        "{ }",
        &["1", HANGING, "2", "let f = x: f (x + 1); in f 0", "3"],
        &limits,
    );
    assert!(started.elapsed() < Duration::from_secs(30));
    assert_eq!(answers[0].answer, Answer::Value(json!(1)));
    let failure = answers[1].answer.failure().unwrap();
    assert_eq!(failure.kind, FailureKind::TimedOut);
    assert_eq!(
        failure.reason,
        "the time limit of 2s for one question passed"
    );
    assert!(answers[1].elapsed >= limits.per_question);
    assert_eq!(answers[2].answer, Answer::Value(json!(2)));
    assert!(matches!(
        kinds(&answers)[3],
        Some(FailureKind::StackOverflow | FailureKind::TimedOut)
    ));
    assert_eq!(answers[4].answer, Answer::Value(json!(3)));
}

#[test]
fn the_total_limit_answers_the_rest() {
    let limits = Limits {
        total: Duration::from_secs(2),
        ..Limits::default()
    };
    let started = Instant::now();
    let answers = ask_within("{ }", &["1", HANGING, "2", "3"], &limits);
    assert!(started.elapsed() < Duration::from_secs(10));
    let late = Some(FailureKind::TimedOut);
    let unasked = Some(FailureKind::NotAsked);
    assert_eq!(kinds(&answers), [None, late, unasked, unasked]);
    assert_eq!(answers[3].elapsed, Duration::ZERO);
    let reason = |number: usize| &answers[number].answer.failure().unwrap().reason;
    let passed = "the time limit of 2s for all questions passed";
    assert_eq!(reason(1), passed);
    assert_eq!(*reason(3), format!("it was not asked: {passed}"));
}

#[test]
#[cfg(target_os = "linux")]
fn the_memory_limit_stops_one_question() {
    let limits = Limits {
        memory: Some(1 << 30),
        ..Limits::default()
    };
    let huge = "builtins.length (builtins.genList (x: x) 3000000000)";
    let growing = "builtins.foldl' (a: b: a + b) 0 (builtins.genList (x: x) 100000000)";
    let answers = ask_within("{ }", &["1", huge, growing, "2"], &limits);
    let out = Some(FailureKind::OutOfMemory);
    assert_eq!(kinds(&answers), [None, out, out, None], "{answers:#?}");
}

#[test]
fn a_broken_scope_answers_every_question() {
    let short = Limits {
        per_question: Duration::from_secs(2),
        ..Limits::default()
    };
    for (scope, kind) in [
        ("throw \"no scope\"", FailureKind::Thrown),
        ("abort \"no scope\"", FailureKind::Aborted),
        ("{ a = 1", FailureKind::Syntax),
        ("{ a = 1; ]", FailureKind::Syntax),
        (
            "let f = x: 1 + f (x + 1); in f 0",
            FailureKind::StackOverflow,
        ),
        (HANGING, FailureKind::TimedOut),
    ] {
        let answers = ask_within(scope, &["scope.a", "2", "scope.b"], &short);
        assert_eq!(kinds(&answers), [Some(kind); 3], "{scope}: {answers:#?}");
    }
}

#[test]
fn the_scope_is_lazy_and_shared() {
    let scope = "{ good = builtins.trace \"evaluated\" 1; bad = abort \"bad\"; }";
    let answers = ask_within(
        scope,
        &["scope.good", "scope.bad", "scope.bad", "scope.good"],
        &Limits::default(),
    );
    let aborted = Some(FailureKind::Aborted);
    assert_eq!(kinds(&answers), [None, aborted, aborted, None]);
}

#[test]
fn thousands_of_questions() {
    let questions: Vec<_> = (0..3000)
        .map(|n| match n % 3 {
            0 => Question::new(n.to_string(), format!("scope.one + {n}")),
            1 => Question::new(n.to_string(), format!("scope.missing-{n}")),
            _ => Question::new(n.to_string(), format!("throw \"{n}\"")),
        })
        .collect();
    let started = Instant::now();
    let answers = nix()
        .ask("{ one = 1; }", &questions, &Limits::default())
        .unwrap();
    let elapsed = started.elapsed();
    println!("3000 questions, 2000 of which fail: {elapsed:?}");
    assert!(elapsed < Duration::from_secs(30), "{elapsed:?}");
    assert_eq!(answers.len(), 3000);
    for (n, answered) in answers.iter().enumerate() {
        assert_eq!(answered.key, n.to_string());
        match n % 3 {
            0 => assert_eq!(answered.answer, Answer::Value(json!(n + 1))),
            1 => assert_eq!(
                answered.answer.failure().unwrap().reason,
                format!("attribute 'missing-{n}' missing")
            ),
            _ => assert_eq!(answered.answer.failure().unwrap().reason, n.to_string()),
        }
    }
}

#[test]
fn many_unfinished_files_do_not_confuse_the_rest() {
    let mut expressions = vec!["1"; 40];
    for at in [0, 1, 2, 20, 39] {
        expressions[at] = "let a = {";
    }
    let answers = ask(&expressions);
    for (at, answer) in answers.iter().enumerate() {
        if [0, 1, 2, 20, 39].contains(&at) {
            assert!(
                answer.failure().unwrap().reason.contains("syntax error"),
                "{answer:?}"
            );
        } else {
            assert_eq!(answer, &Answer::Value(json!(1)));
        }
    }
}

#[test]
fn nothing_is_read_fetched_or_built_unless_allowed() {
    let answers = ask_within(
        "{ }",
        &[
            "builtins.readFile /etc/passwd",
            "\"${/etc/passwd}\"",
            "builtins.path { path = /etc; name = \"x\"; }",
            "builtins.readDir \"/etc\"",
            "import /etc/passwd",
            "builtins.readFile (./. + \"/../../../../etc/passwd\")",
            "builtins.fetchurl \"http://127.0.0.1:9/x\"",
            "builtins.fetchTarball \"http://127.0.0.1:9/x.tar.gz\"",
            "builtins.fetchurl \"file:///etc/passwd\"",
            "builtins.fetchGit \"/etc\"",
            "import (derivation { name = \"x\"; system = builtins.currentSystem; builder = \"/bin/sh\"; })",
        ],
        &Limits::default(),
    );
    assert_eq!(
        kinds(&answers),
        [Some(FailureKind::NotAllowed); 11],
        "{answers:#?}"
    );
    let answers = ask_within(
        "{ }",
        &[
            "builtins.pathExists /etc/passwd",
            "builtins.fetchTree { type = \"path\"; path = \"/etc/nix\"; }",
            "builtins.getFlake \"path:/etc/nix\"",
        ],
        &Limits::default(),
    );
    // Whether a forbidden path exists is hidden, or refused, depending on the version.
    assert!(answers[0].answer.value() != Some(&json!(true)));
    assert!(answers[1].answer.failure().is_some() && answers[2].answer.failure().is_some());
}

#[test]
fn allowed_paths_work_through_links() {
    let directory = tempfile::tempdir().unwrap();
    let real = directory.path().join("re=al");
    fs::create_dir(&real).unwrap();
    fs::write(real.join("x.nix"), "{ x = 1; }").unwrap();
    fs::write(directory.path().join("secret.nix"), "2").unwrap();
    symlink(&real, directory.path().join("link")).unwrap();
    symlink(
        directory.path().join("secret.nix"),
        real.join("way-out.nix"),
    )
    .unwrap();
    let at = |name: &str| format!("import \"{}/{name}\"", directory.path().display());
    let expressions = [
        at("link/x.nix"),
        at("re=al/x.nix"),
        at("secret.nix"),
        at("re=al/way-out.nix"),
        at("link/../secret.nix"),
        format!("\"${{{}/link/x.nix}}\"", directory.path().display()),
    ];
    let expressions: Vec<_> = expressions.iter().map(String::as_str).collect();
    let limits = Limits::default().allowing(directory.path().join("link"));
    let answers = ask_within("{ }", &expressions, &limits);
    let refused = Some(FailureKind::NotAllowed);
    assert_eq!(
        kinds(&answers),
        [None, None, refused, refused, refused, None],
        "{answers:#?}"
    );
}

#[test]
fn the_system_store_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let unique = format!("never-in-the-store-{}", std::process::id());
    fs::write(directory.path().join(&unique), &unique).unwrap();
    let limits = Limits::default().allowing(directory.path());
    let path = directory.path().display();
    let answers = ask_within(
        "{ }",
        &[
            &format!("\"${{{path}/{unique}}}\""),
            &format!(
                "(derivation {{ name = \"{unique}\"; system = \"x\"; builder = {path}/{unique}; }}).drvPath"
            ),
            &format!("builtins.toFile \"{unique}\" \"x\""),
            &format!("builtins.readFile \"${{{path}/{unique}}}\""),
        ],
        &limits,
    );
    for answered in &answers[..3] {
        let stored = answered.answer.value().and_then(Value::as_str).unwrap();
        assert!(
            stored.starts_with("/nix/store/"),
            "the usual path: {stored}"
        );
        assert!(stored.contains(&unique));
        assert!(!Path::new(stored).exists(), "{stored} was written");
    }
    assert_eq!(answers[3].answer, Answer::Value(json!(unique)));
}

#[test]
fn the_environment_does_not_show() {
    let names = [
        "HOME",
        "USER",
        "PATH",
        "CARGO_MANIFEST_DIR",
        "NIX_PATH",
        "NIX_CONFIG",
        "TERM",
    ];
    let expressions: Vec<_> = names
        .iter()
        .map(|name| format!("builtins.getEnv \"{name}\""))
        .collect();
    let mut expressions: Vec<_> = expressions.iter().map(String::as_str).collect();
    expressions.push("builtins.filter (e: !builtins.elem (builtins.substring 0 8 e.prefix) [ \"readable\" \"nix\" ]) builtins.nixPath");
    let answers = ask(&expressions);
    for answer in &answers[..names.len()] {
        assert_eq!(answer, &Answer::Value(json!("")));
    }
    assert_eq!(answers[names.len()], Answer::Value(json!([])));
}

#[test]
fn failures_survive_json() {
    let answers = ask(&["throw \"x\""]);
    let failure = answers[0].failure().unwrap();
    let text = serde_json::to_string(failure).unwrap();
    assert!(text.contains("\"kind\":\"thrown\""));
    assert_eq!(
        &serde_json::from_str::<aux_nix::Failure>(&text).unwrap(),
        failure
    );
    assert_eq!(failure.to_string(), "thrown: x");
}

#[test]
fn limits_may_be_as_long_as_they_can() {
    let limits = Limits {
        per_question: Duration::MAX,
        total: Duration::MAX,
        memory: None,
        ..Limits::default()
    };
    let answers = ask_within("{ }", &["1", "1 +"], &limits);
    assert_eq!(kinds(&answers), [None, Some(FailureKind::Syntax)]);
}

#[test]
fn no_questions_start_nothing() {
    assert_eq!(
        nix()
            .ask("syntax error (", &[], &Limits::default())
            .unwrap(),
        []
    );
}
