//! What the language says, and what it refuses.

use clfs_client_interface::verbs::NONE;

use super::*;
use crate::language::values::{Anchor, Shift};

fn parse(text: &str) -> Scenario {
    Scenario::parse(text, r"\??\C:\clfsvm\open\x").unwrap_or_else(|faults| panic!("{faults:?}"))
}

fn faults(text: &str) -> Vec<(usize, String)> {
    let faults = Scenario::parse(text, r"\??\C:\clfsvm\open\x").err().unwrap_or_default();
    faults.into_iter().map(|fault| (fault.line, fault.message)).collect()
}

fn call(scenario: &Scenario, at: usize) -> &Call {
    match &scenario.statements[at].deed {
        Deed::Call(call) | Deed::Begin { call, .. } => call,
        deed => panic!("{deed:?} is no call"),
    }
}

/// Every line after the first five is wrong in its own way: each is told, with its number.
fn refused(line: &str) {
    let found = faults(&format!("log L\nclient A on L\nappend L as $x\nthread T: handle-full A\n{line}"));
    assert!(!found.is_empty(), "{line} is not refused");
    assert!(found.iter().all(|(number, message)| *number == 5 && !message.is_empty()), "{line}: {found:?}");
}

#[test]
fn a_log_is_created_filled_with_containers_and_given_an_area() {
    let scenario = parse("log L containers=3 size=1M");
    let verbs: Vec<_> = (0..3).map(|at| call(&scenario, at).verb.name).collect();
    assert_eq!(verbs, ["create-log", "add-containers", "create-area"]);
    assert_eq!(call(&scenario, 0).text, r"LOG:{folder}\L");
    assert_eq!(call(&scenario, 1).numbers, [Value::Number(3), Value::Number(1 << 20)]);
    assert_eq!(call(&scenario, 2).numbers[..2], [Value::Number(0), Value::Number(32 << 10)]);
    assert_eq!(parse("log L containers=0").statements.len(), 2);
}

#[test]
fn streams_share_one_set_of_containers() {
    let scenario = parse("multiplexed M streams=S,T\nclient A on T");
    let verbs: Vec<_> = (0..5).map(|at| call(&scenario, at).verb.name).collect();
    assert_eq!(verbs, ["create-log", "add-containers", "create-area", "create-log", "create-area"]);
    assert_eq!(call(&scenario, 3).text, r"LOG:{folder}\M::T");
    assert_eq!(call(&scenario, 5).numbers[0], Value::Number(1));
}

#[test]
fn policies_are_installed_with_their_numbers_flags_and_texts() {
    let scenario =
        parse("log L\ninstall L growth-rate 0 25 overwrite\ninstall L new-container-prefix \"{folder}\\x y\"");
    let numbers = &call(&scenario, 3).numbers;
    assert_eq!(numbers[..4], [Value::Number(3), Value::Number(0), Value::Number(25), Value::Number(1)]);
    assert_eq!(call(&scenario, 4).text, r"{folder}\x y");
}

#[test]
fn without_an_arrow_nothing_but_success_is_right_and_full_is_written_once() {
    let scenario = parse("log L\nappend L\nappend-until-full L\nappend L -> SUCCESS|LOG_FULL reserved<=5");
    assert!(call(&scenario, 3).answer.is_none());
    let full = call(&scenario, 4).answer.as_ref().unwrap();
    assert_eq!(full.statuses, Statuses::parse("LOG_FULL").unwrap());
    let both = call(&scenario, 5).answer.as_ref().unwrap();
    assert!(both.statuses.contain(0) && both.conditions.len() == 1 && both.conditions[0].answer == 1);
}

#[test]
fn what_is_awaited_is_one_call_that_says_what_it_waits_for() {
    let scenario = parse("log L\neventually: information L -> SUCCESS total=4");
    let Deed::Await(call) = &scenario.statements[3].deed else { panic!("{:?}", scenario.statements[3]) };
    assert!(call.verb.name == "information" && call.answer.is_some());
    assert_eq!(faults("log L\neventually: information L")[0].0, 2);
    assert_eq!(faults("eventually: log L -> SUCCESS")[0].0, 1);
    assert_eq!(faults("log L\neventually: information L -> any")[0].0, 2);
    assert_eq!(faults("log L\neventually: append L -> SUCCESS")[0].0, 2);
}

#[test]
fn what_is_not_given_is_the_default_or_what_is_named_like_the_subject() {
    let scenario = parse("log L\nregister L\nregister A\nresize-as L size=4\nread C area=L lsn=base(L)");
    assert_eq!(call(&scenario, 3).numbers[..3], [Value::Number(0), Value::Number(1), Value::Number(7)]);
    assert_eq!(call(&scenario, 4).numbers[0], Value::Number(NONE));
    assert_eq!(call(&scenario, 5).numbers[0], Value::Number(0));
    assert_eq!(call(&scenario, 6).numbers[1], Value::Position(Anchor::Base(0), 0));
}

#[test]
fn subjects_are_slots_null_or_a_made_up_cookie() {
    let scenario = parse("log L\nclient A on L\nhandle-full A\nhandle-full null -> any\nhandle-full 0x1234 -> any");
    assert_eq!(call(&scenario, 4).subject, Subject::Slot(0));
    assert_eq!(call(&scenario, 5).subject, Subject::Null);
    assert_eq!(call(&scenario, 6).subject, Subject::Raw(0x1234));
}

#[test]
fn reactions_hold_actions_and_may_come_before_their_client() {
    let scenario = parse(
        "log L\nlet $x = base(L)+1c\non A advance-tail: later: guarded: advance-base L lsn=target+1c; append L; return LOG_PINNED\n\
         client A on L\nexpect A advance-tail target=$x",
    );
    let Deed::React { client: 0, callback: Callback::AdvanceTail, returns, actions } = &scenario.statements[4].deed
    else {
        panic!("{:?}", scenario.statements[4])
    };
    assert_eq!(statuses::status_name(*returns), "LOG_PINNED");
    assert_eq!(actions.iter().map(|(place, _)| *place).collect::<Vec<_>>(), [Place::Later, Place::Inside]);
    assert_eq!(actions[0].1.manner, Manner::GUARDED);
    assert_eq!(actions[0].1.numbers[0], Value::Position(Anchor::Target, 1));
}

#[test]
fn callbacks_are_expected_with_all_that_they_say() {
    let scenario = parse(
        "log L\nclient A on L\nappend L as $first\nexpect A advance-tail target>$first\n\
         expect A growth-complete LOG_PINNED|LOG_FULL pinned\nexpect A unpinned\nexpect A nothing\nignore A",
    );
    let Deed::Expect { expected: Expected::AdvanceTail { targets }, .. } = &scenario.statements[5].deed else {
        panic!()
    };
    assert_eq!(targets[0].1, Value::Kept("first".to_owned(), Shift::Containers(0)));
    let Deed::Expect { expected: Expected::GrowthComplete { statuses, is_pinned }, .. } = &scenario.statements[6].deed
    else {
        panic!()
    };
    assert!(!statuses.contain(0) && *is_pinned == Some(true));
    assert!(matches!(scenario.statements[8].deed, Deed::ExpectNothing { client: 0 }));
}

#[test]
fn orders_and_insides_name_callbacks_and_calls() {
    let scenario = parse(
        "log L\nclient A on L\norder: A advance-tail, advance-base, handle-full A returns\n\
         on A advance-tail: later: advance-base L lsn=target\nexpect A advance-tail\ninside A advance-tail: advance-base L -> LOG_FULL",
    );
    let Deed::Order(steps) = &scenario.statements[4].deed else { panic!() };
    assert_eq!(steps[0].what, What::Callback(0, Callback::AdvanceTail));
    assert_eq!(steps[1].what, What::Routine(Routine::AdvanceBase, None));
    assert!(steps[2].returns && steps[2].what == What::Routine(Routine::HandleFull, Some(0)));
    assert!(
        matches!(&scenario.statements[7].deed, Deed::Inside { place: Some(Place::Later), statuses, .. } if !statuses.contain(0))
    );
}

#[test]
fn threads_are_begun_and_joined_with_the_answers_of_their_call() {
    let scenario = parse(
        "log L\nthread T: append L -> any\nrunning T\njoin T -> SUCCESS lsn>=base(L) as $x\nadvance-base L lsn=$x+1c",
    );
    assert!(
        matches!(&scenario.statements[5].deed, Deed::Join { thread: 0, answer: Some(_), keeps } if keeps.len() == 1)
    );
}

#[test]
fn headers_say_where_and_a_file_that_says_nothing_is_a_fault() {
    assert_eq!(parse("# A sentence.\nsource: reading 7\nonly: interposed\nlog L").only, Only::Interposed);
    for nothing in ["", "# only a comment", "source: ours\nonly: ours"] {
        assert_eq!(faults(nothing), [(0, "it says nothing".to_owned())]);
    }
    for twice in ["log L\nonly: ours", "only: open\nonly: ours\nlog L", "source: ours\nsource: ours\nlog L"] {
        assert_eq!(faults(twice)[0].0, 2);
    }
    assert!(parse("source: ours\nlog L").has_source && !parse("log L").has_source);
}

#[test]
fn all_faults_of_a_file_are_told() {
    let found = faults("log L\nfrobnicate L\nappend M\n\nappend L colour=red");
    assert_eq!(found.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 3, 5]);
}

#[test]
fn calls_that_mean_nothing_are_refused() {
    for line in [
        "append",
        "append L M",
        "append L size=",
        "append L size=1 size=2",
        "append M",
        "append L text=\"x\"",
        "append L -> STATUS_SUCCESS",
        "append L ->",
        "append L -> SUCCESS count=1",
        "append L -> SUCCESS lsn",
        "append L -> SUCCESS lsn~5",
        "append L as",
        "append L as lsn",
        "append L as $x=colour",
        "flush L as $x",
        "container-name L as $x",
        "append L lsn=$never",
        "advance-base L lsn=$never",
        "advance-base L lsn=target",
        "resources L",
        "sleep L",
        "log M -> SUCCESS",
        "guarded: log M",
        "log M colour=red",
        "client B at L",
        "install L",
        "install L maximum-size 1 2 3",
        "create-log M text=LOG:x",
        "create-log M text=\"x",
        "close-log 5",
    ] {
        refused(line);
    }
}

#[test]
fn other_statements_that_mean_nothing_are_refused() {
    for line in [
        "thread T: append L",
        "thread U: log M",
        "thread U append L",
        "join U",
        "running U",
        "join T -> SUCCESS lsn=1",
        "let x = 5",
        "let $x = colour",
        "on A advance-tail: ; return PENDING",
        "on A advance-tail: append L -> SUCCESS",
        "on A advance-tail: return PENDING; append L",
        "on A advance-tail: return",
        "on A unpinned: return PENDING",
        "on A tail: append L",
        "on B advance-tail: append L",
        "on A unpinned: flush L; flush L; flush L; flush L; flush L; flush L; flush L",
        "expect A",
        "expect A tail",
        "expect B unpinned",
        "expect A unpinned pinned",
        "expect A growth-complete SUCCESS",
        "expect A growth-complete pinned",
        "expect A advance-tail base>5",
        "expect A nothing at all",
        "ignore",
        "order: A advance-tail",
        "order: A advance-tail, colour",
        "order: A advance-tail, append L returns late",
        "inside A advance-tail: append L -> SUCCESS lsn>5",
        "inside A advance-tail: append L -> SUCCESS",
        "inside A advance-tail: A unpinned -> SUCCESS",
        "only: everywhere",
    ] {
        refused(line);
    }
}

#[test]
fn lines_end_and_begin_as_windows_has_them() {
    let scenario = parse("\u{feff}# A sentence.\r\nlog L\r\nappend L -> SUCCESS\r\n");
    assert_eq!(scenario.statements[3].text, "append L -> SUCCESS");
}

#[test]
fn odd_input_is_a_fault_and_never_a_panic() {
    let pieces = "log L client A on advance-tail: \" \"x\" = size= -> as $ $x= | - + base( base(L)+99999c target-c \
                  99999999999999999999 18446744073709551615M -9223372036854775808 0x 0xFFFFFFFFFFFFFFFFF : ; , thread \
                  join let order: inside expect only: source: eventually: guarded: top-level: \u{0} \u{2028} ü 𝄞K K M";
    let pieces: Vec<&str> = pieces.split_ascii_whitespace().collect();
    for first in &pieces {
        for second in &pieces {
            let line = format!(
                "{first} {second}{first} {second}\nlog L\nlet $x = {first}{second}\ninstall L {second} {first}"
            );
            let _faults_or_not = Scenario::parse(&line, "x");
        }
    }
}

#[test]
fn a_resize_may_have_a_completion_routine_but_nobody_reacts_to_it_or_expects_it() {
    let scenario = parse("log L\nresize L size=2 completion=1\nresize-as L size=2 completion=1");
    assert_eq!(call(&scenario, 3).numbers[2], Value::Number(1));
    assert_eq!(call(&scenario, 4).numbers[4], Value::Number(1));
    let lines = [
        "on A size-complete: append L",
        "expect A size-complete",
        "inside A size-complete: append L",
        "order: A size-complete, append",
    ];
    for line in lines {
        let found = faults(&format!("log L\nclient A on L\n{line}"));
        assert!(found.iter().any(|(number, message)| *number == 3 && message.contains("of no client")), "{found:?}");
    }
}
