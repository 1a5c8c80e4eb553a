//! Calls as they are written, with what they must answer, become calls with slots and values.

use clfs_client_interface::verbs::{Kind, NONE, Parameter, Verb};
use clfs_client_interface::{Operation, Subject, symbols};

use crate::language::comparison::Comparison;
use crate::language::resolving::Resolver;
use crate::language::spoken::{Spoken, Tail};
use crate::language::statuses::Statuses;
use crate::language::values::Value;
use crate::language::words::{is_name, unquoted};
use crate::language::{Against, Answer, Call, Condition, Keep};

impl Resolver<'_> {
    pub(super) fn call(&mut self, spoken: &Spoken, is_reaction: bool) -> Result<Call, String> {
        let verb = spoken.verb;
        for (at, (name, _)) in spoken.parameters.iter().enumerate() {
            let is_known = verb.parameters.iter().any(|parameter| parameter.name == name);
            let is_text = verb.takes_text && name == "text";
            if !is_known && !is_text {
                return Err(format!("{} has no {name}=; it has {}", verb.name, list_parameters(verb)));
            }
            if spoken.parameters[..at].iter().any(|(before, _)| before == name) {
                return Err(format!("{name}= is there twice"));
            }
        }
        let subject = self.subject(spoken)?;
        let numbers = verb.parameters.iter().map(|parameter| self.parameter(parameter, spoken, is_reaction));
        let numbers = numbers.collect::<Result<_, _>>()?;
        let text = match spoken.parameters.iter().find(|(name, _)| name == "text") {
            Some((_, text)) => self.text(text)?,
            None => String::new(),
        };
        let (answer, keeps) = self.tail(verb, &spoken.tail)?;
        Ok(Call { verb, manner: spoken.manner, subject, numbers, text, answer, keeps })
    }

    fn subject(&self, spoken: &Spoken) -> Result<Subject, String> {
        match (spoken.subject.as_deref(), spoken.verb.subject) {
            (None | Some("null"), _) => Ok(Subject::Null),
            (Some(name), kind) if is_name(name) => self.names.slot(kind, name).map(Subject::Slot),
            (Some(number), Kind::Client) => {
                symbols::number(number).map(Subject::Raw).ok_or_else(|| format!("{number} is no client and no number"))
            }
            (Some(word), _) => Err(format!("{word} is no name")),
        }
    }

    fn parameter(&self, parameter: &Parameter, spoken: &Spoken, is_reaction: bool) -> Result<Value, String> {
        let given = spoken.parameters.iter().find(|(name, _)| name == parameter.name).map(|(_, value)| value.as_str());
        let subject = spoken.subject.as_deref().unwrap_or_default();
        match (given, parameter.kind) {
            (Some("null"), kind) if kind != Kind::Nothing => Ok(Value::Number(NONE)),
            (Some(name), kind) if kind != Kind::Nothing => {
                self.names.slot(kind, name).map(|slot| Value::Number(slot.into()))
            }
            (Some(word), _) => {
                self.value(word, is_reaction).map_err(|message| format!("{}=: {message}", parameter.name))
            }
            (None, kind) if kind != Kind::Nothing => Ok(Value::Number(self.names.slot_like(parameter, subject))),
            (None, _) => self.value(parameter.default, is_reaction),
        }
    }

    fn text(&self, text: &str) -> Result<String, String> {
        let text = unquoted(text).ok_or_else(|| format!("{text}: texts stand in quotes"))?;
        let length = text.replace("{folder}", self.folder).len();
        if length > Operation::TEXT {
            return Err(format!("the text has {length} bytes with its folder; at most {} fit", Operation::TEXT));
        }
        Ok(text.to_owned())
    }

    pub(super) fn tail(&mut self, verb: &'static Verb, tail: &Tail) -> Result<(Option<Answer>, Vec<Keep>), String> {
        let answer = match tail.expected.as_deref() {
            Some([statuses, conditions @ ..]) => Some(Answer {
                statuses: Statuses::parse(statuses)?,
                conditions: conditions.iter().map(|word| self.condition(verb, word)).collect::<Result<_, _>>()?,
            }),
            _ => None,
        };
        let keeps = tail.keeps.iter().map(|(name, answer)| keep(verb, name, answer.as_deref()));
        let keeps: Vec<Keep> = keeps.collect::<Result<_, _>>()?;
        self.kept.extend(keeps.iter().map(|keep| keep.name.clone()));
        Ok((answer, keeps))
    }

    fn condition(&self, verb: &'static Verb, word: &str) -> Result<Condition, String> {
        let (name, comparison, value) = Comparison::split(word)?;
        let (answer, is_text) = find_answer(verb, name)?;
        if !comparison.is_for(is_text) {
            return Err(format!("{word}: {name} is a {}", if is_text { "text" } else { "number" }));
        }
        let against =
            if is_text { Against::Text(self.text(value)?) } else { Against::Number(self.value(value, false)?) };
        Ok(Condition { answer, comparison, against })
    }
}

fn list_parameters(verb: &Verb) -> String {
    let text = verb.takes_text.then_some("text");
    let names: Vec<_> = verb.parameters.iter().map(|parameter| parameter.name).chain(text).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

/// An answer's place in the verb's list, and whether it is a text.
fn find_answer(verb: &Verb, name: &str) -> Result<(usize, bool), String> {
    let found = verb.answers.iter().position(|answer| answer.trim_start_matches('#') == name);
    let place = found.ok_or_else(|| {
        let answers: Vec<_> = verb.answers.iter().map(|answer| answer.trim_start_matches('#')).collect();
        format!("{} answers no {name}; it answers {}", verb.name, answers.join(", "))
    })?;
    Ok((place, verb.answers[place].starts_with('#')))
}

fn keep(verb: &Verb, name: &str, answer: Option<&str>) -> Result<Keep, String> {
    let is_number = |place: &usize| !verb.answers[*place].starts_with('#');
    let place = match answer {
        Some(answer) => find_answer(verb, answer).map(|(place, _)| place)?,
        None => 0,
    };
    let place = Some(place).filter(|place| *place < verb.answers.len()).filter(is_number);
    let answer = place.ok_or_else(|| format!("{} answers no number to keep", verb.name))?;
    Ok(Keep { name: name.to_owned(), answer })
}
