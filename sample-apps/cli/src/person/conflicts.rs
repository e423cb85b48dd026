//! What is there twice, or says different things about the same: side by side, and settled.

use kist_pds::{ComparedMember, Conflict, ConflictKind, Person, Settlement, Side, SideId};
use serde::Serialize;
use serde_json::json;

use super::records::source;
use super::show::{label, member, value_text};
use crate::arguments::DuplicatesArgs;
use crate::columns;
use crate::failure::{Failure, Result};
use crate::input;
use crate::parameters::{self, Parameters};
use crate::ui::Ui;

/// So many sides stand side by side.
const ABREAST: usize = 3;

/// A conflict with what stands on its sides.
#[derive(Serialize)]
struct Laid {
    #[serde(flatten)]
    conflict: Conflict,
    members: Vec<ComparedMember>,
}

/// Shows what is to be settled, or settles it.
pub(crate) async fn run(ui: &Ui, person: &Person, arguments: DuplicatesArgs) -> Result<()> {
    let conflicts = person.records().conflicts().await?;
    let about = arguments.id.as_deref().or(arguments.take.as_deref());
    let about = about.map(|given| involved(&conflicts, given)).transpose()?;
    match (arguments.take, about) {
        (Some(take), Some(conflict)) => {
            let into = side(conflict, &take)?;
            let members = arguments.with.iter().map(|choice| member_of(conflict, choice));
            let members = members.collect::<Result<Vec<_>>>()?;
            let choice = match members.is_empty() {
                true => Settlement::Take(into),
                false => Settlement::Merge { into, members },
            };
            settle(ui, person, conflict, choice, into).await
        }
        (None, Some(conflict)) if arguments.both_right => {
            person.records().settle(sides(conflict), Settlement::AllRight).await?;
            let kept = json!({ "kept": sides(conflict) });
            ui.result(&kept, |ui| ui.say("duplicates.both_right", Parameters::default()));
            Ok(())
        }
        (_, Some(conflict)) => show(ui, person, vec![conflict.clone()]).await,
        (_, None) => show(ui, person, conflicts).await,
    }
}

/// The conflict that a record is part of.
fn involved<'a>(conflicts: &'a [Conflict], given: &str) -> Result<&'a Conflict> {
    let mut ids: Vec<_> = conflicts
        .iter()
        .flat_map(|conflict| conflict.sides.iter().map(|side| side.id.record))
        .collect();
    ids.sort_unstable();
    ids.dedup();
    let id = input::id(given, ids)?;
    let is_in = |conflict: &&Conflict| conflict.sides.iter().any(|side| side.id.record == id);
    let found = conflicts.iter().find(is_in);
    found.ok_or_else(|| Failure::own("UnknownId").with("id", given))
}

fn sides(conflict: &Conflict) -> Vec<SideId> {
    conflict.sides.iter().map(|side| side.id).collect()
}

/// The side with this number, or with this record.
fn side(conflict: &Conflict, given: &str) -> Result<SideId> {
    let numbered = given.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
    if let Some(side) = numbered.and_then(|index| conflict.sides.get(index)) {
        return Ok(side.id);
    }
    if conflict.kind == ConflictKind::Versions {
        return Err(Failure::own("AmbiguousId").with("id", given));
    }
    let id = input::id(given, conflict.sides.iter().map(|side| side.id.record))?;
    let found = conflict.sides.iter().find(|side| side.id.record == id);
    found
        .map(|side| side.id)
        .ok_or_else(|| Failure::own("UnknownId").with("id", given))
}

fn member_of(conflict: &Conflict, choice: &str) -> Result<(String, SideId)> {
    let (name, given) = choice
        .split_once('=')
        .ok_or_else(|| Failure::own("BadField").with("field", choice))?;
    Ok((member(name), side(conflict, given)?))
}

async fn settle(ui: &Ui, person: &Person, conflict: &Conflict, choice: Settlement, kept: SideId) -> Result<()> {
    person.records().settle(sides(conflict), choice).await?;
    let others = conflict.sides.iter().filter(|side| side.id.record != kept.record);
    let replaced: Vec<_> = others.map(|side| side.id.record).collect();
    let settled = json!({ "kept": kept.record, "replaced": replaced });
    ui.result(&settled, |ui| {
        let id = Parameters::default().with("id", input::short(&kept.record));
        ui.say("duplicates.settled", id);
        for id in &replaced {
            ui.remark("duplicates.back", Parameters::default().with("id", input::short(id)));
        }
    });
    Ok(())
}

async fn show(ui: &Ui, person: &Person, conflicts: Vec<Conflict>) -> Result<()> {
    let mut laid = Vec::new();
    for conflict in conflicts {
        let members = person.records().compare(sides(&conflict)).await?;
        laid.push(Laid { conflict, members });
    }
    ui.result(&laid, |ui| {
        if laid.is_empty() {
            ui.remark("duplicates.none", Parameters::default());
        }
        for one in &laid {
            lay_out(ui, one);
        }
    });
    Ok(())
}

fn lay_out(ui: &Ui, Laid { conflict, members }: &Laid) {
    let kind = Parameters::default().with("kind", parameters::kind(&conflict.schema, ui.catalogue));
    ui.heading(&match conflict.kind {
        ConflictKind::Duplicates => ui.text("duplicates.same", kind),
        ConflictKind::Differing => ui.text("duplicates.differing", kind),
        ConflictKind::Versions => ui.text("duplicates.versions", kind),
    });
    for (turn, sides) in conflict.sides.chunks(ABREAST).enumerate() {
        let first = turn * ABREAST;
        let mut rows = vec![head(sides, first)];
        rows.extend(members.iter().map(|member| row(ui, member, first, sides.len())));
        columns::table(&rows).iter().for_each(|line| ui.line(line));
    }
    if let Some(first) = conflict.sides.first() {
        let id = Parameters::default().with("id", input::short(&first.id.record));
        match conflict.kind {
            ConflictKind::Versions => ui.remark("duplicates.next_version", id),
            _ => ui.remark("duplicates.next", id),
        }
    }
}

fn head(sides: &[Side], first: usize) -> Vec<String> {
    let title = |(index, side): (usize, &Side)| format!("{}: {}", first + index + 1, input::short(&side.id.record));
    std::iter::once(String::new())
        .chain(sides.iter().enumerate().map(title))
        .collect()
}

/// A member on some of the sides, with its source; what differs has a sign.
fn row(ui: &Ui, member: &ComparedMember, first: usize, count: usize) -> Vec<String> {
    let sign = if member.same { "  " } else { "≠ " };
    let fields = member.fields.iter().skip(first).take(count);
    let cells = fields.map(|field| match field {
        Some(field) => {
            let day = parameters::day(field.provenance.collected_ms);
            format!(
                "{}\n({}, {day})",
                value_text(&field.value),
                source(ui, &field.provenance)
            )
        }
        None => "–".to_owned(),
    });
    std::iter::once(format!("{sign}{}", label(ui, &member.member)))
        .chain(cells)
        .collect()
}
