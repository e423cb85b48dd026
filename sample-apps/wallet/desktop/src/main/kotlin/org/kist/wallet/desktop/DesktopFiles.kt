package org.kist.wallet.desktop

import java.awt.Component
import java.awt.datatransfer.DataFlavor
import java.awt.dnd.DnDConstants
import java.awt.dnd.DropTarget
import java.awt.dnd.DropTargetAdapter
import java.awt.dnd.DropTargetDropEvent
import java.io.File
import java.nio.file.Path
import javax.swing.JFileChooser
import javax.swing.filechooser.FileNameExtensionFilter
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.MutableSharedFlow
import kotlinx.coroutines.withContext
import org.kist.wallet.ports.FilePicker

/** Files that are dropped on a window. */
class Drops {
    private val dropped = MutableSharedFlow<List<Path>>(extraBufferCapacity = 4)
    val files: Flow<List<Path>> get() = dropped

    /** Takes what is dropped on this window. */
    fun on(window: Component) = DropTarget(window, object : DropTargetAdapter() {
        override fun drop(event: DropTargetDropEvent) {
            if (!event.isDataFlavorSupported(DataFlavor.javaFileListFlavor)) return event.rejectDrop()
            event.acceptDrop(DnDConstants.ACTION_COPY)
            val files = event.transferable.getTransferData(DataFlavor.javaFileListFlavor) as List<*>
            dropped.tryEmit(files.filterIsInstance<File>().map(File::toPath))
            event.dropComplete(true)
        }
    })
}

/** The file dialogs of Swing. */
class DesktopFiles(drops: Drops) : FilePicker {
    override val dropped: Flow<List<Path>> = drops.files

    override suspend fun open(title: String, kinds: List<String>): Path? = choosing { chooser ->
        chooser.dialogTitle = title
        if (kinds.isNotEmpty()) chooser.fileFilter = FileNameExtensionFilter(kinds.joinToString { ".$it" }, *kinds.toTypedArray())
        chooser.showOpenDialog(null)
    }

    override suspend fun openFolder(title: String): Path? = choosing { chooser ->
        chooser.dialogTitle = title
        chooser.fileSelectionMode = JFileChooser.DIRECTORIES_ONLY
        chooser.showOpenDialog(null)
    }

    override suspend fun save(title: String, suggestedName: String): Path? = choosing { chooser ->
        chooser.dialogTitle = title
        chooser.selectedFile = File(chooser.currentDirectory, suggestedName)
        chooser.showSaveDialog(null)
    }

    private suspend fun choosing(show: (JFileChooser) -> Int): Path? = withContext(Dispatchers.Main) {
        val chooser = JFileChooser()
        if (show(chooser) == JFileChooser.APPROVE_OPTION) chooser.selectedFile.toPath() else null
    }
}
