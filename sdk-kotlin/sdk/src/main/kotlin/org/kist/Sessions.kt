package org.kist

import org.kist.generated.BrowserSession as CoreSession
import org.kist.generated.SessionCode as CoreCode

/**
 * The session of a browser that a request belongs to, as a sign-in does. The answer is given out there alone, to whom brings
 * the code that the person's phone shows.
 */
sealed interface BrowserSession {
    /** The browser is on the phone that answers, which sends it to [returnUri] with `response_code` in the query. */
    data class SameDevice(val returnUri: String) : BrowserSession

    /** The browser is on another device: the person types six digits there. */
    data object AcrossDevices : BrowserSession
}

internal fun BrowserSession.toCore(): CoreSession = when (this) {
    is BrowserSession.SameDevice -> CoreSession.SameDevice(returnUri)
    BrowserSession.AcrossDevices -> CoreSession.AcrossDevices
}

/** The session that the answer is given out to, which the person should have begun; null where there is none. */
val OpenRequest.browserSession: BrowserSession? get() = when (val core = session) {
    is CoreSession.SameDevice -> BrowserSession.SameDevice(core.returnUri)
    CoreSession.AcrossDevices -> BrowserSession.AcrossDevices
    null -> null
}

/** What the person brings to the session that they began. Whoever has it gets the answer out. */
sealed interface SessionCode {
    /** An address to open in the phone's browser. */
    class Open(val uri: String) : SessionCode {
        /** Without the code. */
        override fun toString() = "Open(…)"
    }

    /** Six digits to type where the session was begun. */
    class Type(val digits: String) : SessionCode {
        /** Without the code. */
        override fun toString() = "Type(…)"
    }
}

internal fun CoreCode.toCode(): SessionCode = when (this) {
    is CoreCode.Open -> SessionCode.Open(uri)
    is CoreCode.Type -> SessionCode.Type(digits)
}
