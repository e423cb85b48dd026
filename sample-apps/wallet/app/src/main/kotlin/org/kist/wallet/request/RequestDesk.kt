package org.kist.wallet.request

import org.kist.FieldChoice
import org.kist.SessionCode

/** Where a request is looked at and decided: the person's store, or the make-believe clinic that one practises with. */
interface RequestDesk {
    /** How the request stands now: open, or what became of it. Throws KistException where it may not be answered any more. */
    suspend fun find(id: String): Found

    /**
     * Gives what was chosen, and remembers it as long as the person said. The decision is kept when this returns, and, where the
     * relay can't be reached, sent later. Throws KistException; what was decided then is for [find] to say.
     */
    suspend fun answer(id: String, fields: List<FieldChoice>, language: String, remember: Remember)

    /** Gives what the person told the store to give again. */
    suspend fun answerRemembered(id: String)

    /** Refuses; the organisation is told nothing. */
    suspend fun refuse(id: String)

    /** Sends an answer that still waits. */
    suspend fun send()

    /** Where what is chosen is kept until it is decided; null where an app that is shut begins anew. */
    fun draft(id: String): ChoiceDraft?

    /** Those among whom this organisation asks; null where it asks alone. */
    suspend fun joint(id: String): Joint?

    /** Looks whether the framework has said anything new about its organisations; true where it has. */
    suspend fun renewTrust(framework: String): Boolean
}

/** Organisations that ask together, decided on in one place: their id in the store, and what they are called, by language. */
data class Joint(val id: String, val name: Map<String, String>)

/** How a request stands. */
sealed interface Found {
    /** It waits to be decided. */
    data class Open(val asking: Asking) : Found

    /** It was answered. */
    class Answered(
        val organisation: String,
        /** The agreement; null for a single sharing without one. */
        val consent: String?,
        /** It still waits here to be sent. */
        val waiting: Boolean,
        /** What is to be brought to the session that began it. */
        val session: SessionCode?,
        /** The organisation has signed the receipt. */
        val countersigned: Boolean = false,
    ) : Found

    /** The person said no. Who watches over the organisation is known as long as a report can be made about it. */
    data class Refused(val organisation: String, val supervisor: String = "", val supervisorUri: String = "") : Found

    /** It is over, and nothing was decided. */
    data object Gone : Found
}
