package org.kist.wallet

import java.nio.file.Path
import java.time.Clock
import kotlinx.coroutines.runBlocking
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import org.kist.SchemaInfo
import org.kist.wallet.edit.Entry
import org.kist.wallet.edit.Form
import org.kist.wallet.edit.Labels
import org.kist.wallet.edit.draftOf
import org.kist.wallet.language.Language
import org.kist.wallet.language.Words
import org.kist.wallet.record.Member
import org.kist.wallet.record.RecordType
import org.kist.wallet.record.Rule
import org.kist.wallet.record.member
import org.kist.wallet.world.PASSPHRASE
import org.kist.wallet.world.TestDevice

/** Forms over every schema that the core has. */
class FormsTest {
    @TempDir
    lateinit var folder: Path

    private val schemas: List<SchemaInfo> by lazy {
        val device = TestDevice(folder.resolve("store"), Clock.systemUTC(), null, null)
        runBlocking { device.store().create(PASSPHRASE).use { it.records.schemas() } }
    }

    private fun example(info: SchemaInfo): JsonObject =
        Json.parseToJsonElement(info.schema).jsonObject.getValue("examples").jsonArray.first().jsonObject

    @Test
    fun `k1 every kind's own example fits its form, and comes out as it went in`() {
        assertTrue(schemas.size > 100)
        for (info in schemas) {
            val form = Form.of(RecordType.of(info), example(info))
            assertEquals(emptyMap<String, Any>(), form.problems(), info.uri)
            assertEquals(example(info), form.body, info.uri)
            assertEquals(form, Form.ofDraft(form.type, draftOf(form, Labels())), info.uri)
        }
    }

    @Test
    fun `k1 an empty form of every kind lacks what is required, and nothing else`() {
        for (info in schemas) {
            val type = RecordType.of(info)
            val required = type.members.filter { it.required }.flatMap(::required).map { "/$it" }.toSet()
            val problems = Form.of(type).problems()
            assertEquals(required, problems.keys, info.uri)
            assertTrue(problems.values.all { it.code == "Required" }, info.uri)
        }
    }

    private fun required(member: Member): List<String> = when (val rule = member.rule) {
        is Rule.Group -> rule.members.filter { it.required }.flatMap(::required).map { "${member.name}/$it" }
        else -> listOf(member.name)
    }

    @Test
    fun `u1 every kind, member and choice of every schema has a name in english and welsh`() {
        for (language in listOf(Language.ENGLISH, Language.WELSH)) {
            val words = Words(language)
            for (info in schemas) {
                assertTrue(words.kind(info.uri) != info.uri, info.uri)
                named(RecordType.of(info).members, words)
            }
        }
        val (english, welsh) = Words(Language.ENGLISH) to Words(Language.WELSH)
        assertEquals("Postcode" to "Cod post", english.member("postal_code") to welsh.member("postal_code"))
    }

    private fun named(members: List<Member>, words: Words): Unit = members.forEach { member ->
        // Told from a name that is made of the member's own by being known to the core's catalogue.
        assertTrue(words.core("fields", member.name) != member.name, member.name)
        named(member.rule, words)
    }

    private fun named(rule: Rule, words: Words): Unit = when (rule) {
        is Rule.Group -> named(rule.members, words)
        is Rule.Many -> named(rule.item, words)
        is Rule.Choice -> rule.choices.forEach { assertTrue(words.has("choices.$it"), it) }
        else -> Unit
    }

    @Test
    fun `k1 what no form shows stays in a record that is corrected`() {
        val address = RecordType.of(schemas.first { it.uri.endsWith(":address:1") })
        val body = Json.parseToJsonElement(
            """{"street_address": "7 Larch Lane", "locality": "Stromness", "since": "long ago", "from_elsewhere": {"a": [1]}}""",
        ).jsonObject
        val corrected = Form.of(address, body).with(listOf("locality"), Entry.Text("Kirkwall")).body
        assertEquals(body + ("locality" to JsonPrimitive("Kirkwall")), corrected.toMap())
    }
}
