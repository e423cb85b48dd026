package org.kist.android.keys

import org.kist.SmallState

private const val MOST = 64
private const val HEX = 16
private val NAME = Regex("[a-z0-9-]{1,32}")

/**
 * A [SmallState] in the key store's own list of keys: the state stands in the alias of a key that is never used,
 * `kist.state.<store>.<number>.<state in hex>`, and the highest number counts. To write is to make the next key, then to
 * delete the ones before. Killed in between, both are there and the newer counts, so that there is no moment without a state.
 *
 * What that holds against: the app's folder put back from a copy, by a backup tool, a file manager with access, or a cloned
 * memory card, since the list isn't in the folder. Whoever clears the app's data loses the list, and with it the keys
 * without which the folder doesn't open.
 *
 * What it doesn't hold against: somebody who can write to the system's own files, on a phone with an open boot loader or by
 * a hole in the system. They can put back the key store's database together with the folder; the security chip notices
 * neither, as Android gives apps no counter of its own and no keys that stay deleted. And a power cut may lose the last
 * write, as far as the key store's database does; the store allows for that, since it may always be ahead of the state.
 *
 * Written at opening, closing and backing up, not with each change: to make a key takes some ten milliseconds.
 */
class KeyStoreSmallState(private val keys: DeviceKeys, store: String = "person") : SmallState {
    private val prefix = "kist.state.$store."

    init {
        require(NAME.matches(store)) { "a store's name has 1 to 32 small letters, digits and hyphens" }
    }

    override fun read(): ByteArray? = keys.guarded { synchronized(writing) { entries().maxByOrNull { it.number }?.state } }

    override fun write(state: ByteArray): Unit = keys.guarded {
        require(state.size <= MOST) { "at most $MOST bytes are kept" }
        synchronized(writing) {
            val before = entries()
            val newest = before.maxByOrNull { it.number }
            if (newest == null || !newest.state.contentEquals(state)) {
                val number = (newest?.number ?: 0uL) + 1uL
                keys.makeMarker("$prefix${number.toString(HEX).padStart(HEX, '0')}.${state.toHexString()}")
                before.forEach { forget(it) }
            } else {
                before.filter { it.number != newest.number }.forEach { forget(it) }
            }
        }
    }

    /** What can't be deleted now counts for nothing, and is deleted by a later write. */
    private fun forget(entry: Entry) {
        runCatching { keys.delete(entry.alias) }
    }

    private fun entries(): List<Entry> = keys.aliases.mapNotNull { alias ->
        val parts = alias.removePrefix(prefix).split('.')
        if (!alias.startsWith(prefix) || parts.size != 2) return@mapNotNull null
        val number = parts[0].takeIf { it.length == HEX }?.toULongOrNull(HEX)
        val state = runCatching { parts[1].hexToByteArray() }.getOrNull()
        if (number == null || state == null || state.size > MOST) null else Entry(alias, number, state)
    }

    private class Entry(val alias: String, val number: ULong, val state: ByteArray)

    private companion object {
        /** Two at once would make two keys of one number. */
        val writing = Any()
    }
}
