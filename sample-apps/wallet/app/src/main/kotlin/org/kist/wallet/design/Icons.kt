package org.kist.wallet.design

import androidx.compose.ui.graphics.Color
import androidx.compose.ui.graphics.SolidColor
import androidx.compose.ui.graphics.StrokeCap
import androidx.compose.ui.graphics.StrokeJoin
import androidx.compose.ui.graphics.vector.ImageVector
import androidx.compose.ui.graphics.vector.PathParser
import androidx.compose.ui.unit.dp

/** The app's own icons: strokes of one width on a square of 24. A word stands beside each; none means anything alone. */
object Icons {
    val Back = icon("Back", "M20 12H4 M10 6L4 12L10 18", mirrored = true)
    val Forward = icon("Forward", "M9 6L15 12L9 18", mirrored = true)
    val Close = icon("Close", "M6 6L18 18 M18 6L6 18")
    val Check = icon("Check", "M5 13L10 18L19 7")
    val Plus = icon("Plus", "M12 5V19 M5 12H19")
    val More = icon("More", "M12 5.5V5.6 M12 12V12.1 M12 18.5V18.6")
    val Home = icon("Home", "M4 11L12 4L20 11 M6 9.5V20H18V9.5 M10 20V14H14V20")
    val Search = icon("Search", "M11 5A6 6 0 1 0 11 17A6 6 0 1 0 11 5 M15.5 15.5L20 20")
    val Scan = icon("Scan", "M4 8V4H8 M16 4H20V8 M20 16V20H16 M8 20H4V16 M9 9H11V11H9Z M13 13H15V15H13Z M13 9H15 M9 13V15")
    val Consents = icon("Consents", "M6 3H18V21L15 19L12 21L9 19L6 21Z M9 8H15 M9 12H15")
    val Settings = icon("Settings", "M4 7H10 M14 7H20 M4 17H8 M12 17H20 M12 4.5V9.5 M10 14.5V19.5")
    val Inbox = icon("Inbox", "M4 13L6 5H18L20 13V19H4Z M4 13H9L10 15H14L15 13H20")
    val History = icon("History", "M12 4A8 8 0 1 1 4.5 9.2 M4 4V9H9 M12 8V12L15 14")
    val Chest = icon("Chest", "M4 10V19H20V10 M4 10C4 6.7 6 5 8 5H16C18 5 20 6.7 20 10Z M4 10H20 M10.5 10V13.5H13.5V10")
    val Lock = icon("Lock", "M6 11H18V20H6Z M8.5 11V8A3.5 3.5 0 0 1 15.5 8V11 M12 14.5V16.5")
    val Key = icon("Key", "M8 12A4 4 0 1 1 8 20A4 4 0 1 1 8 12 M11 13.5L20 4.5 M17 7.5L19.5 10 M14.5 10L16.5 12")
    val Shield = icon("Shield", "M12 3L19 6V12C19 16.5 16 19.5 12 21C8 19.5 5 16.5 5 12V6Z M9 12L11 14L15 10")
    val Info = icon("Info", "M12 3A9 9 0 1 0 12 21A9 9 0 1 0 12 3 M12 11V16.5 M12 7.6V7.7")
    val Warning = icon("Warning", "M12 4L21 20H3Z M12 10V14.5 M12 17.2V17.3")
    val Error = icon("Error", "M12 3A9 9 0 1 0 12 21A9 9 0 1 0 12 3 M12 7.5V13 M12 16.3V16.4")
    val Success = icon("Success", "M12 3A9 9 0 1 0 12 21A9 9 0 1 0 12 3 M8 12.5L11 15.5L16.5 9")
    val Offline = icon("Offline", "M7 18H17A4 4 0 0 0 18 10.2A6 6 0 0 0 8 7.5 M6 10A4 4 0 0 0 7 18 M4 4L20 20")
    val Clock = icon("Clock", "M12 3A9 9 0 1 0 12 21A9 9 0 1 0 12 3 M12 7V12L15.5 14")
    val Eye = icon("Eye", "M2.5 12C5 7.5 8.2 5.5 12 5.5S19 7.5 21.5 12C19 16.5 15.8 18.5 12 18.5S5 16.5 2.5 12Z M12 9A3 3 0 1 0 12 15A3 3 0 1 0 12 9")
    val EyeOff = icon("EyeOff", "M2.5 12C5 7.5 8.2 5.5 12 5.5S19 7.5 21.5 12C19 16.5 15.8 18.5 12 18.5S5 16.5 2.5 12Z M4 4L20 20")
    val Copy = icon("Copy", "M9 9H19V20H9Z M15 9V4H5V15H9")
    val Save = icon("Save", "M12 4V15 M7.5 10.5L12 15L16.5 10.5 M5 20H19")
    val Print = icon("Print", "M7 8V4H17V8 M4 8H20V16H17 M7 16H4V8 M7 13H17V20H7Z")
    val File = icon("File", "M6 3H14L18 7V21H6Z M14 3V7H18")
    val Organisation = icon("Organisation", "M4 20H20 M6 20V8L12 4L18 8V20 M10 20V15H14V20 M9.5 10.5V10.6 M14.5 10.5V10.6")
    val Person = icon("Person", "M12 4A4 4 0 1 0 12 12A4 4 0 1 0 12 4 M4.5 20C5.5 16.5 8.3 15 12 15S18.5 16.5 19.5 20")
    val Phone = icon("Phone", "M7 3H17V21H7Z M11 18H13")
    val Backup = icon("Backup", "M7 18H17A4 4 0 0 0 18 10.2A6 6 0 0 0 6.5 9.5A4.3 4.3 0 0 0 7 18 M12 15V10 M9.5 12L12 9.5L14.5 12")
    val Pause = icon("Pause", "M9 6V18 M15 6V18")
    val Edit = icon("Edit", "M4 20L5 15.5L16 4.5L19.5 8L8.5 19Z M13.5 7L17 10.5")
    val Trash = icon("Trash", "M5 7H19 M9 7V4H15V7 M7 7L8 20H16L17 7 M10.5 11V16 M13.5 11V16")
    val Star = icon("Star", "M12 4L14.5 9.3L20 10L16 14L17 20L12 17L7 20L8 14L4 10L9.5 9.3Z")
    val Refresh = icon("Refresh", "M19 8A8 8 0 1 0 20 13 M19 4V8H15")
    val Link = icon("Link", "M10 14L14 10 M8 11L5.5 13.5A3.5 3.5 0 0 0 10.5 18.5L13 16 M11 8L13.5 5.5A3.5 3.5 0 0 1 18.5 10.5L16 13")
    val Rights = icon("Rights", "M12 4V20 M8 20H16 M5 8H19 M5 8L2.5 14A3 3 0 0 0 7.5 14Z M19 8L16.5 14A3 3 0 0 0 21.5 14Z")
    val Practice = icon("Practice", "M4 9L12 5L20 9L12 13Z M7 11V16C9 18 15 18 17 16V11 M20 9V14")

    val Heart = icon("Heart", "M12 20C6 15.5 4 12.5 4 9.5A4 4 0 0 1 12 7.5A4 4 0 0 1 20 9.5C20 12.5 18 15.5 12 20Z")
    val Care = icon("Care", "M4 14H8L11 16H15.5 M4 19H13L20 15.5 M12 11.5C9 9.5 8.5 8 8.5 6.8A2 2 0 0 1 12 5.5A2 2 0 0 1 15.5 6.8C15.5 8 15 9.5 12 11.5Z")
    val People = icon("People", "M9 5A3.5 3.5 0 1 0 9 12A3.5 3.5 0 1 0 9 5 M3 19C3.8 16.2 6 15 9 15S14.2 16.2 15 19 M15.5 5.3A3.5 3.5 0 0 1 15.5 11.7 M18 15.5C19.6 16.2 20.6 17.4 21 19")
    val Money = icon("Money", "M12 4A8 8 0 1 0 12 20A8 8 0 1 0 12 4 M14.5 9.5A2.5 2.5 0 0 0 10 11V15.5H14.5 M8.8 12.5H13 M9 15.5H10")
    val Work = icon("Work", "M4 8H20V19H4Z M9 8V5H15V8 M4 13H20")
    val Book = icon("Book", "M5 5H11C11.6 5 12 5.4 12 6V20C12 19.4 11.6 19 11 19H5Z M19 5H13C12.4 5 12 5.4 12 6 M12 20C12 19.4 12.4 19 13 19H19V5")
    val Vehicle = icon("Vehicle", "M4 16V12L6 7H18L20 12V16Z M4 12H20 M7 16V18 M17 16V18")
    val Travel = icon("Travel", "M12 21C8 16.5 6 13.2 6 10A6 6 0 0 1 18 10C18 13.2 16 16.5 12 21Z M12 8A2 2 0 1 0 12 12A2 2 0 1 0 12 8")
    val Leaf = icon("Leaf", "M5 19C5 10 10 5 19 5C19 14 14 18 8 17 M5 19L13 11")
    val Scales = icon("Scales", "M12 4V20 M8 20H16 M5 7H19 M5 7L2.5 13H7.5Z M19 7L16.5 13H21.5Z")
    val Globe = icon("Globe", "M12 3A9 9 0 1 0 12 21A9 9 0 1 0 12 3 M3 12H21 M12 3C9 6 8.5 9 8.5 12S9 18 12 21 M12 3C15 6 15.5 9 15.5 12S15 18 12 21")
    val Calendar = icon("Calendar", "M4 6H20V20H4Z M4 10.5H20 M8.5 4V7.5 M15.5 4V7.5")

    /** The icon of a part of life; those that the person named themselves have the chest. */
    fun ofArea(area: String): ImageVector = areas[area] ?: Chest

    private val areas by lazy {
        mapOf(
            "benefits" to Money, "care" to Care, "community" to People, "contacts" to People, "digital" to Globe,
            "education" to Book, "family" to People, "health" to Heart, "home" to Home, "identity" to Person,
            "legal" to Scales, "money" to Money, "plans" to Calendar, "preferences" to Star, "travel" to Travel,
            "vehicle" to Vehicle, "wellbeing" to Leaf, "work" to Work,
        )
    }

    private fun icon(name: String, path: String, mirrored: Boolean = false): ImageVector =
        ImageVector.Builder(name, 24.dp, 24.dp, 24f, 24f, autoMirror = mirrored).addPath(
            pathData = PathParser().parsePathString(path).toNodes(),
            stroke = SolidColor(Color.Black),
            strokeLineWidth = 1.75f,
            strokeLineCap = StrokeCap.Round,
            strokeLineJoin = StrokeJoin.Round,
        ).build()
}
