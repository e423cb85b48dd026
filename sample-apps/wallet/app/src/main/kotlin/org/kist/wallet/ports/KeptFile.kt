package org.kist.wallet.ports

import java.io.IOException
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardCopyOption

/** A text in a file, which is replaced as a whole. */
class KeptFile(private val file: Path) : KeptText {
    override fun read(): String? = runCatching { Files.readString(file) }.getOrNull()

    override fun write(text: String?) {
        try {
            if (text == null) {
                Files.deleteIfExists(file)
                return
            }
            Files.createDirectories(file.parent)
            val draft = Files.createTempFile(file.parent, "kept", null)
            Files.writeString(draft, text)
            Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING)
        } catch (_: IOException) {
            // A full disk may cost the place where the app was left, and mustn't cost anything else.
        }
    }
}
