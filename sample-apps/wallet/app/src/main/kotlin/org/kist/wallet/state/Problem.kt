package org.kist.wallet.state

import org.kist.InboxEvent
import org.kist.KistException
import org.kist.Parameter
import org.kist.wallet.language.Words

/**
 * Something that didn't work, as a model keeps it: without a language, so that it is said in the one that is shown. What is
 * said is a sentence and a way forward, by [sentence] and [wayForward].
 */
data class Problem(
    /** The core's stable code, or one of the wallet's own, which stand in `problems.json`. */
    val code: String,
    /** What the code is about. */
    val parameters: Map<String, Parameter> = emptyMap(),
    /** The same may succeed later, unchanged. */
    val retry: Boolean = false,
    /** The network or the relay can't be reached: what is on this device can be used all the same. */
    val offline: Boolean = false,
) {
    /** The store itself was damaged or tampered with. */
    val isDamage: Boolean get() = code in setOf("Corrupt", "AuthenticationFailed", "HistoryBroken")

    companion object {
        /** What an exception of the core, or of this machine, comes to. */
        fun of(error: Throwable): Problem = when (error) {
            is KistException -> Problem(error.code, error.parameters, error.retry, error.code == "Unreachable")
            is java.io.IOException -> Problem("FileUnreadable", retry = true)
            else -> Problem("Internal")
        }

        /** What one relay that is down comes to, among what a refresh of the inbox tells; null where all could be reached. */
        fun of(events: List<InboxEvent>): Problem? = events.filterIsInstance<InboxEvent.Unreachable>().firstOrNull()
            ?.let { Problem(it.code, retry = true, offline = it.code == "Unreachable") }

        /** One of the wallet's own problems, of `problems.json`. */
        fun own(code: String, vararg parameters: Pair<String, Any>): Problem =
            Problem(code, parameters.associate { (name, value) -> name to parameter(value) })

        private fun parameter(value: Any): Parameter =
            if (value is Number) Parameter.Number(value.toLong()) else Parameter.Word(value.toString())
    }
}

/** What happened, in one sentence. */
fun Words.sentence(problem: Problem): String = said(problem).first

/** What the person can do about it. */
fun Words.wayForward(problem: Problem): String = said(problem).second

/** Both, where there is one place for it: at a field. */
fun Words.explain(problem: Problem): String = "${sentence(problem)} ${wayForward(problem)}".trim()

/** The catalogues say what happened in their first sentence, and what to do in the rest. */
private fun Words.said(problem: Problem): Pair<String, String> {
    val own = "problems.${problem.code}"
    val text = inPlaceOfCore("errors", problem.code, problem.parameters) ?: if (has(own)) {
        this(own, *problem.parameters.map { (name, value) -> name to value(value) }.toTypedArray())
    } else {
        core("errors", problem.code, problem.parameters)
    }
    val end = Regex("""[.!?؟](?=\s)""").find(text)?.range?.last ?: return text to ""
    return text.substring(0, end + 1) to text.substring(end + 1).trim()
}

private fun value(parameter: Parameter): Any = when (parameter) {
    is Parameter.Number -> parameter.number
    is Parameter.Word -> parameter.word
}
