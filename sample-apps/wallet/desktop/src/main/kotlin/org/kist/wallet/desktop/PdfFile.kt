package org.kist.wallet.desktop

import java.io.ByteArrayOutputStream
import java.util.zip.DeflaterOutputStream

/** The objects of a PDF 1.7 file, numbered from 1 as they are added. */
internal class PdfFile {
    private val objects = mutableListOf<ByteArray>()

    /** Adds an object; gives its number. */
    fun add(content: String): Int = add(content.toByteArray(Charsets.ISO_8859_1))

    /** Adds compressed bytes; [entries] go into their dictionary. */
    fun stream(bytes: ByteArray, entries: String = ""): Int {
        val packed = ByteArrayOutputStream().also { out -> DeflaterOutputStream(out).use { it.write(bytes) } }.toByteArray()
        val head = "<< /Length ${packed.size} /Filter /FlateDecode $entries >>\nstream\n"
        return add(head.toByteArray() + packed + "\nendstream".toByteArray())
    }

    /** Keeps a number for an object that is known later. */
    fun reserve(): Int = add(ByteArray(0))

    /** Gives a reserved number its object. */
    fun put(number: Int, content: String) {
        objects[number - 1] = content.toByteArray(Charsets.ISO_8859_1)
    }

    /** The whole file, with [root] as its catalogue. */
    fun bytes(root: Int): ByteArray {
        val out = ByteArrayOutputStream()
        out.write("%PDF-1.7\n%\u00E2\u00E3\u00CF\u00D3\n".toByteArray(Charsets.ISO_8859_1))
        val places = objects.mapIndexed { index, content ->
            out.size().also {
                out.write("${index + 1} 0 obj\n".toByteArray())
                out.write(content)
                out.write("\nendobj\n".toByteArray())
            }
        }
        val table = out.size()
        val entries = places.joinToString("") { "%010d 00000 n \n".format(it) }
        out.write("xref\n0 ${objects.size + 1}\n0000000000 65535 f \n$entries".toByteArray())
        out.write("trailer\n<< /Size ${objects.size + 1} /Root $root 0 R >>\nstartxref\n$table\n%%EOF\n".toByteArray())
        return out.toByteArray()
    }

    private fun add(content: ByteArray): Int {
        objects.add(content)
        return objects.size
    }
}
