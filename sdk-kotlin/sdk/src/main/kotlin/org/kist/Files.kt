package org.kist

import java.nio.file.Path
import kotlinx.coroutines.flow.Flow
import org.kist.generated.Person as CorePerson

/** Attached files, streamed between the disk and the store. */
class Files internal constructor(private val core: CorePerson) {
    /** Takes in a file as a document; its name says the media type where none is given. Cancelled, it keeps nothing. */
    fun attach(file: Path, mediaType: String? = null): Flow<Work<Record>> =
        work { listener, handle -> core.attachFile(file.toString(), mediaType, listener, handle) }

    /** Takes in bytes as a document. */
    suspend fun attach(name: String, bytes: ByteArray, mediaType: String? = null): Record =
        cancellable { core.attachBytes(name, mediaType, bytes, it) }

    /** Writes a file to disk: whole and verified, or not at all. */
    fun save(id: String, to: Path): Flow<Work<Unit>> =
        work { listener, handle -> core.saveFile(id, to.toString(), listener, handle) }

    /** A small file's bytes. `TooLarge` above 16 MiB: save it instead. */
    suspend fun read(id: String): ByteArray = cancellable { core.readFile(id, it) }
}
