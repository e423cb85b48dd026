package org.kist.wallet.android

import java.io.File
import javax.xml.parsers.DocumentBuilderFactory
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.kist.android.links.LinkPolicy
import org.w3c.dom.Element

private const val ANDROID = "http://schemas.android.com/apk/res/android"

/** What Android is told of the app. */
class ManifestTest {
    private fun xml(file: String): Element = DocumentBuilderFactory.newInstance().apply { isNamespaceAware = true }
        .newDocumentBuilder().parse(File("src/main/$file")).documentElement

    private fun Element.all(tag: String) = getElementsByTagName(tag).let { found -> List(found.length) { found.item(it) as Element } }

    private fun Element.says(name: String) = getAttributeNS(ANDROID, name).ifEmpty { null }

    private val manifest = xml("AndroidManifest.xml")
    private val application = manifest.all("application").single()
    private val activity = manifest.all("activity").single()

    @Test
    fun s5_nothing_of_the_app_goes_into_a_backup_or_to_another_phone() {
        assertEquals("false", application.says("allowBackup"))
        assertEquals("@xml/no_extraction", application.says("dataExtractionRules"))
        val rules = xml("res/xml/no_extraction.xml")
        for (way in listOf("cloud-backup", "device-transfer")) {
            val kept = rules.all(way).single().all("exclude").filter { it.getAttribute("path") == "." }.map { it.getAttribute("domain") }
            assertEquals(setOf("root", "file", "database", "sharedpref", "external"), kept.toSet(), way)
        }
        assertEquals(0, rules.all("include").size)
    }

    @Test
    fun s5_the_app_asks_for_what_it_uses_and_no_more() {
        val asked = manifest.all("uses-permission").map { it.says("name")!!.removePrefix("android.permission.") }
        assertEquals(setOf("INTERNET", "CAMERA", "USE_BIOMETRIC", "HIDE_OVERLAY_WINDOWS"), asked.toSet())
        assertEquals("false", application.says("usesCleartextTraffic"))
        assertNull(application.says("debuggable"))
    }

    @Test
    fun a31_other_apps_reach_the_activity_alone() {
        val components = listOf("activity", "service", "receiver", "provider").flatMap { manifest.all(it) }
        assertEquals(listOf(activity), components.filter { it.says("exported") == "true" })
        assertTrue(components.all { it.says("exported") != null })
        assertEquals("", activity.getAttributeNS(ANDROID, "taskAffinity"))
        assertTrue(activity.hasAttributeNS(ANDROID, "taskAffinity"), "no other app's activity in its task")
        assertEquals("android.permission.BIND_JOB_SERVICE", manifest.all("service").single().says("permission"))
    }

    @Test
    fun s1_what_the_manifest_names_is_there() {
        val compiled = listOf(application, manifest.all("service").single()).map { it.says("name")!! }
        for (name in compiled) assertNotNull(Class.forName(name, false, javaClass.classLoader))
        val shown = activity.says("name")!!
        assertTrue(File("src/activity/kotlin/${shown.replace('.', '/')}.kt").exists(), shown)
    }

    @Test
    fun h1_android_opens_the_app_with_every_link_that_it_reads_and_with_no_other() {
        val schemes = activity.all("data").mapNotNull { it.says("scheme") }.toSet()
        val policy = LinkPolicy(setOf("wallet.example"))
        for (scheme in schemes) assertNotNull(policy.read("$scheme://wallet.example/?a=b"), scheme)
        assertEquals(setOf("openid4vp", "haip-vp", "eudi-openid4vp", "kist-connect", "https"), schemes)
        // The host that is verified and the one that is believed are one setting.
        val hosts = activity.all("data").mapNotNull { it.says("host") } + application.all("meta-data").mapNotNull { it.says("value") }
        assertEquals(listOf("\${appLinkHost}", "\${appLinkHost}"), hosts)
    }

    @Test
    fun the_icon_is_the_wallets() {
        val drawn = xml("res/drawable/icon.xml").all("path").map { it.says("fillColor") to it.says("pathData") }
        val icon = File("../app/src/main/resources/org/kist/wallet/icon.svg").readText()
        val paths = Regex("""<path fill="([^"]+)" d="([^"]+)"""").findAll(icon).map { it.groupValues[1] to it.groupValues[2] }.toList()
        assertEquals(paths, drawn)
    }
}
