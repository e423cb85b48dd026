package org.kist.wallet.record

import androidx.compose.foundation.Image
import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.heightIn
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.layout.size
import androidx.compose.material3.Icon
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.draw.clip
import androidx.compose.ui.layout.ContentScale
import androidx.compose.ui.unit.dp
import org.kist.StoredFile
import org.kist.wallet.design.Banner
import org.kist.wallet.design.BannerKind
import org.kist.wallet.design.Card
import org.kist.wallet.design.Icons
import org.kist.wallet.design.Line
import org.kist.wallet.design.Loaded
import org.kist.wallet.design.LocalTone
import org.kist.wallet.design.PlainButton
import org.kist.wallet.design.SecondaryButton
import org.kist.wallet.design.SectionHeading
import org.kist.wallet.design.Sheet
import org.kist.wallet.design.Space
import org.kist.wallet.language.LocalWords
import org.kist.wallet.language.Words
import org.kist.wallet.ports.Picture
import org.kist.wallet.state.Loadable

/** The files of a record, with small pictures, a look at those that can be shown, and a way to take a copy. */
@Composable
internal fun FilesCard(files: List<StoredFile>, state: FilesState, acts: RecordActs) {
    val words = LocalWords.current
    SectionHeading(words("record.files"))
    Saving(state.saving)
    Card {
        files.forEachIndexed { place, file ->
            if (place > 0) Line()
            FilePart(file, state.small[file.id], acts)
        }
    }
}

@Composable
private fun FilePart(file: StoredFile, small: Picture?, acts: RecordActs) {
    val words = LocalWords.current
    Row(Modifier.fillMaxWidth().padding(vertical = Space.hair), Arrangement.spacedBy(Space.medium), Alignment.CenterVertically) {
        if (small == null) {
            Icon(Icons.File, null, Modifier.size(40.dp), tint = LocalTone.current.act)
        } else {
            Image(
                small.image,
                words("record.file.picture", "file" to file.name),
                Modifier.size(72.dp).clip(MaterialTheme.shapes.small),
                contentScale = ContentScale.Crop,
            )
        }
        Column(Modifier.weight(1f)) {
            Text(file.name, style = MaterialTheme.typography.titleSmall)
            Quiet(words("record.file.about", "type" to words.type(file), "size" to words.bytes(file.size.toLong())))
        }
    }
    ChipRow {
        if (acts.canOpen(file)) PlainButton(words("record.file.see"), { acts.onOpen(file) }, icon = Icons.Eye)
        PlainButton(words("record.file.copy"), { acts.onSave(file) }, icon = Icons.Save)
    }
}

/** What people call a file of its kind. */
private fun Words.type(file: StoredFile): String {
    val type = when {
        file.mediaType == "application/pdf" -> "pdf"
        file.mediaType.startsWith("image/") -> "image"
        file.mediaType.startsWith("text/") -> "text"
        file.mediaType.startsWith("audio/") -> "sound"
        file.mediaType.startsWith("video/") -> "film"
        else -> "other"
    }
    return this("record.file.type.$type")
}

@Composable
private fun Saving(saving: Loadable<String>?) {
    val words = LocalWords.current
    if (saving != null) {
        Loaded(saving, loading = words("record.file.saving")) { Banner(BannerKind.SUCCESS, words("record.file.saved", "file" to it)) }
    }
}

/** One picture, as large as there is room. */
@Composable
internal fun FileSheet(open: OpenFile, acts: RecordActs) {
    val words = LocalWords.current
    Sheet(open.file.name, acts.onClose) {
        Loaded(open.picture) { picture ->
            Image(
                picture.image,
                words("record.file.picture", "file" to open.file.name),
                Modifier.fillMaxWidth().heightIn(max = 560.dp).clip(MaterialTheme.shapes.small),
                contentScale = ContentScale.Fit,
            )
        }
        Quiet(words("record.file.about", "type" to words.type(open.file), "size" to words.bytes(open.file.size.toLong())))
        SecondaryButton(words("record.file.copy"), { acts.onSave(open.file) }, Modifier.fillMaxWidth(), Icons.Save)
        PlainButton(words("record.file.close"), acts.onClose, Modifier.fillMaxWidth())
    }
}
