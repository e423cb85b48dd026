package org.kist.wallet.app

/**
 * A place in the app: a destination's name and opaque ids. It is written down where the app was left, outside the encrypted
 * store, so that nothing personal may stand in it.
 */
data class Route(val destination: String, val ids: List<String> = emptyList()) {
    constructor(destination: String, vararg ids: String) : this(destination, ids.toList())

    /** The id that the destination is about. */
    val id: String get() = ids.first()

    override fun toString(): String = (listOf(destination) + ids).joinToString("/")

    companion object {
        private val part = Regex("[A-Za-z0-9_.:-]+")

        /** Reads what [toString] wrote; null for anything else. */
        fun of(text: String): Route? {
            val parts = text.split('/')
            return if (parts.all(part::matches)) Route(parts.first(), parts.drop(1)) else null
        }
    }
}
