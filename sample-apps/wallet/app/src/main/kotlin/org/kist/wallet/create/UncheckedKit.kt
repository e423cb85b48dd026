package org.kist.wallet.create

import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.jsonPrimitive
import kotlinx.serialization.json.put
import org.kist.Person
import org.kist.RecordFilter
import org.kist.RecordPlace
import org.kist.RecoveryKit
import org.kist.json

/**
 * The recovery kit between its making and the check that the person has it. The core gives it once and keeps it nowhere; an app
 * that is killed in between would leave a backup that nobody can restore. So it lies in the person's own store, in the trash and
 * therefore out of sight, and is deleted with the check.
 */
internal class UncheckedKit(private val person: Person) {
    suspend fun keep(kit: RecoveryKit) {
        val body = buildJsonObject {
            put("code", kit.code)
            put("relay", kit.relay)
            put("uri", kit.uri)
        }
        val record = person.records.add(SCHEMA, body)
        person.curation.trash(record.id)
    }

    /** The kit that waits to be checked; null without one. */
    suspend fun find(): RecoveryKit? = ids().firstOrNull()?.let { id ->
        val body = person.records.get(id).json
        fun word(name: String) = body.getValue(name).jsonPrimitive.content
        RecoveryKit(word("code"), word("relay"), word("uri"))
    }

    /** Deletes it for good. */
    suspend fun forget() = ids().forEach { person.records.delete(it) }

    private suspend fun ids() =
        person.records.list(RecordFilter(schemas = listOf(SCHEMA), place = RecordPlace.TRASH)).map { it.id }

    private companion object {
        const val SCHEMA = "urn:kist:wallet:unchecked-kit:1"
    }
}
