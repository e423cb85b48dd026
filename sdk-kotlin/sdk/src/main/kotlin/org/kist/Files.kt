package org.kist

import java.nio.file.Path
import kotlinx.coroutines.flow.Flow
import org.kist.generated.Person as CorePerson

/** Attached files, streamed between the disk and the store. */
class Files internal constructor(private val core: CorePerson) {
    /**
     * Takes in a file of up to 4 GiB as a document. What [details] doesn't say is told by the file: its name, its time, and
     * the media type by its first bytes. Cancelled, it keeps nothing.
     */
    fun attach(file: Path, details: FileDetails = FileDetails()): Flow<Work<Record>> =
        work { listener, handle -> core.attachFile(file.toString(), details, listener, handle) }

    /** Takes in bytes as a document. */
    suspend fun attach(name: String, bytes: ByteArray, details: FileDetails = FileDetails()): Record =
        cancellable { core.attachBytes(bytes, details.copy(name = name), it) }

    /** Writes a file to disk: whole and verified, or not at all. */
    fun save(id: String, to: Path): Flow<Work<Unit>> =
        work { listener, handle -> core.saveFile(id, to.toString(), listener, handle) }

    /** A small file's bytes. `TooLarge` above 16 MiB: save it instead, or read ranges. */
    suspend fun read(id: String): ByteArray = cancellable { core.readFile(id, it) }

    /** [length] bytes from [offset] on, or as many as there are. Only what they lie in is read; 16 MiB at most at once. */
    suspend fun read(id: String, offset: Long, length: Long): ByteArray =
        cancellable { core.readFileRange(id, offset.toULong(), length.toULong(), it) }

    /** The small picture of a file, where it has one. */
    suspend fun thumbnail(id: String): Thumbnail? = cancellable { core.fileThumbnail(id, it) }

    /** Sets the small picture of a file, at most 64 KiB, in place of the one that it has. */
    suspend fun setThumbnail(id: String, thumbnail: Thumbnail) =
        cancellable { core.setFileThumbnail(id, thumbnail, it) }

    /** Every file with the records that have it, in the order in which they came. */
    suspend fun list(): List<FileUse> = cancellable { core.listFiles(it) }

    /** What all files take. */
    suspend fun space(): FileSpace = cancellable { core.fileSpace(it) }

    /**
     * Sends a file of this store to an organisation, under a consent by which it may read; it goes on with each refresh of the
     * inbox. `TooLarge` above 100 MiB.
     */
    suspend fun send(consent: String, file: String): FileTransfer = cancellable { core.sendFile(consent, file, it) }

    /** Files that go to organisations and come from them, with what became of each. */
    suspend fun transfers(): List<FileTransfer> = cancellable { core.fileTransfers(it) }
}
