package org.kist.android.links

/** The longest link that is handed on: as long as the longest that a QR holds. */
private const val MOST = 2953

/** The schemes by which wallets are called: OpenID4VP's own, HAIP's, and the European reference wallet's. */
private val REQUEST_SCHEMES = setOf("openid4vp", "haip-vp", "eudi-openid4vp")
private const val CONNECT_SCHEME = "kist-connect"

/** A link that another app opened this one with. It is anybody's text: the SDK says what it is worth. */
sealed interface IncomingLink {
    /** For `requests.open`. */
    data class Request(val text: String) : IncomingLink

    /** For `connections.introduce`. */
    data class Connection(val text: String) : IncomingLink
}

/** Which links this app is opened with; [hosts] are those of the app links (https) that it has proven to own. */
class LinkPolicy(private val hosts: Set<String>) {
    /**
     * What the address [text] is; null for one that this app isn't opened with. A recovery code or a device's code is none:
     * those are typed or scanned where they are asked for, and no other app can put them there (ATTACKS A29).
     */
    fun read(text: String?): IncomingLink? {
        if (text == null || text.length > MOST || text.any { it <= ' ' || it > '~' }) return null
        val scheme = text.substringBefore(':', "").lowercase()
        return when {
            scheme in REQUEST_SCHEMES -> IncomingLink.Request(text)
            scheme == CONNECT_SCHEME -> IncomingLink.Connection(text)
            scheme == "https" && host(text.substring("https:".length)) in hosts -> IncomingLink.Request(text)
            else -> null
        }
    }

    /** What stands between `//` and the path. With a user or a port in it, it is no host of ours. */
    private fun host(rest: String): String? =
        rest.takeIf { it.startsWith("//") }?.drop(2)?.takeWhile { it !in "/?#" }?.lowercase()
}
