//! The `aux-gen` command: arguments in, reports out; the libraries do the work.

// This crate starts no process: see `clippy.toml`.
#![deny(clippy::disallowed_types)]

mod commands;
mod version;

use std::process::ExitCode;

use aux_arguments::{Cli, Command};
use aux_session::{Exit, Failure, Session};
use clap::CommandFactory;

fn main() -> ExitCode {
    aux_session::clean_panics();
    let command = || {
        let command = Cli::command();
        command.version(version::SHORT).long_version(version::LONG)
    };
    aux_session::complete(command);
    let cli = match aux_session::command_line(&command()) {
        Ok(cli) => cli,
        Err(exit) => return exit.into(),
    };
    aux_session::watch();
    let session = Session::new(&cli.command, cli.global);
    let terminal = &session.terminal;
    let ended = match run(&session, &cli.command) {
        Ok(exit) => Ok(exit),
        Err(failure) => terminal.failure(&failure).map(|()| failure.exit()),
    };
    let ended = ended.and_then(|exit| terminal.finish().map(|()| exit));
    let exit = ended.unwrap_or_else(|error| {
        terminal.warn(format!("standard output cannot be written: {error}"));
        Exit::Error
    });
    exit.into()
}

fn run(session: &Session, command: &Command) -> Result<Exit, Failure> {
    session.must_know_channels(command)?;
    match command {
        Command::Import(args) => commands::import::run(session, args),
        Command::Init(args) => commands::init::run(session, args),
        Command::Index(args) => aux_trees::index::run(session, args),
        Command::NewSig(args) => commands::new_sig::run(session, args),
        Command::NewPackage(args) => commands::new_package::run(session, args),
        Command::Adopt(args) if args.again => commands::adopt_again::run(session, args),
        Command::Adopt(args) => commands::adopt::run(session, args),
        Command::Check(args) => commands::check::run(session, args),
        Command::Split(args) => aux_trees::split::run(session, args),
        Command::Relayout(args) => commands::relayout::run(session, args),
        Command::Ready(args) => commands::ready::run(session, args),
        Command::Generate(args) => commands::generate::run(session, args),
        Command::Status(args) => commands::status::run(session, args),
        Command::Clone(args) => commands::sync::clone(session, args),
        Command::Sync(args) => commands::sync::sync(session, args),
        Command::Recover(args) => commands::recover::run(session, args),
        Command::Resolve(args) => commands::resolve::run(session, args),
        Command::Eject(args) => commands::eject::eject(session, args),
        Command::Uneject(args) => commands::eject::uneject(session, args),
        Command::Lock(args) => commands::lock::run(session, args),
        Command::WhoLocks(args) => commands::who_locks::run(session, args),
        Command::Update(args) => commands::train::update(session, args),
        Command::Promote(args) => commands::train::promoted(session, args),
        Command::Train(args) => commands::train::train(session, args),
        Command::Drift(args) => commands::drift::run(session, args),
        Command::Forge(args) => commands::forge::run(session, args),
        Command::Holds(args) => commands::holds::run(session, args),
        Command::Release(args) => commands::release::run(session, args),
        Command::Changeset(args) => commands::changeset::run(session, args),
        Command::Impact(args) => commands::impact::run(session, args),
        Command::Eval(args) => commands::eval::run(session, args),
        Command::Graph(args) => commands::graph::run(session, args),
        Command::Where(args) => commands::find::run(session, args),
        Command::Site(args) => commands::site::run(session, args),
        Command::Why(args) => commands::why::run(session, args),
        Command::Cycles(args) => commands::cycles::run(session, args),
        Command::Place(args) => commands::place::run(session, args),
        Command::Core(args) => commands::core::run(session, args),
        Command::Coverage(args) => commands::coverage::run(session, args),
        Command::Cost(args) => commands::cost::run(session, args),
        Command::Use(args) => commands::consumer::run(session, args),
        Command::Who(args) => commands::who::run(session, args),
        Command::Move(args) => commands::relocate::run(session, args),
        Command::Rename(args) => commands::names::rename(session, args),
        Command::Remove(args) => commands::names::remove(session, args),
        Command::NewRepo(args) => commands::names::new_repo(session, args),
        Command::MergeSigs(args) => commands::names::merge(session, args),
        Command::SplitSig(args) => commands::names::split(session, args),
        Command::ReplacePerson(args) => commands::names::replace_person(session, args),
        Command::Borrow(args) => commands::borrowing::borrow(session, args),
        Command::Borrowed(args) => commands::borrowing::borrowed(session, args),
        Command::Return(args) => commands::borrowing::give(session, args),
        Command::Scan(args) => commands::scan::run(session, args),
        Command::Explain(args) => commands::explain::run(session, args),
        Command::Overrides(args) => commands::overrides::run(session, args),
        Command::Schema(args) => commands::reference::schema(session, args),
        Command::Completions(args) => commands::reference::completions(session, args),
        Command::Man(args) => commands::reference::man(session, args),
    }
}
