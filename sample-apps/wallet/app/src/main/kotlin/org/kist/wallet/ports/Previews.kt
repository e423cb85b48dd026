package org.kist.wallet.ports

import androidx.compose.ui.graphics.ImageBitmap
import java.nio.file.Path
import org.kist.Thumbnail

/** A picture that can be drawn. */
class Picture(val image: ImageBitmap)

/** Reads and shrinks the pictures that people keep. */
interface Previews {
    /** A picture from a file's bytes, no side longer than [longest] pixels; null where they are no picture that can be read. */
    suspend fun picture(bytes: ByteArray, longest: Int): Picture?

    /** A small picture of a file, within the core's bound of 64 KiB; null where the file is no picture that can be read. */
    suspend fun thumbnail(file: Path): Thumbnail?
}
