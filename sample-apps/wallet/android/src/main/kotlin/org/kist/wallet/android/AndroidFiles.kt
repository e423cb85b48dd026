package org.kist.wallet.android

import android.content.Context
import android.content.Intent
import android.net.Uri
import android.provider.DocumentsContract
import android.provider.DocumentsContract.Document
import android.provider.OpenableColumns
import android.webkit.MimeTypeMap
import java.io.IOException
import java.nio.file.Files
import java.nio.file.Path
import java.util.UUID
import java.util.concurrent.ConcurrentHashMap
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.emptyFlow
import kotlinx.coroutines.withContext
import org.kist.wallet.ports.FilePicker

/** More files than a person chooses by hand, and fewer than fill a phone before they notice. */
private const val MOST_FILES = 10_000

/**
 * The system's own dialogs. What a person chooses has no path that an app may read, so that it is copied to where only this
 * app reads; what they save is written there, and handed on when it is whole. Copies are cleared when the app starts.
 */
class AndroidFiles(private val context: Context, private val front: Front) : FilePicker {
    private val destinations = ConcurrentHashMap<Path, Uri>()
    private val content get() = context.contentResolver

    override val dropped: Flow<List<Path>> = emptyFlow()

    override suspend fun open(title: String, kinds: List<String>): Path? {
        val types = kinds.mapNotNull { MimeTypeMap.getSingleton().getMimeTypeFromExtension(it) }
        val intent = Intent(Intent.ACTION_OPEN_DOCUMENT).addCategory(Intent.CATEGORY_OPENABLE).setType("*/*")
        // A kind that Android has no type for is let through: a filter that hides what the person looks for is worse.
        if (types.size == kinds.size && types.isNotEmpty()) intent.putExtra(Intent.EXTRA_MIME_TYPES, types.toTypedArray())
        val document = front.ask(intent)?.data ?: return null
        return withContext(Dispatchers.IO) { fresh().resolve(fileName(nameOf(document))).also { copyIn(document, it) } }
    }

    override suspend fun openFolder(title: String): Path? {
        val tree = front.ask(Intent(Intent.ACTION_OPEN_DOCUMENT_TREE))?.data ?: return null
        return withContext(Dispatchers.IO) { FolderCopy(tree).into(fresh()) }
    }

    override suspend fun save(title: String, suggestedName: String): Path? {
        val ending = suggestedName.substringAfterLast('.', "")
        val type = MimeTypeMap.getSingleton().getMimeTypeFromExtension(ending) ?: "application/octet-stream"
        val intent = Intent(Intent.ACTION_CREATE_DOCUMENT).addCategory(Intent.CATEGORY_OPENABLE)
            .setType(type).putExtra(Intent.EXTRA_TITLE, suggestedName)
        val document = front.ask(intent)?.data ?: return null
        return withContext(Dispatchers.IO) { fresh().resolve(fileName(suggestedName)) }.also { destinations[it] = document }
    }

    override suspend fun saved(file: Path): Unit = withContext(Dispatchers.IO) {
        val document = destinations.remove(file) ?: return@withContext
        val out = content.openOutputStream(document, "wt") ?: throw IOException("the document is gone")
        out.use { Files.copy(file, it) }
        Files.delete(file)
    }

    private fun copyIn(document: Uri, to: Path) {
        val input = content.openInputStream(document) ?: throw IOException("the document is gone")
        input.use { Files.copy(it, to) }
    }

    private fun nameOf(document: Uri): String? = content.query(document, arrayOf(OpenableColumns.DISPLAY_NAME), null, null, null)
        ?.use { if (it.moveToFirst()) it.getString(0) else null }

    private fun fresh(): Path = Files.createDirectories(copies(context).resolve(UUID.randomUUID().toString()))

    /** A chosen folder, copied with all that is in it. */
    private inner class FolderCopy(private val tree: Uri) {
        private var files = 0

        fun into(folder: Path): Path {
            val root = DocumentsContract.getTreeDocumentId(tree)
            copyChildren(root, folder)
            return folder
        }

        private fun copyChildren(document: String, folder: Path) {
            val children = DocumentsContract.buildChildDocumentsUriUsingTree(tree, document)
            val columns = arrayOf(Document.COLUMN_DOCUMENT_ID, Document.COLUMN_DISPLAY_NAME, Document.COLUMN_MIME_TYPE)
            content.query(children, columns, null, null, null)?.use { row ->
                while (row.moveToNext()) {
                    if (++files > MOST_FILES) throw IOException("more than $MOST_FILES files")
                    val (id, type) = Pair(row.getString(0), row.getString(2))
                    val to = unusedName(folder, fileName(row.getString(1)))
                    if (type == Document.MIME_TYPE_DIR) {
                        copyChildren(id, Files.createDirectory(to))
                    } else {
                        copyIn(DocumentsContract.buildDocumentUriUsingTree(tree, id), to)
                    }
                }
            }
        }
    }

    companion object {
        private fun copies(context: Context): Path = context.cacheDir.toPath().resolve("files")

        /** Takes away what an earlier run of the app copied. */
        fun clear(context: Context) {
            copies(context).toFile().deleteRecursively()
        }
    }
}

/** What another app calls a file, as a name that stays in its folder. */
internal fun fileName(said: String?): String {
    val name = said.orEmpty().map { if (it == '/' || it == '\\' || it.isISOControl()) '_' else it }.joinToString("")
    return name.trim().trimStart('.').take(120).ifEmpty { "file" }
}

/** [name] in [folder], with a number where there is one of that name; a folder may have two that differ in case alone. */
internal fun unusedName(folder: Path, name: String): Path =
    generateSequence(0) { it + 1 }.map { if (it == 0) name else "$it-$name" }.map(folder::resolve).first { !Files.exists(it) }
