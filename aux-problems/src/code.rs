//! The codes of problems: stable names, each with an explanation.

use std::fmt;

macro_rules! codes {
    ($($variant:ident = $text:literal, $summary:literal, $explanation:literal;)*) => {
        /// What kind of problem it is. The text form never changes once
        /// released; search for it, assert on it, link to it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $(#[doc = $summary] $variant,)*
        }

        impl Code {
            /// Every code, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stable text, such as `tier-order`.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// What is wrong, in one line.
            #[must_use]
            pub fn summary(self) -> &'static str {
                match self { $(Self::$variant => $summary,)* }
            }

            /// Why it is wrong and what to do, in a paragraph of Markdown.
            #[must_use]
            pub fn explanation(self) -> &'static str {
                match self { $(Self::$variant => $explanation,)* }
            }
        }
    };
}

codes! {
    Syntax = "syntax",
    "The file is not valid TOML or JSON.",
    "The parser could not read the text at the place shown. It is the first in this file; nothing of the file was used, so names that it may define are not reported as unknown. Mend it first.";
    NewerFormat = "newer-format",
    "The manifest is written in a format this program does not know yet.",
    "`format` names the version of the manifest's format. A higher major version may mean something else by the same words, so it is refused. Install a newer aux-gen; do not lower the number.";
    UnknownKey = "unknown-key",
    "A key that the format does not have.",
    "Unknown keys are refused, because a misspelt key would otherwise be ignored in silence. The help names the nearest key of this table.";
    MissingKey = "missing-key",
    "A key that the format requires is not there.",
    "Add the key; the message says in which table.";
    WrongType = "wrong-type",
    "A value has another type than the key takes.",
    "For example a text where a list is expected. The message names both.";
    InvalidName = "invalid-name",
    "A name that Nix could not use.",
    "Names of repos and packages become flake inputs, attributes and lambda arguments. They start with a letter or `_`, go on with letters, digits, `-` and `_`, and are neither a Nix keyword nor a word with a meaning of its own, such as `self`, `lib` or `callPackage`.";
    InvalidValue = "invalid-value",
    "A text that is not of the form its key takes.",
    "Versions are semantic versions (`1.2.0`), requirements are Cargo's (`^1.2`), URLs are flake references (`github:owner/repo`), teams are `ORGANIZATION/TEAM`, paths are relative and stay inside the registry, systems look like `x86_64-linux`. A branch in a URL is one that `git check-ref-format --branch` takes. Every text stands on one line and has no character that nobody sees, such as a control character, U+202E, which turns the text around it, or a zero-width space: it becomes a comment, a title, a line in a terminal, and must say there what it says here. Joiners and variation selectors within an emoji, or where a script is written with them, are fine.";
    CaseCollision = "case-collision",
    "Two names differ only in upper and lower case.",
    "Both would be one directory on file systems that do not tell case apart (macOS, Windows), and one of them would be lost in a checkout. Rename one.";
    DuplicateDefinition = "duplicate-definition",
    "The same thing is defined twice.",
    "A SIG, a repo, a person or a tier has one definition, in one file, and a repo is named once in `uses` and `peers` together. Remove or merge one of the two.";
    DuplicateAttribute = "duplicate-attribute",
    "Two packages define the same attribute.",
    "All repos meet in one fixpoint and one flat view, so an attribute belongs to exactly one package. Otherwise the later layer would silently replace the earlier one. Rename one, or let one repo use the other's. Variants and aliases count as attributes, so a package may also collide with itself: the variants `3.1` and `3_1` are one attribute.";
    DuplicateModule = "duplicate-module",
    "Two repos define the same module or overlay.",
    "top-level offers all modules and overlays under their own names, so a name belongs to one repo.";
    SharedPath = "shared-path",
    "Two repos lie in the same directory, or one inside the other.",
    "Each repo is a git repository of its own and needs a directory of its own.";
    UnreachableInclude = "unreachable-include",
    "An include that names no file.",
    "A file named in `include` does not exist, or a pattern matches nothing. Remove it or create the file; a registry that silently loses a SIG is worse than one that stops.";
    MissingTier = "missing-tier",
    "There are not enough tiers.",
    "A family needs at least two tiers: the lowest is where core stands, the highest is top-level.";
    CoreCount = "core-count",
    "The lowest tier does not hold exactly one repo.",
    "The repo of the lowest tier builds the one fixpoint that all others put their layers into. There is exactly one.";
    TopLevelCount = "top-level-count",
    "The highest tier does not hold exactly one repo.",
    "The repo of the highest tier puts the family back together. There is exactly one.";
    UnknownChannel = "unknown-channel",
    "A channel that is not defined.",
    "What a channel follows is `main`, which stands for the branches that repos are on without a channel, or another channel of `aux.toml`.";
    UnknownTier = "unknown-tier",
    "A tier that is not defined.",
    "Tiers are defined in `aux.toml`, lowest first.";
    UnknownSystem = "unknown-system",
    "A system that the organization does not have.",
    "`systems` of a repo or a package is a part of `systems` of the organization: flakes have outputs for those, and a package can be left out of some. Add the system there, or drop it here.";
    UnknownSig = "unknown-sig",
    "A SIG that is not defined.",
    "The help names the nearest one.";
    UnknownOwner = "unknown-owner",
    "An owner that is not defined.",
    "A package, module or overlay is owned by a SIG, which need not be the SIG that runs the repo where it is placed. The owner must exist, or nobody would be told.";
    UnknownPerson = "unknown-person",
    "A person that is not defined.",
    "People are defined once, under `[people.HANDLE]`, and named by their handle everywhere else.";
    UnknownRepo = "unknown-repo",
    "A repo that is not defined.",
    "The help names the nearest one.";
    UnknownPackage = "unknown-package",
    "A package that no repo has.",
    "An edge names an attribute: a package, a variant or an alias, bare (`openssl`) or keyed by its repo (`core/openssl`).";
    UnknownVariant = "unknown-variant",
    "A variant that the package does not have.",
    "`default` and the values of `aliases` name one of `names` (`default` may also name an alias).";
    SigWithoutLead = "sig-without-lead",
    "A SIG has nobody who leads it.",
    "Somebody must answer for the SIG's repos. Name at least one person in `leads`.";
    TierOrder = "tier-order",
    "Something depends on a higher tier.",
    "A repo may use repos of its own tier and of lower tiers, and so may its packages. Move what is needed down, move what needs it up, or drop the dependency. An `optional` or `test` dependency is not bound by the order, nor is a pair of repos that `[[policy.allow]]` names. `aux-gen cycles` finds the fewest moves.";
    TopLevelUsed = "top-level-used",
    "Something depends on the top-level repo.",
    "top-level puts the family together and is a pure sink: if anything used it, nothing could be updated without everything. Use the repo that owns what is needed.";
    UndeclaredUse = "undeclared-use",
    "A package depends on a repo that its own repo does not name.",
    "A package may need (`build`, `runtime`) packages of the repos its repo `uses` (they are flake inputs and part of the standalone view), of what those use, and of its `peers` (they are met only where both are part of one package set, such as top-level). Add one or the other. `test` and `optional` dependencies need neither.";
    RepoCycle = "repo-cycle",
    "Repos use each other in a cycle.",
    "`uses` becomes flake inputs, and flakes cannot import each other in a cycle. The message names the shortest cycle and the package edges that cause it. If packages need each other both ways, which is normal, turn one `uses` into `peers`: the packages then meet in the one fixpoint of top-level, and the repo that has the peer states what it cannot offer alone. `aux-gen cycles` says which moves would end the cycle, and what an exception in `[[policy.allow]]` would cost.";
    PackageCycle = "package-cycle",
    "Packages need each other in a cycle.",
    "No order of building satisfies a cycle of build and runtime dependencies; Nix would report an infinite recursion. Split one of the packages (a bootstrap variant, a `-minimal` one), or mark an edge `optional` or `test` if it is one.";
    SelfDependency = "self-dependency",
    "Something depends on itself.",
    "Drop the entry. A package built by an older version of itself needs a second package for that version.";
    BootstrapOutsideCore = "bootstrap-outside-core",
    "Core boots from a package that stands in another repo.",
    "`bootstrap` of the policy names what core cannot start without. Core sees no other repo, so these packages stand in core, whichever SIG owns them.";
    ReviewOverdue = "review-overdue",
    "Two repos may use each other, and the review of that is overdue.",
    "`[[policy.allow]]` is an exception with a date. On that day the SIG named as owner looks whether its reason still holds: if so, set a later `review`; if not, drop the pair and take the way out that `aux-gen cycles` names. Only `check` looks at the day; nothing else stops for it.";
    IdleAllow = "idle-allow",
    "A pair of repos may use each other and does not.",
    "An exception that nothing needs hides the next cycle. Drop the entry of `[[policy.allow]]`.";
    AliasOverdue = "alias-overdue",
    "The old name or place of something should not be answered for any more.",
    "When a package moves, its old repo answers for it until the day in `until`, so that users have time to follow; what is renamed or removed is answered for in the same way. After that day, drop the entry of `moved`, `renamed` or `removed`. Only `check` looks at the day.";
    BorrowedOverdue = "borrowed-overdue",
    "The review of a borrowed package is overdue.",
    "A copy of another repo's package ages: what its owner mends does not reach it. After the day in `review`, ask whether it is still needed: `aux-gen borrowed` says how the copy and its origin stand, `aux-gen return` brings its changes to the owner. Only `check` looks at the day.";
    ContractUnmet = "contract-unmet",
    "A repo needs a contract version that the other does not offer.",
    "`uses = { core = \"^1.2\" }` is a requirement in Cargo's notation on the `contract` of the repo named. Until both fit, `aux-gen update` holds the repo at the version that it has locked, and nobody else waits. Adapt the repo and its requirement, or raise what the other offers.";
    ContractTooSmall = "contract-too-small",
    "The contract version of a repo says a smaller step than it makes.",
    "Other repos say which versions of a contract they can use, as in Cargo. What is removed, or is another kind of thing, may break them: the first number grows (below 1.0.0 the second). The last commit of the repo, and in updates the one that top-level has locked, says what was offered before. What only Nix knows, functions of `lib`, options of modules and what a core hands to layers, is compared by updates and change sets alone. `aux-gen check --fix` writes the smallest version that may follow; a package that went to another repo by `aux-gen move` is answered for until its day and breaks nobody. New packages ask for nothing.";
    DefaultShadowed = "default-shadowed",
    "A name is asked for both with and without a default.",
    "For a name that another repo owns, a repo carries a stub that throws until the owner joins the package set. The stub also reaches packages that ask for the name as an `optional` dependency, so their default never applies and they fail alone. Depend on it both times, or optionally both times.";
    ExternalOnly = "external-only",
    "A setting that only an external repo can have, or cannot have.",
    "`wiring` other than `layers` describes how a hand-written repo takes part; a generated repo always offers a layer. Core builds the package set, so it cannot have `wiring = \"packages\"`: finished packages take no layers. The top-level repo has no `wiring` but `layers`, generated or not, because it takes part in nothing: it is where the parts meet. `flake = false`, `entry` and `arguments` say how a hand-written repo without a `flake.nix` is imported; `wiring = \"none\"` is for a repo without packages.";
    NotInTree = "not-in-tree",
    "The manifest describes a package that the repo's tree does not hold.",
    "With `discover = true` the by-name tree says which packages exist and the manifest only adds what a tree cannot say: create the directory or remove the entry. Without it this is a warning: `aux-gen generate` writes the directory of a package that is new, and leaves one that somebody removed alone.";
    Orphan = "orphan",
    "A checkout that no repo of the manifest claims.",
    "A folder among the checkouts was generated for a repo that the manifest does not have, or is a repository that it does not name. If the repo has another name now, `aux-gen rename repo` would have moved it: move the folder to where the manifest has it, or set `path`. If it is gone, say so with `aux-gen remove repo`, or under `[removed.repos]`. If it is new, `aux-gen adopt` takes it in.";
    TwoOwnerFiles = "two-owner-files",
    "A hand-written CODEOWNERS stands beside a generated one.",
    "GitHub reads `.github/CODEOWNERS` before one at the root or in `docs/`, and Forgejo and Gitea read those before `.gitea/CODEOWNERS`: one of the two is never read, and nobody is told. Say who owns what in the manifest, and remove the hand-written file.";
    NoTree = "no-tree",
    "A repo that discovers its packages has no by-name tree here.",
    "With `discover = true` the tree of the repo says which packages there are, and the checkout is not there, or the program that reads the manifest did not hand it in. What the manifest lists counts; nothing is known of other packages. Clone the repo to its `path`.";
    NoIndex = "no-index",
    "Which attributes a core has that is somebody else's is not known.",
    "A core of `kind = \"outside\"`, such as nixpkgs, has no list of packages in the manifest: `aux-gen index` asks Nix once which attributes it has and which file defines each, and writes `index/NAME.json` beside the manifest. Commit it, so that others and CI need not ask.";
    OverBudget = "over-budget",
    "Using a repo costs more than the policy allows.",
    "`[policy.cost]` says how many bytes somebody may have to download to use one repo with all its inputs. `aux-gen cost --explain REPO` names the largest folders; what is only needed by few packages may belong in a repo of its own, or a large file at a place that it is fetched from.";
    NoCosts = "no-costs",
    "What using repos costs cannot be read.",
    "`costs.json` beside the manifest has what `aux-gen cost --write` measured, for the README of top-level. It is no file of that form, or of a newer program: nothing else depends on it.";
    Apart = "apart",
    "Packages that the policy keeps together are in two repos.",
    "`together` of the policy names packages that stay in one repo, such as a server and its web interface. Move them to one repo at once, or drop the entry.";
    NotAgreed = "not-agreed",
    "A repo overrides a package of another one, and the owner has not agreed.",
    "A borrowed package with `scope = \"family\"` takes the place of the owner's for everybody. That is the one exception to the rule that a layer defines only what its repo owns, and so the owner says it too: `lent = { PACKAGE = \"REPO\" }` in its own table. Without `scope` the copy is for the packages of the borrower alone.";
    ImpliedTopLevel = "implied-top-level",
    "A repo with packages is taken for top-level.",
    "The one repo of the highest tier puts the family together: nobody may use it, and it has every other repo as an input. One that has packages and is not called top-level may have become it only since the tier above is missing. Add a tier `top-level` with a repo of its own, or give its tier that name.";
    FullTopLevel = "full-top-level",
    "Top-level fills up with packages of its own.",
    "What no SIG's repo sees all of goes to top-level. When that is much, a repo for applications on a tier of its own, with people who answer for it, does better. `top-level-packages` of the policy says from how many on it is said.";
    Shadows = "shadows",
    "A package takes the place of one of the core that all stand on.",
    "The layers of SIGs come after a core that is somebody else's, so their package is the one that everybody gets who has both repos. That may be meant, as in an overlay; it is said, since packages of others are built with it.";
    NotInManifest = "not-in-manifest",
    "A by-name directory that the manifest does not list.",
    "The package is part of the repo's layer, because the layer reads the tree, but not of its `packages`, and nobody owns it. List it, or let the tree say what there is with `discover = true`.";
    StrayEntry = "stray-entry",
    "Something in a by-name tree that is neither a shard nor a package.",
    "`pkgs/by-name` holds shards, and shards hold directories of packages (RFC 140). Anything else is read by nobody, or by a tool that takes it for a package.";
    NoPackageFile = "no-package-file",
    "A package's directory has no file that defines it.",
    "A by-name directory has a `package.nix` (or `default.nix`), which is a function for `callPackage`, or a `packages.nix`, which defines a set or variants.";
    LeavesPackage = "leaves-package",
    "A path or a link leads out of its package's directory.",
    "What a package needs from elsewhere it asks for by name, as an argument of its function. A path out of the directory breaks when one of the two is moved, and cannot lead into another repo at all.";
    DanglingPath = "dangling-path",
    "A path or a link leads to a file that is not there.",
    "Nix finds it out only when something needs the path, and then nothing can catch the error. Often a patch or a file was left behind when the package was copied.";
    SearchPath = "search-path",
    "A file looks something up in `NIX_PATH`.",
    "`<nixpkgs>` is another thing on every machine, and flakes cannot look anything up. Ask for what is needed by name.";
    ComputedPath = "computed-path",
    "A part of a path is computed.",
    "Whether `./${name}.nix` is there can be told only by evaluating it. It is a warning: nothing is wrong, but a file that is missing will not be found before.";
    NixSyntax = "nix-syntax",
    "A file does not parse as Nix.",
    "The message is the parser's first; later ones mostly follow from it.";
    Unread = "unread",
    "A tree cannot be looked at.",
    "The message has the words of git or of the disk. The other trees are looked at; of this one nothing is known.";
    WrongShard = "wrong-shard",
    "A by-name directory stands in the wrong shard.",
    "The shard is the first two letters of the name in lower case (RFC 140). The layer still finds it, but people and other tools look for a package in the shard of its name.";
}

impl Code {
    /// Whether it is about which repo may use which, and not about what exists.
    #[must_use]
    pub fn is_about_use(self) -> bool {
        matches!(
            self,
            Self::TierOrder
                | Self::TopLevelUsed
                | Self::UndeclaredUse
                | Self::RepoCycle
                | Self::PackageCycle
                | Self::BootstrapOutsideCore
        )
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Code {
    type Err = UnknownCode;

    fn from_str(text: &str) -> Result<Self, UnknownCode> {
        Self::ALL
            .iter()
            .copied()
            .find(|code| code.as_str() == text)
            .ok_or_else(|| UnknownCode(text.to_owned()))
    }
}

/// A text that is no code of a problem.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not the code of a problem")]
pub struct UnknownCode(pub String);

impl serde::Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.as_str())
    }
}
