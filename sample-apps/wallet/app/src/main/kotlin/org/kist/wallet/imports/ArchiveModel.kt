package org.kist.wallet.imports

import java.nio.file.Path
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import org.kist.ArchiveReport
import org.kist.ArchiveReview
import org.kist.Kist
import org.kist.Person
import org.kist.wallet.state.Loadable
import org.kist.wallet.state.Problem
import org.kist.wallet.state.loadWork

/** What is shown of an archive that Kist made. */
data class ArchiveState(
    val name: String,
    val review: Loadable<ArchiveReview> = Loadable.Loading(),
    val code: String = "",
    /** What is wrong with the code. */
    val codeProblem: Problem? = null,
    /** What is being taken, or was; null before. */
    val taking: Loadable<ArchiveReport>? = null,
)

/** Takes in an archive that Kist made: everything in one file, with or without the code that opens its sealed part. */
class ArchiveModel(
    private val person: Person,
    private val archive: Path,
    /** Called where the file is no archive of Kist's. */
    private val onOther: () -> Unit,
    private val scope: CoroutineScope,
) {
    private val states = MutableStateFlow(ArchiveState(archive.fileName.toString()))
    val state: StateFlow<ArchiveState> = states.asStateFlow()

    init {
        scope.loadWork({ Kist.reviewArchive(archive) }, cancelled = onOther) { review ->
            if (isOther(review)) onOther() else states.update { it.copy(review = review) }
        }
    }

    fun typeCode(code: String) = states.update { it.copy(code = code, codeProblem = null, taking = null) }

    /** Takes it in; with [soundOnly] what is sound of a damaged one. */
    fun take(soundOnly: Boolean = false) {
        val code = states.value.code.trim().ifEmpty { null }
        scope.loadWork(
            { person.importArchive(archive, code, soundOnly) },
            cancelled = { states.update { it.copy(taking = null) } },
            into = { taking -> states.update { it.told(taking) } },
        )
    }

    /** A wrong code is said at its field. */
    private fun ArchiveState.told(taking: Loadable<ArchiveReport>): ArchiveState {
        val wrong = (taking as? Loadable.Failed)?.problem?.takeIf { code.isNotBlank() && it.code in wrongCode }
        return if (wrong == null) copy(taking = taking, codeProblem = null) else copy(taking = null, codeProblem = wrong)
    }

    /** A zip file of another program has nothing in it by which an archive is known. */
    private fun isOther(review: Loadable<ArchiveReview>): Boolean =
        (review as? Loadable.Failed)?.problem?.let(::isNoArchive) == true

    private fun isNoArchive(problem: Problem): Boolean =
        problem.code == "Malformed" && problem.parameters["what"]?.toString() == "archive"

    private companion object {
        val wrongCode = setOf("RecoveryCodeMistyped", "KeyMismatch")
    }
}
