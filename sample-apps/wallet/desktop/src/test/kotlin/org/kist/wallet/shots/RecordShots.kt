package org.kist.wallet.shots

import androidx.compose.ui.graphics.Canvas
import androidx.compose.ui.graphics.Color
import androidx.compose.ui.graphics.ImageBitmap
import androidx.compose.ui.graphics.Paint
import androidx.compose.ui.geometry.Rect
import java.time.LocalDate
import kotlinx.serialization.json.JsonPrimitive
import org.kist.Conflict
import org.kist.ConflictKind
import org.kist.ConflictSide
import org.kist.Marks
import org.kist.MemberChange
import org.kist.Provenance
import org.kist.Record
import org.kist.RecordChange
import org.kist.Schemas
import org.kist.SideId
import org.kist.StoredFile
import org.kist.Violation
import org.kist.wallet.ports.Picture
import org.kist.wallet.record.ConflictsScreen
import org.kist.wallet.record.FilesState
import org.kist.wallet.record.Member
import org.kist.wallet.record.OpenFile
import org.kist.wallet.record.RecordActs
import org.kist.wallet.record.RecordContent
import org.kist.wallet.record.RecordNotice
import org.kist.wallet.record.RecordScreen
import org.kist.wallet.record.RecordState
import org.kist.wallet.record.RecordType
import org.kist.wallet.record.Rule
import org.kist.wallet.record.SettleActs
import org.kist.wallet.record.SettleScreen
import org.kist.wallet.record.SettleState
import org.kist.wallet.record.Settling
import org.kist.wallet.record.ShownField
import org.kist.wallet.record.SideBySide
import org.kist.wallet.record.TextFormat
import org.kist.wallet.record.Versions
import org.kist.wallet.record.VersionsScreen
import org.kist.wallet.state.Loadable
import org.kist.wallet.state.Problem
import org.kist.wallet.state.Progress

private const val NOW_MS = Samples.NOW * 1_000
private const val DAY_MS = 86_400_000L
private val plain = Rule.Text(TextFormat.WORDS, 1, 400)
private val day = Rule.Text(TextFormat.DATE, 0, null)

private val addressType = RecordType(
    Schemas.ADDRESS,
    "identity",
    listOf(
        Member("street_address", plain, true),
        Member("locality", plain, true),
        Member("postal_code", plain, false),
        Member("kind", Rule.Choice(listOf("home", "work", "post", "other")), false),
        Member("since", day, false),
    ),
)

private fun field(name: String, value: String, from: Provenance = Samples.byPerson, sinceMs: Long = NOW_MS) =
    ShownField("/$name", JsonPrimitive(value), from, sinceMs)

private val address = listOf(
    field("street_address", "7 Larch Lane"),
    field("locality", "Stromness"),
    field("postal_code", "KW16 3AA"),
    field("kind", "home"),
    field("since", "2021-06-01"),
)

private fun record(
    schema: String = Schemas.ADDRESS,
    from: Provenance = Samples.byPerson,
    files: List<StoredFile> = emptyList(),
    tags: List<String> = emptyList(),
    trashed: Boolean = false,
) = Record("1", schema, "{}", from, "identity", tags, 2u, NOW_MS - 400 * DAY_MS, NOW_MS, files, false, false, trashed, false)

private val marks = Marks(favourite = true, note = "The spare key is with Morfydd.", trashedMs = null, replacedBy = null)
private val noMarks = Marks(false, "", null, null)

private val acts = RecordActs(onBack = {}, onCorrect = {}, onVersions = {}, onSettle = {}, onRecord = { {} }, canOpen = { it.mediaType.startsWith("image/") })

private fun shown(name: String, state: RecordState, files: FilesState = FilesState(), height: Int = Shot.PHONE_HEIGHT) =
    Shot(name, height = height) { RecordScreen(state, files, acts) }

private val plainAddress = Loadable.Ready(RecordContent(record(tags = listOf("family")), marks, address, addressType))

private val vaccination = RecordContent(
    record("urn:kist:schema:vaccination:1", Samples.byOrganisation("Riverside Clinic")),
    noMarks,
    listOf(
        field("vaccine", "Influenza", Samples.byOrganisation("Riverside Clinic")),
        field("date", "2026-10-02", Samples.byOrganisation("Riverside Clinic")),
        field("dose", "1", Samples.byOrganisation("Riverside Clinic")),
        field("note", "My left arm was sore for a day.", sinceMs = NOW_MS + DAY_MS),
    ),
    RecordType("urn:kist:schema:vaccination:1", "health", listOf(Member("vaccine", plain, true), Member("date", day, true))),
)

private val stale = RecordContent(
    record(),
    noMarks,
    listOf(
        field("street_address", "7 Larch Lane", sinceMs = NOW_MS - 500 * DAY_MS).copy(staleSince = LocalDate.of(2026, 7, 18)),
        field("locality", "Stromness", sinceMs = NOW_MS - 500 * DAY_MS).copy(staleSince = LocalDate.of(2026, 7, 18)),
        field("country", "Orkney", Samples.fromFile("contacts.vcf (vcard)")).copy(violations = listOf(Violation("/country", "Length"))),
        field("until", "2026-09-30").copy(expiredOn = LocalDate.of(2026, 9, 30)),
    ),
    addressType,
)

/** A shore at evening, drawn: nobody's photo. */
private val shore = Picture(
    ImageBitmap(480, 320).also { bitmap ->
        val canvas = Canvas(bitmap)
        fun band(top: Float, bottom: Float, color: Long) = canvas.drawRect(Rect(0f, top, 480f, bottom), Paint().apply { this.color = Color(color) })
        band(0f, 150f, 0xFFF0C27B)
        band(150f, 210f, 0xFF4B7A8C)
        band(210f, 320f, 0xFF2F4F3A)
        canvas.drawCircle(androidx.compose.ui.geometry.Offset(340f, 130f), 34f, Paint().apply { color = Color(0xFFF7E3B0) })
    },
)

private fun file(id: String, name: String, type: String, thumbnail: Boolean = false) =
    StoredFile(id, name, type, 340_000u, "0".repeat(64), null, thumbnail)

private val pictured = RecordContent(
    record("urn:kist:schema:document:1", Samples.fromFile("file"), listOf(file("a", "shore.png", "image/png", true), file("b", "letter.pdf", "application/pdf"))),
    noMarks,
    listOf(field("title", "shore.png", Samples.fromFile("file"))),
    RecordType("urn:kist:schema:document:1", "other", listOf(Member("title", plain, true))),
)

private fun side(number: Int, title: String, from: Provenance, tags: List<String> = emptyList()) =
    ConflictSide(SideId("$number", "r"), title, from, tags, emptyList())

private fun text(value: String?) = value?.let(::JsonPrimitive)

private val differing = Settling(
    Conflict(
        ConflictKind.DIFFERING,
        Schemas.ADDRESS,
        listOf(side(1, "7 Larch Lane", Samples.byPerson, listOf("family")), side(2, "9 Larch Lane", Samples.byOrganisation("Riverside Clinic"))),
        emptyList(),
    ),
    listOf(
        SideBySide("/street_address", false, listOf(text("7 Larch Lane"), text("9 Larch Lane"))),
        SideBySide("/postal_code", false, listOf(null, text("KW16 3AA"))),
        SideBySide("/locality", true, listOf(text("Stromness"), text("Stromness"))),
        SideBySide("/kind", true, listOf(text("home"), text("home"))),
    ),
    addressType,
)

private fun change(number: Int, atMs: Long, vararg changes: MemberChange) =
    RecordChange(record().copy(revision = number.toUInt(), changedMs = atMs), changes.toList(), null, emptyList(), emptyList(), emptyList(), emptyList())

private val versions = Versions(
    listOf(
        change(3, NOW_MS).copy(
            areaBefore = "home",
            tagsAdded = listOf("family", "Orkney"),
            tagsRemoved = listOf("house"),
            filesAdded = listOf(file("c", "lease.pdf", "application/pdf")),
        ),
        change(2, NOW_MS - 30 * DAY_MS, MemberChange("/street_address", "\"12 Bute Street\"", "\"7 Larch Lane\""), MemberChange("/postal_code", null, "\"KW16 3AA\"")),
        change(
            1,
            NOW_MS - 400 * DAY_MS,
            MemberChange("/street_address", null, "\"12 Bute Street\""),
            MemberChange("/locality", null, "\"Stromness\""),
            MemberChange("/kind", null, "\"home\""),
        ),
    ),
    addressType,
)

private val one = shown("record", RecordState(plainAddress), height = 1180)

val recordShots = listOf(
    one,
    one.tablet(1180),
    one.enlarged(),
    shown("record-delivered", RecordState(Loadable.Ready(vaccination)), height = 1180),
    shown("record-stale", RecordState(Loadable.Ready(stale), ConflictKind.DIFFERING), height = 1300),
    shown("record-files", RecordState(Loadable.Ready(pictured)), FilesState(mapOf("a" to shore), saving = Loadable.Loading(Progress(140, 340)) {}), height = 1180),
    shown("record-picture", RecordState(Loadable.Ready(pictured)), FilesState(mapOf("a" to shore), OpenFile(pictured.record.files[0], Loadable.Ready(shore)))),
    shown(
        "record-picture-damaged",
        RecordState(Loadable.Ready(pictured)),
        FilesState(open = OpenFile(pictured.record.files[0], Loadable.Failed(Problem.own("PictureDamaged", "file" to "shore.png")))),
    ),
    shown("record-note", RecordState(plainAddress, note = "The spare key is with Morfydd."), height = 1180),
    shown("record-trashed", RecordState(Loadable.Ready(RecordContent(record(trashed = true), marks.copy(trashedMs = NOW_MS), address, addressType)))),
    shown("record-deleting", RecordState(plainAddress, askingToDelete = true)),
    shown("record-confirmed", RecordState(plainAddress, notice = RecordNotice.CONFIRMED)),
    shown("record-loading", RecordState()),
    shown("record-error", RecordState(Loadable.Failed(Problem("NotFound")))),
    Shot("record-versions") { VersionsScreen(Loadable.Ready(versions), {}) },
    Shot("record-settle", height = 1180) { SettleScreen(SettleState(Loadable.Ready(differing.copy(right = 0, others = mapOf("/postal_code" to 1)))), SettleActs({})) },
    Shot("record-settle-begun", height = 1180) { SettleScreen(SettleState(Loadable.Ready(differing)), SettleActs({})) },
    Shot("record-settle-nothing") { SettleScreen(SettleState(Loadable.Ready(null)), SettleActs({})) },
    Shot("record-conflicts") { ConflictsScreen(Loadable.Ready(listOf(differing.conflict)), {}, {}) },
)
