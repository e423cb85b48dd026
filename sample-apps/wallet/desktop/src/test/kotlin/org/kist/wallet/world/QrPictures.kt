package org.kist.wallet.world

import java.awt.Color
import java.awt.image.BufferedImage
import java.nio.file.Path
import javax.imageio.ImageIO
import org.kist.Kist
import org.kist.isDark

/** Writes a text as a QR code into a PNG, as an organisation's screen shows it. */
fun qrPicture(text: String, file: Path): Path {
    val code = Kist.drawQr(text)
    val (scale, quiet) = Pair(4, 4)
    return picture(file, (code.size.toInt() + 2 * quiet) * scale) { x, y ->
        if (code.isDark(x / scale - quiet, y / scale - quiet)) Color.BLACK else Color.WHITE
    }
}

/** Writes a picture with nothing in it but light from one side. */
fun photoWithoutCode(file: Path): Path = picture(file, 400) { x, y -> Color((x + y) / 4, x / 2, y / 2) }

private fun picture(file: Path, side: Int, colour: (x: Int, y: Int) -> Color): Path {
    val image = BufferedImage(side, side, BufferedImage.TYPE_INT_RGB)
    for (y in 0 until side) for (x in 0 until side) image.setRGB(x, y, colour(x, y).rgb)
    ImageIO.write(image, "png", file.toFile())
    return file
}
