//! The cost of one log-full decision by the number of clients, of streams and of logs.

use std::hint::black_box;

use clfsmgmt::engine::policy::{Amount, Existing, Policy};
use clfsmgmt::engine::{Action, Engine, Outcome};
use clfsmgmt::manager::GrowthPlace;
use clfsmgmt::units::{ContainerCount, Status, StreamId, Time};

use crate::measure::{Case, each, in_turns, median, ratio, title};
use crate::model::{
    Managed, NoWorkers, PENDING, SUCCESS, Shape, fill_up, full_view, manager_without_workers, other_streams, relieve,
};

const ROUNDS: usize = 9;
const TIMES: u32 = 2_000;
const LOGS: u32 = 10_000;

const SHAPES: [Shape; 5] = [shape(1, 1), shape(10, 10), shape(1, 96), shape(100, 96), shape(1_000, 96)];

const fn shape(clients: u32, streams: u8) -> Shape {
    Shape { clients, streams }
}

type Bench = Managed<NoWorkers>;

/// Prints the tables.
pub(crate) fn print() {
    title("One log-full decision, by clients (a model log; one client is asked)");
    println!(" clients streams   manager     ratio    engine     ratio     moved     ratio");
    println!("                        ns                  ns                  ns");
    let logs = SHAPES.map(bench);
    let manager = take_turns(&logs, ask_and_complete);
    let moved = take_turns(&logs, Bench::report_moved_base);
    let engine = engine_alone();
    for (index, shape) in SHAPES.iter().enumerate() {
        print!("{:8} {:7}", shape.clients, shape.streams);
        for samples in [&manager, &engine, &moved] {
            let (samples, first) = (&samples[index], &samples[0]);
            let nanoseconds = median(samples.iter().copied());
            print!(" {nanoseconds:9.0} {:9.2}", ratio(samples, first));
        }
        println!();
    }
    println!("manager: handle_log_full, the ask, the tail moves, the completion; engine: the");
    println!("same facts and actions alone; moved: one handle_log_changed without a request.");
    other_ends(&logs);
    by_logs();
}

fn bench(shape: Shape) -> Bench {
    attach(&manager_without_workers(), shape)
}

fn attach(manager: &std::sync::Arc<crate::model::ModelManager<NoWorkers>>, shape: Shape) -> Bench {
    Managed::attach(manager, shape).expect("there is memory for a model")
}

fn take_turns(logs: &[Bench], action: impl Fn(&Bench) + Copy) -> Vec<Vec<f64>> {
    let case = |log| -> Case<'_> { Box::new(move || each(TIMES, || action(log))) };
    let mut cases: Vec<Case<'_>> = logs.iter().map(case).collect();
    in_turns(ROUNDS, &mut cases)
}

/// The log cannot grow; one client is asked, moves its tail, and the writer hears that there is space.
fn ask_and_complete(log: &Bench) {
    let told = log.told();
    let answer = log.meet_full_log(GrowthPlace::Inline);
    log.drain();
    assert!(answer == PENDING && log.told() == told + 1);
}

/// The one client that could help refuses: the writer hears that the log is pinned, and later that it no longer is.
fn pin_and_unpin(log: &Bench) {
    let told = log.told();
    let answer = log.meet_full_log(GrowthPlace::Inline);
    log.drain();
    log.report_moved_base();
    log.drain();
    assert!(answer == PENDING && log.told() == told + 2);
}

/// The log may grow, and does so at once.
fn grow(log: &Bench) {
    assert!(log.meet_full_log(GrowthPlace::Inline) == SUCCESS);
}

fn other_ends(logs: &[Bench]) {
    for log in logs {
        log.refuse(true);
    }
    let pinned = take_turns(logs, pin_and_unpin);
    for log in logs {
        log.refuse(false);
        log.allow_growth(true);
    }
    let grown = take_turns(logs, grow);
    title("Its other two ends");
    println!("   clients  streams    refused, pinned, unpinned      grown (no file is created)");
    for (index, shape) in SHAPES.iter().enumerate() {
        print!("{:10} {:8}", shape.clients, shape.streams);
        for samples in [&pinned, &grown] {
            let nanoseconds = median(samples[index].iter().copied());
            let ratio = ratio(&samples[index], &samples[0]);
            print!("   {nanoseconds:10.0} ns {ratio:12.2}");
        }
        println!();
    }
}

fn by_logs() {
    let one = bench(shape(1, 1));
    let manager = manager_without_workers();
    let many: Vec<Bench> = (0..LOGS).map(|_| attach(&manager, shape(1, 1))).collect();
    let middle = &many[many.len() / 2];
    let mut turn = many.iter().cycle();
    let mut cases: [Case<'_>; 3] = [
        Box::new(|| each(TIMES, || ask_and_complete(&one))),
        Box::new(|| each(TIMES, || ask_and_complete(middle))),
        Box::new(|| {
            let mut next = || turn.next().expect("a cycle has no end");
            each(TIMES, || ask_and_complete(next()))
        }),
    ];
    let samples = in_turns(ROUNDS, &mut cases);
    title("The same, by attached logs (1 client each)");
    println!("      logs   decided for                                manager, ns     ratio");
    let names =
        [(1, "the one"), (LOGS, "one of them, again and again"), (LOGS, "another each time (no cache holds 10,000)")];
    for ((logs, name), of) in names.iter().zip(&samples) {
        let nanoseconds = median(of.iter().copied());
        println!("{logs:10}   {name:42}{nanoseconds:12.0} {:9.2}", ratio(of, &samples[0]));
    }
}

fn engine_alone() -> Vec<Vec<f64>> {
    let case = |shape: &Shape| -> Case<'_> {
        let mut decide = engine_of(*shape).expect("there is memory for an engine");
        Box::new(move || each(TIMES, &mut decide))
    };
    let mut cases: Vec<Case<'_>> = SHAPES.iter().map(case).collect();
    in_turns(ROUNDS, &mut cases)
}

/// An engine that meets a full log, asks, and completes, each time it is called.
fn engine_of(shape: Shape) -> Result<impl FnMut(), Status> {
    let mut engine = Engine::new(1);
    let one = ContainerCount(1);
    let tail = Policy::LogTail(Amount::Containers(one));
    engine.install_policy(tail, Existing::Overwrite)?;
    let mut view = full_view(shape.streams);
    engine.install_policy(Policy::MaximumSize(view.containers), Existing::Overwrite)?;
    let writer = engine.register(StreamId(1))?;
    for stream in other_streams(shape) {
        engine.register(stream)?;
    }
    Ok(move || {
        fill_up(&mut view);
        engine.handle_view(&view);
        assert!(engine.handle_log_full(writer).is_ok());
        assert!(engine.finish_log_full_call(writer) == Ok(Outcome::Pending));
        let asked = engine.poll_action(Time(0));
        assert!(matches!(black_box(asked), Some(Action::AskTail { .. })));
        relieve(&mut view);
        engine.handle_view(&view);
        let ended = engine.poll_action(Time(0));
        assert!(matches!(black_box(ended), Some(Action::CompleteRequest { .. })));
        engine.handle_completion_returned(writer);
    })
}
