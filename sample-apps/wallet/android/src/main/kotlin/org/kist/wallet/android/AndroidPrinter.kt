package org.kist.wallet.android

import android.content.Context
import android.content.pm.PackageManager
import android.os.Bundle
import android.os.CancellationSignal
import android.os.ParcelFileDescriptor
import android.print.PageRange
import android.print.PrintAttributes
import android.print.PrintDocumentAdapter
import android.print.PrintDocumentInfo
import android.print.PrintManager
import java.io.FileOutputStream
import java.io.IOException
import java.nio.file.Files
import java.nio.file.Path
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import org.kist.wallet.ports.PrintedPage
import org.kist.wallet.ports.Printer

/** Android's own PDF, and its own dialog to print. */
class AndroidPrinter(private val context: Context, private val front: Front) : Printer {
    override val canPrint get() = context.has(PackageManager.FEATURE_PRINTING)

    override suspend fun savePdf(page: PrintedPage, to: Path) = withContext(Dispatchers.IO) {
        Files.newOutputStream(to).use { PdfSheets(page, context.assets).write(it) }
    }

    override suspend fun print(page: PrintedPage): Boolean = withContext(Dispatchers.Main) {
        // The dialog belongs to an activity.
        val activity = front.activity ?: return@withContext false
        val ended = CompletableDeferred<Unit>()
        val job = activity.getSystemService(PrintManager::class.java)
            .print(page.title, Sheets(page) { ended.complete(Unit) }, PrintAttributes.Builder().build())
        ended.await()
        !job.isCancelled && !job.isFailed
    }

    /** The page, for the print dialog: always A4, which printers fit to what they have. */
    private inner class Sheets(private val page: PrintedPage, private val ended: () -> Unit) : PrintDocumentAdapter() {
        override fun onLayout(
            before: PrintAttributes?,
            now: PrintAttributes?,
            signal: CancellationSignal?,
            told: LayoutResultCallback,
            extras: Bundle?,
        ) {
            val info = PrintDocumentInfo.Builder("${fileName(page.title)}.pdf")
                .setContentType(PrintDocumentInfo.CONTENT_TYPE_DOCUMENT).build()
            told.onLayoutFinished(info, false)
        }

        override fun onWrite(
            pages: Array<PageRange>?,
            to: ParcelFileDescriptor,
            signal: CancellationSignal?,
            told: WriteResultCallback,
        ) {
            try {
                FileOutputStream(to.fileDescriptor).use { PdfSheets(page, context.assets).write(it) }
                told.onWriteFinished(arrayOf(PageRange.ALL_PAGES))
            } catch (_: IOException) {
                told.onWriteFailed(null)
            }
        }

        override fun onFinish() = ended()
    }
}
