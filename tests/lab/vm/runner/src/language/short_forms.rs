//! The short forms, and the calls that each stands for.

use crate::language::spoken::{Head, Spoken};
use crate::language::words::unquoted;

/// The calls of a short form; `None` if it is none.
pub(super) fn expand(word: &str, head: &Head<'_>) -> Result<Option<Vec<Spoken>>, String> {
    match word {
        "log" => log(head),
        "multiplexed" => multiplexed(head),
        "client" => client(head).map(|call| vec![call]),
        "install" => install(head).map(|call| vec![call]),
        "policy" => policy(head).map(|call| vec![call]),
        "append-until-full" => append_until_full(head).map(|call| vec![call]),
        _ => return Ok(None),
    }
    .map(Some)
}

/// The parameters of a short form that may be left out.
struct Options<'l>(&'l [(&'l str, &'l str)]);

impl<'l> Options<'l> {
    fn of(head: &'l Head<'l>, known: &[&str]) -> Result<Self, String> {
        match head.named.iter().find(|(name, _)| !known.contains(name)) {
            Some((name, _)) => Err(format!("there is no {name}= here; there are {}", known.join(", "))),
            None => Ok(Self(&head.named)),
        }
    }

    fn get(&self, name: &str, default: &'l str) -> &'l str {
        self.0.iter().find(|(known, _)| *known == name).map_or(default, |(_, value)| value)
    }
}

fn log(head: &Head<'_>) -> Result<Vec<Spoken>, String> {
    let [name] = head.plain.as_slice() else { return Err("it is: log L [containers=N] …".to_owned()) };
    let options = Options::of(head, &["containers", "size", "block-size", "name"])?;
    let own = format!(r#""LOG:{{folder}}\{name}""#);
    let mut calls = vec![Spoken::new("create-log", name)?.with("text", options.get("name", &own))];
    let containers = options.get("containers", "2");
    if containers != "0" {
        calls.push(containers_of(name, name, containers, options.get("size", "512K"))?);
    }
    calls.push(area_of(name, options.get("block-size", "32K"))?);
    Ok(calls)
}

fn multiplexed(head: &Head<'_>) -> Result<Vec<Spoken>, String> {
    let [name] = head.plain.as_slice() else { return Err("it is: multiplexed M streams=S,T …".to_owned()) };
    let options = Options::of(head, &["streams", "containers", "size", "block-size"])?;
    let streams: Vec<_> = options.get("streams", "").split(',').collect();
    let mut calls = vec![];
    for (at, stream) in streams.iter().enumerate() {
        if stream.is_empty() {
            return Err("streams= names the streams: streams=S,T".to_owned());
        }
        let text = format!(r#""LOG:{{folder}}\{name}::{stream}""#);
        calls.push(Spoken::new("create-log", stream)?.with("text", text));
        if at == 0 {
            calls.push(containers_of(stream, name, options.get("containers", "4"), options.get("size", "1M"))?);
        }
        calls.push(area_of(stream, options.get("block-size", "32K"))?);
    }
    Ok(calls)
}

fn containers_of(log: &str, name: &str, count: &str, size: &str) -> Result<Spoken, String> {
    let text = format!(r#""{{folder}}\{name}-""#);
    Ok(Spoken::new("add-containers", log)?.with("count", count).with("size", size).with("text", text))
}

fn area_of(log: &str, block_size: &str) -> Result<Spoken, String> {
    Ok(Spoken::new("create-area", log)?.with("log", log).with("block-size", block_size))
}

fn client(head: &Head<'_>) -> Result<Spoken, String> {
    let [name, "on", log] = head.plain.as_slice() else { return Err("it is: client A on L".to_owned()) };
    Ok(Spoken::new("register", name)?.with("log", *log).with_all(&head.named))
}

fn install(head: &Head<'_>) -> Result<Spoken, String> {
    let [log, policy, rest @ ..] = head.plain.as_slice() else {
        return Err("it is: install L POLICY NUMBER …".to_owned());
    };
    let mut call = Spoken::new("install-policy", log)?.with("type", *policy);
    let mut numbers = ["first", "second"].into_iter();
    let mut flags = vec![];
    for word in rest {
        if unquoted(word).is_some() {
            call = call.with("text", *word);
        } else if ["overwrite", "persist"].contains(word) {
            flags.push(*word);
        } else {
            let place = numbers.next().ok_or_else(|| format!("a policy has at most two numbers; what is {word}?"))?;
            call = call.with(place, *word);
        }
    }
    if !flags.is_empty() {
        call = call.with("flags", flags.join("|"));
    }
    Ok(call.with_all(&head.named))
}

fn policy(head: &Head<'_>) -> Result<Spoken, String> {
    let [log, policy] = head.plain.as_slice() else { return Err("it is: policy L POLICY".to_owned()) };
    Ok(Spoken::new("query-policy", log)?.with("type", *policy).with_all(&head.named))
}

fn append_until_full(head: &Head<'_>) -> Result<Spoken, String> {
    let [area] = head.plain.as_slice() else { return Err("it is: append-until-full L".to_owned()) };
    let mut call = Spoken::new("fill", area)?.with_all(&head.named);
    call.tail.expected = Some(vec!["LOG_FULL".to_owned()]);
    Ok(call)
}
