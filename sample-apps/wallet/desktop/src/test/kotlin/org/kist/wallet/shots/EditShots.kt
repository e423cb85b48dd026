package org.kist.wallet.shots

import org.kist.Schemas
import org.kist.StoredFile
import org.kist.wallet.edit.AttachState
import org.kist.wallet.edit.Attached
import org.kist.wallet.edit.EditActs
import org.kist.wallet.edit.EditScreen
import org.kist.wallet.edit.EditState
import org.kist.wallet.edit.Entry
import org.kist.wallet.edit.Form
import org.kist.wallet.edit.Kind
import org.kist.wallet.edit.KindsScreen
import org.kist.wallet.edit.KindsState
import org.kist.wallet.edit.Labels
import org.kist.wallet.record.Member
import org.kist.wallet.record.RecordType
import org.kist.wallet.record.Rule
import org.kist.wallet.record.TextFormat
import org.kist.wallet.state.Loadable
import org.kist.wallet.state.Problem
import org.kist.wallet.state.Progress

private val words = Rule.Text(TextFormat.WORDS, 1, 200)

private val address = RecordType(
    Schemas.ADDRESS,
    "identity",
    listOf(
        Member("street_address", words, true),
        Member("locality", words, true),
        Member("postal_code", Rule.Text(TextFormat.WORDS, 1, 20), false),
        Member("country", Rule.Text(TextFormat.WORDS, 2, 2), false),
        Member("kind", Rule.Choice(listOf("home", "work", "post", "other")), false),
        Member("since", Rule.Text(TextFormat.DATE, 0, null), false),
    ),
)

private val trip = RecordType(
    "urn:kist:schema:trip:1",
    "travel",
    listOf(
        Member("destination", words, true),
        Member("price", Rule.Group(listOf(Member("amount", Rule.Text(TextFormat.DECIMAL, 0, 30), true), Member("currency", Rule.Text(TextFormat.WORDS, 3, 3), true))), false),
        Member("packing", Rule.Many(words, 50), false),
        Member("paid", Rule.YesOrNo, false),
    ),
)

private fun typed(vararg entries: Pair<String, Entry>): Form =
    entries.fold(Form.of(address)) { form, (name, entry) -> form.with(listOf(name), entry) }

private val good = typed(
    "street_address" to Entry.Text("7 Larch Lane"),
    "locality" to Entry.Text("Stromness"),
    "postal_code" to Entry.Text("KW16 3AA"),
    "country" to Entry.Text("GB"),
    "kind" to Entry.Text("home"),
    "since" to Entry.Day("1", "6", "2021"),
)

private val bad = typed("street_address" to Entry.Text("7 Larch Lane"), "country" to Entry.Text("Orkney"), "since" to Entry.Day("31", "2", "2021"))

private val several = Form.of(trip)
    .with(listOf("destination"), Entry.Text("Stromness"))
    .with(listOf("packing"), Entry.Many(listOf(Entry.Text("Tent"), Entry.Text(""))))

private fun edit(name: String, state: EditState, height: Int = 1180) = Shot(name, height = height) {
    val labels = state.labels.takeIf { it.area.isNotEmpty() } ?: Labels("identity")
    EditScreen(state.copy(labels = labels), EditActs({}))
}

private val document = StoredFile("f", "letter.pdf", "application/pdf", 840_000u, "0".repeat(64), null, false)

private val kinds = listOf(
    Kind(Schemas.NAME, "identity"),
    Kind(Schemas.ADDRESS, "identity"),
    Kind(Schemas.PHONE, "identity"),
    Kind("urn:kist:schema:passport:1", "identity"),
    Kind("urn:kist:schema:allergy:1", "health"),
    Kind("urn:kist:schema:medication:1", "health"),
    Kind("urn:kist:schema:vaccination:1", "health"),
    Kind("urn:kist:schema:trip:1", "travel"),
)

private val kindsShown = Shot("edit-kinds") { KindsScreen(KindsState(Loadable.Ready(kinds)), {}, {}, {}, {}) }
private val form = edit("edit", EditState(Loadable.Ready(good)))

val editShots = listOf(
    kindsShown,
    kindsShown.tablet(),
    Shot("edit-kinds-typing") { KindsScreen(KindsState(Loadable.Ready(kinds), "va"), {}, {}, {}, {}) },
    Shot("edit-kinds-nothing") { KindsScreen(KindsState(Loadable.Ready(kinds), "boat"), {}, {}, {}, {}) },
    form,
    form.tablet(1180),
    form.enlarged(),
    edit(
        "edit-mend",
        EditState(Loadable.Ready(bad), problems = bad.problems(), problem = Problem.own("FieldsToMend", "count" to bad.problems().size), refused = true),
        height = 1480,
    ),
    edit("edit-several", EditState(Loadable.Ready(several), restored = true), height = 1480),
    edit(
        "edit-files",
        EditState(Loadable.Ready(typed()), files = AttachState(listOf(Attached("d", document)), Loadable.Loading(Progress(3, 8)) {})),
        height = 1480,
    ),
    edit(
        "edit-existing",
        EditState(
            Loadable.Ready(good),
            labels = Labels("identity", "family, Orkney"),
            files = AttachState(listOf(Attached(null, document)), saved = listOf(document)),
        ),
        height = 1480,
    ),
    edit(
        "edit-delivered",
        EditState(
            Loadable.Ready(good),
            labels = Labels("identity", "council"),
            files = AttachState(listOf(Attached(null, document)), saved = listOf(document)),
            sender = "Harbour Council",
        ),
        height = 1480,
    ),
    edit("edit-full-disk", EditState(Loadable.Ready(good), problem = Problem("StorageFull", retry = true))),
    edit("edit-leaving", EditState(Loadable.Ready(good), askingToLeave = true), Shot.PHONE_HEIGHT),
    edit("edit-loading", EditState(), Shot.PHONE_HEIGHT),
    edit("edit-error", EditState(Loadable.Failed(Problem("NotFound"))), Shot.PHONE_HEIGHT),
)
