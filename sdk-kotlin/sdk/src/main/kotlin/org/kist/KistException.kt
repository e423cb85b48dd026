package org.kist

import org.kist.generated.Failure
import org.kist.generated.KistException as CoreException
import org.kist.generated.ParameterValue

/**
 * What went wrong, by category: what an app decides its next screen by. The sentence for it is [KistMessages.of]; the
 * exception's own message is the code alone, so that a log holds nothing personal.
 */
sealed class KistException(
    /** The stable code, the same in Rust, Kotlin and Swift. */
    val code: String,
    /** What the code is about, by name. */
    val parameters: Map<String, Parameter>,
    /** The same call may succeed later, unchanged. */
    val retry: Boolean,
) : Exception(code) {
    private constructor(failure: Failure) :
        this(failure.code, failure.parameters.associate { it.name to it.value.toParameter() }, failure.retry)

    /** What was given can't be used: a mistyped code, a picture without a QR, a form that isn't filled. */
    class Input internal constructor(failure: Failure) : KistException(failure)

    /** The store can't be unlocked with this passphrase, code or device. */
    class Unlock internal constructor(failure: Failure) : KistException(failure)

    /** The other party isn't who or what it should be. */
    class Trust internal constructor(failure: Failure) : KistException(failure)

    /** The consent given doesn't cover this. */
    class Consent internal constructor(failure: Failure) : KistException(failure)

    /** Bytes at rest or on the relay aren't what was stored. */
    class Integrity internal constructor(failure: Failure) : KistException(failure)

    /** This machine's disk. */
    class Storage internal constructor(failure: Failure) : KistException(failure)

    /** The network or the relay. */
    class Network internal constructor(failure: Failure) : KistException(failure)

    /** The core stopped by itself; a cancelled coroutine sees the usual CancellationException instead. */
    class Cancelled internal constructor() : KistException("Cancelled", emptyMap(), retry = false)

    /** A defect of ours. */
    class Internal internal constructor() : KistException("Internal", emptyMap(), retry = false)

    /** A parameter that is a number; null where there is none of this name. */
    fun number(name: String): Long? = (parameters[name] as? Parameter.Number)?.number

    /** A parameter that is a word; null where there is none of this name. */
    fun word(name: String): String? = (parameters[name] as? Parameter.Word)?.word
}

/** A parameter's value. */
sealed interface Parameter {
    /** Of a group, a sequence, a limit, a time in Unix seconds. */
    data class Number(val number: Long) : Parameter {
        override fun toString() = number.toString()
    }

    /** A word of a fixed vocabulary, a name of a field or an id. */
    data class Word(val word: String) : Parameter {
        override fun toString() = word
    }
}

private fun ParameterValue.toParameter(): Parameter = when (this) {
    is ParameterValue.Number -> Parameter.Number(number)
    is ParameterValue.Word -> Parameter.Word(word)
}

internal fun CoreException.translated(): KistException = when (this) {
    is CoreException.Input -> KistException.Input(failure)
    is CoreException.Unlock -> KistException.Unlock(failure)
    is CoreException.Trust -> KistException.Trust(failure)
    is CoreException.Consent -> KistException.Consent(failure)
    is CoreException.Integrity -> KistException.Integrity(failure)
    is CoreException.Storage -> KistException.Storage(failure)
    is CoreException.Network -> KistException.Network(failure)
    is CoreException.Cancelled -> KistException.Cancelled()
    is CoreException.Internal -> KistException.Internal()
}

/** Runs a short call of the core. */
internal inline fun <T> translating(call: () -> T): T =
    try {
        call()
    } catch (error: CoreException) {
        throw error.translated()
    }
